"""Texts without what identifies or opens: e-mail addresses, phones, cards, IP addresses, IBANs, keys and passwords.

Not in scope: names of people, postal addresses, and what somebody tells of themselves in words. Presidio finds some
names, but needs a spaCy model for each language, far more time than capture has, and errs on product names; a
placeholder where a product stood would cost the themes more than it saves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from signaltriage.privacy.addresses import find_addresses
from signaltriage.privacy.cards import find_cards
from signaltriage.privacy.credentials import find_credentials
from signaltriage.privacy.emails import find_emails
from signaltriage.privacy.ibans import find_ibans
from signaltriage.privacy.phones import REGIONS, find_phones
from signaltriage.privacy.spans import KINDS, PLACEHOLDER, Kind, Span, Stretch, apart, mask
from signaltriage.privacy.tokens import find_tokens

_ROUNDS: Final = 8
"""What is left after one round is looked at again: a number may only show once its neighbours are gone."""
_LONG: Final = 100_000
"""Characters; of a longer text, two rounds must do, or one that was made for it could take seconds."""
_FOUR_DIGITS: Final = re.compile(r"\d[^\n]{0,2}\d[^\n]{0,2}\d[^\n]{0,2}\d")


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with placeholders, and how many of each kind were put in."""

    text: str
    counts: Mapping[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces what it recognises by `[email]`, `[phone]`, `[card]`, `[ip]`, `[iban]` or `[secret]`.

    Never raises on any text and takes time linear in it. A text that was redacted before is left alone (up to 100,000
    characters; of a longer one, more might be found when asked again).
    """

    regions: tuple[str, ...] = REGIONS
    """Countries (ISO 3166) whose phone numbers are known without a country code and without a word like `call`."""

    def text(self, text: str) -> Redacted:
        """Replace everything that is recognised."""
        counts: Counter[Kind] = Counter()
        for _ in range(_ROUNDS if len(text) <= _LONG else 2):
            spans = self.spans(text)
            if not spans:
                break
            counts.update(span.kind for span in spans)
            text = _replace(text, spans)
        return Redacted(text, dict(counts)) if counts else Redacted(text)

    def spans(self, text: str) -> list[Span]:
        """What stands in the text as it is, in order and apart."""
        if len(text) < 4:
            return []
        digits = bool(_FOUR_DIGITS.search(text))
        found: list[Span] = []
        for kind in KINDS:
            some = apart(self._find(kind, text, digits))
            if some:
                found += [Span(start, end, kind) for start, end in some]
                text = mask(text, some)
        return sorted(found)

    def _find(self, kind: Kind, text: str, digits: bool) -> list[Stretch]:
        if kind == "secret":
            return find_tokens(text) + find_credentials(text)
        if kind == "email":
            return find_emails(text)
        if kind == "phone":
            return find_phones(text, self.regions) if digits else []
        return _FINDERS[kind](text) if digits or kind == "ip" else []


_FINDERS: Final[Mapping[Kind, Callable[[str], list[Stretch]]]] = {
    "iban": find_ibans,
    "card": find_cards,
    "ip": find_addresses,
}


def _replace(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += text[done : span.start], PLACEHOLDER[span.kind]
        done = span.end
    return "".join((*parts, text[done:]))
