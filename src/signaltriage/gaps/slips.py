"""How much an edit tells: slips of the hand are told from words that merely look alike.

Of English words of four letters, four in ten become a word of a help centre by one changed letter, hardly one by two
swapped ones; of long words few do by anything. So an edit speaks of a misspelling as far as words that are spelt right
seldom have a neighbour of that kind: how often they do is counted on words known to be right, for each kind of edit and
each length, against the very words that are corrected to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["swapped", "doubled", "dropped", "added", "changed", "several"]
_LONGEST: Final = 12
"""Words of as many letters and more are counted together."""
_SAMPLE: Final = 400
"""Words of each length that are looked at."""
_FEWEST: Final = 20
"""Words of a length that say anything."""


def kind_of(word: str, other: str) -> Kind:
    """By which kind of edit `word` was made of `other`, another word."""
    if len(word) == len(other):
        places = [i for i, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
        if len(places) == 1:
            return "changed"
        first = places[0]
        swapped = word[first] == other[first + 1] and word[first + 1] == other[first]
        return "swapped" if len(places) == 2 and places[1] == first + 1 and swapped else "several"
    short, long = sorted((word, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) > len(short) + 1 or short[at:] != long[at + 1 :]:
        return "several"
    if at and long[at] == long[at - 1]:
        return "doubled"  # one of two like letters left out, or a letter written twice
    return "dropped" if short == word else "added"


@dataclass(frozen=True)
class Chances:
    """How often a word that is spelt right has a neighbour that tells as much as one of this kind or more; 0-1."""

    share: Mapping[tuple[int, Kind, bool], float]
    """By length of the word, kind of edit, and whether the neighbour is a word of the base or the log."""

    def of(self, word: str, other: str, own: bool) -> float:
        """The share of right words as long as `word` that have a neighbour as telling as `other`."""
        return self.share.get((min(len(word), _LONGEST), kind_of(word, other), own), 0.0)

    @classmethod
    def count(
        cls,
        right: Iterable[str],
        near: Callable[[str], Iterable[tuple[str, bool]]],
        forms: Callable[[str], Set[str]],
    ) -> Chances:
        """Count them.

        Args:
            right: words that are spelt right.
            near: of a word, its neighbours, each with whether it is of the base or the log.
            forms: of a word, what may be another form of it: such a neighbour is no accident.
        """
        by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(set(right)):
            by_length[min(len(word), _LONGEST)].append(word)
        found: dict[tuple[int, Kind, bool], float] = {}
        for length, words in by_length.items():
            if len(words) < _FEWEST:
                continue
            some = words[:: -(-len(words) // _SAMPLE)]
            met = []
            for word in some:
                related = forms(word)
                met.append({(kind_of(word, other), own) for other, own in near(word) if other not in related})
            seen = Counter(what for kinds in met for what in kinds)
            # As telling or more: an edit of a kind that is no likelier than this one.
            for (kind, own), n in seen.items():
                as_rare = sum(any(seen[what] <= n for what in kinds) for kinds in met)
                found[length, kind, own] = as_rare / len(some)
        return cls(found)
