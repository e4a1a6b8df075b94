"""The files of training_data/, read once; reading them strictly is the first check."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "training_data"
FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
Row = dict[str, str]


def table(path: Path) -> list[Row]:
    """Rows of a CSV file; no row may be longer or shorter than the header."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True, restkey="too many", restval="too few"))
    broken = [row for row in rows if "too many" in row or "too few" in row.values()]
    assert not broken, f"{path.name}: {broken[:3]}"
    return rows


def toml(name: str) -> dict[str, Any]:
    """A TOML file of the folder."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class HelpArticle:
    """One help article: its front matter and its body."""

    path: Path
    front: dict[str, str]
    body: str


def read_article(path: Path) -> HelpArticle:
    """Front matter between two lines of ---, then the body."""
    match = FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
    assert match, f"{path.name} has no front matter"
    pairs = (line.split(": ", 1) for line in match[1].splitlines())
    return HelpArticle(path, {key: value.strip('"') for key, value in pairs}, match[2])


@pytest.fixture(scope="session")
def folder() -> Path:
    return DATA


@pytest.fixture(scope="session")
def signals() -> list[Row]:
    return table(DATA / "signals.csv")


@pytest.fixture(scope="session")
def searches() -> list[Row]:
    return table(DATA / "searches.csv")


@pytest.fixture(scope="session")
def truth() -> list[Row]:
    return table(DATA / "searches_truth.csv")


@pytest.fixture(scope="session")
def export_sample() -> list[Row]:
    return table(DATA / "export_sample.csv")


@pytest.fixture(scope="session")
def teams() -> list[dict[str, Any]]:
    return list(toml("teams.toml")["team"])


@pytest.fixture(scope="session")
def rules() -> list[dict[str, Any]]:
    return list(toml("rules.toml")["rule"])


@pytest.fixture(scope="session")
def stories() -> list[dict[str, Any]]:
    return list(toml("stories.toml")["story"])


@pytest.fixture(scope="session")
def articles() -> list[HelpArticle]:
    return [read_article(path) for path in sorted((DATA / "articles").glob("*.md"))]
