"""Counts over time as small pictures: points and paths for SVG, nothing drawn."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 100, 20
BARS_WIDTH, BARS_HEIGHT = 300, 60
_EDGE = 1.5
_MOST_BARS = 120


def sparkline(counts: Sequence[int]) -> str:
    """Points of a line, "x,y x,y …", in a box of 100 by 20 that begins at zero; empty for fewer than two counts."""
    if len(counts) < 2:
        return ""
    top = max(*counts, 1)
    step = (WIDTH - 2 * _EDGE) / (len(counts) - 1)
    room = HEIGHT - 2 * _EDGE
    return " ".join(f"{_EDGE + i * step:.4g},{HEIGHT - _EDGE - room * c / top:.4g}" for i, c in enumerate(counts))


def bars(counts: Sequence[int]) -> str:
    """Path of one bar a count, in a box of 300 by 60; many counts share a bar. Empty where there are none."""
    if not counts:
        return ""
    wide = -(-len(counts) // _MOST_BARS)
    sums = [sum(counts[i : i + wide]) for i in range(0, len(counts), wide)]
    top, step = max(*sums, 1), min(24.0, BARS_WIDTH / len(sums))
    drawn = []
    for i, count in enumerate(sums):
        tall = (BARS_HEIGHT - 1) * count / top
        if count:
            drawn.append(f"M{i * step:.4g} {BARS_HEIGHT}v{-tall:.4g}h{step * 0.8:.4g}v{tall:.4g}z")
    return "".join(drawn)
