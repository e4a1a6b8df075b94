"""`audit-labels`: labelled files in, a ranked table of probably wrong labels out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from signaltriage.capture.columns import pick_text_columns
from signaltriage.capture.fields import join_text
from signaltriage.capture.rejects import RejectedWriter
from signaltriage.capture.tables import read_chunks
from signaltriage.capture.writer import TableWriter
from signaltriage.encode import Encoder, load_encoder
from signaltriage.errors import InputError, UsageError
from signaltriage.model.parts import prepare
from signaltriage.model.runs import Columns
from signaltriage.routing.audit import Audit, AuditRows, AuditSettings, Finding, audit_labels
from signaltriage.routing.choices import Grid
from signaltriage.routing.training import Trained, TrainingRows, train_router
from signaltriage.settings import Settings
from signaltriage.types import Rejected

if TYPE_CHECKING:
    import pandas as pd

AUDIT_COLUMNS = (
    "st_suspect_rank",
    "st_suspect",
    "st_suggested_team",
    "st_wrong_probability",
    "st_label_probability",
    "st_why",
    "st_file",
    "st_line",
)
_SHOWN = 10


@dataclass(frozen=True)
class Labelled:
    """Rows to audit: texts, labels and, where known, groups, of one length."""

    texts: Sequence[object]
    labels: Sequence[str]
    groups: Sequence[str] | None = None


@dataclass(frozen=True)
class Audited:
    """The findings on labelled rows, and the router whose training gave the held-out probabilities."""

    audit: Audit
    trained: Trained
    rows: int
    """Rows with a text and a label: only those are audited."""


@dataclass(frozen=True)
class AuditRun:
    """What a run of `audit-labels` did: read = audited + left_out + rejected."""

    read: int
    audited: int
    left_out: int
    """Rows without text or label, or of no team."""
    rejected: int
    suspects: int
    contradictions: int
    """Suspects whose near-duplicates carry another label."""
    written: int
    planted: int
    planted_precision: float
    planted_recall: float
    mix_ups: tuple[dict[str, object], ...]
    """The most frequent pairs among suspects: `label`, `suggested`, `rows`."""
    output: str
    rejected_output: str | None
    how: tuple[str, ...]


def audit(rows: Labelled, settings: Settings, *, encoder: Encoder | None = None, grid: Grid | None = None) -> Audited:
    """Audit labels; `row` of a finding is the place in `rows`. Rows without text or label have no finding.

    Raises:
        InputError: fewer than two labels.
    """
    texts = prepare(rows.texts, settings.clean)
    kept = [i for i, (text, label) in enumerate(zip(texts, rows.labels, strict=True)) if text.strip() and label.strip()]
    labels = [rows.labels[i].strip() for i in kept]
    if len(set(labels)) < 2:
        found = f"only the label {labels[0]!r}" if labels else "no row with both a text and a label"
        raise InputError(f"There is {found}: nothing to compare.", remedy="Give rows of at least two teams.")
    texts = [texts[i] for i in kept]
    groups = None if rows.groups is None else [rows.groups[i] for i in kept]
    vectors = (encoder or load_encoder(settings.encoder, threads=settings.threads)).encode(texts)
    # Without times, so that every row is held out once: an audit judges the old rows too.
    trained = train_router(
        TrainingRows(texts, labels, vectors, groups=groups), folds=settings.folds, seed=settings.seed, grid=grid
    )
    held_out = np.empty((len(kept), len(trained.router.classes)))
    held_out[trained.held_out.rows] = trained.held_out.probabilities
    choice = trained.choice
    found_out = audit_labels(
        AuditRows(texts, labels, vectors, held_out, groups),
        AuditSettings(choice.kernel_width, choice.kernel_penalty, settings.folds, settings.seed),
    )
    return Audited(_renumbered(found_out, kept), trained, len(kept))


def audit_files(
    paths: Sequence[str | Path], columns: Columns, output: str | Path, settings: Settings, *, everything: bool = False
) -> AuditRun:
    """Audit labelled files and write the suspects, ranked, to `output`: every column of the input and `AUDIT_COLUMNS`.

    With `everything` the other rows follow, ranked too, and at the end those that were left out, without a rank.
    Rows that cannot be read go to `output` + ".rejected.csv".

    Raises:
        UsageError: a file lacks a named column, or `output` is one of the files.
        InputError: a file cannot be read, or there are fewer than two labels.
    """
    for path in paths:
        if Path(path).exists() and Path(output).exists() and Path(path).samefile(output):
            raise UsageError("--out is the input itself.", remedy="Write to another file.")
    rejected_path = Path(f"{output}.rejected.csv")
    with RejectedWriter(rejected_path) as rejects:
        writer = TableWriter(output)
        with writer:
            table = _read(paths, columns)
            rejects.write(table.rejected)
            done = audit(Labelled(table.texts, table.labels, table.groups), settings)
            shown = [f for f in done.audit.findings if f.suspect or everything]
            left_out = sorted(set(range(len(table.texts))) - {f.row for f in done.audit.findings}) if everything else []
            writer.write(_output(table, shown, left_out))
    suspects = [f for f in done.audit.findings if f.suspect]
    pairs = Counter((table.labels[f.row].strip(), f.suggested) for f in suspects)
    ranked = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]
    return AuditRun(
        read=len(table.texts) + len(table.rejected),
        audited=done.rows,
        left_out=len(table.texts) - done.rows,
        rejected=len(table.rejected),
        suspects=len(suspects),
        contradictions=sum(f.kind == "contradiction" for f in suspects),
        written=len(shown) + len(left_out),
        planted=done.audit.planted,
        planted_precision=round(done.audit.planted_precision, 4),
        planted_recall=round(done.audit.planted_recall, 4),
        mix_ups=tuple({"label": a, "suggested": b, "rows": n} for (a, b), n in ranked),
        output=str(output),
        rejected_output=str(rejected_path) if table.rejected else None,
        how=table.how,
    )


@dataclass(frozen=True)
class _Table:
    """All rows of all files, with the columns of all."""

    frame: pd.DataFrame
    texts: list[str]
    labels: list[str]
    groups: list[str] | None
    rejected: list[Rejected]
    how: tuple[str, ...]


def _read(paths: Sequence[str | Path], columns: Columns) -> _Table:
    import pandas as pd

    frames: list[pd.DataFrame] = []
    texts: list[str] = []
    rejected: list[Rejected] = []
    how: list[str] = []
    named = [name for name in (columns.label, columns.group) if name]
    for path in paths:
        picked: tuple[str, ...] | None = None
        for chunk in read_chunks(path):
            _check(chunk.frame, named, path)
            if picked is None:
                found = pick_text_columns([c for c in chunk.frame.columns if c not in named], columns.text)
                picked = found.names
                how.append(f"{path}: {chunk.how}; {found.how}")
            texts += join_text(chunk.frame, picked)
            rejected += chunk.rejected
            frames.append(chunk.frame.assign(st_file=str(path), st_line=chunk.lines))
    frame = pd.concat(frames, ignore_index=True).astype(object)
    frame = frame.where(frame.notna(), "")  # a column that only other files have
    labels = [_plain(cell) for cell in frame[columns.label]]
    labels = ["" if label.strip() == columns.none_label else label for label in labels]
    groups = [_plain(cell) for cell in frame[columns.group]] if columns.group else None
    return _Table(frame, texts, labels, groups, rejected, tuple(how))


def _check(frame: pd.DataFrame, named: Sequence[str], path: str | Path) -> None:
    for name in named:
        if name not in frame.columns:
            raise UsageError(f"{path} has no column {name!r}.", remedy=f"It has: {', '.join(map(str, frame.columns))}.")
    taken = [name for name in AUDIT_COLUMNS if name in frame.columns]
    if taken:
        raise UsageError(f"{path} already has a column {taken[0]}.", remedy="Rename it, or audit the original.")


def _plain(cell: object) -> str:
    """A lone surrogate becomes a question mark, as in the teams of a model."""
    return str(cell).encode("utf-8", "replace").decode()


def _output(table: _Table, shown: Sequence[Finding], left_out: Sequence[int]) -> pd.DataFrame:
    empty = [""] * len(left_out)
    frame = table.frame.iloc[[f.row for f in shown] + list(left_out)].reset_index(drop=True)
    own = frame.drop(columns=["st_file", "st_line"])
    return own.assign(
        st_suspect_rank=[*range(1, len(shown) + 1), *empty],
        st_suspect=[*("yes" if f.suspect else "no" for f in shown), *empty],
        st_suggested_team=[*(f.suggested for f in shown), *empty],
        st_wrong_probability=[*(f.wrong_probability for f in shown), *empty],
        st_label_probability=[*(f.label_probability for f in shown), *empty],
        st_why=[*(f.why for f in shown), *empty],
        st_file=frame["st_file"],
        st_line=frame["st_line"],
    )


def _renumbered(found: Audit, kept: Sequence[int]) -> Audit:
    from dataclasses import replace

    return replace(found, findings=tuple(replace(f, row=kept[f.row]) for f in found.findings))
