"""`correct`: a table of corrections, or a filled-in review queue, into a model folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from signaltriage.capture.columns import pick_text_columns
from signaltriage.capture.fields import join_text
from signaltriage.capture.guard import unguard
from signaltriage.capture.rejects import RejectedWriter
from signaltriage.capture.tables import Chunk, read_chunks
from signaltriage.errors import UsageError
from signaltriage.model.corrections import storable, to_files
from signaltriage.model.parts import prepare
from signaltriage.model.review import ANSWER, ITEM, is_queue, read_members
from signaltriage.model.triage import RESULT_COLUMNS, TriageModel
from signaltriage.routing.corrections import Correction
from signaltriage.store.folder import read_folder, write_folder
from signaltriage.types import Rejected

_USUAL = {
    "team": (ANSWER, "right_team", "correct_team", "corrected_team", "to_team", "team", "label", "owner"),
    "from": ("from_team", "st_team"),
    "id": ("id", "signal_id", "ticket_id"),
    "time": ("corrected_at", "at", "time"),
    "by": ("corrected_by", "by"),
}


@dataclass(frozen=True)
class CorrectionColumns:
    """Column names as a user gives them; None: one of the usual names, where it is there."""

    text: str | None = None
    team: str | None = None
    from_team: str | None = None
    id: str | None = None
    time: str | None = None
    by: str | None = None
    none_label: str = "none"
    """What stands for "of no team"."""
    at: str | None = None
    """When they were made (ISO 8601), where no column says so; None: when the file was written."""


@dataclass(frozen=True)
class Corrected:
    """What a run of `correct` did, in signals: read = added + already_known + unanswered + rejected."""

    read: int
    added: int
    already_known: int
    unanswered: int
    """No team given: left alone."""
    rejected: int
    corrections: int
    """In the model now, of all runs."""
    model: str
    model_version: str
    rejected_output: str | None


@dataclass(frozen=True)
class _Row:
    """A row as read; cells as texts."""

    line: int
    text: str
    team: str
    from_team: str | None
    """None: what the model would do without this correction."""
    id: str
    time: str | None
    """None: the table has no column for it."""
    by: str


@dataclass(frozen=True)
class _Asked:
    """How rows become corrections."""

    clean: bool
    teams: tuple[str, ...] | None
    """None: any."""
    none_label: str
    made: str
    """When, where a row does not say."""


def correct_folder(source: str | Path, folder: str | Path, columns: CorrectionColumns) -> Corrected:
    """Add the corrections of a table to a model folder, which is replaced whole or not at all.

    Rows that cannot be used (no text, an unknown team, a time that is none) go to `source` + ".rejected.csv". The same
    table twice adds nothing.

    Raises:
        UsageError: a named column is not there, or there is no time to go by.
        ModelRefusedError: the folder is not sound.
    """
    model = TriageModel.load(folder)
    rows = list(_rows(source, columns))
    answered = [row for row in rows if isinstance(row, _Row) and row.team]
    asked = _Asked(model.settings.clean, model.teams, columns.none_label, _when_made(source, columns.at))
    found = [_correction(row, asked) for row in answered]
    rejected = [item for item in (*rows, *found) if isinstance(item, Rejected)]
    usable = [
        (item, row.from_team is None, row.time is None)
        for item, row in zip(found, answered, strict=True)
        if isinstance(item, Correction)
    ]
    new = _new(usable, model)
    better = model.correct(new)
    if new:
        _rewrite(Path(folder), better)
    rejected_path = Path(f"{'corrections' if str(source) == '-' else source}.rejected.csv")
    with RejectedWriter(rejected_path) as writer:
        writer.write(sorted(rejected, key=lambda item: item.line))
    return Corrected(
        read=len(rows),
        added=len(new),
        already_known=len(usable) - len(new),
        unanswered=sum(isinstance(row, _Row) for row in rows) - len(answered),
        rejected=len(rejected),
        corrections=len(better.corrections),
        model=str(folder),
        model_version=better.version,
        rejected_output=str(rejected_path) if rejected else None,
    )


def _rows(source: str | Path, columns: CorrectionColumns) -> Iterator[_Row | Rejected]:
    members: dict[str, list[tuple[int, str, str]]] | None = None
    for chunk in read_chunks(source):
        yield from chunk.rejected
        names = [name for name in chunk.frame.columns if name not in RESULT_COLUMNS]
        if not is_queue(names):
            yield from _plain_rows(chunk, names, columns)
            continue
        members = read_members(source) if members is None else members
        cells = {name: _cells(chunk, name) for name in (ITEM, ANSWER, "by") if name == ITEM or name in names}
        for k, item in enumerate(cells[ITEM]):
            if item not in members:
                yield Rejected(chunk.lines[k], f"the queue has no item {item!r}", item)
            by = cells["by"][k] if "by" in cells else ""
            for _, name, text in members.get(item, []):
                yield _Row(chunk.lines[k], text, cells[ANSWER][k], None, name, None, by)


def _plain_rows(chunk: Chunk, names: Sequence[str], columns: CorrectionColumns) -> Iterator[_Row]:
    there = list(chunk.frame.columns)
    named = {
        "team": _column(there, "team", columns.team),
        "from": _column(there, "from", columns.from_team),
        "id": _column(there, "id", columns.id),
        "time": _column(there, "time", columns.time),
        "by": _column(there, "by", columns.by),
    }
    if named["team"] is None:
        raise UsageError("No column looks like the right team.", remedy=f"Name it with --team: {', '.join(there)}.")
    free = [name for name in names if name not in named.values()]
    texts = join_text(chunk.frame, pick_text_columns(free, columns.text).names)
    cells = {key: _cells(chunk, name) for key, name in named.items() if name is not None}
    for k, line in enumerate(chunk.lines):
        cell = {key: column[k] for key, column in cells.items()}
        yield _Row(
            line,
            unguard(texts[k]),
            cell["team"],
            cell.get("from"),
            cell.get("id", ""),
            cell.get("time"),
            cell.get("by", ""),
        )


def _column(there: Sequence[str], what: str, named: str | None) -> str | None:
    if named is not None and named not in there:
        raise UsageError(f"There is no column {named!r}.", remedy=f"There is: {', '.join(there)}.")
    return named or next((name for name in _USUAL[what] if name in there), None)


def _cells(chunk: Chunk, name: str) -> list[str]:
    return [storable(unguard(str(cell))).strip() for cell in chunk.frame[name].tolist()]


def read_corrections(path: Path, clean: bool) -> list[Correction]:
    """The corrections of a table, for a model still to be trained: every team may come up. Unusable rows are left out.

    Raises:
        UsageError: no column for the text or the team.
        InputError: the table cannot be read.
    """
    made = _when_made(path, None)
    rows = (row for row in _rows(path, CorrectionColumns()) if isinstance(row, _Row) and row.team)
    found = (_correction(row, _Asked(clean, None, CorrectionColumns().none_label, made)) for row in rows)
    return [item for item in found if isinstance(item, Correction)]


def _correction(row: _Row, asked: _Asked) -> Correction | Rejected:
    text = storable(prepare([row.text], asked.clean)[0])
    none = row.team == asked.none_label and row.team not in (asked.teams or ())
    team = "" if none else row.team
    at = asked.made if row.time is None else _moment(row.time)
    reason = ""
    if not text.strip():
        reason = "no text"
    elif team and asked.teams is not None and team not in asked.teams:
        reason = f"the model has no team {team!r}"
    elif at is None:
        reason = f"{row.time!r} is no time"
    if reason or at is None:
        return Rejected(row.line, reason, row.text)
    return Correction(text, team, row.from_team or "", at, row.by, row.id)


def _new(usable: Sequence[tuple[Correction, bool, bool]], model: TriageModel) -> list[Correction]:
    """Those not known yet, each with the team it was taken from: where none is given, what the model would do."""
    known = {replace(c, from_team="") for c in model.corrections.corrections}
    last: dict[tuple[str, str], str] = {}
    for row in sorted(range(len(model.corrections)), key=lambda row: model.corrections.order[row]):
        c = model.corrections.corrections[row]
        last[c.id, c.text] = c.to_team
    new: list[Correction] = []
    asked: list[int] = []
    for correction, is_asked, untimed in usable:
        key = replace(correction, from_team="")
        if key in known or (untimed and last.get((correction.id, correction.text)) == correction.to_team):
            continue
        known.add(key)
        last[correction.id, correction.text] = correction.to_team
        asked += [len(new)] if is_asked else []
        new.append(correction)
    guesses = model.predict([new[i].text for i in asked], [new[i].id for i in asked])
    for i, guess in zip(asked, guesses, strict=True):
        new[i] = replace(new[i], from_team="" if guess.team in (None, new[i].to_team) else str(guess.team))
    return new


def _when_made(source: str | Path, given: str | None) -> str:
    if given is None and str(source) == "-":
        raise UsageError("Corrections from standard input have no time.", remedy="Say when they were made with --at.")
    stamp = datetime.fromtimestamp(0 if given else int(Path(source).stat().st_mtime), UTC).isoformat()
    moment = _moment(given) if given is not None else stamp
    if moment is None:
        raise UsageError(f"{given!r} is no time.", remedy="Give one such as 2026-11-02T09:30:00+01:00.")
    return moment


def _moment(text: str) -> str | None:
    """A time as ISO 8601 in UTC; None where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def _rewrite(folder: Path, model: TriageModel) -> None:
    """The same folder with these corrections: every other file, and the time of training, as they were."""
    old = read_folder(folder)
    facts = {key: value for key, value in old.manifest.items() if key not in {"files", "seal", "format_version"}}
    write_folder(folder, {**old.files, **to_files(model.corrections)}, facts, str(old.manifest["created_at"]))
