"""`signaltriage themes-edit`: what people know better, kept through later runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import read_csv
from support_themes import recurring, table, themes_of


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return table(tmp_path / "export.csv", recurring(each=30))


@pytest.fixture
def found(cli, export: Path, tmp_path: Path) -> Path:
    """The folder of a first run."""
    assert cli("themes", export, "--out", tmp_path / "themes").code == 0
    return tmp_path / "themes"


def test_people_rename_set_aside_and_give_owners(cli, found: Path, tmp_path: Path) -> None:
    first, second, third, *_ = (row["theme_id"] for row in read_csv(found / "themes.csv"))
    edits = ("--rename", f"{first}=Links expire, early", "--owner", f"{second}=billing", "--not-a-theme", third)
    before = themes_of(found)
    done = cli("themes-edit", found, *edits, "--json")
    assert done.code == 0
    assert [change["kind"] for change in done.record["changes"]] == ["not_a_theme", "rename", "owner"]
    more = table(tmp_path / "more.csv", recurring(each=2, seed=1))
    assert cli("themes", more, "--previous", found, "--out", tmp_path / "later").code == 0
    for folder in (found, tmp_path / "later"):
        rows = {row["theme_id"]: row for row in read_csv(folder / "themes.csv")}
        assert rows[first]["name"] == "Links expire, early"
        assert (rows[second]["owner"], rows[second]["owner_by"]) == ("billing", "person")
        assert third not in rows
        assert third not in themes_of(folder).values()
    now = themes_of(found)
    assert list(now) == list(before)
    assert {now[id] for id, theme in before.items() if theme == third} <= {"", first, second, *now.values()} - {third}
    page = (found / "themes.html").read_text(encoding="utf-8")
    assert "Themes of export.csv" in page
    assert "billing owns it: a person said so." in page


def test_people_merge_and_split(cli, found: Path, tmp_path: Path) -> None:
    first, second, third, *_ = (row["theme_id"] for row in read_csv(found / "themes.csv"))
    before = themes_of(found)
    done = cli("themes-edit", found, "--merge", f"{first}={second}", "--json")
    assert done.code == 0
    now = themes_of(found)
    both = {id for id, theme in before.items() if theme in (first, second)}
    assert {now[id] for id in both} == {first}
    assert second not in {row["theme_id"] for row in read_csv(found / "themes.csv")}
    assert cli("themes-edit", found, "--split", third).code == 0
    parts = {themes_of(found)[id] for id, theme in before.items() if theme == third} - {""}
    assert parts
    more = table(tmp_path / "more.csv", recurring(each=2, seed=1))
    assert cli("themes", more, "--previous", found, "--out", tmp_path / "later").code == 0
    later = {row["theme_id"] for row in read_csv(tmp_path / "later" / "themes.csv")}
    assert first in later
    assert second not in later


def test_what_people_said_is_not_overwritten(cli, export: Path, found: Path, tmp_path: Path) -> None:
    again = ("themes", export, "--out", found)
    assert cli(*again).code == 0  # nobody has said anything yet
    first = read_csv(found / "themes.csv")[0]["theme_id"]
    assert cli("themes-edit", found, "--rename", f"{first}=Ours").code == 0
    done = cli(*again)
    assert (done.code, "--previous" in done.stderr) == (2, True)
    other = tmp_path / "other"
    assert cli("themes", export, "--out", other).code == 0
    assert cli(*again, "--previous", other).code == 2
    assert cli(*again, "--previous", found).code == 0
    assert "Ours" in {row["name"] for row in read_csv(found / "themes.csv")}


def test_edits_from_a_file(cli, found: Path, tmp_path: Path) -> None:
    first, second, *_ = (row["theme_id"] for row in read_csv(found / "themes.csv"))
    file = tmp_path / "edits.toml"
    file.write_text(f'[{first}]\nname = "Gate reads nothing"\nowner = "plant"\n', encoding="utf-8")
    assert cli("themes-edit", found, "--edits", file, "--owner", f"{second}=it").code == 0
    rows = {row["theme_id"]: row for row in read_csv(found / "themes.csv")}
    assert (rows[first]["name"], rows[first]["owner"], rows[second]["owner"]) == ("Gate reads nothing", "plant", "it")
    file.write_text(f'[{first}]\ncolour = "red"\n', encoding="utf-8")
    assert cli("themes-edit", found, "--edits", file).code == 2
    assert cli("themes-edit", found, "--edits", tmp_path / "none.toml").code == 2


def test_edits_that_make_no_sense_change_nothing(cli, found: Path, tmp_path: Path) -> None:
    first, second, *_ = read_csv(found / "themes.csv")
    a, b = first["theme_id"], second["theme_id"]
    before = {path.name: path.read_bytes() for path in found.iterdir() if path.is_file()}
    for edits in (
        (),
        ("--rename", f"{a}"),
        ("--rename", f"{a}="),
        ("--rename", "T9999=x"),
        ("--rename", f"{a}={second['name'].upper()}"),
        ("--merge", f"{a}={b}", "--split", b),
        ("--merge", f"{a}={a}"),
        ("--not-a-theme", a, "--owner", f"{a}=it"),
        ("--owner", f"{a}=x", "--owner", f"{a}=y"),
    ):
        done = cli("themes-edit", found, *edits)
        assert (done.code, "→" in done.stderr) == (2, True), edits
    assert {path.name: path.read_bytes() for path in found.iterdir() if path.is_file()} == before
    assert cli("themes-edit", tmp_path / "nowhere", "--owner", f"{a}=it").code == 4
