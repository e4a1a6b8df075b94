"""Files in, files out: what the commands do, as functions that return what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from signaltriage.capture.columns import TextColumns, pick_text_columns
from signaltriage.capture.fields import join_text
from signaltriage.capture.rejects import RejectedWriter
from signaltriage.capture.tables import Chunk, read_chunks
from signaltriage.capture.writer import TableWriter
from signaltriage.encode import load_encoder
from signaltriage.errors import InputError, UsageError
from signaltriage.model.correct import read_corrections
from signaltriage.model.corrections import carry, remember, with_corrections
from signaltriage.model.guidance import with_rules
from signaltriage.model.progress import Progress
from signaltriage.model.rules import records_of
from signaltriage.model.triage import RESULT_COLUMNS, TriageModel, with_results
from signaltriage.routing.rules import RuleSet
from signaltriage.routing.teams import read_teams
from signaltriage.settings import Settings
from signaltriage.types import Prediction

CHUNK_ROWS = 4000


@dataclass(frozen=True)
class Columns:
    """Column names as a user gives them."""

    text: str | None
    label: str | None
    """None: no row is labelled."""
    time: str | None = None
    group: str | None = None
    none_label: str | None = None
    """Label of rows that belong to no team: they teach what to turn away."""


@dataclass(frozen=True)
class Beside:
    """What a training takes into account besides labelled rows."""

    corrected: Sequence[Path] = ()
    """Model folders whose corrections are carried on, and tables of corrections."""
    rules: Path | None = None
    """If/then rules that go into the model."""
    teams: Path | None = None
    """A teams.toml, with which no row needs a label."""


@dataclass(frozen=True)
class LabelledRows:
    """Labelled rows of some files, and how they were read."""

    texts: list[str]
    labels: list[str]
    times: list[str] | None
    groups: list[str] | None
    rejected: int
    how: tuple[str, ...]


@dataclass(frozen=True)
class Classified:
    """What a run of `classify` did: read = written + rejected, written = routed + needs_human."""

    read: int
    written: int
    rejected: int
    routed: int
    needs_human: int
    teams: dict[str, dict[str, int]]
    """Of each best guess, how many were routed and how many need a person; the most frequent first."""
    resumed: int
    """Rows whose result an interrupted run had already worked out."""
    output: str
    rejected_output: str | None


def read_labelled(paths: Sequence[str | Path], columns: Columns) -> LabelledRows:
    """Read labelled rows; text columns are recognised per file where none are named.

    Raises:
        UsageError: a file lacks a named column.
        InputError: a file cannot be read.
    """
    texts: list[str] = []
    extra: dict[str, list[str]] = {name: [] for name in (columns.label, columns.time, columns.group) if name}
    rejected, how = 0, []
    for path in paths:
        picked: TextColumns | None = None
        for chunk in read_chunks(path):
            if picked is None:
                picked = pick_text_columns(_without(chunk, extra), columns.text)
                how.append(f"{path}: {chunk.how}; {picked.how}")
            texts += join_text(chunk.frame, picked.names)
            for name, cells in extra.items():
                cells += column_of(chunk, name, path)
            rejected += len(chunk.rejected)
    times, groups = columns.time and extra[columns.time], columns.group and extra[columns.group]
    labels = extra[columns.label] if columns.label else [""] * len(texts)
    return LabelledRows(texts, labels, times or None, groups or None, rejected, tuple(how))


def train_from_files(
    paths: Sequence[str | Path], columns: Columns, settings: Settings, beside: Beside | None = None
) -> tuple[TriageModel, LabelledRows]:
    """Read labelled files and train on them and on what stands beside them.

    Raises:
        UsageError: there is nothing to learn teams from, or a column is not there.
        SettingsError: teams or rules make no sense; said before any training.
        InputError: no rows.
    """
    beside = beside or Beside()
    profiles = read_teams(beside.teams) if beside.teams is not None else ()
    if not profiles and not (paths and columns.label):
        raise UsageError(
            "There is nothing to learn the teams from.", remedy="Give labelled tables and --label, or --teams."
        )
    rows = read_labelled(paths, columns)
    if not rows.texts and not profiles:
        raise InputError(
            f"There are no rows in {', '.join(map(str, paths))}.", remedy="Give a file with labelled rows."
        )
    if beside.rules is not None:
        named = {label.strip() for label in rows.labels} - {"", columns.none_label}
        RuleSet.from_toml(beside.rules, teams=sorted(named | {p.id for p in profiles}))
    encoder = load_encoder(settings.encoder, threads=settings.threads)
    memory = carry([path for path in beside.corrected if not path.is_file()], encoder)
    for path in beside.corrected:
        if path.is_file():
            memory = remember(memory, read_corrections(path, settings.clean), encoder)
    training: dict[str, list[Any]] = {"texts": rows.texts, "teams": rows.labels}
    training |= {"times": rows.times} if rows.times else {}
    training |= {"groups": rows.groups} if rows.groups else {}
    put_right = with_corrections(training, memory, settings.clean)
    model = TriageModel.train(
        **put_right, profiles=profiles, settings=settings, encoder=encoder, none_label=columns.none_label
    )
    return with_rules(replace(model, corrections=memory), beside.rules), rows


def classify_file(
    source: str | Path,
    model: TriageModel,
    output: str | Path,
    *,
    text: str | None = None,
    id: str | None = None,
    resume: bool = False,
    tell: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> Classified:
    """Classify a table, chunk by chunk in bounded memory; the output appears whole at the end, or not at all.

    Rows that cannot be read go to `output` + ".rejected.csv". After an interruption `resume=True` takes up the results
    that were worked out, if input, model and text columns are the same.

    Args:
        source: a table, or "-" for standard input.
        model: a loaded model.
        output: where to write; the format goes by the extension.
        text: text columns, comma separated; None recognises the usual ones.
        id: column with the id of each signal, by which its own corrections are found.
        resume: take up an interrupted run.
        tell: called with the number of rows done since the last call.
        say: called with remarks for a person.
    """
    if str(source) != "-" and Path(source).exists() and Path(output).exists() and Path(source).samefile(output):
        raise UsageError("--out is the input itself.", remedy="Write to another file.")
    rejected_path = Path(f"{output}.rejected.csv")
    read = resumed = 0
    outcomes: Counter[tuple[str, str]] = Counter()
    chunks = read_chunks(source, chunk_rows=CHUNK_ROWS)
    with ExitStack() as stack:
        rejects = stack.enter_context(RejectedWriter(rejected_path))
        progress = Progress.open(Path(output), model.version, resume=resume)
        writer: TableWriter | None = None
        for number, chunk in enumerate(chunks):
            if writer is None:
                columns = pick_text_columns(_free(chunk), text)
                say(f"{source}: {chunk.how}; {columns.how}")
                for remark in model.rules.remarks(list(chunk.frame.columns)) if model.rules is not None else []:
                    say(remark)
                writer = stack.enter_context(TableWriter(output, original_names=chunk.original_names))
            texts = join_text(chunk.frame, columns.names)
            ids = column_of(chunk, id, source) if id else None
            records = None if model.rules is None else records_of(chunk.frame, texts, model.rules)
            known_by = _known_by(texts, ids, records)
            predictions = progress.known(number, known_by)
            resumed += len(texts) if predictions is not None else 0
            if predictions is None:
                predictions = model.predict(texts, ids, records)
                progress.keep(number, known_by, predictions)
            writer.write(with_results(chunk.frame, predictions))
            rejects.write(chunk.rejected)
            outcomes.update((p.best_guess, p.outcome) for p in predictions)
            read += len(texts) + len(chunk.rejected)
            tell(len(texts) + len(chunk.rejected))
    progress.remove()
    written = read - rejects.count
    routed = sum(n for (_, outcome), n in outcomes.items() if outcome == "routed")
    return Classified(
        read=read,
        written=written,
        rejected=rejects.count,
        routed=routed,
        needs_human=written - routed,
        teams=_by_team(outcomes),
        resumed=resumed,
        output=str(output),
        rejected_output=str(rejected_path) if rejects.count else None,
    )


def _known_by(texts: list[str], ids: list[str] | None, records: list[dict[str, str]] | None) -> list[str]:
    """All that a prediction depends on besides the model, as one text a row."""
    if ids is None and records is None:
        return texts
    others = [[] if ids is None else ids, [] if records is None else [repr(sorted(cells.items())) for cells in records]]
    return ["\x1f".join(cells) for cells in zip(texts, *filter(None, others), strict=True)]


def predict_labelled(model: TriageModel, path: str | Path, columns: Columns) -> tuple[LabelledRows, list[Prediction]]:
    """Labelled rows with what the model says of them."""
    rows = read_labelled([path], columns)
    if not rows.texts:
        raise InputError(f"There are no rows in {path}.", remedy="Give a file with labelled rows.")
    return rows, replace(model, rules=None).predict(rows.texts)  # the model is judged, not what overrules it


def _by_team(outcomes: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    totals: Counter[str] = Counter()
    for (team, _), n in outcomes.items():
        totals[team] += n
    ranked = sorted(totals, key=lambda team: (-totals[team], team))
    return {team: {"routed": outcomes[team, "routed"], "needs_human": outcomes[team, "needs_human"]} for team in ranked}


def _without(chunk: Chunk, named: dict[str, list[str]]) -> list[str]:
    """Columns a text may be in: not the label, time or group."""
    return [name for name in chunk.frame.columns if name not in named]


def _free(chunk: Chunk) -> list[str]:
    taken = [name for name in RESULT_COLUMNS if name in chunk.frame.columns]
    if taken:
        raise UsageError(f"The input already has a column {taken[0]}.", remedy="Rename it, or classify the original.")
    return list(chunk.frame.columns)


def column_of(chunk: Chunk, name: str, path: str | Path) -> list[str]:
    """The cells of a named column; UsageError where there is none."""
    if name not in chunk.frame.columns:
        there = ", ".join(map(str, chunk.frame.columns))
        raise UsageError(f"{path} has no column {name!r}.", remedy=f"It has: {there}.")
    # A lone surrogate becomes a question mark, as in the teams of a model.
    return [str(cell).encode("utf-8", "replace").decode() for cell in chunk.frame[name].tolist()]
