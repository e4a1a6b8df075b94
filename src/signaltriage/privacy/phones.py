"""Phone numbers in the ways people write them, told from dates, ids, versions and prices.

Three readings, from the plainest to the one that asks most: international (+44 …, 0049 …), by shape (the American
3-3-4, and national numbers that open with a 0 and are valid somewhere), and by the words around. `phonenumbers`
(Google's libphonenumber) knows which numbers exist; its own matcher takes 110 µs for a text of 300 characters without
any number, twice the budget of the whole redaction, so candidates are found here and only judged there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from signaltriage.privacy.phone_words import told_by_words
from signaltriage.privacy.spans import Stretch, apart, mask

REGIONS: Final = ("GB", "DE", "FR", "IT", "NL", "ES", "AU", "JP", "IN", "BR", "CH", "AT", "BE", "SE", "PL", "ZA", "US")
"""Where national numbers are tried, in this order."""

_GAP: Final = r"[ \u00a0\u2009\u202f.()/‐‑–−-]"
_EXTENSION: Final = r"(?:[ ,;]{0,2}(?:ext(?:ension|n)?\.?|x|durchwahl|poste|anexo|доб\.?|#)[ :.]{0,2}\d{1,6}(?!\w))?"
# Letters before which no number may stand; scripts without blanks are not among them (電話は03-…).
_LETTER: Final = r"A-Za-z0-9_\u00c0-\u0dff"
_OPEN: Final = rf"(?<![{_LETTER}.,+#$€£¥])(?<!\d[-/–=])(?<![A-Za-z]-)"
# +44 (0)20 7946 0958, 0044…, 011 44…: at most 17 digits with up to three marks between two.
_INTERNATIONAL: Final = re.compile(
    rf"(?<![{_LETTER}+.])(?:\(?[+＋]{_GAP}{{0,2}}|%2[bB]|(?<!\d[ ])(?:00{_GAP}?|011{_GAP})(?=[1-9]))"
    rf"\d(?:{_GAP}{{0,3}}\d){{6,17}}(?![{_LETTER}]){_EXTENSION}",
    re.IGNORECASE,
)
_AMERICAN: Final = re.compile(
    rf"{_OPEN}(?:1[ .‐‑–-])?(?:\([ ]?\d{{3}}[ ]?\)[ ]?[‐‑–-]?|\d{{3}}[ .‐‑–/-])"
    rf"[ ]?\d{{3}}[ ]?[ .‐‑–-][ ]?\d{{4}}(?![{_LETTER}-]|[.,/]\d){_EXTENSION}",
    re.IGNORECASE,
)
_GROUP_END: Final = re.compile(rf"\d(?={_GAP})")
_SHORT_GROUP: Final = re.compile(r"(?<!\d)\d\d?(?!\d)")
_EXTENSION_START: Final = re.compile(r"[ ,;]*(?:ext|x|durchwahl|poste|anexo|доб|#)", re.IGNORECASE)
_TRUNK: Final = re.compile(
    rf"{_OPEN}(?<!/)(?<!\d[ ])\(?0\d{{1,5}}\)?(?:{_GAP}{{1,3}}\d{{2,8}}){{1,5}}(?![{_LETTER}-]|[.,/:]\d){_EXTENSION}",
    re.IGNORECASE,
)
_BRACKETED: Final = re.compile(
    rf"{_OPEN}\(\d{{2,5}}\)[ ]?\d{{3,5}}[ .‐‑–-]?\d{{3,5}}(?![{_LETTER}-]|[.,/:]\d){_EXTENSION}", re.IGNORECASE
)
_BARE: Final = re.compile(rf"(?<![{_LETTER}.,+#$€£¥/=&-])0[1-9]\d{{8,9}}(?![{_LETTER}-]|[.,/:]\d)")
_TOLD: Final = re.compile(
    rf"(?<![{_LETTER}.,+$€£¥])(?<!\d[-/–])(?<![A-Za-z]-)\(?\d(?:{_GAP}{{0,3}}\d){{6,14}}(?![{_LETTER}]|[.,:]\d){_EXTENSION}",
    re.IGNORECASE,
)
# As right-to-left scripts show it: 967770106873+
_TRAILING: Final = re.compile(rf"(?<![{_LETTER}.,+#/=-])([1-9]\d{{9,14}})[+](?![{_LETTER}+])")
_DATE: Final = re.compile(
    r"(?<!\d)(?<!\d[./-])(?:(?:19|20)\d\d([./‐–-])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])([./‐–-])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)?\d\d"
    r"|(?:0[1-9]|[12]\d|3[01])[ ](?:0[1-9]|[12]\d|3[01])[ ](?:19|20)\d\d|(?:19|20)\d{6}(?:\d{6})?"
    r"|(?:19|20)\d\d[ ]?[‐–-][ ]?(?:19|20)\d\d)(?!\d|[./-]\d)"
)
_SEVEN: Final = re.compile(rf"\d(?:{_GAP}{{0,3}}\d){{6}}")
_TRIES: Final = 3000
"""Look-ups in the library for one text, about a tenth of a second; after that the shape alone decides."""


@dataclass(slots=True)
class _Judge:
    """What the library says, asked no more than `left` times."""

    regions: tuple[str, ...]
    left: int = _TRIES

    def international(self, number: str) -> int:
        """2: exists, 1: has a known country and a length it uses, 0: neither. `number` is + and digits."""
        return self._ask(number, None)

    def national(self, number: str) -> bool:
        """Whether a number is valid in one of the regions as it is dialled there."""
        return any(self._ask(number, region) == 2 for region in self.regions)

    def american(self, number: str) -> bool:
        """Whether a number is valid in North America."""
        return self._ask(number, "US") == 2

    def _ask(self, number: str, region: str | None) -> int:
        if self.left <= 0:
            return 2
        self.left -= 1
        return _look_up(number, region)


@lru_cache(maxsize=4096)
def _look_up(number: str, region: str | None) -> int:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return 0
    if phonenumbers.is_valid_number(parsed):
        return 2
    possible = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    return 1 if possible else 0


def find_phones(text: str, regions: tuple[str, ...] = REGIONS) -> list[Stretch]:
    """Where phone numbers stand, with extensions; `regions` are those whose national numbers are known by shape."""
    if not _SEVEN.search(text):
        return []
    judge = _Judge(regions)
    found: list[Stretch] = []
    if "+" in text or "00" in text or "011" in text or "＋" in text or "%2" in text:
        found += _international(text, judge)
        text = mask(text, found)
    for finder in (_american, _national, _told):
        some = apart(finder(text, judge))
        found += some
        text = mask(text, some)
    return sorted(found)


def _digits(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())


def _international(text: str, judge: _Judge) -> list[Stretch]:
    found: list[Stretch] = []
    for match in _INTERNATIONAL.finditer(text):
        end = _international_end(text, match, judge)
        if end:
            found.append((match.start(), end))
    trailing = (match for match in _TRAILING.finditer(text) if judge.international("+" + match.group(1)) == 2)
    return apart([*found, *(match.span() for match in trailing)])


def _international_end(text: str, match: re.Match[str], judge: _Judge) -> int | None:
    """Where the number ends: it may have run on into the next one."""
    whole = match.group()
    plus = whole.lstrip("(")[0] in "+＋%"
    opening = 3 if whole.startswith("%") else 0
    possible = None
    for end in _ends(match):
        body = _EXTENSION_START.split(whole[opening : end - match.start()])[0]
        number = _digits(body.replace("(0)", ""))
        if not plus:
            number = number[3:] if number.startswith("011") else number[2:]
        if not 7 <= len(number) <= 15:
            continue
        verdict = judge.international("+" + number)
        if verdict == 2:
            return end
        if verdict == 1 and possible is None:
            possible = end
    if possible and (plus or told_by_words(text, match.start(), match.end())):
        return possible
    return None


def _american(text: str, judge: _Judge) -> list[Stretch]:
    """(555) 010-9999, 555-010-9999, 555.010.9999; with blanks only where a phone is spoken of or the number exists."""

    def exists(match: re.Match[str]) -> bool:
        return judge.american(_digits(match.group())[:11])

    found = []
    for match in _AMERICAN.finditer(text):
        told = told_by_words(text, match.start(), match.end())
        blanks = not any(c in match.group() for c in "(.-‐‑–/")
        # After "invoice" or "order", and with blanks alone, only a number that exists counts.
        if told is False and (blanks or match.group()[0] not in "(1") and (blanks or not exists(match)):
            continue
        if told is None and blanks and not exists(match):
            continue
        found.append(match.span())
    return found


def _national(text: str, judge: _Judge) -> list[Stretch]:
    """Numbers that open with a 0 or an area code in brackets and exist in one of the regions."""
    found = []
    for pattern in (_TRUNK, _BRACKETED, _BARE):
        place = 0
        while match := pattern.search(text, place):
            end = _national_end(text, match, judge)
            if end:
                found.append((match.start(), end))
            # What was no number may hide one that begins within it.
            place = end or text.find(match.group().lstrip("(")[0], match.start()) + 1
    return found


def _national_end(text: str, match: re.Match[str], judge: _Judge) -> int | None:
    """Where the number ends: it may have run on into the next one."""
    for end in _ends(match):
        body = text[match.start() : end]
        number = _digits(_EXTENSION_START.split(body)[0])
        if len(number) < 8:
            return None
        if len(number) > 13 or _DATE.search(body):
            continue
        told = told_by_words(text, match.start(), end)
        if told or (told is None and judge.national(number)):
            return end
    return None


def _ends(match: re.Match[str]) -> list[int]:
    """Where a number may end, in the text: the whole first, then group by group less."""
    return [match.end(), *[match.start() + group.end() for group in _GROUP_END.finditer(match.group())][::-1]][:6]


def _told(text: str, _: _Judge) -> list[Stretch]:
    """Any seven to fifteen digits that the words around call a phone."""
    found = []
    for match in _TOLD.finditer(text):
        if _DATE.search(match.group()) or _is_version(match.group()) or _in_path(text, match.start()):
            continue
        if told_by_words(text, match.start(), match.end()):
            found.append((match.start() + _hanging(match.group()), match.end()))
    return found


def _hanging(number: str) -> int:
    """1 where the number opens with a bracket that it does not close: the bracket is not its own."""
    return int(number.startswith("(") and ")" not in number)


def _in_path(text: str, start: int) -> bool:
    """Whether the number is a part of a web address that is no phone link: example.com/items/5550100."""
    if text[start - 1 : start] != "/":
        return False
    before = text[max(0, start - 60) : start].split()[-1].lower()
    return "://" in before and not re.search(r"(?:wa\.me|tel|phone|call|whatsapp)\W*$", before)


def _is_version(number: str) -> bool:
    """8.10.12359.845, 60 96 33 56 60 37: dots alone and groups too short for a phone, or too many short ones."""
    if len(_SHORT_GROUP.findall(number)) > 5:
        return True
    groups = number.split(".")
    return len(groups) > 2 and all(g.isdecimal() for g in groups) and min(map(len, groups)) < 2
