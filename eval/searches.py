"""Are verdicts, folds and gaps right on a log whose truth is known? `python -m eval.searches`

The log is training_data/searches.csv, its truth searches_truth.csv: synthetic, written for this project (see
training_data/DATASHEET.md), so that it shows whether what was planted is found, not how well any real log is read.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from signaltriage.capture.searches import read_searches
from signaltriage.encode import load_encoder
from signaltriage.gap_types import Verdict
from signaltriage.model.gaps import GapReport, find_all
from signaltriage.model.knowledge import KnowledgeBase

DATA = Path(__file__).resolve().parents[1] / "training_data"
VERDICTS: tuple[Verdict, ...] = ("missing", "unfindable", "served", "not_a_need")
ENOUGH = 5
"""Askers of a missing need that make it one of those planted to be among the first ten."""
PLANTED = {
    *(("contradiction", "A016", "A017"), ("contradiction", "A037", "A038")),
    *(("near_duplicate", "A008", "A009"), ("near_duplicate", "A031", "A032")),
}


def main() -> None:
    """Print the figures, each beside what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--wrong", action="store_true", help="print the searches that were judged wrongly")
    given = parser.parse_args()
    base = KnowledgeBase.from_path(DATA / "articles", encoder=load_encoder(threads=given.threads))
    report = find_all(read_searches(DATA / "searches.csv").events, base)
    with (DATA / "searches_truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["id"]: row for row in csv.DictReader(file)}
    _verdicts(report, truth)
    _folds(report, truth)
    _gaps(report, truth)
    if given.wrong:
        for search in report.searches:
            if search.verdict != truth[search.event.id]["verdict"]:
                print(f"  {truth[search.event.id]['verdict']:>11} taken for {search.verdict:<11} {search.event.query}")


def _verdicts(report: GapReport, truth: dict[str, Any]) -> None:
    from sklearn.metrics import f1_score, roc_auc_score

    told = [search.verdict for search in report.searches]
    true = [truth[search.event.id]["verdict"] for search in report.searches]
    each = f1_score(true, told, labels=list(VERDICTS), average=None)
    print(f"macro-F1 over four verdicts {f1_score(true, told, average='macro'):.3f} (asked >= .90)")
    print("  " + ", ".join(f"{name} {value:.3f}" for name, value in zip(VERDICTS, each, strict=True)))
    print(f"  rows {len(told)} = " + " + ".join(f"{report.count(name)} {name}" for name in VERDICTS))
    chance = {query.query: query.answer_probability for query in report.queries}
    unshown = [s for s, t in zip(report.searches, true, strict=True) if t in {"missing", "unfindable"}]
    answered = [truth[s.event.id]["verdict"] == "unfindable" for s in unshown]
    auroc = roc_auc_score(answered, [chance[search.event.query] for search in unshown])
    print(f"  AUROC of answer_probability, unshown {auroc:.3f}")
    right = [search for search in unshown if search.verdict == truth[search.event.id]["verdict"] == "unfindable"]
    named = {query.query: query.article_id for query in report.queries}
    found = sum(named[s.event.query] == truth[s.event.id]["article_id"] for s in right)
    print(f"  of {len(right)} rightly unfindable, the right article for {found}")


def _folds(report: GapReport, truth: dict[str, Any]) -> None:
    bots = [s for s in report.searches if truth[s.event.id]["note"] in {"bot", "probe"}]
    print(
        f"planted machines and probes found {sum(s.verdict == 'not_a_need' for s in bots)} of {len(bots)} (asked: all)"
    )
    again = [s for s in report.searches if truth[s.event.id]["note"] == "obsession, repeat"]
    folded = sum(search.verdict == "not_a_need" for search in again)
    print(f"planted repeats of a session found {folded} of {len(again)} (asked: all)")
    by_need: dict[str, set[str]] = defaultdict(set)
    for search in report.searches:
        if search.event.user == "u-317" and search.verdict != "not_a_need":
            by_need[truth[search.event.id]["need"]].add(search.event.session)
    print(f"  sessions of u-317 that are left one search each: {sum(map(len, by_need.values()))}")
    typos = [s for s in report.searches if "typo" in truth[s.event.id]["note"]]
    folded = sum(s.folded != s.event.query.casefold() for s in typos)
    print(f"  typos read as something else than typed: {folded} of {len(typos)}")


def _gaps(report: GapReport, truth: dict[str, Any]) -> None:
    askers: dict[str, set[str]] = defaultdict(set)
    needs: dict[str, Counter[str]] = defaultdict(Counter)
    for search in report.searches:
        row = truth[search.event.id]
        if row["verdict"] == "missing":
            askers[row["need"]].add(search.event.user)
        if search.gap_id:
            needs[search.gap_id][row["need"]] += 1
    planted = sorted((name for name in askers if len(askers[name]) >= ENOUGH), key=lambda n: -len(askers[n]))
    first = {needs[gap.id].most_common(1)[0][0] for gap in report.gaps[:10] if needs[gap.id]}
    print(f"planted gaps among the first ten: {sum(name in first for name in planted)} of {len(planted)} (asked: all)")
    print(f"  planted: {', '.join(f'{name} ({len(askers[name])} askers)' for name in planted)}")
    print(f"  not among them: {', '.join(name for name in planted if name not in first) or 'none'}")
    upkeep = {(item.kind, item.article_id, item.other_id) for item in report.upkeep}
    print(f"planted contradictions and near-duplicates found {len(PLANTED & upkeep)} of {len(PLANTED)}")
    pairs = [item for item in report.upkeep if item.other_id]
    print(f"  pairs named in all: {len(pairs)}; synonyms: {', '.join(f'{a} = {b}' for a, b in report.synonyms)}")


if __name__ == "__main__":
    main()
