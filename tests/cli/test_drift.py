"""`signaltriage drift`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from support import TEAMS, TEXTS, write_csv

NEW = "The charging station in the car park shows fault {} and my electric car stays empty"


@pytest.fixture
def as_before(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = [{"text": TEXTS[i], "team": TEAMS[i], "when": "2026-05-01"} for i in rng.permutation(len(TEXTS))]
    return write_csv(tmp_path / "before.csv", rows)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    rows = [{"text": text, "team": team} for text, team in zip(TEXTS, TEAMS, strict=True)]
    rows += [{"text": NEW.format(i), "team": ""} for i in range(40)]
    return write_csv(tmp_path / "changed.csv", [*rows, {"text": "", "team": ""}])


def test_the_same_signals_have_not_moved(cli, model_folder, as_before: Path) -> None:
    done = cli("drift", as_before, "--model", model_folder, "--json")
    assert done.code == 0, done.stdout
    r = done.record
    assert (r["moved"], r["rows"], r["words"], r["calibration"]) == (False, len(TEXTS), [], None)
    assert [test["name"] for test in r["tests"]] == ["text", "words", "teams", "certainty"]
    said = cli("drift", as_before, "--model", model_folder)
    assert "no drift found" in said.stdout


def test_a_new_topic_is_exit_6_and_its_words_are_named(cli, model_folder, changed: Path) -> None:
    done = cli("drift", changed, "--model", model_folder, "--json")
    assert done.code == 6
    r = done.record
    assert r["moved"]
    assert (r["read"], r["rows"], r["without_text"]) == (len(TEXTS) + 41, len(TEXTS) + 40, 1)
    assert {"charging", "electric", "station"} <= {word["word"] for word in r["words"]}
    assert "moved since training" in done.stderr
    assert "train again" in done.stderr
    words = cli("drift", changed, "--model", model_folder)
    assert (words.code, "word charging" in words.stdout) == (6, True)


def test_labels_let_the_probabilities_be_tested(cli, model_folder, tmp_path: Path) -> None:
    shuffled = TEAMS[20:] + TEAMS[:20]
    rows = [{"text": text, "team": team} for text, team in zip(TEXTS, shuffled, strict=True)]
    source = write_csv(tmp_path / "wrong.csv", rows)
    done = cli("drift", source, "--model", model_folder, "--label", "team", "--json")
    assert done.code == 6
    calibration = next(test for test in done.record["tests"] if test["name"] == "calibration")
    assert calibration["moved"]
    assert done.record["calibration"]["right_now"] < done.record["calibration"]["said_now"]


def test_the_order_of_the_rows_changes_nothing(cli, model_folder, changed: Path, tmp_path: Path) -> None:
    lines = changed.read_text(encoding="utf-8").splitlines()
    other = tmp_path / "other.csv"
    other.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    first, second = (cli("drift", path, "--model", model_folder, "--json").record for path in (changed, other))
    assert json.dumps({**first, "how": ""}) == json.dumps({**second, "how": ""})


def test_rows_no_newer_than_training_are_left_out(cli, as_before: Path, tmp_path: Path, words_encoder) -> None:
    from signaltriage import TriageModel

    times = [f"2026-05-{1 + i % 9:02}" for i in range(len(TEXTS))]
    timed = TriageModel.train(TEXTS, TEAMS, times=times).save(tmp_path / "timed")
    done = cli("drift", as_before, "--model", timed, "--time", "when")
    assert (done.code, done.stdout) == (3, "")
    assert "newer than the model's training rows" in done.stderr


def test_a_folder_that_keeps_nothing_to_compare_with_says_so(cli, model, as_before: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    old = replace(model, reference=None).save(tmp_path / "old")
    done = cli("drift", as_before, "--model", old)
    assert (done.code, done.stdout) == (2, "")
    assert "Train it again" in done.stderr
    assert cli("doctor", old).code == 0


def test_the_reference_survives_the_folder(model, model_folder) -> None:
    from signaltriage import TriageModel

    loaded = TriageModel.load(model_folder)
    assert model.reference is not None
    assert loaded.reference is not None
    for name, array in model.reference.to_arrays().items():
        np.testing.assert_array_equal(array, loaded.reference.to_arrays()[name])


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--label", "owner"], 2, "no column 'owner'"),
        (["--text", "body"], 2, "no column 'body'"),
        (["--false-alarm-rate", "0.9"], 2, "false-alarm-rate"),
    ],
)
def test_what_does_not_make_sense(cli, model_folder, as_before: Path, args: list[str], code: int, said: str) -> None:
    done = cli("drift", as_before, "--model", model_folder, *args)
    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr


def test_input_that_cannot_be_used_is_exit_3(cli, tmp_path: Path, model_folder) -> None:
    (tmp_path / "in.csv").write_text("text,team\n")
    for source in (tmp_path / "in.csv", tmp_path / "no.csv"):
        assert cli("drift", source, "--model", model_folder).code == 3
