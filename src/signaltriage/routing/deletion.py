"""What really carried a decision: words are deleted and the router is asked again.

The words that carry a decision are found by greedy forward selection: the word whose deletion costs the best guess
most, then the one that costs most beside it, and so on, so that two words of which either would do are both found.
That they carry it is then measured as comprehensiveness (ERASER: DeYoung et al. 2020): the probability lost without
them, beside what is lost without as many other words drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.words import Word, how_many, presentable, without
from signaltriage.types import WordWeight

FloatArray = NDArray[np.float64]
Ask = Callable[[Sequence[str]], FloatArray]
"""Texts to the probability of one and the same team, shape (n,)."""
RANDOM_DRAWS = 20
MOST_TRIED = 40
"""Of a long text, the words that are deleted one by one: those of the largest weight."""
MOST_PAIRED = 12
"""Words tried beside those already chosen."""


@dataclass(frozen=True, slots=True)
class Deletions:
    """What deleting did. Drops are of the probability of the best guess; see `types.Explanation`."""

    words: tuple[WordWeight, ...]
    carried_by: tuple[str, ...]
    drop: float
    random_drop: float | None
    beaten: float | None

    @property
    def carried(self) -> bool:
        """Whether the words carry the decision: more is lost without them than at random, and something is lost."""
        return self.drop > max(0.0, self.random_drop or 0.0)


def try_deletions(text: str, words: Sequence[Word], weights: FloatArray, ask: Ask, seed: int = 0) -> Deletions:
    """Delete words of a text, one by one, then together, then at random.

    Args:
        text: as the router sees it.
        words: its distinct words.
        weights: what each is thought to be worth, shape (len(words),): settles which are tried, and ties.
        ask: gives the probability of the best guess for other texts.
        seed: of the random draws.
    """
    order = np.argsort(-weights.round(9), kind="stable")
    tried = [int(k) for k in order if presentable(words[k])][:MOST_TRIED] or [int(k) for k in order[:MOST_TRIED]]
    if not tried:
        return Deletions((), (), 0.0, None, None)
    whole, *alone = ask([text, *(without(text, [words[k]]) for k in tried)]).tolist()
    drops = {k: whole - left for k, left in zip(tried, alone, strict=True)}
    ranked = sorted(tried, key=lambda k: -drops[k])  # stable: of equals, the one of larger weight
    chosen, drop = [ranked[0]], drops[ranked[0]]
    while len(chosen) < how_many(words):
        others = [k for k in ranked if k not in chosen][:MOST_PAIRED]
        if not others:
            break
        left = ask([without(text, [words[j] for j in (*chosen, k)]) for k in others])
        best = int(left.argmin())
        if whole - left[best] <= drop:  # no further word makes it worse
            break
        chosen, drop = [*chosen, others[best]], float(whole - left[best])
    at_random = _random_drops(text, words, chosen, (whole, ask), seed)
    return Deletions(
        words=tuple(WordWeight(words[k].typed, round(drops[k], 6)) for k in sorted(tried)),
        carried_by=tuple(words[k].typed for k in chosen),
        drop=round(drop, 6),
        random_drop=round(float(at_random.mean()), 6) if len(at_random) else None,
        beaten=round(float((at_random < drop).mean()), 6) if len(at_random) else None,
    )


def _random_drops(
    text: str, words: Sequence[Word], chosen: Sequence[int], asked: tuple[float, Ask], seed: int
) -> FloatArray:
    """What as many other words cost, for each of the random draws; empty where there are not as many others."""
    whole, ask = asked
    others = [k for k in range(len(words)) if k not in chosen]
    if len(others) < len(chosen):
        return np.zeros(0)
    rng = np.random.default_rng(seed)
    draws = [rng.choice(others, len(chosen), replace=False) for _ in range(RANDOM_DRAWS)]
    return whole - ask([without(text, [words[k] for k in draw]) for draw in draws])
