"""`signaltriage gaps` as a user meets it: files, counts, columns, exit codes, a page that needs nothing else."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import ROOT

SEARCHES, ARTICLES = ROOT / "training_data" / "searches.csv", ROOT / "training_data" / "articles"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], Path]:
    out = tmp_path_factory.mktemp("gaps") / "out"
    command = [
        sys.executable,
        "-m",
        "signaltriage.cli",
        "gaps",
        SEARCHES,
        "--articles",
        ARTICLES,
        "--out",
        out,
        "--json",
    ]
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), out


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_counts_add_up(done: tuple[dict[str, object], Path]) -> None:
    counts, out = done
    parts = [counts[name] for name in ("missing", "unfindable", "served", "not_a_need", "rejected")]
    assert counts["read"] == 560 == sum(int(str(part)) for part in parts)
    searches = _rows(out / "searches.csv")
    assert len(searches) == 560
    for verdict in ("missing", "unfindable", "served", "not_a_need"):
        assert sum(row["verdict"] == verdict for row in searches) == counts[verdict]


def test_the_tables_keep_their_contract(done: tuple[dict[str, object], Path]) -> None:
    _, out = done
    queries, gaps = _rows(out / "queries.csv"), _rows(out / "gaps.csv")
    assert list(queries[0])[:6] == ["query", "demand", "verdict", "article_id", "answer_probability", "gap_id"]
    assert len({row["query"] for row in queries}) == len(queries)
    names = ("gap_id", "kind", "title", "demand", "queries", "article_id", "similarity", "action", "owner")
    assert tuple(gaps[0])[:9] == names
    assert {row["gap_id"] for row in queries} - {""} <= {row["gap_id"] for row in gaps}
    priority = [float(row["priority"]) for row in gaps]
    assert priority == sorted(priority, reverse=True)


def test_planted_flaws_and_synonyms_are_found(done: tuple[dict[str, object], Path]) -> None:
    _, out = done
    upkeep = {(row["kind"], row["article_id"], row["other_id"]) for row in _rows(out / "upkeep.csv")}
    for found in (
        *(("contradiction", "A016", "A017"), ("contradiction", "A037", "A038")),
        *(("near_duplicate", "A008", "A009"), ("near_duplicate", "A031", "A032")),
    ):
        assert found in upkeep
    assert "password => password, passphrase" in (out / "synonyms.opensearch.txt").read_text()
    assert {"input", "synonyms", "type", "objectID"} == set(json.loads((out / "synonyms.algolia.json").read_text())[0])
    assert json.loads((out / "synonyms.elasticsearch.json").read_text())["synonyms_set"]


def test_the_page_needs_nothing_else(done: tuple[dict[str, object], Path]) -> None:
    page = (done[1] / "gaps.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|src=|@import|url\(", page)
    assert "default-src 'none'" in page
    assert page.count("<details") == page.count("</details>")
    assert "560 searches" in page


def test_a_folder_is_written_over_and_says_so_in_words(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("term,hits\nvpn,0\nvpn,0\n🙂,0\nx,y,z,too many\n")
    (tmp_path / "kb.csv").write_text("id,title,body\nA1,Connect to the VPN,Install the client.\n,,\n")
    args = ("gaps", tmp_path / "log.csv", "--articles", tmp_path / "kb.csv", "--out", tmp_path / "out")
    for _ in range(2):
        result = cli(*args)
        assert result.code == 0, result.stderr
    told = " ".join((result.stdout + result.stderr).split())
    assert "read 4 = missing" in told
    assert "rejected 1" in told
    assert len(_rows(tmp_path / "out" / "rejected.csv")) == 2


@pytest.mark.parametrize(
    ("log", "articles", "options", "code"),
    [
        ("none.csv", "kb.csv", (), 3),
        ("log.csv", "nowhere", (), 3),
        ("log.csv", "kb.csv", ("--query", "typed"), 2),
        ("empty.csv", "kb.csv", (), 3),
        ("log.csv", "kb.csv", ("--model", "nowhere"), 4),
    ],
)
def test_exit_codes(
    cli: Callable[..., Any], tmp_path: Path, log: str, articles: str, options: tuple[str, ...], code: int
) -> None:
    (tmp_path / "log.csv").write_text("query,results\nvpn,0\n")
    (tmp_path / "empty.csv").write_text("query,results\n")
    (tmp_path / "kb.csv").write_text("id,title,body\nA1,T,b\n")
    result = cli("gaps", tmp_path / log, "--articles", tmp_path / articles, *options, "--out", tmp_path / "out")
    assert result.code == code, result.stderr


KB = "id,title,body\nA1,Connect to the VPN,Install the client and sign in to connect to the VPN from home.\n"


def test_a_list_of_queries_is_a_list_of_searches_that_showed_nothing(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("query\nconnect to the vpn\npizza oven recipe\n")
    (tmp_path / "kb.csv").write_text(KB)
    args = ("gaps", tmp_path / "log.csv", "--articles", tmp_path / "kb.csv", "--out", tmp_path / "out")
    result = cli(*args, "--json")
    assert result.code == 0, result.stderr
    counts = json.loads(result.stdout)
    assert (counts["served"], counts["missing"] + counts["unfindable"]) == (0, 2)
    assert any("--results" in remark for remark in counts["remarks"])
    assert "--results" in result.stderr
    assert "--results" in (tmp_path / "out" / "gaps.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("cell", ["abc", "-", ""])
def test_a_count_that_is_no_number_is_not_taken_for_served(cli: Callable[..., Any], tmp_path: Path, cell: str) -> None:
    (tmp_path / "log.csv").write_text(f"query,results\nconnect to the vpn,{cell}\nwifi,3\n")
    (tmp_path / "kb.csv").write_text(KB)
    args = ("gaps", tmp_path / "log.csv", "--articles", tmp_path / "kb.csv", "--out", tmp_path / "out")
    result = cli(*args, "--json")
    assert result.code == 0, result.stderr
    first, _ = _rows(tmp_path / "out" / "searches.csv")
    assert first["verdict"] in {"missing", "unfindable"}
    assert "1 of 2 cells in results" in result.stderr
    assert json.loads(result.stdout)["served"] == 1


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "signaltriage", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0
    assert "gaps" in result.stdout
