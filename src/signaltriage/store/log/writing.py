"""What the stages of a run add to the log, each call one transaction: all of it, or nothing.

Everything may be called again with the same: what is there already is not added twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from signaltriage.errors import UsageError
from signaltriage.store.log.columns import as_json, moment_text, storable
from signaltriage.store.log.engine import FrictionLog, insert, next_id
from signaltriage.store.log.merging import KEYS_AT_ONCE
from signaltriage.store.log.records import Decision
from signaltriage.store.log.results import CORRECTIONS, DECISIONS, EDITS
from signaltriage.store.log.schema import RUN_EVENTS, RUNS, SIGNALS

_DECISION_COLUMNS = (
    *("id", "version_id", "model_version", "rules_digest", "run_id", "outcome", "team", "best_guess", "runners_up"),
    *("reason", "rule", "probability", "none_probability"),
)


def start_run(log: FrictionLog, command: str, settings: Mapping[str, Any], at: datetime) -> int:
    """Note that a run begins, or goes on: one that was killed and had the same settings is taken up. Its id.

    `settings` is what can be told of it: no key, no password.
    """
    told = as_json(dict(settings))
    with log.writing() as connection:
        last = connection.execute(select(RUNS).order_by(RUNS.c.id.desc()).limit(1)).first()
        if last is not None and (last.command, last.settings) == (command, told) and not _ended(connection, last.id):
            return int(last.id)
        run = next_id(connection, RUNS)
        insert(connection, RUNS, ("id", "command", "settings", "started_at"), [(run, command, told, moment_text(at))])
        _add_event(connection, (run, "", "started", "{}"), at)
        return run


def _ended(connection: Connection, run: int) -> bool:
    ends = select(RUN_EVENTS.c.id).where(RUN_EVENTS.c.run_id == run, RUN_EVENTS.c.stage == "")
    return connection.execute(ends.where(RUN_EVENTS.c.event != "started").limit(1)).first() is not None


def finish_run(log: FrictionLog, run: int, counts: Mapping[str, Any], at: datetime, *, failed: bool = False) -> None:
    """Note that a run came to its end, or failed. One that was killed has no end."""
    _note(log, (run, "", "failed" if failed else "finished", as_json(dict(counts))), at)


def start_stage(log: FrictionLog, run: int, stage: str, at: datetime) -> None:
    """Note that a stage begins: capture, route, themes, gaps."""
    _note(log, (run, stage, "started", "{}"), at)


def finish_stage(
    log: FrictionLog, run: int, stage: str, counts: Mapping[str, Any], at: datetime, *, failed: bool = False
) -> None:
    """Note that a stage came to its end, and its counts; or that it failed, and `counts` says why."""
    if not stage:
        raise ValueError("the stage needs a name")
    _note(log, (run, stage, "failed" if failed else "finished", as_json(dict(counts))), at)


def append_decisions(
    log: FrictionLog, decisions: Iterable[Decision], *, rules_digest: str = "", run: int | None = None
) -> int:
    """Add decisions, some thousands at a time; how many the log did not have yet.

    A version of a signal gets one decision of a model version with some rules, whoever is first.
    """
    given = {(one.version, one.prediction.model_version): one for one in decisions}
    with log.writing() as connection:
        there = _decided(connection, sorted({version for version, _ in given}), rules_digest)
        rows = [
            _decision_row(one, rules_digest, run)
            for key, one in sorted(given.items(), key=lambda item: item[0])
            if key not in there
        ]
        first = next_id(connection, DECISIONS)
        insert(connection, DECISIONS, _DECISION_COLUMNS, [(first + i, *row) for i, row in enumerate(rows)])
        return len(rows)


def append_correction(log: FrictionLog, signal: tuple[str, str], team: str, by: str, at: datetime) -> None:
    """A person says whose a signal is: stands above every decision, and below later corrections.

    Args:
        log: where to.
        signal: its source, and its id there.
        team: the team; empty: nobody's.
        by: who says so, as they are to be known: no name need be kept.
        at: when.

    Raises:
        UsageError: the log has no such signal.
    """
    with log.writing() as connection:
        query = select(SIGNALS.c.id).where(SIGNALS.c.source == signal[0], SIGNALS.c.source_id == signal[1])
        found = connection.execute(query).scalar()
        if found is None:
            raise UsageError(
                f"The log has no signal {signal[1]!r} of {signal[0]!r}.", remedy="See `signaltriage log export`."
            )
        number = next_id(connection, CORRECTIONS)
        row = (number, found, storable(team), storable(by), "", moment_text(at))
        insert(connection, CORRECTIONS, ("id", "signal_id", "team", "corrected_by", "reason", "at"), [row])


def append_edit(log: FrictionLog, kind: str, subject: str, value: Any, at: datetime) -> None:
    """A person changes a theme or gap: `kind` of edit, the id of what is edited, and what it is to be (plain data)."""
    with log.writing() as connection:
        row = (next_id(connection, EDITS), kind, storable(subject), as_json(value), "", moment_text(at))
        insert(connection, EDITS, ("id", "kind", "subject", "value", "edited_by", "at"), [row])


def _note(log: FrictionLog, event: tuple[int, str, str, str], at: datetime) -> None:
    with log.writing() as connection:
        _add_event(connection, event, at)


def _add_event(connection: Connection, event: tuple[int, str, str, str], at: datetime) -> None:
    columns = ("id", "run_id", "stage", "event", "counts", "at")
    insert(connection, RUN_EVENTS, columns, [(next_id(connection, RUN_EVENTS), *event, moment_text(at))])


def _decided(connection: Connection, versions: list[int], rules_digest: str) -> set[tuple[int, str]]:
    """Version and model version of decisions that are there."""
    found: set[tuple[int, str]] = set()
    query = select(DECISIONS.c.version_id, DECISIONS.c.model_version).where(DECISIONS.c.rules_digest == rules_digest)
    for start in range(0, len(versions), KEYS_AT_ONCE):
        some = versions[start : start + KEYS_AT_ONCE]
        found |= {(row[0], row[1]) for row in connection.execute(query.where(DECISIONS.c.version_id.in_(some)))}
    return found


def _decision_row(one: Decision, rules_digest: str, run: int | None) -> tuple[Any, ...]:
    p = one.prediction
    runners_up = as_json([[r.team, r.probability] for r in p.runners_up])
    return (
        *(one.version, p.model_version, rules_digest, run, p.outcome, storable(p.team or ""), storable(p.best_guess)),
        *(runners_up, storable(p.reason), storable(p.rule), p.probability, p.none_probability),
    )
