"""Texts → phrases that could be the name of a theme, counted by theme.

A phrase is a run of a text's words that neither begins nor ends with a function word. Phrases that differ only in
inflection and function words ("transfer to my account", "transfers to an account") are one phrase of several forms.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import regex

from signaltriage.themes.courtesies import without_courtesies
from signaltriage.themes.function_words import (
    ABSENCES,
    AMBIGUOUS,
    BREAKS,
    ENGLISH,
    FOREIGN,
    FUNCTION_WORDS,
    LINKS,
    NEGATIONS,
    PARTICLES,
)

MOST_WORDS: Final = 300
"""Of a longer text only the beginning is looked at."""
LONGEST: Final = 5
"""Words in a phrase, at most."""
_CONTENT: Final = 4
"""Of which carry content, at most."""

_TOKEN: Final = regex.compile(
    r"\p{Han}{2,8}|[\p{Katakana}ー]{2,}|\p{Hangul}+|(?:\p{L}\.){2,}|"
    r"[\p{L}\p{N}&&[^\p{Han}\p{Hiragana}\p{Katakana}]][\p{L}\p{M}\p{N}_]*(?:['’\-./&+][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*[+#]*|"
    r"[.,;:!?()\[\]{}\"“”«»\n|<>/=*•·。、！？…]|\s[-–—]+\s",
    regex.V1,
)
_NOISE: Final = regex.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\w+|<[^>\s]{1,80}>|@\w+|```.*?(?:```|\Z)|:[a-z_]+:|"
    r"\b(?:[a-z\d-]{1,60}\.){1,5}[a-z]{2,12}/\S*|\b\d{1,5} ?(?:h|hrs?|hours?|mins?|minutes?|days?|weeks?)\b",
    regex.DOTALL,
)
_SUFFIXES: Final = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ies",
    "ied",
    "ed",
    "es",
    "ly",
    "s",
    "e",
)

Key = tuple[str, ...]
"""Stems of the content words of a phrase, in order."""


@dataclass(frozen=True)
class Counts:
    """Of each phrase: in how many different texts of each theme it occurs, and in which forms."""

    texts: list[int]
    """Different texts of each theme; the last entry those in no theme."""
    by_theme: list[dict[Key, int]]
    forms: Mapping[Key, Counter[str]]
    """As written, by how many texts write it so."""
    running_on: Mapping[Key, int]
    """In how many texts another word of content follows at once, as one does after "current" in "current plan"."""


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A word without its inflection, roughly, lower-cased: one suffix is taken off, if that leaves a root."""
    word = word.lower().replace("’", "'").replace("-", " ")
    if word.endswith("'s"):
        word = word[:-2]
    if not word.isalpha() or len(word) < 4:
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= (3 if suffix in ("s", "es", "e", "ed", "ing") else 4):
            if suffix == "s" and word[-2] in "siu":
                break
            root = word[: -len(suffix)]
            if suffix in ("ies", "ied"):
                return root + "y"
            if suffix in ("ed", "ing", "ings") and len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
                root = root[:-1]
            return root[:-1] + "y" if root.endswith("i") and suffix in ("es", "ed") else root
    return word


def runs_of(text: str) -> list[list[str]]:
    """The words of a text as written, in runs between punctuation.

    Addresses, mentions, durations and code are no words; greetings, closings and pleas for help tell nothing.
    """
    runs: list[list[str]] = [[]]
    for token in _TOKEN.findall(without_courtesies(_NOISE.sub(" . ", text[: MOST_WORDS * 12]))):
        if token[0].isalnum():
            if token.lower() in PARTICLES and runs[-1] and is_content(runs[-1][-1]) and " " not in runs[-1][-1]:
                runs[-1][-1] += f" {token}"
            else:
                runs[-1].append(token)
        elif runs[-1]:
            runs.append([])
    return [run for run in _in_its_language(runs) if run]


def _in_its_language(runs: list[list[str]]) -> list[list[str]]:
    """The runs without what is a function word only in their language: "war" of German, not of English."""
    low = [word.lower() for run in runs for word in run]
    if AMBIGUOUS.isdisjoint(low) or sum(word in ENGLISH for word in low) >= sum(word in FOREIGN for word in low):
        return runs
    return [[word for word in run if word.lower() not in AMBIGUOUS] for run in runs]


def is_content(word: str) -> bool:
    """Whether a word carries a subject: no function word, no bare number, no single letter."""
    low = word.lower().replace("’", "'")
    return low not in FUNCTION_WORDS and any(c.isalpha() for c in low) and (len(low) > 1 or not low.isascii())


def phrases_in(runs: Iterable[Sequence[str]], kept: frozenset[str] | set[str]) -> Iterator[tuple[Key, str, bool]]:
    """Phrases whose content words all have a stem that is kept, each with its form and whether it runs on.

    Inside a phrase links ("to", "of", "not") stay where they stand before a kept word; other function words, and one
    other word, are left out; words that begin another clause end it. "No response" is a phrase beside "response".
    """
    for run in runs:
        marks = [_mark(word, kept) for word in run]
        for start, first in enumerate(marks):
            if first is None or first in _SIGNS:
                continue
            absent = run[start - 1].lower() if start and run[start - 1].lower() in ABSENCES else ""
            for key, form, goes_on in _phrases_from(run, marks, start):
                yield key, form, goes_on
                if absent:
                    yield ("not", *key), f"{absent} {form}", goes_on


def _phrases_from(run: Sequence[str], marks: Sequence[str | None], start: int) -> Iterator[tuple[Key, str, bool]]:
    """Phrases of a run that begin with the word at `start`."""
    key, words, link, left_out = [str(marks[start])], [run[start]], "", 0
    yield tuple(key), run[start], _goes_on(marks, start)
    for place in range(start + 1, len(run)):
        word, mark = run[place], marks[place]
        left_out += mark == "?"
        if mark is None or left_out > 1:
            break
        if mark == "-":
            link = word.lower()
            continue
        if mark in _SIGNS:
            link = "" if mark == "?" else link
            continue
        if link.replace("’", "'") in NEGATIONS:
            key.append("not")
        key.append(mark)
        words += [link, word] if link else [word]
        link = ""
        if len(words) > LONGEST:
            break
        yield tuple(key), " ".join(words), _goes_on(marks, place)
        if sum(part != "not" for part in key) == _CONTENT:
            break


def _goes_on(marks: Sequence[str | None], place: int) -> bool:
    """Whether a word of content, kept or not, follows at once."""
    return place + 1 < len(marks) and marks[place + 1] not in (None, "-", "~")


_SIGNS: Final = ("-", "~", "?")


def _mark(word: str, kept: frozenset[str] | set[str]) -> str | None:
    """The stem of a kept content word, "-" for a link, "~" for a function word, "?" for another, None at the end."""
    low = word.lower().replace("’", "'")
    if low in NEGATIONS or low in LINKS:
        return "-"
    if low in BREAKS:
        return None
    if not is_content(word):
        return "~"
    root = stem(word)
    return root if root in kept else "?"


def different(texts: Sequence[str]) -> list[str]:
    """Each text once, whatever its case and spaces, in order of the alphabet."""
    return sorted({" ".join(text.split()): None for text in sorted(texts)}, key=lambda text: (text.casefold(), text))


Runs = list[list[str]]
"""The words of one text, in runs between punctuation."""


def count_words(groups: Sequence[Sequence[Runs]]) -> list[Counter[str]]:
    """In how many texts of each group a stem occurs."""
    found = []
    for group in groups:
        counter: Counter[str] = Counter()
        for runs in group:
            counter.update({stem(word) for run in runs for word in run if is_content(word)})
        found.append(counter)
    return found


def count_phrases(groups: Sequence[Sequence[Runs]], kept: Sequence[set[str]]) -> Counts:
    """Phrases of each group, made of stems that any group keeps.

    `groups`: different texts of each theme, the last group those in no theme. `kept`: stems of each theme.
    """
    by_theme: list[dict[Key, int]] = []
    forms: dict[Key, Counter[str]] = defaultdict(Counter)
    running_on: Counter[Key] = Counter()
    union = set().union(*kept) if kept else set()
    for group in groups:
        counter: Counter[Key] = Counter()
        for runs in group:
            seen: dict[Key, tuple[str, bool]] = {}
            for key, form, goes_on in phrases_in(runs, union):
                seen.setdefault(key, (form, goes_on))
            counter.update(seen.keys())
            for key, (form, goes_on) in seen.items():
                forms[key][form] += 1
                running_on[key] += goes_on
        by_theme.append(dict(counter))
    return Counts([len(group) for group in groups], by_theme, forms, running_on)


def written_as(groups: Sequence[Sequence[Runs]], kept: Sequence[set[str]]) -> dict[str, str]:
    """How each kept stem is mostly written; a capital counts only where no run begins with it."""
    union = set().union(*kept) if kept else set()
    seen: dict[str, Counter[str]] = {}
    for group in groups:
        for runs in group:
            for run in runs:
                for place, word in enumerate(run):
                    if (root := stem(word)) in union:
                        form = word if place and (not word.isupper() or len(word) < 5) else word.lower()
                        seen.setdefault(root, Counter())[form] += 1
    return {root: min(forms, key=lambda form: (-forms[form], form)) for root, forms in seen.items()}


def shaped(key: Key, forms: Mapping[Key, Counter[str]]) -> str:
    """The form most texts write, in the case most of them use inside a sentence, with a capital at its beginning."""
    merged: Counter[str] = Counter()
    for form, count in forms[key].items():
        merged[form.lower()] += count
    best = min(merged, key=lambda form: (-merged[form], len(form), form))
    cased: Counter[str] = Counter()
    for form, count in forms[key].items():
        if form.lower() == best:
            first, _, rest = form.partition(" ")
            cased[f"{first if first[1:] != first[1:].lower() else first.lower()} {rest}".strip()] += count
    form = min(cased, key=lambda form: (-cased[form], form))
    if form.isupper() and len(form) > 5:
        form = form.lower()
    return form[:1].upper() + form[1:]
