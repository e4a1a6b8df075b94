"""Tables of what makes routing worth trusting, from results/*.json of the small evaluations: eval/README.md.

One function an evaluation: its results, as read from JSON → a heading, a sentence, a table. What was not run is left
out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from eval.blocks import result, share, table

BLOCK: Final = "routing"
Result = Mapping[str, Any]
Section = tuple[str, str, Sequence[str], Iterable[Sequence[str]]]
"""Heading, what it is, head and rows of the table."""


def render(folder: Path) -> str:
    """All tables as Markdown."""
    parts = []
    for name, section in SECTIONS.items():
        measured = result(folder / f"{name}.json")
        if measured is not None:
            heading, what, head, rows = section(measured)
            parts += [f"### {heading}", f"{what} `python -m eval.{name}`", table(head, rows)]
    return "\n\n".join(parts) or "No results yet: run `make eval-trust`."


def promise(r: Result) -> Section:
    """Is the error promise kept?"""
    rows = [
        [
            name,
            target,
            share(f["kept"]),
            share(f["error"]),
            share(f["routed"]),
            "–" if f["share_of_oracle"] is None else f"{f['share_of_oracle']:.3f}",
            "–" if f["team_promises_kept"] is None else f"{f['team_promises']:,}: {share(f['team_promises_kept'])}",
        ]
        for name, found in r["sets"].items()
        for target, f in found.items()
        if target.startswith("0.")
    ]
    what = (
        f"Limits chosen on some held-out rows, judged on others, {r['resamples']} times; forward in time where there"
        " are times. *of the oracle's*: the share routed beside that of the best limit in hindsight."
    )
    head = ["set", "target", "kept in", "mean error", "routed", "of the oracle's", "team promises: kept"]
    return "The promise", what, head, rows


def novelty(r: Result) -> Section:
    """What is turned away, rightly and wrongly."""
    rows = []
    for name, f in r.items():
        for stranger, s in f["strangers"].items():
            best, other = max(s["baselines"].items(), key=lambda item: item[1]["auroc"])
            rows.append(
                [
                    name,
                    f"{f['accuracy']:.3f} → {f['accuracy_after']:.3f}",
                    f"{stranger} ({s['rows']:,})",
                    share(s["turned_away"]),
                    share(s["held_for_a_person"]),
                    f"{s['auroc']:.3f}",
                    f"{other['auroc']:.3f} ({best})",
                ]
            )
    what = (
        "Trained on rows of known teams only (signaltriage-training-data: also on older rows labelled as nobody's),"
        " with the limit that training chose. *accuracy*: of the set's own test, before and after turning away."
    )
    head = ["set", "accuracy", "strangers (rows)", "turned away", "held for a person", "AUROC", "best other AUROC"]
    return "None of these", what, head, rows


def coldstart(r: Result) -> Section:
    """From nothing to fifty rows a team."""
    shots = ("0", "1", "5", "10", "50")
    rows = []
    for name, found in r.items():
        methods = list(dict.fromkeys(method for shot in shots if shot in found for method in found[shot]))
        for method in methods:
            cells = (found.get(shot, {}).get(method) for shot in shots)
            rows.append([name, method, *("–" if cell is None else f"{cell['accuracy']:.3f}" for cell in cells)])
    what = "Accuracy by labelled rows a team, mean of the draws; at 0 rows a team is its name alone."
    return "Cold start", what, ["set", "method", *shots], rows


def explanations(r: Result) -> Section:
    """Do the named words carry the decision?"""
    rows = [
        [
            name,
            f"{f['rows']}",
            f"{share(f['beats_others'])} [{share(f['beats_others_low'])}, {share(f['beats_others_high'])}]",
            f"{f['drop']:.3f}",
            f"{f['drop_others']:.3f}",
            share(f["nearest_is_of_best_guess"]),
        ]
        for name, f in r["sets"].items()
    ]
    what = (
        "Deleting the words that a reason names, beside deleting as many others at random: in how many test rows the"
        " probability falls by more, and by how much."
    )
    head = ["set", "rows", "beats random [95 %]", "named: fall", "others: fall", "nearest example is of the best guess"]
    return "Explanations", what, head, rows


def groups(r: Result) -> Section:
    """Groups routed as one."""
    ways = ("predict_group", "single signals", "product", "mean")
    rows = [
        [name, way, *(f"{f[way][figure]:.3f}" for figure in ("accuracy", "ece")), share(f[way]["share_sure"])]
        for name, f in r["sets"].items()
        for way in ways
    ]
    what = "Groups formed without labels on test rows; the truth is the label of most of a group's rows."
    return "Groups", what, ["set", "way", "accuracy", "ECE", "more than 95 % sure"], rows


def audit(r: Result) -> Section:
    """Planted label errors."""
    rows = []
    for name, found in r["sets"].items():
        for seed, methods in found["seeds"].items():
            for method, f in methods.items():
                if "absent" in f:
                    continue
                own = [f.get("regained_logistic_mixed"), f.get("regained_mixed")]
                regained = [f["regained"], None] if "regained" in f else own
                cells = ["–" if v is None else f"{v:.0%}" for v in regained]
                rows.append(
                    [name, seed, method, f"{f['flagged']:,}", f"{f['precision']:.3f}", f"{f['recall']:.3f}", *cells]
                )
    what = (
        "A tenth of the labels moved to the most confusable class: what is flagged, and how much of what that cost is"
        " regained by training on what the audit leaves (relabelled where sure, else dropped)."
    )
    head = ["set", "seed", "method", "flagged", "precision", "recall", "regained: logistic regression", "router"]
    return "Label audit", what, head, rows


def corrections(r: Result) -> Section:
    """What corrections do."""
    kinds = ("the_corrected", "paraphrases", "same_label_neighbours", "other_held_out_rows", "test_rows")
    rows = []
    for name, found in r["sets"].items():
        for kind in kinds:
            f = found[kind]["all"] if kind == "paraphrases" else found[kind]
            if f is None:
                continue
            before, after = f["before"], f["after"]
            pairs = (f"{before[key]:,} → {after[key]:,}" for key in ("misrouted", "routed_right"))
            accuracy = f"{before['accuracy']:.3f} → {after['accuracy']:.3f}"
            rows.append([name, kind.replace("_", " "), f"{f['rows']:,}", *pairs, accuracy])
    replay = r["replay"]
    what = f"Before → after correcting what was guessed wrong. Replay: {json.dumps(replay)}."
    return "Corrections", what, ["set", "rows of", "rows", "misrouted", "routed rightly", "accuracy"], rows


def drift(r: Result) -> Section:
    """False alarms and what is found."""
    rows = [
        [name, kind, f"{f['replays']:,}", share(f["share"])]
        for name, found in r.items()
        if name != "protocol"
        for kind, f in found.items()
        if isinstance(f, dict) and "share" in f
    ]
    p = r["protocol"]
    what = (
        f"Replays of {p['rows']} signals at a stated false-alarm rate of {share(p['rate'])}. *null*, *deployed*:"
        f" nothing has moved; *swap*: {p['swapped']} of them are of a topic that training never saw."
    )
    return "Drift", what, ["set", "replays of", "replays", "alarms"], rows


SECTIONS: Final[Mapping[str, Callable[[Result], Section]]] = {
    "promise": promise,
    "novelty": novelty,
    "coldstart": coldstart,
    "explanations": explanations,
    "groups": groups,
    "audit": audit,
    "corrections": corrections,
    "drift": drift,
}
