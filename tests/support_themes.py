"""Signals of a made-up company that recur: what tests of themes share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from signaltriage.types import Signal
from support import read_csv, write_csv

TOPICS: dict[str, tuple[str, ...]] = {
    "vpn": ("vpn", "drops", "connection", "home", "office", "tunnel", "network", "disconnects"),
    "invoice": ("invoice", "vat", "number", "wrong", "amount", "billing", "charged", "twice"),
    "login": ("login", "password", "reset", "mail", "account", "locked", "code", "rejected"),
    "parcel": ("parcel", "courier", "delivery", "tracking", "lost", "door", "package", "late"),
    "payslip": ("payslip", "overtime", "salary", "missing", "hours", "shift", "month", "paid"),
    "printer": ("printer", "label", "jam", "paper", "queue", "toner", "floor", "prints"),
}
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def recurring(topics: tuple[str, ...] = tuple(TOPICS), each: int = 40, seed: int = 0) -> list[Signal]:
    """`each` signals of each topic, mixed, over ten weeks; ids such as vpn-3."""
    rng = np.random.default_rng(seed)
    found = []
    for topic in topics:
        for i in range(each):
            words = rng.choice(TOPICS[topic], size=6, replace=False)
            when = START + timedelta(hours=float(rng.integers(24 * 70)))
            audience = "customer" if rng.random() < 0.7 else "employee"
            found.append(Signal(f"{topic}-{seed}-{i}", f"{topic} {' '.join(words)}", when, audience, "zendesk"))
    return [found[i] for i in rng.permutation(len(found))]


def topic_of(id: str) -> str:
    """The topic that a signal of that id was made of."""
    return id.split("-")[0]


def table(path: Path, signals: Sequence[Signal]) -> Path:
    """Signals as an export."""
    return write_csv(
        path,
        [
            {"id": s.id, "created_at": s.created_at, "audience": s.audience, "source": s.source, "text": s.text}
            for s in signals
        ],
    )


def themes_of(folder: Path) -> dict[str, str]:
    """The theme of each id."""
    return {row["id"]: row["theme_id"] for row in read_csv(folder / "assignments.csv")}
