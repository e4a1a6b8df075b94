"""Figures of a model in words, for the commands that show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]


def held_out(r: Record) -> str:
    """How it did on rows it had not seen."""
    held = r["held_out"]
    if not held["rows"]:
        return f"  held out ({r['split']['kind']}): nothing shows how often its best guesses are right"
    return (
        f"  held out ({r['split']['kind']}): {held['rows']:,} rows, accuracy {held['accuracy']:.1%}, "
        f"macro F1 {held['macro_f1']:.1%}, calibration error {held['expected_calibration_error']:.1%}"
    )


def promise(held: Record, limits: dict[str, float]) -> Iterator[str]:
    """From when on it routes alone, and how often that was wrong."""
    least = min(limits.values())
    if least > 1:
        yield (
            f"  at most {held['target_error']:.0%} wrong cannot be promised from these rows: everything goes to a "
            "person. More labelled rows, or a looser --target-error, would change that"
        )
        return
    yield (
        f"  routes alone from {least:.0%} sure on: {held['share_routed']:.1%} of held-out rows, "
        f"{held['error_among_routed']:.1%} of them wrong (target {held['target_error']:.0%})"
    )
