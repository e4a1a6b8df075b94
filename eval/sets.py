"""The sets of datasets.toml: what they are (`RoutingSet`), and their rows, split (`Rows`)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signaltriage.capture import join_text

ROOT = Path(__file__).resolve().parent.parent
DATASETS = ROOT / "eval" / "datasets.toml"
QUICK_TRAIN, QUICK_TEST = 600, 300


def data_root() -> Path:
    """Where other people's sets lie: SIGNALTRIAGE_DATA, else ../shared/data beside the repo."""
    return Path(os.environ.get("SIGNALTRIAGE_DATA", ROOT.parent / "shared" / "data"))


class AbsentError(Exception):
    """A set is not there; `str()` names the missing file, relative to its root."""


@dataclass(frozen=True)
class Published:
    """A figure somebody else has published."""

    metric: str
    value: float
    what: str
    recalled: bool = False
    """From memory, not checked against the paper."""


@dataclass(frozen=True)
class RoutingSet:
    """One table of datasets.toml; its head explains the fields."""

    name: str
    root: str
    train: str
    text: tuple[str, ...]
    label: str
    title: str
    citation: str
    licence: str
    synthetic: bool
    published: tuple[Published, ...]
    test: str | None = None
    newest_share: float | None = None
    time: str | None = None
    drop_labels: tuple[str, ...] = ()
    report_by: str | None = None

    def __post_init__(self) -> None:
        if self.root not in ("data", "repo"):
            raise ValueError(f'{self.name}: root is "data" or "repo", not {self.root!r}')
        if (self.test is None) == (self.newest_share is None):
            raise ValueError(f"{self.name}: give either a test file or newest_share")
        if self.newest_share is not None and self.time is None:
            raise ValueError(f"{self.name}: newest_share needs a time column")


@dataclass(frozen=True)
class Part:
    """Rows of one side of a split, all of one length."""

    texts: list[str]
    labels: list[str]
    times: NDArray[np.float64] | None
    """Seconds since the epoch, UTC."""
    groups: list[str] | None
    """Values of the column `report_by`."""

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Part:
        """Only these rows, in this order."""
        return Part(
            [self.texts[i] for i in rows],
            [self.labels[i] for i in rows],
            None if self.times is None else self.times[np.asarray(rows, dtype=np.int64)],
            None if self.groups is None else [self.groups[i] for i in rows],
        )


@dataclass(frozen=True)
class Rows:
    """A set, read and split."""

    train: Part
    test: Part
    split: str = field(default="the set's own")
    """How the two were told apart, in words."""


def read_sets(path: Path = DATASETS) -> dict[str, RoutingSet]:
    """Every set of the file, in its order. An unknown key is an error."""
    known = {entry.name for entry in fields(RoutingSet)}
    found = {}
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        unknown = set(table) - known
        if unknown:
            raise ValueError(f"{name}: unknown keys {sorted(unknown)}")
        lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
        lists["published"] = tuple(Published(**figure) for figure in table["published"])
        found[name] = RoutingSet(name=name, **{**table, **lists})
    return found


def load(entry: RoutingSet, *, quick: bool = False, seed: int = 0) -> Rows:
    """Read and split a set; `quick` keeps a few rows of each side, drawn by `seed`.

    Raises AbsentError where a file is missing, ValueError where the split would test on the past.
    """
    train = _read(entry, entry.train)
    if entry.test is None:
        assert train.times is not None
        assert entry.newest_share is not None
        rows = _split_by_time(train, entry.newest_share)
    else:
        rows = Rows(train, _read(entry, entry.test))
    if rows.train.times is not None and rows.test.times is not None:
        if rows.train.times.max() >= rows.test.times.min():
            raise ValueError(f"{entry.name}: some training rows are not older than the test")
        if entry.test is not None:
            rows = Rows(rows.train, rows.test, "the set's own, by time: every test row is newer than all of training")
    return Rows(_few(rows.train, QUICK_TRAIN, seed), _few(rows.test, QUICK_TEST, seed), rows.split) if quick else rows


def _read(entry: RoutingSet, name: str) -> Part:
    path = (ROOT if entry.root == "repo" else data_root()) / name
    if not path.exists():
        raise AbsentError(f"{name} is not in {'the repo' if entry.root == 'repo' else 'SIGNALTRIAGE_DATA'}")
    # Every cell as it stands: "null" and "NA" are words that people write.
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame = frame[~frame[entry.label].isin(entry.drop_labels)]
    return Part(
        join_text(frame, entry.text),
        frame[entry.label].tolist(),
        None if entry.time is None else _seconds(frame[entry.time]),
        None if entry.report_by is None else frame[entry.report_by].tolist(),
    )


def _seconds(column: Any) -> NDArray[np.float64]:
    """Seconds since the epoch; offsets may differ from row to row, a time that cannot be read is an error."""
    stamps = pd.to_datetime(column, utc=True, format="mixed")
    return np.asarray((stamps - pd.Timestamp(0, tz="UTC")).dt.total_seconds(), dtype=np.float64)


def _split_by_time(part: Part, newest_share: float) -> Rows:
    """The newest share becomes the test; rows of the same instant stay on one side, whatever the order of the file."""
    assert part.times is not None
    ranked = np.sort(part.times)
    first = ranked[min(len(ranked) - 1, round(len(ranked) * (1 - newest_share)))]
    new = part.times >= first
    if new.all():
        raise ValueError("all rows have one time: nothing to train on before it")
    return Rows(
        part.take(np.flatnonzero(~new)),
        part.take(np.flatnonzero(new)),
        f"by time: the newest {newest_share:.0%} is the test",
    )


def _few(part: Part, n: int, seed: int) -> Part:
    rows = np.random.default_rng(seed).permutation(len(part.texts))[:n]
    return part.take(np.sort(rows))
