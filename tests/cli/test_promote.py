"""`signaltriage promote` and `rollback`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from support import TEAMS, TEXTS, folder_bytes, write_csv

UNSEEN = [
    (f"{text} {word}", team)
    for word in ("please", "today", "again", "thanks")
    for text, team in zip(TEXTS, TEAMS, strict=True)
]


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model that knows all teams, another that is as good, and one that has learnt the wrong teams."""
    from signaltriage import TriageModel

    folder = tmp_path_factory.mktemp("rivals")
    shifted = TEAMS[7:] + TEAMS[:7]
    rows = {
        "good": (TEXTS, TEAMS),
        "also_good": ([*TEXTS, "vpn and wifi are down"], [*TEAMS, "network"]),
        "bad": (TEXTS, shifted),
    }
    return {name: TriageModel.train(*pair).save(folder / name) for name, pair in rows.items()}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [{"text": text, "team": team, "when": f"2026-03-{1 + i % 28:02}"} for i, (text, team) in enumerate(UNSEEN)]
    return write_csv(tmp_path_factory.mktemp("judged") / "judged.csv", rows)


@pytest.fixture
def place(tmp_path: Path, rivals: dict[str, Path]) -> Path:
    return Path(shutil.copytree(rivals["bad"], tmp_path / "current"))


def test_a_better_challenger_takes_the_place_and_is_rolled_back(cli, rivals, judged: Path, place: Path) -> None:
    before = folder_bytes(place)
    done = cli("promote", rivals["good"], "--over", place, "--data", judged, "--label", "team", "--json")
    assert done.code == 0, done.stderr
    r = done.record
    assert (r["promoted"], r["kept"]) == (True, f"001-{r['champion_version']}")
    assert r["verdict"]["overall"]["difference"] > 0.3
    assert folder_bytes(place) == folder_bytes(rivals["good"])
    assert "no times being given" in r["rows"]
    log = json.loads((place.parent / "current.history" / "log.json").read_text())
    assert log[0]["figures"]["overall"]["gained"] == r["verdict"]["overall"]["gained"]
    back = cli("rollback", place, "--json")
    assert (back.code, back.record["version"]) == (0, r["champion_version"])
    assert folder_bytes(place) == before
    assert cli("rollback", place, "--to", r["challenger_version"]).code == 0
    assert folder_bytes(place) == folder_bytes(rivals["good"])


def test_a_worse_challenger_is_exit_6_with_the_table_and_nothing_is_touched(cli, rivals, judged, tmp_path) -> None:
    place = Path(shutil.copytree(rivals["good"], tmp_path / "current"))
    before = folder_bytes(tmp_path)
    done = cli("promote", rivals["bad"], "--over", place, "--data", judged, "--label", "team")
    assert done.code == 6
    for said in ("gained", "lost", "promise: at most 10.0% wrong", "worse"):
        assert said in done.stdout
    assert "does not take the place" in done.stderr
    assert "Nothing was changed" in done.stderr
    assert folder_bytes(tmp_path) == before
    as_json = cli("promote", rivals["bad"], "--over", place, "--data", judged, "--label", "team", "--json")
    assert (as_json.code, as_json.record["promoted"]) == (6, False)


def test_without_a_champion_the_promise_decides(cli, rivals, judged: Path, tmp_path: Path) -> None:
    place = tmp_path / "models" / "first"
    done = cli("promote", rivals["good"], "--over", place, "--data", judged, "--label", "team", "--json")
    assert done.code == 0, done.stderr
    assert (done.record["champion_version"], done.record["verdict"]["overall"]) == (None, None)
    assert folder_bytes(place) == folder_bytes(rivals["good"])
    again = cli("rollback", place)
    assert (again.code, again.stdout) == (2, "")
    assert "no former model" in again.stderr


def test_rows_it_was_trained_on_are_refused_or_warned_of(cli, rivals, place: Path, tmp_path: Path) -> None:
    rows = [{"text": text, "team": team} for text, team in zip(TEXTS, TEAMS, strict=True)]
    same = write_csv(tmp_path / "same.csv", reversed(rows))
    done = cli("promote", rivals["good"], "--over", place, "--data", same, "--label", "team")
    assert done.code == 2
    assert "trained on" in done.stderr
    some = write_csv(tmp_path / "some.csv", rows[:40])
    done = cli("promote", rivals["good"], "--over", place, "--data", some, "--label", "team", "--json")
    assert "40 of 40 texts" in done.record["warnings"][0]
    assert "warning" in done.stderr


@pytest.mark.slow
def test_the_newest_rows_are_used_and_it_is_said(cli, rivals, judged: Path, place: Path, tmp_path: Path) -> None:
    options = ("--over", place, "--data", judged, "--label", "team", "--time", "when", "--json")
    done = cli("promote", rivals["good"], *options)
    assert "not having been told the times" in done.record["rows"]
    assert done.record["verdict"]["promise"]["routed"] <= len(UNSEEN) * 0.45
    from signaltriage import TriageModel

    times = [f"2026-03-{10 + i % 4}" for i in range(len(TEXTS))]
    timed = TriageModel.train(TEXTS, TEAMS, times=times).save(tmp_path / "timed")
    fresh = cli("promote", timed, "--over", tmp_path / "none", *options[2:]).record
    newer = sum(f"2026-03-{1 + i % 28:02}" > "2026-03-13" for i in range(len(UNSEEN)))
    assert fresh["rows"].startswith(f"the {newer:,} of {len(UNSEEN):,} rows newer")
    old = write_csv(tmp_path / "old.csv", [{"text": "vpn", "team": "network", "when": "2026-01-01"}])
    assert cli("promote", timed, "--over", tmp_path / "none", "--data", old, *options[4:]).code == 3


def test_a_damaged_challenger_or_former_model_is_exit_4(cli, rivals, judged: Path, place: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(rivals["good"], tmp_path / "broken"))
    (broken / "router.json").write_text("{}")
    assert cli("promote", broken, "--over", place, "--data", judged, "--label", "team").code == 4
    assert cli("promote", rivals["good"], "--over", place, "--data", judged, "--label", "team").code == 0
    kept = next((place.parent / "current.history").glob("001-*"))
    (kept / "router.json").write_text("{}")
    before = folder_bytes(place)
    done = cli("rollback", place)
    assert done.code == 4
    assert "router.json" in done.stderr
    assert folder_bytes(place) == before


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--label", "owner"], 2, "no column 'owner'"),
        (["--label", "team", "--margin", "2"], 2, "margin"),
        (["--label", "team", "--data", "nowhere.csv"], 3, "nowhere.csv"),
    ],
)
def test_what_does_not_make_sense(
    cli, rivals, judged: Path, place: Path, args: list[str], code: int, said: str
) -> None:
    data = [] if "--data" in args else ["--data", str(judged)]
    done = cli("promote", rivals["good"], "--over", place, *data, *args)
    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr
