"""The tables of themes and gaps say what the results say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eval import found, logged
from eval.sets import ROOT

RESULTS = ROOT / "eval" / "results"


def test_every_figure_of_a_result_is_in_its_row(tmp_path: Path) -> None:
    result = {"a_set": {"methods": {"signaltriage": {"map": 0.5, "half": {"auroc": 0.25}}}, "queries": 3}, "seed": 0}
    (tmp_path / "gaps.json").write_text(json.dumps(result), encoding="utf-8")
    text = found.render(tmp_path)
    assert "| a_set | signaltriage | 0.500 | – | – | – | 0.250 | – | – | – |" in text
    assert "### Trend" not in text
    assert "make eval" in found.render(tmp_path / "nothing")


@pytest.mark.parametrize("name", [*found.SECTIONS, *logged.SECTIONS])
def test_the_committed_results_make_whole_tables(name: str) -> None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{name} has not been measured")
    lines = {**found.SECTIONS, **logged.SECTIONS}[name][2](json.loads(path.read_text(encoding="utf-8"))).splitlines()
    assert len(lines) > 2
    assert len({line.count("|") for line in lines}) == 1


def test_a_soak_that_found_a_difference_says_so(tmp_path: Path) -> None:
    one = {"rows": 1000, "database": "SQLite", "steps": ["capture", "run"], "kills": 3}
    soaks = [{**one, "differing": ["signals: 4 and 5 rows"], "verify": 6}, {**one, "differing": [], "verify": 0}]
    (tmp_path / "soak.json").write_text(json.dumps({"soaks": soaks}), encoding="utf-8")
    text = logged.render(tmp_path)
    assert "| 1,000 | SQLite | capture + run | 3 | signals: 4 and 5 rows | exit 6 |" in text
    assert "| 1,000 | SQLite | capture + run | 3 | none | nothing found |" in text
    assert "Redaction" not in text
