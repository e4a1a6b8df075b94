"""`review`: what needs a person, as a table to fill in, and its answers as corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from signaltriage.capture.columns import pick_text_columns
from signaltriage.capture.fields import join_text
from signaltriage.capture.guard import unguard
from signaltriage.capture.rejects import RejectedWriter
from signaltriage.capture.tables import Chunk, read_chunks
from signaltriage.capture.writer import TableWriter
from signaltriage.errors import InputError, UsageError
from signaltriage.model.corrections import storable, surroundings
from signaltriage.model.parts import prepare
from signaltriage.model.triage import RESULT_COLUMNS, TriageModel
from signaltriage.routing.overlay import Signals
from signaltriage.routing.review import ReviewItem, review_items
from signaltriage.types import Prediction

ITEM, ANSWER, ASKED = "item_id", "answer_team", "how_many"
QUEUE_COLUMNS = (ITEM, "text", ASKED, "best_guess", "probability", "runner_up", "worth", "reason", ANSWER)
MEMBER_COLUMNS = (ITEM, "line", "id", "text")


@dataclass(frozen=True)
class Reviewed:
    """What a run of `review` did: read = routed + held + rejected, held = the sum over items of their signals."""

    read: int
    routed: int
    held: int
    rejected: int
    items: int
    output: str
    members_output: str
    rejected_output: str | None


@dataclass(frozen=True)
class _Held:
    """Held rows of a file."""

    texts: list[str]
    ids: list[str]
    lines: list[int]
    predictions: list[Prediction]


def members_path(queue: str | Path) -> Path:
    """The table beside a queue that lists every signal of each item."""
    path = Path(queue)
    return path.with_name(f"{path.name.removesuffix('.csv')}.members.csv")


def review_file(
    source: str | Path, model: TriageModel, output: str | Path, *, text: str | None = None, id: str | None = None
) -> Reviewed:
    """Write the queue for a table of signals: raw, or as `classify` wrote it, whose outcomes then count.

    Args:
        source: a table, or "-" for standard input.
        model: judges the signals, and knows likeness.
        output: .csv; the members of its items go to a file beside it, see `members_path`.
        text: text columns, comma separated; None recognises the usual ones.
        id: column with the id of each signal.
    """
    if Path(output).suffix != ".csv":
        raise UsageError(f"{output} is no .csv file.", remedy="Name the queue something.csv.")
    held = _Held([], [], [], [])
    read = 0
    with RejectedWriter(f"{output}.rejected.csv") as rejects:
        names: tuple[str, ...] | None = None
        for chunk in read_chunks(source):
            names = (
                names
                or pick_text_columns(
                    [name for name in chunk.frame.columns if name not in RESULT_COLUMNS and name != id], text
                ).names
            )
            _hold(held, chunk, names, model, id)
            rejects.write(chunk.rejected)
            read += len(chunk.lines) + len(chunk.rejected)
        cleaned = prepare(held.texts, model.settings.clean)
        signals = Signals(cleaned, model.encoder.encode(cleaned), held.ids)
        items = review_items(signals, held.predictions, surroundings(model).min_similarity)
        _write(items, held, Path(output))
    return Reviewed(
        read=read,
        routed=read - len(held.texts) - rejects.count,
        held=len(held.texts),
        rejected=rejects.count,
        items=len(items),
        output=str(output),
        members_output=str(members_path(output)),
        rejected_output=f"{output}.rejected.csv" if rejects.count else None,
    )


def _hold(held: _Held, chunk: Chunk, names: Sequence[str], model: TriageModel, id: str | None) -> None:
    """Keep the rows of a chunk that a person must look at."""
    frame = chunk.frame
    if id is not None and id not in frame.columns:
        raise UsageError(f"There is no column {id!r}.", remedy=f"There is: {', '.join(frame.columns)}.")
    texts = join_text(frame, names)
    ids = frame[id].tolist() if id is not None else [""] * len(texts)
    predictions = model.predict(texts, ids)
    if {"st_outcome", "st_reason"} <= set(frame.columns):
        outcomes = zip(frame["st_outcome"].tolist(), frame["st_reason"].tolist(), strict=True)
        for i, (outcome, reason) in enumerate(outcomes):
            p = predictions[i]
            if outcome == "needs_human" and p.outcome == "routed":
                predictions[i] = replace(p, team=None, outcome="needs_human", reason=unguard(str(reason)))
            elif outcome == "routed":
                predictions[i] = replace(p, team=p.best_guess, outcome="routed")
    for i in (k for k, p in enumerate(predictions) if p.outcome == "needs_human"):
        held.texts.append(texts[i])
        held.ids.append(storable(str(ids[i])).strip())
        held.lines.append(chunk.lines[i])
        held.predictions.append(predictions[i])


def _write(items: Sequence[ReviewItem], held: _Held, output: Path) -> None:
    import pandas as pd

    queue = [
        (i.item_id, i.text, len(i.members), i.best_guess, i.probability, i.runner_up, i.worth, i.reason, "")
        for i in items
    ]
    members = [(item.item_id, held.lines[k], held.ids[k], held.texts[k]) for item in items for k in item.members]
    with TableWriter(members_path(output)) as writer:
        writer.write(pd.DataFrame(members, columns=list(MEMBER_COLUMNS), dtype=object))
    with TableWriter(output) as writer:
        writer.write(pd.DataFrame(queue, columns=list(QUEUE_COLUMNS), dtype=object))


def is_queue(columns: Sequence[str]) -> bool:
    """Whether a table is a queue."""
    return {ITEM, ANSWER} <= set(columns)


def read_members(queue: str | Path) -> dict[str, list[tuple[int, str, str]]]:
    """Line, id and text of every signal of each item.

    Raises:
        InputError: the table of the members is not beside the queue.
    """
    path = members_path(queue)
    if not path.is_file():
        raise InputError(
            f"{queue} is a review queue, and {path.name} is not beside it.",
            remedy="Put the file that `review` wrote with it next to it: it names the signals of each item.",
        )
    found: dict[str, list[tuple[int, str, str]]] = {}
    for chunk in read_chunks(path):
        cells = [chunk.frame[name].tolist() for name in MEMBER_COLUMNS]
        for item, line, name, text in zip(*cells, strict=True):
            found.setdefault(item, []).append((int(line), unguard(name), unguard(text)))
    return found
