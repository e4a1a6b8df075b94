"""What tests of the friction log share: signals of a made-up company, what stages find, tables to compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signaltriage.gap_types import KnowledgeGap, QueryVerdict, SearchEvent
from signaltriage.log_types import Skipped, Unreadable
from signaltriage.model.capturing import CaptureWith
from signaltriage.privacy import Privacy
from signaltriage.store.log.captures import append_batch, begin
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.exporting import rows
from signaltriage.store.log.records import Batch, CaptureFacts, Found
from signaltriage.theme_types import Quote, Theme, ThemeTrend
from signaltriage.types import Prediction, RunnerUp, Signal

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
KEY = bytes(range(32))

GAP = KnowledgeGap(
    **{"id": "G1", "kind": "missing", "name": "reset password", "demand": 2, "searches": 3, "tickets": 0},
    **{"queries": (("reset password", 3),), "article_id": "a1", "article_title": "Log in", "similarity": 0.4},
    **{"answer_probability": 0.1, "lacks": (), "causes": (), "title": "Reset", "outline": (), "action": "Write it."},
    **{"trend": ThemeTrend(), "priority": 1.8},
)
VERDICT = QueryVerdict("reset password", 2, "missing", "a1", 0.1, "G1", 3, 0.4, "reset password", "no article")


def facts(**more: Any) -> CaptureFacts:
    """A file to capture."""
    base: dict[str, Any] = {
        **{"path": "/exports/a.jsonl", "name": "a.jsonl", "sha256": "0" * 64, "size": 10, "source": ""},
        **{"settings": "s", "key_fingerprint": "k", "keep_pii": False, "version": "1", "reader": "zendesk"},
        "how": "Zendesk, JSON",
    }
    return CaptureFacts(**{**base, **more})


def signal(id: str, text: str = "VPN drops every hour", **more: Any) -> Signal:
    return Signal(id=id, text=text, **{"source": "zendesk", "author": "person-1", **more})


def found(*records: Signal | SearchEvent) -> list[Found]:
    """Records as a capture hands them on; searches are known by their id."""
    return [
        Found(f"record {i}", r, "zendesk", r.id if isinstance(r, SearchEvent) else "") for i, r in enumerate(records, 1)
    ]


def put(
    log: FrictionLog,
    *records: Signal | SearchEvent,
    skipped: Sequence[Skipped] = (),
    rejected: Sequence[Unreadable] = (),
    **more: Any,
) -> Any:
    """Capture one file whole, in one batch; the ledger of that batch."""
    begun = begin(log, facts(**more), AT)
    return append_batch(log, begun.capture, begun.batches + 1, Batch(found(*records), skipped, rejected, last=True), AT)


def table(log: FrictionLog, name: str) -> list[dict[str, Any]]:
    """All rows of a table or view."""
    return [dict(zip(columns, row, strict=True)) for columns, some in rows(log, name) for row in some]


def everything(log: FrictionLog) -> str:
    """Every value of every table, as one text to look for words in."""
    from signaltriage.store.log.exporting import table_names

    return json.dumps([table(log, name) for name in table_names()], ensure_ascii=False)


def prediction(team: str = "network", **more: Any) -> Prediction:
    base: dict[str, Any] = {
        **{"team": team, "outcome": "routed", "probability": 0.9, "best_guess": team, "model_version": "m1"},
        **{"runners_up": (RunnerUp("payments", 0.05),), "reason": "because of “VPN drops”"},
    }
    return Prediction(**{**base, **more})


def theme(id: str, name: str = "VPN drops", quotes: Iterable[Quote] = (), **more: Any) -> Theme:
    base: dict[str, Any] = {
        **{"keywords": ("vpn",), "description": "", "size": 2, "share": 0.5, "area": "network", "owner": None},
        **{"first_seen": AT, "last_seen": AT, "trend": ThemeTrend(), "edge": None, "facets": (), "hours_lost": None},
        **{"hours_signals": 0, "audiences": ()},
    }
    return Theme(**{**base, "id": id, "name": name, "exemplars": tuple(quotes), **more})


def made(**more: Any) -> CaptureWith:
    """What files are captured with: a fixed key, a clock that stands still."""
    return CaptureWith(**{"privacy": Privacy(True, KEY), "clock": lambda: AT, "key_fingerprint": "k", **more})


def write_lines(path: Path, records: Iterable[dict[str, Any] | str]) -> Path:
    """A file of JSON lines; a text is written as it is, to be rejected."""
    lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def many(n: int, first: int = 0) -> list[dict[str, Any] | str]:
    """Rows of an export: most are signals, some empty, some no JSON, some twice and in another version."""
    made_rows: list[dict[str, Any] | str] = []
    for i in range(first, first + n):
        if i % 41 == 7:
            made_rows.append('{"id": "' + str(i) + '", "text": ')
        elif i % 43 == 9:
            made_rows.append({"id": str(i), "text": "", "author": "", "created_at": ""})
        else:
            # none of the first: a column whose cells repeat there is not taken for an id
            name = i - i % 5 if i > 300 and i % 17 == 3 else i
            text = f"The scanner at dock {i % 23} loses its link, please call back, case {name}"
            row = {"id": f"c{name}", "text": text, "author": f"worker {i % 29}", "created_at": "2026-03-01T08:00:00Z"}
            made_rows.append(row)
    return made_rows
