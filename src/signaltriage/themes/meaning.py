"""Which of the phrases that tell a theme apart says what the theme is about: the one nearest to its centre."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.themes.partition import DECIMALS
from signaltriage.themes.phrases import Key

CONSIDERED: Final = 12
"""Phrases of a theme that are looked at; more change no name."""
_SHARPNESS: Final = 6.0
"""Power of the cosine: it counts for more than how rare a phrase is elsewhere (`python -m eval.theme_names`)."""
_LEAST: Final = 0.01

Ranked = list[tuple[float, Key]]
"""Worth and phrase, the best first."""


@dataclass(frozen=True)
class Meaning:
    """What the themes mean, as vectors."""

    encode: Callable[[Sequence[str]], NDArray[np.float32]]
    """Texts to unit vectors, shape (n, d)."""
    centres: NDArray[np.float32]
    """Unit vectors of the themes, shape (k, d)."""

    def order(self, ranked: Sequence[Ranked], forms: Sequence[Sequence[str]]) -> list[Ranked]:
        """The phrases of each theme, by what they are worth times how near they are to the theme's centre.

        A phrase of three texts that no other theme has tells a theme of hundreds apart, and says nothing of it. How
        near a phrase is to the texts as a whole does (as in KeyBERT, Grootendorst 2020).

        Args:
            ranked: of each theme.
            forms: of each theme, how its first `CONSIDERED` phrases are written.
        """
        different = sorted({form for some in forms for form in some})
        if not different:
            return list(ranked)
        vector = dict(zip(different, self.encode(different), strict=True))
        out = []
        for row, some, centre in zip(ranked, forms, self.centres, strict=True):
            near = [round(float(vector[form] @ centre), DECIMALS) for form in some]
            first = [
                (worth * max(cos, _LEAST) ** _SHARPNESS, key) for (worth, key), cos in zip(row, near, strict=False)
            ]
            out.append(sorted(first, key=lambda entry: (-entry[0], entry[1])))
        return out
