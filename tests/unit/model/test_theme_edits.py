"""What people know better about themes: read and checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from signaltriage.cli.commands.themes_edit import pairs
from signaltriage.errors import SettingsError, UsageError
from signaltriage.model.theme_edits import ThemeEdits
from signaltriage.theme_types import Theme, ThemeTrend

ONE = Theme(
    id="T0001",
    name="Gate reads nothing",
    keywords=(),
    description="",
    size=5,
    share=0.5,
    area="",
    first_seen=None,
    last_seen=None,
    trend=ThemeTrend(),
    owner=None,
    exemplars=(),
    edge=None,
    facets=(),
    hours_lost=None,
    hours_signals=0,
    audiences=(),
)
THEMES = (ONE, replace(ONE, id="T0002", name="VPN drops"), replace(ONE, id="T0003", name="Label jam"))


def test_nothing_is_false_and_every_theme_spoken_of_is_known() -> None:
    assert not ThemeEdits()
    edits = ThemeEdits(
        rename={"T0001": "x"}, merge={"T0002": ("T0005", "T0004")}, split=("T0006",), not_a_theme=("T0007",)
    )
    assert edits
    assert edits.ids == ("T0001", "T0002", "T0004", "T0005", "T0006", "T0007")
    assert edits.regrouped == {"T0002", "T0004", "T0005", "T0006", "T0007"}


def test_later_edits_win() -> None:
    first = ThemeEdits(rename={"T0001": "a", "T0002": "b"}, split=("T0003",))
    both = first.and_then(ThemeEdits(rename={"T0001": "c"}, split=("T0003", "T0004"), owner={"T0001": "it"}))
    assert both.rename == {"T0001": "c", "T0002": "b"}
    assert both.split == ("T0003", "T0004")
    assert both.owner == {"T0001": "it"}


def test_a_file_of_edits(tmp_path: Path) -> None:
    path = tmp_path / "edits.toml"
    path.write_text(
        '[T0001]\nname = "Invite links"\nmerge = ["T0002"]\n[T0003]\nsplit = true\n[T0004]\nnot_a_theme = true\n'
        '[T0005]\nowner = "it"\nsplit = false\n',
        encoding="utf-8",
    )
    assert ThemeEdits.from_toml(path) == ThemeEdits(
        rename={"T0001": "Invite links"},
        merge={"T0001": ("T0002",)},
        split=("T0003",),
        not_a_theme=("T0004",),
        owner={"T0005": "it"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "[T0001",
        'T0001 = "x"',
        "[T0001]\ncolour = 1",
        "[T0001]\nname = 1",
        '[T0001]\nmerge = "T0002"',
        "[T0001]\nmerge = [2]",
        '[T0001]\nsplit = "yes"',
        '[T0001]\nowner = " "',
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "edits.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"edits\.toml"):
        ThemeEdits.from_toml(path)


@pytest.mark.parametrize(
    "edits",
    [
        ThemeEdits(rename={"T0001": "A new name", "T0002": "Gate reads nothing"}),
        ThemeEdits(rename={"T0001": "VPN drops", "T0002": "Gate reads nothing"}),
        ThemeEdits(merge={"T0001": ("T0002", "T0003")}, rename={"T0001": "VPN drops"}, owner={"T0001": "it"}),
        ThemeEdits(rename={"T0001": "gate reads nothing"}),
        ThemeEdits(split=("T0001",), not_a_theme=("T0002",)),
    ],
)
def test_edits_that_make_sense(edits: ThemeEdits) -> None:
    edits.check(THEMES)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (ThemeEdits(owner={"T0009": "it"}), "no theme T0009"),
        (ThemeEdits(rename={"T0001": "vpn DROPS"}), "cannot be the name"),
        (ThemeEdits(rename={"T0001": "same", "T0002": "Same"}), "cannot be the name"),
        (ThemeEdits(rename={"T0001": " "}), "cannot be the name"),
        (ThemeEdits(merge={"T0001": ("T0001",)}), "two things at once"),
        (ThemeEdits(merge={"T0001": ("T0002",), "T0003": ("T0002",)}), "two things at once"),
        (ThemeEdits(split=("T0001",), not_a_theme=("T0001",)), "two things at once"),
        (ThemeEdits(merge={"T0001": ("T0002",)}, rename={"T0002": "x"}), "is to go"),
    ],
)
def test_edits_that_make_none(edits: ThemeEdits, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        edits.check(THEMES)


def test_pairs_of_the_command_line() -> None:
    assert pairs(["T0001=a = b", " T0002 = c "], "ID=X") == {"T0001": "a = b", "T0002": "c"}
    assert pairs(None, "ID=X") == {}
    for bad in (["T0001"], ["=x"], ["T0001= "], ["T0001=x", "T0001=y"]):
        with pytest.raises(UsageError):
            pairs(bad, "ID=X")
