"""The tables of what makes routing worth trusting say what the results say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from eval import trust
from eval.blocks import markers, replaced
from eval.sets import ROOT

RESULTS = ROOT / "eval" / "results"
PROMISE = {
    "resamples": 7,
    "sets": {
        "a_set": {
            "by_time": False,
            "0.10": {
                "kept": 0.965,
                "error": 0.04,
                "routed": 0.9,
                "share_of_oracle": None,
                "team_promises": 3,
                "team_promises_kept": None,
            },
        }
    },
}


def test_every_figure_of_a_result_is_in_its_row(tmp_path: Path) -> None:
    (tmp_path / "promise.json").write_text(json.dumps(PROMISE), encoding="utf-8")
    text = trust.render(tmp_path)
    assert "| a_set | 0.10 | 96.5% | 4.0% | 90.0% | – | – |" in text
    assert "7 times" in text
    assert "### Drift" not in text


def test_only_what_lies_between_the_markers_changes() -> None:
    begin, end = markers("routing")
    text = f"before\n{begin}\nold\n{end}\nafter"
    assert replaced(text, "routing", "new\n") == f"before\n{begin}\nnew\n{end}\nafter"
    assert replaced("no markers", "routing", "new") == "no markers"
    assert replaced(text, "results", "new") == text


@pytest.mark.parametrize("name", list(trust.SECTIONS))
def test_the_committed_results_make_whole_tables(name: str) -> None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{name} has not been measured")
    _, what, head, rows = trust.SECTIONS[name](json.loads(path.read_text(encoding="utf-8")))
    lines = list(rows)
    assert lines
    assert {len(line) for line in lines} == {len(head)}
    assert re.search(r"\w", what)
    assert not any("|" in cell for line in lines for cell in line)
