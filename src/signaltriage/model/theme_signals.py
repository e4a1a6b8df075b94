"""Signals as themes are found in them: with an id each, cleaned, and equal texts taken together."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from signaltriage.errors import UsageError
from signaltriage.model.parts import prepare
from signaltriage.types import Signal

_DIGITS = 16
"""Hexadecimal digits of a digest that stands for a text."""


@dataclass(frozen=True)
class Heard:
    """All signals that themes are found in, n of them, sorted by id, and the m different texts they say."""

    signals: tuple[Signal, ...]
    """With cleaned texts."""
    row: NDArray[np.int64]
    """Which of the texts each signal says, shape (n,); -1: it says nothing."""
    keys: tuple[str, ...]
    """A digest of each text, sorted: the same text has the same one in every run."""
    texts: tuple[str, ...]
    counts: NDArray[np.int64]
    """Signals that say each text, shape (m,)."""


def signals_of(given: Sequence[Signal] | Sequence[str]) -> list[Signal]:
    """Signals as they are, texts as signals with an id made of what they say.

    Raises:
        UsageError: two signals have one id, or something is neither a signal nor a text.
    """
    if isinstance(given, str):
        raise UsageError("A list of signals is wanted.", remedy="Put the text into a list.")
    texts = [item for item in given if isinstance(item, str)]
    signals = [item for item in given if isinstance(item, Signal)]
    if len(texts) + len(signals) < len(given) or (texts and signals):
        raise UsageError("Give either signals or texts.", remedy="Use signaltriage.Signal(id, text, …).")
    if texts:
        return [Signal(id, text) for id, text in zip(made_ids([(text, "") for text in texts]), texts, strict=True)]
    doubled = [id for id, n in Counter(signal.id for signal in signals).items() if n > 1]
    if doubled:
        raise UsageError(f"{len(doubled)} ids stand for several signals, such as {min(doubled)!r}.")
    return signals


def made_ids(said: Iterable[tuple[str, str]]) -> list[str]:
    """An id for each text and the time it was said, made of both; what comes again gets a number.

    The same signal in another file gets the same id, as far as text and time can tell.
    """
    return unique_ids([_digest(f"{time}\x1f{text}") for text, time in said])


def unique_ids(ids: Sequence[str]) -> list[str]:
    """The ids, those that come again with a number: `X, X#2, X#3`; none that is made is one that was there."""
    taken, seen = set(ids), Counter[str]()
    found = []
    for id in ids:
        seen[id] += 1
        made = id
        while seen[id] > 1 and (made := f"{id}#{seen[id]}") in taken:
            seen[id] += 1
        taken.add(made)
        found.append(made)
    return found


def cleaned(signals: Sequence[Signal], clean: bool) -> list[Signal]:
    """The same signals with what everything after sees: title and text in one and cleaned, times in one zone, no lone
    surrogates. Themes keep no more of them: authors, links and the rest stay where the signals came from."""
    texts = prepare([f"{signal.title}\n{signal.text}" if signal.title else signal.text for signal in signals], clean)
    return [
        Signal(_plain(signal.id), _plain(text).strip(), _aware(signal.created_at), signal.audience, signal.source)
        for signal, text in zip(signals, texts, strict=True)
    ]


def heard(new: Sequence[Signal], before: Sequence[Signal] = ()) -> Heard:
    """Cleaned signals, those of an earlier run among them; one that is handed over again counts as it is now."""
    known = {signal.id: signal for signal in before} | {signal.id: signal for signal in new}
    signals = tuple(known[id] for id in sorted(known))
    said = [" ".join(signal.text.casefold().split()) for signal in signals]
    keys = [_digest(text) if text else "" for text in said]
    variants: dict[str, Counter[str]] = {}
    for key, signal in zip(keys, signals, strict=True):
        if key:
            variants.setdefault(key, Counter())[signal.text] += 1
    order = sorted(variants)
    number = {key: i for i, key in enumerate(order)}
    row = np.array([number.get(key, -1) for key in keys], dtype=np.int64)
    counts = np.bincount(row[row >= 0], minlength=len(order)).astype(np.int64)
    return Heard(signals, row, tuple(order), tuple(_usual(variants[key]) for key in order), counts)


def _usual(variants: Counter[str]) -> str:
    """Of texts that differ in case and spaces, the one most often written."""
    return min(variants, key=lambda text: (-variants[text], text))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def _plain(text: str) -> str:
    """A lone surrogate becomes a question mark, as everywhere."""
    return text.encode("utf-8", "replace").decode()


def _aware(moment: datetime | None) -> datetime | None:
    """A time without a zone is taken to be UTC; all are given in UTC, to the second."""
    from datetime import UTC

    if moment is None:
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(microsecond=0)
