"""What became of everything in each captured file: the sum of its batches."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, case, func, select

from signaltriage.log_types import Ledger
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.records import CaptureLedger
from signaltriage.store.log.schema import BATCHES, CAPTURES, REJECTED, SIGNALS, SKIPPED

COUNTS = ("read", "new", "duplicate", "changed", "skipped", "rejected")


def ledgers(log: FrictionLog, captures: Collection[int] | None = None) -> list[CaptureLedger]:
    """The ledgers of these captures, or of all, in the order they were begun."""
    with log.reading() as connection:
        reasons = _reasons(connection)
        sums = [func.coalesce(func.sum(BATCHES.c[name]), 0).label(f"sum_{name}") for name in COUNTS]
        last = func.max(case((BATCHES.c.last, 1), else_=0)).label("whole")
        grouped = select(BATCHES.c.capture_id, *sums, last).group_by(BATCHES.c.capture_id).subquery()
        joined = CAPTURES.outerjoin(grouped, grouped.c.capture_id == CAPTURES.c.id)
        query = select(CAPTURES, grouped).select_from(joined).order_by(CAPTURES.c.id)
        rows = connection.execute(query).mappings().all()
    found = []
    for row in rows:
        if captures is not None and row["id"] not in captures:
            continue
        counts = {name: int(row[f"sum_{name}"] or 0) for name in COUNTS if name != "skipped"}
        ledger = Ledger(**counts, skipped=reasons.get(row["same_as"] or row["id"], ()))
        facts = {name: row[name] for name in _FACTS}
        found.append(CaptureLedger(row["id"], whole=bool(row["whole"]), ledger=ledger, **facts))
    return found


def key_fingerprints(log: FrictionLog) -> set[str]:
    """Of the keys that pseudonyms in the log were made with."""
    with log.reading() as connection:
        query = select(CAPTURES.c.key_fingerprint).distinct().where(CAPTURES.c.key_fingerprint != "")
        return set(connection.execute(query).scalars())


def sources(log: FrictionLog) -> list[str]:
    """Where signals came from."""
    with log.reading() as connection:
        return sorted(connection.execute(select(SIGNALS.c.source).distinct()).scalars())


def rejections(log: FrictionLog, capture: int) -> tuple[tuple[str, int], ...]:
    """Why things could not be read in a capture, and how many, most first."""
    of = select(func.coalesce(CAPTURES.c.same_as, CAPTURES.c.id)).where(CAPTURES.c.id == capture).scalar_subquery()
    query = select(REJECTED.c.reason, func.count()).where(REJECTED.c.capture_id == of).group_by(REJECTED.c.reason)
    with log.reading() as connection:
        found = [(reason, int(n)) for reason, n in connection.execute(query)]
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))


def total(ledgers_of: Collection[Ledger]) -> Ledger:
    """Several ledgers as one."""
    reasons: dict[str, int] = {}
    for ledger in ledgers_of:
        for reason, n in ledger.skipped:
            reasons[reason] = reasons.get(reason, 0) + n
    sums = {name: sum(getattr(one, name) for one in ledgers_of) for name in COUNTS if name != "skipped"}
    return Ledger(**sums, skipped=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))))


_FACTS = (
    *("name", "path", "sha256", "reader", "how", "same_as", "settings", "key_fingerprint", "keep_pii", "source"),
    *("audience", "mapping"),
)


def _reasons(connection: Connection) -> dict[int, tuple[tuple[str, int], ...]]:
    query = select(SKIPPED.c.capture_id, SKIPPED.c.reason, func.count()).group_by(
        SKIPPED.c.capture_id, SKIPPED.c.reason
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for capture, reason, n in connection.execute(query):
        found.setdefault(capture, []).append((reason, int(n)))
    return {capture: tuple(sorted(some, key=lambda item: (-item[1], item[0]))) for capture, some in found.items()}
