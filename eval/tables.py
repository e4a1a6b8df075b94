"""Turns eval/results/*.json into the tables of eval/README.md and README.md, between their markers.

python -m eval.tables            write them
python -m eval.tables --check    exit 1 if they are not what the results say
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eval import found as finding
from eval import logged, machine, trust
from eval.blocks import markers, replaced, table
from eval.methods import BASE, METHODS, OWN, UNCALIBRATED
from eval.sets import ROOT, Published, RoutingSet, read_sets

BLOCK: Final = "results"
BEGIN, END = markers(BLOCK)
Result = Mapping[str, Any]

_NONE_YET: Final = "No results yet: run `make eval`."
_MANY: Final = 1000


class TableError(Exception):
    """A document or a result cannot be used; `str()` says which and why."""


@dataclass(frozen=True)
class Document:
    """A Markdown file with markers, and what belongs between them."""

    path: Path
    render: Callable[[Mapping[str, RoutingSet], Mapping[str, Result]], str]

    def updated(self, sets: Mapping[str, RoutingSet], results: Mapping[str, Result]) -> tuple[str, str]:
        """The text as it is and as it should be."""
        if not self.path.exists():
            raise TableError(f"{self.path.name} is not there")
        text = self.path.read_text(encoding="utf-8")
        return text, between_markers(text, self.render(sets, results), self.path.name)


def read_results(folder: Path, sets: Mapping[str, RoutingSet]) -> dict[str, Result]:
    """The results that are there, in the order of `sets`. Quick and partial ones are refused."""
    found: dict[str, Result] = {}
    for name in sets:
        path = folder / f"{name}.json"
        if not path.exists():
            continue
        result: Result = json.loads(path.read_text(encoding="utf-8"))
        if result["protocol"]["quick"] or set(result["methods"]) != set(METHODS):
            raise TableError(f"{path.name} is a trial run: delete it, or run python -m eval.run --only {name}")
        found[name] = result
    return found


def between_markers(text: str, body: str, name: str) -> str:
    """`text` with `body` between its markers."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise TableError(f"{name} needs one line {BEGIN} and, after it, one line {END}")
    return replaced(text, BLOCK, body)


def render_small(sets: Mapping[str, RoutingSet], results: Mapping[str, Result]) -> str:
    """For the README: accuracy, macro-F1 and ECE of each set and method; synthetic sets apart."""
    parts = []
    real = {name: result for name, result in results.items() if not result["dataset"]["synthetic"]}
    if real:
        head = ["set (labels, test rows)", *(_method(method) for method in METHODS), "published"]
        rows = [
            [_set_cell(result), *(_brief(result["methods"][m]) for m in METHODS), _published(sets[name].published)]
            for name, result in real.items()
        ]
        parts += [
            "Accuracy / macro-F1 / expected calibration error on each set's test rows, all methods in one run:",
            table(head, rows),
        ]
    for result in (result for name, result in results.items() if name not in real):
        groups = _groups(result)
        head = ["rows", *(_method(method) for method in METHODS)]
        rows = [[label, *(_brief(figures[m]) for m in METHODS)] for label, figures in groups.items()]
        parts += [
            f"**Synthetic**, written for this project ({result['dataset']['split']}), so it shows that things work, not"
            " how well they do on your tickets:",
            table(head, rows),
        ]
    if parts:
        parts += [f"{_star()} Intervals, speed, memory and the protocol: [eval/README.md](eval/README.md)."]
    return "\n\n".join(parts) or _NONE_YET


def render_full(sets: Mapping[str, RoutingSet], results: Mapping[str, Result]) -> str:
    """For eval/README.md: every figure, a table for each set; synthetic sets last and marked."""
    parts: list[str] = []
    real_first = sorted(results, key=lambda name: bool(results[name]["dataset"]["synthetic"]))
    for name in real_first:
        parts += _section(sets[name], results[name])
    if results:
        missing = [name for name in sets if name not in results]
        parts += [
            _star(),
            *([f"Not measured: {', '.join(missing)}."] if missing else []),
            _run(results),
        ]
    return "\n\n".join(parts) or _NONE_YET


def _section(entry: RoutingSet, result: Result) -> list[str]:
    data, methods = result["dataset"], result["methods"]
    facts = [
        f"{entry.title}. {entry.citation}. Licence: {entry.licence}.",
        f"{data['train_rows']:,} rows of {data['train_labels']} labels to train, {data['test_rows']:,} to test; split:"
        f" {data['split']}.",
        _unseen(data["test_rows_of_unseen_labels"]),
        _copies(data["test_texts_also_in_train"]),
        f"Published: {_published(entry.published)}." if entry.published else "",
    ]
    parts = [
        f"### {entry.name}{' (synthetic)' if data['synthetic'] else ''}",
        " ".join(fact for fact in facts if fact),
        _quality(methods),
        _cost(result["run"]["methods"]),
    ]
    routing = methods[OWN].get("routing")
    if routing:
        parts.append(_routing(routing))
    if data["report_by"]:
        groups = [(label, figures) for label, figures in _groups(result).items() if label != "all"]
        head = [data["report_by"], "rows", *(_method(method) for method in METHODS)]
        rows = [[g, f"{figures[OWN]['n']:,}", *(_brief(figures[m]) for m in METHODS)] for g, figures in groups]
        parts += [f"By {data['report_by']}, accuracy / macro-F1 / ECE:", table(head, rows)]
    return parts


def _unseen(n: int) -> str:
    if n == 0:
        return ""
    return f"{n} test {'row has' if n == 1 else 'rows have'} a label that training never saw: all methods get it wrong."


def _copies(n: int) -> str:
    if n == 0:
        return ""
    return f"{n} test {'text stands' if n == 1 else 'texts stand'} in training too, word for word."


def _quality(methods: Mapping[str, Any]) -> str:
    head = ["method", "accuracy [95 %]", "macro-F1 [95 %]", "weighted F1", "ECE"]
    rows = [
        [
            _method(method),
            _with_interval(methods[method]["accuracy"]),
            _with_interval(methods[method]["macro_f1"]),
            f"{methods[method]['weighted_f1']:.3f}",
            f"{methods[method]['ece']:.3f}",
        ]
        for method in METHODS
    ]
    return table(head, rows)


def _cost(methods: Mapping[str, Any]) -> str:
    head = ["method", f"training time, {BASE} = 1", "rows a second at prediction, the same = 1", "peak memory, MB"]
    rows = [
        [
            _method(method, star=False),
            _ratio(methods[method]["train_seconds_to_base"]),
            _ratio(methods[method]["rows_per_second_to_base"]),
            f"{methods[method]['peak_memory_mb']:,}",
        ]
        for method in METHODS
    ]
    return table(head, rows)


def _routing(routing: Mapping[str, Any]) -> str:
    error = routing["realised_error"]
    outcome = "nothing" if error is None else f"{routing['routed_share']:.1%} of the test"
    wrong = "" if error is None else f", {error:.1%} of it to the wrong label"
    return f"Asked for at most {routing['target_error']:.0%} wrong, signaltriage routes {outcome}{wrong}."


def _run(results: Mapping[str, Result]) -> str:
    """What the figures were made with; several, where the results come from several environments."""
    made = {
        (result["run"]["python"], *((k, v) for k, v in result["run"]["versions"].items() if v))
        for result in results.values()
    }
    lines = [
        f"Python {python}, " + ", ".join(f"{library} {number}" for library, number in versions)
        for python, *versions in sorted(made)
    ]
    seeds = sorted({result["protocol"]["seed"] for result in results.values()})
    return f"Made with {'; '.join(lines)}. Seed {', '.join(map(str, seeds))}."


def _groups(result: Result) -> dict[str, dict[str, Any]]:
    """Figures of each method for all rows and, where there are groups, for each of them."""
    methods = result["methods"]
    groups = sorted({group for figures in methods.values() for group in figures.get("by_group", {})})
    return {"all": dict(methods)} | {g: {m: figures["by_group"][g] for m, figures in methods.items()} for g in groups}


def _set_cell(result: Result) -> str:
    data = result["dataset"]
    return f"{data['name']} ({data['train_labels']}, {data['test_rows']:,})"


def _method(method: str, *, star: bool = True) -> str:
    mark = " \\*" if star and method in UNCALIBRATED else ""
    return f"**{method}**" if method == OWN else f"{method}{mark}"


def _brief(figures: Mapping[str, Any]) -> str:
    values = (figures["accuracy"]["value"], figures["macro_f1"]["value"], figures["ece"])
    return " / ".join(f"{value:.3f}" for value in values)


def _with_interval(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _ratio(value: float) -> str:
    if value >= _MANY:
        return f"> {_MANY:,}"
    if value < 1 / _MANY:
        return f"< {1 / _MANY}"
    return f"{value:.2f}" if value >= 1 else f"{value:.2g}"


def _published(figures: Iterable[Published]) -> str:
    """Figures of others; which of them nobody has looked up again is said."""
    cells = [f"{f.metric} {f.value:.3f} {f.what}{' (recalled, not checked)' if f.recalled else ''}" for f in figures]
    return "; ".join(cells) or "–"


def _star() -> str:
    return (
        f"\\* {', '.join(sorted(UNCALIBRATED))} has no probabilities; the softmax of its scores stands in,"
        " uncalibrated. Published figures are other people's, some under another protocol (other rows, larger models);"
        " signaltriage and its peers were measured here."
    )


def documents(root: Path) -> tuple[Document, ...]:
    """The files that hold tables."""
    return (
        Document(root / "eval" / "README.md", render_full),
        Document(root / "README.md", render_small),
    )


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Write the tables, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a table is out of date")
    options = parser.parse_args(arguments)
    sets = read_sets()
    stale = 0
    try:
        results = read_results(root / "eval" / "results", sets)
    except TableError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for document in documents(root):
        name = document.path.relative_to(root)
        try:
            text, wanted = document.updated(sets, results)
            for part in (machine, trust, finding, logged):
                wanted = replaced(wanted, part.BLOCK, part.render(root / "eval" / "results"))
        except TableError as error:
            print(f"error: {error}", file=sys.stderr)
            stale += 1
            continue
        if text == wanted:
            continue
        if options.check:
            print(f"{name}: its tables are out of date; run python -m eval.tables", file=sys.stderr)
            stale += 1
        else:
            document.path.write_text(wanted, encoding="utf-8")
            print(f"{name}: tables written", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
