"""Queries that differ in case, signs or spelling read as one: words nobody else writes become the nearest known one.

A word is known when the knowledge base has it, when two people typed it, or when it stands in a general list of words.
What is unknown becomes the known word of the base or the log at the least edit distance (optimal string alignment:
Damerau 1964, Levenshtein 1966): one edit, or two in a word of seven letters; or two words that it runs together. It
does so only where a word that is spelt right would hardly have such a neighbour, and such a one that fits the query's
other words (`slips`): "crad" is card, while "bake" may well be bake. A query with more unknown than known words is in
another language rather than misspelt, and is left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final, Self

from signaltriage.gaps.slips import Chances

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPACE: Final = re.compile(r"\s+")
_EDGE: Final = re.compile(r"^[\s?!.,;:…]+|[\s?!.,;:…]+$")
_SHORTEST: Final = 3
"""Letters of a word that may be misspelt. One as short is one edit from too many: it must stand with all the others."""
_LONG: Final = 7
_BY_CHANCE: Final = 0.15
"""What is left as typed: at least this share of words that are spelt right would have such a neighbour. Over all bases
of `python -m eval.spelling` a larger one mends hardly more slips beside other words, and turns more real words."""
_USUAL_SIZE: Final = 2000
"""Different words of a help centre of some dozens of articles; the one in training_data/ has about 1,800."""
_CONTRACTIONS: Final = frozenset(
    ("dont", "wont", "cant", "isnt", "doesnt", "didnt", "arent", "wasnt", "couldnt", "wouldnt", "shouldnt", "hasnt")
)
_ENDINGS: Final = ("s", "es", "d", "ed", "ing", "er", "ers", "r", "n", "ly")


def fold_case(query: str) -> str:
    """The query without differences that mean nothing: case, width, outer signs, runs of spaces."""
    text = _SPACE.sub(" ", unicodedata.normalize("NFKC", query).casefold())
    return _EDGE.sub("", text) or text.strip()


def words_of(text: str) -> list[str]:
    """Words of a text, folded, in order."""
    return [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]


@dataclass(frozen=True)
class Speller:
    """Known words, how often each is written and in which articles; complete once it exists."""

    frequency: Mapping[str, int]
    """Of words to correct to: how often the base has them and how many people typed them; 0 of the general list."""
    known: Set[str]
    """Words that are no misspelling."""
    articles: Mapping[str, frozenset[int]]
    """In which articles a word of the base stands."""
    size: int
    """How many articles there are."""
    by_form: Mapping[tuple[str, int], tuple[str, ...]]
    """Words to correct to, by first letter and length."""
    chances: Chances = field(default_factory=lambda: Chances({}))
    """How often words that are spelt right have neighbours among those to correct to."""

    @classmethod
    def of(cls, texts: Iterable[str], typed: Iterable[tuple[str, int]], general: Set[str] = frozenset()) -> Self:
        """A speller of a base's texts and of a log's queries, each with its number of askers."""
        base: Counter[str] = Counter()
        articles: dict[str, set[int]] = defaultdict(set)
        for place, text in enumerate(texts):
            found = words_of(text)
            base.update(found)
            for word in set(found):
                articles[word].add(place)
        log: Counter[str] = Counter()
        for query, askers in typed:
            for word in set(words_of(query)):
                log[word] += askers
        known = set(base) | set(general) | {word.replace("'", "") for word in base} | _CONTRACTIONS
        shared = {word for word, askers in log.items() if askers > 1 and word not in known}
        frequency = {word: base[word] + log[word] for word in known | shared if word.isalpha()}
        where = {word: frozenset(places) for word, places in articles.items()}
        size = 1 + max((max(places) for places in articles.values()), default=-1)
        made = cls(frequency, known, where, size, _by_form(frequency))
        # Of the general list, words that the base does not have: what its askers may type beside its own words.
        right = sorted(word for word in (known - set(base) if general else known) if word.isalpha() and word.isascii())
        # A base of few words is not all that they may have meant: it is counted as one of usual size.
        lacking = max(0, _USUAL_SIZE - sum(n > 0 for n in frequency.values()))
        meant = frozenset(right[:: max(1, len(right) // lacking)][:lacking]) if lacking and general else frozenset()
        made = replace(made, chances=Chances.count(right, lambda word: made._beside(word, meant), _forms))
        # What only the log has may be a misspelling that people share: it is known if it is near no word of the base,
        # and near none that is more usual.
        own = {word for word in shared if made._nearest(word, (), more_usual=True) is None}
        frequency = {word: n for word, n in frequency.items() if word in known or word in own}
        return replace(made, frequency=frequency, known=known | own, by_form=_by_form(frequency))

    def correct(self, query: str) -> str:
        """The query with its misspelt words spelt as everybody else does; itself where there are none."""
        folded = fold_case(query)
        words = words_of(folded)
        unknown = [word for word in words if word.isalpha() and not self.is_known(word)]
        fixes = {word: fix for word in unknown if (fix := self._fix(word, words)) is not None}
        if not fixes or 2 * (len(unknown) - len(fixes)) > len(words):
            return folded
        return _WORD.sub(lambda found: fixes.get(found[0], found[0]), folded)

    def is_known(self, word: str) -> bool:
        """Whether it is a known word, another form of one, or two of them written as one."""
        if word in self.known:
            return True
        return any(form in self.known for form in _forms(word))

    def _fix(self, word: str, words: Sequence[str]) -> str | None:
        if len(word) < _SHORTEST or not word.isascii():
            return None
        others = [other for other in words if other != word]
        near = self._nearest(word, others)
        # Two words run together are likelier than a word that nobody here has written.
        return near if near and self.frequency[near] else self._split(word) or near

    def _nearest(self, word: str, others: Sequence[str], *, more_usual: bool = False) -> str | None:
        """The known word that would be near it by chance the least; None where a word spelt right may be as near."""
        if len(word) < _SHORTEST:
            return None
        best: tuple[int, bool, int, int, str] | None = None
        for other, distance in self._neighbours(word):
            if more_usual and not (other in self.articles or self.frequency[other] > self.frequency.get(word, 0)):
                continue
            together = self._together(other, others)
            if len(word) == _SHORTEST and together < len(others):
                continue
            chance = self.chances.of(word, other, self.frequency[other] > 0)
            if others:
                chance *= self._by_chance_with(other, others, together)
            if chance < _BY_CHANCE:
                found = (distance, self.frequency[other] == 0, -together, -self.frequency[other], other)
                best = found if best is None or found < best else best
        return best[-1] if best else None

    def _neighbours(self, word: str) -> Iterator[tuple[str, int]]:
        """Words it may be a misspelling of, each with its distance in edits."""
        for other, distance in self._around(word):
            if distance <= self._most(word, self.frequency[other] > 0):
                yield other, distance

    def _most(self, word: str, own: bool) -> int:
        """Edits that may lie between: a word that nobody here has written must be long and all but the same."""
        long = len(word) >= _LONG
        return 1 + long if own else int(long)

    def _around(self, word: str) -> Iterator[tuple[str, int]]:
        """Known words at no more edits than are ever looked at, each with its distance."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = self._most(word, True)
        forms = list(self._near_forms(word, most))
        for other, distance, _ in process.extract(word, forms, scorer=OSA.distance, score_cutoff=most, limit=None):
            if other != word:
                yield other, int(distance)

    def _beside(self, word: str, meant: Set[str]) -> Iterator[tuple[str, bool]]:
        """Neighbours, each with whether it is the base's or the log's, or counts as such (`meant`)."""
        for other, distance in self._around(word):
            own = self.frequency[other] > 0 or other in meant
            if distance <= self._most(word, own):
                yield other, own

    def _by_chance_with(self, word: str, others: Sequence[str], together: int) -> float:
        """The chance that a word in as many articles stands in one with as many of the others, 0-1."""
        if not together:
            return 1.0
        held = Counter(place for other in set(others) for place in self.articles.get(other, ()))
        many = sum(count >= together for count in held.values())
        return 1.0 - (1.0 - many / self.size) ** len(self.articles[word])

    def _together(self, word: str, others: Sequence[str]) -> int:
        """The most of the other words that stand in one article with this one."""
        places = self.articles.get(word, frozenset())
        counts = Counter(place for other in set(others) for place in self.articles.get(other, frozenset()) & places)
        return max(counts.values(), default=0)

    def _near_forms(self, word: str, most: int) -> Iterable[str]:
        """Words of about this length that begin with one of its first two letters: the first is seldom wrong."""
        for first in sorted({word[0], word[1]}):
            for size in range(len(word) - most, len(word) + most + 1):
                yield from self.by_form.get((first, size), ())

    def _split(self, word: str) -> str | None:
        """Two known words that were run together, of the base or the log; the pair written most often."""
        pairs = [
            (-min(self.frequency[a], self.frequency[b]), f"{a} {b}")
            for at in range(3, len(word) - 2)
            if self.frequency.get(a := word[:at], 0) and self.frequency.get(b := word[at:], 0)
        ]
        return min(pairs)[1] if pairs else None


def _forms(word: str) -> set[str]:
    """What it would be another form of: without its ending, or with one more."""
    whole = {word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)}
    stems = {stem for stem in whole if len(word) - len(stem) > 1 or stem.endswith("e") or word.endswith("s")}
    stems |= {stem[:-1] for stem in stems if stem[-1:] == stem[-2:-1]}
    stems |= {word[: -len(ending)] + "e" for ending in ("ing", "ers", "er", "ed") if word.endswith(ending)}
    longer = {word + ending for ending in _ENDINGS if len(word) > _SHORTEST + 1 and not word.endswith("s")}
    if word.endswith("e"):
        longer |= {word + "r", word + "rs", word + "d", word[:-1] + "ing"}
    return {stem for stem in (stems | longer) - {word} if len(stem) > _SHORTEST}


def _by_form(frequency: Mapping[str, int]) -> dict[tuple[str, int], tuple[str, ...]]:
    forms: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word in sorted(frequency):
        forms[word[0], len(word)].append(word)
    return {form: tuple(words) for form, words in forms.items()}


def merge_split_words(query: str, known: Set[str]) -> str:
    """The query with two neighbouring words as one where only that is known: `rago ut` is ragout."""
    words = query.split(" ")
    found: list[str] = []
    for word in words:
        joined = found[-1] + word if found else ""
        if joined in known and joined.isalpha() and (found[-1] not in known or word not in known):
            found[-1] = joined
        else:
            found.append(word)
    return " ".join(found)


def fold_all(queries: Sequence[str], speller: Speller) -> dict[str, str]:
    """Each distinct query as typed → the one it is read as."""
    return {query: speller.correct(merge_split_words(fold_case(query), speller.known)) for query in set(queries)}
