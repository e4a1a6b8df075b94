"""`signaltriage themes`."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from signaltriage.types import Signal
from support import read_csv, write_csv
from support_themes import TOPICS, recurring, table, themes_of, topic_of

OUTPUTS = {"assignments.csv", "themes.csv", "events.csv", "workarounds.csv", "themes.html", "state"}
EACH = 30
ROWS = EACH * len(TOPICS)
COLUMNS = [
    *("theme_id", "name", "keywords", "size", "share", "first_seen", "last_seen", "trend", "trend_p"),
    *("owner", "owner_probability", "example_1", "example_2", "example_3"),
]


@pytest.fixture(scope="module")
def signals() -> list[Signal]:
    return recurring(each=EACH)


@pytest.fixture
def export(tmp_path: Path, signals: list[Signal]) -> Path:
    return table(tmp_path / "export.csv", signals)


@pytest.fixture
def found(cli, export: Path, tmp_path: Path) -> Path:
    """The folder of a first run."""
    assert cli("themes", export, "--out", tmp_path / "themes").code == 0
    return tmp_path / "themes"


def test_every_row_is_accounted_for(cli, export: Path, tmp_path: Path, signals: list[Signal]) -> None:
    done = cli("themes", export, "--out", tmp_path / "out", "--json")
    assert done.code == 0
    r = done.record
    assert r["read"] == len(signals) == r["assigned"] + r["left_over"] + r["rejected"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS
    rows = read_csv(tmp_path / "out" / "assignments.csv")
    assert [row["id"] for row in rows] == [s.id for s in signals]
    assert list(rows[0]) == ["id", "theme_id", "similarity"]
    assert sum(bool(row["theme_id"]) for row in rows) == r["assigned"]
    assert "text from text" in done.stderr
    assert "id from id, time from created_at, audience from audience, source from source" in done.stderr


def test_the_tables_agree(found: Path, signals: list[Signal]) -> None:
    placed, rows = themes_of(found), read_csv(found / "themes.csv")
    assert list(rows[0])[: len(COLUMNS)] == COLUMNS
    sizes = Counter(id for id in placed.values() if id)
    assert {row["theme_id"]: int(row["size"]) for row in rows} == sizes
    assert len({row["name"] for row in rows}) == len(rows) >= 3
    assert {row["theme_id"] for row in read_csv(found / "events.csv")} == set(sizes)
    topics: dict[str, Counter[str]] = {id: Counter() for id in sizes}
    for id, theme in placed.items():
        if theme:
            topics[theme][topic_of(id)] += 1
    assert sum(max(c.values()) for c in topics.values()) / sum(sizes.values()) > 0.9


def test_it_says_in_words_where_the_rows_went(cli, export: Path, tmp_path: Path) -> None:
    done = cli("themes", export, "--out", tmp_path / "out")
    assert done.code == 0
    assert f"read {ROWS} = assigned" in done.stdout
    assert "themes.html" in done.stdout
    assert "(run 1" in done.stdout


def test_a_file_is_no_place_for_the_results(cli, export: Path) -> None:
    done = cli("themes", export, "--out", export)
    assert done.code == 2
    assert "is a file" in done.stderr


def test_the_order_of_the_rows_changes_no_theme(cli, export: Path, found: Path, tmp_path: Path) -> None:
    rows = read_csv(export)
    (tmp_path / "elsewhere").mkdir()
    order = np.random.default_rng(5).permutation(len(rows))
    shuffled = write_csv(tmp_path / "elsewhere" / "export.csv", [rows[i] for i in order])
    assert cli("themes", shuffled, "--out", tmp_path / "again", "--threads", 1).code == 0
    assert themes_of(tmp_path / "again") == themes_of(found)
    for name in ("themes.csv", "events.csv", "workarounds.csv", "themes.html"):
        assert (tmp_path / "again" / name).read_bytes() == (found / name).read_bytes(), name


def test_rows_without_text_or_id_and_with_equal_ids_are_kept(cli, export: Path, tmp_path: Path) -> None:
    rows = read_csv(export)
    rows[0]["id"] = rows[1]["id"] = "twice"
    rows[2]["id"] = ""
    rows[3]["text"] = "  "
    odd = write_csv(tmp_path / "odd.csv", rows)
    done = cli("themes", odd, "--out", tmp_path / "out", "--json")
    assert done.code == 0
    ids = [row["id"] for row in read_csv(tmp_path / "out" / "assignments.csv")]
    assert len(ids) == len(set(ids)) == len(rows)
    assert sorted(ids[:2]) == ["twice", "twice#2"]
    assert ids[2]
    assert done.record["without_text"] == 1
    assert "1 rows share their id" in done.stderr


def test_unreadable_rows_are_rejected_with_their_line(cli, export: Path, tmp_path: Path) -> None:
    with export.open("a", encoding="utf-8") as stream:
        stream.write("too,many,fields,in,this,row,alas\n")
    done = cli("themes", export, "--out", tmp_path / "out", "--json")
    r = done.record
    assert (r["rejected"], r["read"]) == (1, ROWS + 1)
    (row,) = read_csv(tmp_path / "out" / "rejected.csv")
    assert row["line"] == str(ROWS + 2)
    assert r["outputs"]["rejected"] == str(tmp_path / "out" / "rejected.csv")


def test_cells_that_a_spreadsheet_would_run_are_disarmed(cli, export: Path, tmp_path: Path) -> None:
    rows = read_csv(export)
    for row in rows:
        row["text"] = "=1+1 " + row["text"]
    rows[0]["id"] = "=cmd()"
    evil = write_csv(tmp_path / "evil.csv", rows)
    assert cli("themes", evil, "--out", tmp_path / "out").code == 0
    for name in ("assignments.csv", "themes.csv", "events.csv", "workarounds.csv"):
        with (tmp_path / "out" / name).open(encoding="utf-8", newline="") as stream:
            assert not any(cell.startswith("=") for row in csv.reader(stream) for cell in row), name
    assert read_csv(tmp_path / "out" / "assignments.csv")[0]["id"] == "'=cmd()"


def test_columns_can_be_named(cli, export: Path, tmp_path: Path) -> None:
    rows = [{"ref": r["id"], "day": r["created_at"], "a": r["text"], "b": "and"} for r in read_csv(export)]
    other = write_csv(tmp_path / "other.csv", rows)
    columns = ("--text", "a,b", "--id", "ref", "--time", "day")
    done = cli("themes", other, *columns, "--out", tmp_path / "out", "--json")
    assert done.code == 0
    assert read_csv(tmp_path / "out" / "themes.csv")[0]["first_seen"].startswith("2026-")


def test_without_ids_the_same_signals_are_recognised_in_the_next_export(cli, export: Path, tmp_path: Path) -> None:
    rows = [{"text": r["text"], "created_at": r["created_at"]} for r in read_csv(export)]
    first = write_csv(tmp_path / "first.csv", rows)
    second = write_csv(tmp_path / "second.csv", rows[::-1])
    assert cli("themes", first, "--out", tmp_path / "one").code == 0
    done = cli("themes", second, "--previous", tmp_path / "one", "--out", tmp_path / "two", "--json")
    assert done.record["known"] == len(rows)
    assert themes_of(tmp_path / "two") == themes_of(tmp_path / "one")


def test_a_later_run_keeps_themes_and_counts_what_was_known(cli, found: Path, tmp_path: Path) -> None:
    more = table(tmp_path / "more.csv", recurring(each=2, seed=1))
    done = cli("themes", more, "--previous", found, "--out", tmp_path / "later", "--json")
    assert done.code == 0
    r = done.record
    assert (r["read"], r["known"], r["run"]) == (12, ROWS + 12, 2)
    assert len(themes_of(tmp_path / "later")) == 12
    before = {row["theme_id"]: row for row in read_csv(found / "themes.csv")}
    now = {row["theme_id"]: row for row in read_csv(tmp_path / "later" / "themes.csv")}
    gone = {row["theme_id"] for row in read_csv(tmp_path / "later" / "events.csv") if row["event"] == "death"}
    assert before.keys() - now.keys() == gone
    assert all(now[id]["name"] == row["name"] for id, row in before.items() if id not in gone)
    assert sum(int(row["size"]) for row in now.values()) > sum(int(row["size"]) for row in before.values())


def test_a_run_may_go_on_in_its_own_folder(cli, found: Path, tmp_path: Path) -> None:
    more = table(tmp_path / "more.csv", recurring(each=2, seed=1))
    for run in (2, 3):
        done = cli("themes", more, "--previous", found, "--out", found, "--json")
        assert (done.code, done.record["run"]) == (0, run)


def test_granularity_is_passed_on(cli, export: Path, tmp_path: Path) -> None:
    assert cli("themes", export, "--out", tmp_path / "fine", "--granularity", 4).code == 0
    manifest = json.loads((tmp_path / "fine" / "state" / "manifest.json").read_text())
    assert manifest["settings"]["granularity"] == 4.0
    assert cli("themes", export, "--out", tmp_path / "no", "--granularity", -1).code == 2
    assert cli("themes", export, "--out", tmp_path / "no", "--method", "magic").code == 2


def test_with_a_model_themes_have_owners(cli, export: Path, model_folder: Path, tmp_path: Path) -> None:
    done = cli("themes", export, "--model", model_folder, "--out", tmp_path / "out", "--json")
    assert done.code == 0
    rows = read_csv(tmp_path / "out" / "themes.csv")
    assert all(row["owner_best_guess"] and 0 <= float(row["owner_probability"]) <= 1 for row in rows)
    assert all(row["owner"] in ("", row["owner_best_guess"]) and row["owner_by"] == "model" for row in rows)
    assert done.record["owned"] == sum(bool(row["owner"]) for row in rows)


@pytest.mark.parametrize("texts", [["only one"], ["", " "], ["a b", "c d", "e f"]])
def test_too_few_rows_make_no_themes_and_no_error(cli, tmp_path: Path, texts: list[str]) -> None:
    few = write_csv(tmp_path / "few.csv", [{"id": i, "text": text} for i, text in enumerate(texts)])
    done = cli("themes", few, "--out", tmp_path / "out", "--json")
    assert done.code == 0
    r = done.record
    assert (r["read"], r["left_over"], r["themes"]) == (len(texts), len(texts), 0)
    assert "No theme was found" in (tmp_path / "out" / "themes.html").read_text(encoding="utf-8")
    assert read_csv(tmp_path / "out" / "themes.csv") == []
    again = cli("themes", few, "--previous", tmp_path / "out", "--out", tmp_path / "out", "--json")
    assert (again.code, again.record["run"]) == (0, 2)


def test_standard_input(cli, export: Path, found: Path, tmp_path: Path) -> None:
    done = cli("themes", "-", "--out", tmp_path / "out", "--json", stdin=export.read_bytes())
    assert done.code == 0
    assert themes_of(tmp_path / "out") == themes_of(found)
    assert "Themes of standard input" in (tmp_path / "out" / "themes.html").read_text(encoding="utf-8")


def test_exit_codes(cli, export: Path, found: Path, tmp_path: Path) -> None:
    out = tmp_path / "x"
    assert cli("themes", tmp_path / "none.csv", "--out", out).code == 3
    assert cli("themes", export, "--out", out, "--text", "nope").code == 2
    assert cli("themes", export, "--out", out, "--id", "nope").code == 2
    assert cli("themes", export, "--out", out, "--time", "audience").code == 3
    assert cli("themes", export, "--out", out, "--model", tmp_path / "nowhere").code == 4
    assert cli("themes", export, "--out", out, "--previous", tmp_path / "nowhere").code == 4
    assert cli("themes", found / "assignments.csv", "--text", "id", "--out", found).code == 2
    empty = tmp_path / "empty.csv"
    empty.write_text("id,text\n", encoding="utf-8")
    assert cli("themes", empty, "--out", out).code == 3
    assert not out.exists()


def test_a_folder_of_other_things_is_not_written_to(cli, export: Path, tmp_path: Path) -> None:
    other = tmp_path / "out" / "state"
    other.mkdir(parents=True)
    (other / "novel.txt").write_text("mine")
    done = cli("themes", export, "--out", tmp_path / "out")
    assert done.code == 2
    assert (other / "novel.txt").read_text() == "mine"


def test_one_flipped_byte_in_the_state_is_exit_4_and_the_file_is_named(cli, found: Path, tmp_path: Path) -> None:
    more = table(tmp_path / "more.csv", recurring(each=2, seed=1))
    for path in sorted((found / "state").iterdir()):
        damaged = Path(shutil.copytree(found, tmp_path / f"damaged-{path.name}"))
        victim = damaged / "state" / path.name
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 1
        victim.write_bytes(bytes(content))
        done = cli("themes", more, "--previous", damaged, "--out", tmp_path / "later")
        assert (done.code, path.name in done.stderr) == (4, True), done.stderr


def test_the_page_is_whole_and_fetches_nothing(found: Path) -> None:
    page = (found / "themes.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert 'src="http' not in page
    assert all(f'<article id="{row["theme_id"]}"' in page for row in read_csv(found / "themes.csv"))
    assert len(TOPICS) >= len(read_csv(found / "themes.csv")) / 2
