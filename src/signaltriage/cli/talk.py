"""Records in words: what a person reads when they did not ask for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]
_WEAK = 10
"""Teams shown in a table on the terminal; the HTML report has all."""


def training(r: Record) -> Iterator[str]:
    """What was learnt from what, and how well."""
    data, held = r["training_data"], r["held_out"]
    left_out = data["rows"] - data["used"]
    yield f"trained on {data['used']:,} rows of {len(r['teams'])} teams → {r['model']} (version {r['model_version']})"
    if left_out or r["rejected"]:
        yield (
            f"  left out: {data['without_text']:,} without text, {data['without_team']:,} without team or of none, "
            f"{r['rejected']:,} unreadable"
        )
    if data["texts_with_conflicting_teams"]:
        yield f"  {data['texts_with_conflicting_teams']:,} texts carry more than one team: see which is right"
    single = sorted(team for team, n in r["teams"].items() if n == 1)
    if single:
        yield f"  one example only, so hardly learnt: {', '.join(single[:8])}{', …' if len(single) > 8 else ''}"
    yield _held_out(r)
    yield from _promise(held, r["min_probability"])


def classified(r: Record) -> Iterator[str]:
    """Where the rows went, in all and team by team."""
    yield f"{'best guess':<30} {'routed':>8} {'needs a person':>15}"
    for team, counts in r["teams"].items():
        yield f"{team[:30]:<30} {counts['routed']:>8,} {counts['needs_human']:>15,}"
    yield f"read {r['read']:,} = written {r['written']:,} + rejected {r['rejected']:,}"
    share = r["routed"] / r["written"] if r["written"] else 0
    yield f"written {r['written']:,} = routed {r['routed']:,} ({share:.0%}) + needs_human {r['needs_human']:,}"
    if r["resumed"]:
        yield f"taken up from the interrupted run: {r['resumed']:,} rows"
    yield f"→ {r['output']}"
    if r["rejected_output"]:
        yield f"→ {r['rejected_output']} (rows that could not be read)"


def evaluation(r: Record) -> Iterator[str]:
    """The figures, and the teams that do worst."""
    yield (
        f"{r['labelled']:,} labelled rows: accuracy {r['accuracy']:.1%}, macro F1 {r['macro_f1']:.1%}, "
        f"weighted F1 {r['weighted_f1']:.1%}, calibration error {r['expected_calibration_error']:.1%}"
    )
    wrong = "–" if r["error_among_routed"] is None else f"{r['error_among_routed']:.1%}"
    yield f"routed without a person {r['share_routed']:.1%}, wrong among those {wrong}"
    if r["none_rows"]:
        yield f"of no team: {r['none_rows']:,} rows, rightly held for a person {r['none_held']:.1%}"
    if r["unlabelled"] or r["rejected"]:
        yield f"left out: {r['unlabelled']:,} without label, {r['rejected']:,} unreadable"
    if r["unknown_labels"]:
        names = ", ".join(r["unknown_labels"][:5])
        yield f"unknown to the model, so counted as wrong: {len(r['unknown_labels'])} labels ({names})"
    weakest = sorted((t for t in r["teams"] if t["support"]), key=lambda t: (t["f1"], t["team"]))[:_WEAK]
    yield f"{'weakest teams':<42} {'rows':>6} {'precision':>9} {'recall':>7} {'F1':>7}"
    for t in weakest:
        yield f"{t['team'][:42]:<42} {t['support']:>6} {t['precision']:>9.1%} {t['recall']:>7.1%} {t['f1']:>7.1%}"
    if r["report"]:
        yield f"→ {r['report']}"


def health(r: Record) -> Iterator[str]:
    """A model folder explained."""
    held, data = r["held_out"], r["training_data"]
    yield f"{r['path']}: sound. Every file is what the manifest says."
    yield f"  version {r['model_version']}, trained {r['created_at']}"
    yield f"  learnt from {data['used']:,} rows (sha256 {data['sha256'][:12]}…) of {len(r['teams'])} teams"
    yield _held_out(r)
    yield from _promise(held, r["min_probability"])
    probe = "" if r["probe_cosine"] is None else f"; this processor agrees with it (cosine {r['probe_cosine']:.4f})"
    yield f"  encoder {r['encoder']['name']} ({r['encoder']['digest'][:12]}…){probe}"
    yield "  written with " + ", ".join(f"{name} {version}" for name, version in r["libraries"].items())
    for name, size in r["files"].items():
        yield f"  {size:>12,} bytes  {name}"


def _held_out(r: Record) -> str:
    held = r["held_out"]
    return (
        f"  held out ({r['split']['kind']}): {held['rows']:,} rows, accuracy {held['accuracy']:.1%}, "
        f"macro F1 {held['macro_f1']:.1%}, calibration error {held['expected_calibration_error']:.1%}"
    )


def _promise(held: Record, limits: dict[str, float]) -> Iterator[str]:
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
