"""Signals of a made-up company that recur: what tests of themes share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from signaltriage.types import Signal

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
