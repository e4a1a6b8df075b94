"""Whole records without what tells who somebody is: the one door between readers and the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from signaltriage.gap_types import SearchEvent
from signaltriage.privacy.emails import find_emails
from signaltriage.privacy.pseudonyms import Pseudonyms
from signaltriage.privacy.redactor import Redacted, Redactor
from signaltriage.privacy.spans import Kind
from signaltriage.privacy.tokens import find_tokens
from signaltriage.types import Signal

_SEARCHES: Final = "searches"
"""The source that users of a search log have, which names none."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is done to every signal and search before it is stored; with `redact` False, nothing (--keep-pii).

    Raises UsageError for a key that is too short, where one is needed.
    """

    redact: bool
    key: bytes = field(default=b"", repr=False)
    redactor: Redactor = field(default_factory=Redactor)

    def __post_init__(self) -> None:
        if self.redact:
            Pseudonyms(self.key)

    def clean(self, found: Signal | SearchEvent) -> tuple[Signal | SearchEvent, Mapping[Kind, int]]:
        """The record without what identifies, and how many of each kind were replaced. Cleaning twice changes nothing.

        Texts, title, link and tags are redacted; author, assignee, user and session become pseudonyms; an id, and the
        thread that names one, becomes a keyed `id-…` only where it holds an e-mail address or a secret. Source, status,
        team and times stay.
        """
        if not self.redact:
            return found, {}
        counts: Counter[Kind] = Counter()
        if isinstance(found, Signal):
            return self._signal(found, counts), counts
        return self._search(found, counts), counts

    def text(self, text: str) -> Redacted:
        """Text that is no field of a record, such as a rejected row; as it is with `redact` False."""
        return self.redactor.text(text) if self.redact else Redacted(text)

    def _signal(self, signal: Signal, counts: Counter[Kind]) -> Signal:
        people = Pseudonyms(self.key)
        return replace(
            signal,
            id=_id(people, signal.source, signal.id),
            text=self._text(signal.text, counts),
            title=self._text(signal.title, counts),
            link=self._text(signal.link, counts),
            tags=tuple(self._text(tag, counts) for tag in signal.tags),
            author=people.of(signal.source, signal.author),
            assignee=people.of(signal.source, signal.assignee),
            thread=_id(people, signal.source, signal.thread),
        )

    def _search(self, search: SearchEvent, counts: Counter[Kind]) -> SearchEvent:
        people = Pseudonyms(self.key)
        return replace(
            search,
            query=self._text(search.query, counts),
            user=people.of(_SEARCHES, search.user),
            session=people.session(search.session),
            clicked=None if search.clicked is None else self._text(search.clicked, counts),
            id=_id(people, _SEARCHES, search.id),
        )

    def _text(self, text: str, counts: Counter[Kind]) -> str:
        redacted = self.redactor.text(text)
        counts.update(redacted.counts)
        return redacted.text


def _id(people: Pseudonyms, source: str, raw: str) -> str:
    """An id as it is, unless it tells who: then two of them must still be two, which a placeholder would not keep."""
    return people.id(source, raw) if find_emails(raw) or find_tokens(raw) else raw
