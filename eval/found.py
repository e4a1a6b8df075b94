"""Tables of themes and knowledge gaps, from results/*.json: eval/README.md. What was not measured is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from eval import gap_speed, theme_small, theme_speed, theme_stability, themes, trend_stories
from eval.blocks import sections, share, table

BLOCK: Final = "found"
Result = Mapping[str, Any]


def render(folder: Path) -> str:
    """All tables as Markdown."""
    return sections(folder, SECTIONS) or "No results yet: run `make eval`."


def stability(r: Result) -> str:
    """One row a set."""
    return theme_stability.table({name: found for name, found in r.items() if "perturbed" in found})


def trend(r: Result) -> str:
    """Volume and noise of each set; false findings and findings, beside the usual rule."""
    rows = []
    for name, volumes in r.items():
        if name == "protocol":
            continue
        for volume, noises in volumes.items():
            for noise, found in noises.items() if isinstance(noises, Mapping) else ():
                if not isinstance(found, Mapping) or "null" not in found:
                    continue
                null, large = found["null"], found["planted"].get("size_20_and_more")
                best = found.get("best_possible", {}).get("size_20_and_more")
                planted = [share(large["found"]), share(large["rule_found"])] if large else ["–", "–"]
                planted.append("–" if best is None else share(best))
                rows.append([name, volume, noise, share(null["false"]), share(null["rule_false"]), *planted])
    head = ["set", "volume", "noise", "null: any false", "+50 % rule", "doubling found in 2 periods", "+50 % rule"]
    head.append("best possible")
    return table(head, rows)


def facets(r: Result) -> str:
    """One row a labelled half."""
    rows = []
    for half, found in r.items():
        figures = found.get("all") if isinstance(found, Mapping) else None
        if figures and "macro_f1" in figures:
            kinds = (f"{kind} {f['f1']:.2f} ({f['labelled']})" for kind, f in figures.items() if isinstance(f, Mapping))
            rows.append([half, f"{figures['signals']}", f"{figures['macro_f1']:.3f}", ", ".join(kinds)])
    return table(["labelled set", "signals", "macro-F1", "F1 of each kind (labelled)"], rows)


def gaps(r: Result) -> str:
    """One row a set and method; for ours a second one, as searches that come together are judged."""
    rows = []
    for name, found in r.items():
        for method, f in found.get("methods", {}).items() if isinstance(found, Mapping) else ():
            half, whole = f.get("half", {}), f.get("as_it_is", {})
            judged = (half.get("auroc"), half.get("f1_missing"), half.get("ece"), half.get("ece_by_chance"))
            told = [*judged, f.get("hard_auroc"), whole.get("auroc")]
            if "together" in f:
                rows.append([name, f"{method}, one search", *_figures([*_ranks(f), *[None] * 6])])
                rows.append([name, f"{method}, together", *_figures([*_ranks(f["together"]), *told])])
            else:
                rows.append([name, method, *_figures([*_ranks(f), *told])])
    half_head = ["half: AUROC", "half: F1", "half: ECE", "(by chance)"]
    head = ["set", "method", "MAP", "NDCG@3", "hit@1", "hit@3", *half_head, "hard: AUROC", "as it is: AUROC"]
    return table(head, rows)


def gap_belief(r: Result) -> str:
    """One row a set."""
    names = ("ece_by_the_others", "ece", "ece_by_chance", "above", "wider", "gain", "spread")
    rows = [[name, *_figures([found.get(key) for key in names])] for name, found in r["sets"].items()]
    return table(["set", "ECE, told by the other sets", "ECE, committed prior", "by chance", *names[3:]], rows)


def _ranks(figures: Mapping[str, Any]) -> list[Any]:
    return [figures.get(name) for name in ("map", "ndcg_3", "hit_1", "hit_3")]


def _figures(values: list[Any]) -> list[str]:
    return ["–" if value is None else f"{value:.3f}" for value in values]


SECTIONS: Final[Mapping[str, tuple[str, str, Callable[[Result], str]]]] = {
    "themes": (
        "Themes beside labels",
        "ARI over all rows (a row left over is a theme of one) · coverage · number of themes; all methods on the same"
        " vectors in one run, k-means alone told the true number.",
        themes.table,
    ),
    "theme_small": (
        "Themes in few rows",
        "Random subsets with few rows or few labels, mean of three draws: ARI · number of themes.",
        theme_small.table,
    ),
    "theme_stability": (
        "Do themes stay?",
        "Rows shuffled, a tenth removed, a tenth added, labels arriving that were held out, people's edits.",
        stability,
    ),
    "theme_speed": ("Time and memory of themes", "Real vectors, repeated with noise.", theme_speed.table),
    "trend": (
        "Trend",
        "Replays of real texts; nothing planted, or one theme of 20 or more a period doubled. Best possible:"
        " a test that knows every rate and dispersion.",
        trend,
    ),
    "trend_stories": (
        "The planted stories of training_data",
        "Synthetic. Week by week, when is each first called new, rising or back again; and what is said in the end?",
        trend_stories.lines,
    ),
    "facets": (
        "Friction facets",
        "Signals labelled by hand. Only `unseen` was new to what was measured; the others are learned from.",
        facets,
    ),
    "gaps": (
        "Knowledge gaps",
        "`half`: half of the articles hidden, 20 draws; `hard`: one article hidden at a time, its siblings kept;"
        " `by chance`: what probabilities that hold would show as ECE on so few queries.",
        gaps,
    ),
    "gap_belief": (
        "What sets say of nearness",
        "Half of the articles hidden. In the first column no set has a say in what it is judged by.",
        gap_belief,
    ),
    "gap_speed": ("Time and memory of gaps", "From files to page, embeddings included.", gap_speed.table),
}
