"""`TriageModel`: train, predict, and what it makes of input that nobody hopes for."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

import signaltriage as st
from signaltriage.model import triage
from support import FRESH, RESULTS, SIGNALS, TEAMS, TEXTS, VAGUE, WordsEncoder

WORDS = WordsEncoder()
DAYS = [dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=(i * 37) % len(TEXTS)) for i in range(len(TEXTS))]


def train(texts=TEXTS, teams=TEAMS, **more) -> st.TriageModel:
    more.setdefault("settings", st.Settings(folds=2))
    return st.TriageModel.train(texts, teams, encoder=WORDS, **more)


@pytest.fixture(scope="module")
def timed() -> st.TriageModel:
    return train(times=DAYS)


def test_it_routes_what_it_knows_and_holds_what_it_does_not(model: st.TriageModel) -> None:
    expected = ["network", "payments", "payroll", "identity", "shipping", "app"]
    found = model.predict(FRESH)
    assert [p.team for p in found[:6]] == expected
    assert [p.outcome for p in found[6:]] == ["needs_human"] * 3
    assert model.teams == tuple(sorted(SIGNALS))
    assert model.version == found[0].model_version
    assert len(model.version) == 12


def test_every_prediction_is_consistent(model: st.TriageModel) -> None:
    for p in model.predict(TEXTS + FRESH):
        assert isinstance(p, st.Prediction)
        assert 0 <= p.probability <= 1
        assert (p.team is None) == (p.outcome == "needs_human")
        assert p.team in {None, p.best_guess}
        assert p.best_guess in model.teams
        assert all(isinstance(r, st.RunnerUp) and r.probability <= p.probability for r in p.runners_up)
        assert p.best_guess not in {r.team for r in p.runners_up}
        assert p.reason
        assert "\n" not in p.reason


def test_order_and_length_are_those_of_the_texts(model: st.TriageModel) -> None:
    assert model.predict([]) == []
    found = model.predict(FRESH + FRESH[::-1])
    assert found[: len(FRESH)] == found[len(FRESH) :][::-1]
    assert list(model.predict_stream(FRESH)) == found[: len(FRESH)]


def test_predictions_do_not_depend_on_company_order_or_batch(
    model: st.TriageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = TEXTS[::2] + FRESH
    together = model.predict(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    assert [together[i] for i in order] == model.predict([texts[i] for i in order])
    assert [model.predict_one(text) for text in texts] == together
    monkeypatch.setattr(triage, "_BATCH", 7)
    assert model.predict(texts) == together


def test_eight_threads_predict_what_one_does(model: st.TriageModel) -> None:
    texts = TEXTS[::3] + FRESH
    expected = model.predict(texts)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(model.predict, [texts] * 8)) == [expected] * 8
        assert list(pool.map(model.predict_one, texts)) == expected


def test_a_model_cannot_be_changed(model: st.TriageModel) -> None:
    with pytest.raises(FrozenInstanceError):
        model.settings = st.Settings()  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        model.predict_one("x").team = "y"  # type: ignore[misc]


def test_a_frame_keeps_its_index_columns_and_order(model: st.TriageModel) -> None:
    frame = pd.DataFrame(
        {"id": [7, 8, 9], "description": FRESH[:3], "subject": ["", "billing", None]}, index=["x", "y", "x"]
    )
    out = model.predict_frame(frame, text=["subject", "description"])
    assert out.columns.tolist() == ["id", "description", "subject", *RESULTS]
    assert out.index.tolist() == ["x", "y", "x"]
    pd.testing.assert_frame_equal(out[frame.columns], frame)
    joined = [FRESH[0], f"billing\n{FRESH[1]}", FRESH[2]]
    assert out["st_best_guess"].tolist() == [p.best_guess for p in model.predict(joined)]
    assert out["st_probability"].tolist() == [p.probability for p in model.predict(joined)]
    pd.testing.assert_frame_equal(out, model.predict_frame(frame))
    pd.testing.assert_frame_equal(out, model.predict_frame(frame, text="subject,description"))
    assert "st_team" not in frame


def test_a_frame_in_which_a_person_must_look_has_an_empty_team(model: st.TriageModel) -> None:
    out = model.predict_frame(pd.DataFrame({"text": FRESH}))
    assert ((out.st_team == "") == (out.st_outcome == "needs_human")).all()
    assert (out.st_best_guess != "").all()
    assert out.st_runner_up.tolist() == [p.runners_up[0].team for p in model.predict(FRESH)]


def test_frames_of_no_rows_number_columns_and_repeated_columns(model: st.TriageModel) -> None:
    assert model.predict_frame(pd.DataFrame({"text": [], "n": []})).columns.tolist() == ["text", "n", *RESULTS]
    numbered = model.predict_frame(pd.DataFrame({0: FRESH[:2], 1: [1, 2]}), text="0")
    assert numbered.columns.tolist() == [0, 1, *RESULTS]
    repeated = pd.DataFrame([["vpn drops", "app"], ["refund", "app"]], columns=["text", "text"])
    out = model.predict_frame(repeated)
    assert out.columns.tolist() == ["text", "text", *RESULTS]
    assert out.st_best_guess.tolist() == ["network", "payments"]


def test_a_frame_with_a_result_column_or_without_text_is_refused(model: st.TriageModel) -> None:
    with pytest.raises(st.UsageError, match="st_reason"):
        model.predict_frame(pd.DataFrame({"text": ["a"], "st_reason": ["b"]}))
    with pytest.raises(st.UsageError, match="no column"):
        model.predict_frame(pd.DataFrame({"when": ["a"]}), text="body")
    with pytest.raises(st.UsageError, match="no column looks like"):
        model.predict_frame(pd.DataFrame({"created_at": ["a"]}))


EMPTY = [None, float("nan"), np.nan, pd.NA, pd.NaT, "", "  \n", "\x00", "\ud800"]


@pytest.mark.parametrize("text", EMPTY, ids=[repr(text) for text in EMPTY])
def test_an_empty_text_needs_a_person(model: st.TriageModel, text: object) -> None:
    p = model.predict_one(text)
    assert (p.team, p.outcome) == (None, "needs_human")
    assert p.best_guess in model.teams
    assert p.reason.startswith("no text")


@pytest.mark.parametrize("text", [5, 2.5, True, dt.date(2026, 1, 1), b"vpn drops", ["vpn"], {"a": 1}, np.int64(3)])
def test_what_is_no_text_counts_as_its_text(model: st.TriageModel, text: object) -> None:
    plain = text.decode() if isinstance(text, bytes) else str(text)
    assert model.predict_one(text) == model.predict_one(plain)


def test_a_million_characters(model: st.TriageModel) -> None:
    p = model.predict_one("vpn connection drops " * 50_000)
    assert p.best_guess == "network"
    assert model.predict_one("x" * 1_000_000).best_guess in model.teams


@pytest.mark.slow
def test_a_million_characters_that_are_not_cleaned() -> None:
    raw = train(settings=st.Settings(clean=False))
    assert raw.predict_one("vpn connection drops " * 50_000).best_guess == "network"
    distinct = " ".join(f"word{i}" for i in range(110_000))
    assert len(distinct) > 1_000_000
    assert raw.predict_one(distinct).best_guess in raw.teams


def test_one_string_is_not_a_list_of_texts(model: st.TriageModel) -> None:
    with pytest.raises(st.UsageError, match="list of texts"):
        model.predict("vpn drops")


def test_series_and_arrays_are_sequences(model: st.TriageModel) -> None:
    expected = model.predict(FRESH[:3])
    assert model.predict(pd.Series(FRESH[:3], index=[9, 5, 7])) == expected
    assert model.predict(np.array(FRESH[:3])) == expected
    assert model.predict(tuple(FRESH[:3])) == expected


@pytest.mark.parametrize(
    ("texts", "teams", "said"),
    [
        (["a", "b"], ["x", "x"], "only the label 'x'"),
        ([], [], "None of the 0 rows"),
        (["", None], ["x", "y"], "None of the 2 rows"),
        (["a", "b"], [None, ""], "None of the 2 rows"),
        (["a", "", "c"], ["x", "y", "x"], "only the label 'x'"),
    ],
)
def test_nothing_to_learn_is_an_input_error(texts: list, teams: list, said: str) -> None:
    with pytest.raises(st.InputError, match=said) as refused:
        train(texts, teams)
    assert refused.value.remedy


def test_columns_of_different_lengths_are_a_usage_error() -> None:
    with pytest.raises(st.UsageError, match="3 texts but 2 teams"):
        train(["a", "b", "c"], ["x", "y"])
    with pytest.raises(st.UsageError, match="2 texts but 1 times"):
        train(["a", "b"], ["x", "y"], times=[1])
    with pytest.raises(st.UsageError, match="2 texts but 3 groups"):
        train(["a", "b"], ["x", "y"], groups=["1", "2", "3"])


def test_rows_that_cannot_be_used_are_counted() -> None:
    texts = ["", None, "no team", "no team either", *TEXTS, TEXTS[0], TEXTS[0]]
    teams = ["app", "app", None, float("nan"), *TEAMS, "network", "payments"]
    counts = train(texts, teams).facts["training_data"]
    assert {key: counts[key] for key in counts if key != "sha256"} == {
        "rows": len(texts),
        "used": len(TEXTS) + 2,
        "without_text": 2,
        "without_team": 2,
        "distinct_texts": len(TEXTS),
        "texts_with_conflicting_teams": 1,
    }


def test_a_team_of_one_row_is_known() -> None:
    rare = train([*TEXTS, "the cat sits on the mat"], [*TEAMS, "facilities"])
    assert "facilities" in rare.teams
    assert rare.facts["teams"]["facilities"] == 1
    assert rare.predict_one("vpn drops").best_guess == "network"


def test_teams_of_any_type_become_text() -> None:
    codes = {team: i for i, team in enumerate(SIGNALS)}
    numbered = train(TEXTS, [codes[team] for team in TEAMS])
    assert numbered.teams == ("0", "1", "2", "3", "4", "5")
    mixed = train(["lamp broken", "door broken", "lamp gone"], [1, "x ", True])
    assert mixed.teams == ("1", "True", "x")


def test_a_team_with_a_lone_surrogate_can_be_saved(tmp_path) -> None:
    odd = train(["lamp", "door", "pump"], ["a\ud800", "b", "b"])
    assert st.TriageModel.load(odd.save(tmp_path / "m"), encoder=WORDS).teams == ("a?", "b")


def test_texts_that_share_no_word_can_be_learnt_from(tmp_path) -> None:
    """Not one term occurs twice: the wording is empty, and the folder must hold that too."""
    bare = train(["???", "!!!", "1", "2"], ["x", "y", "x", "y"])
    again = st.TriageModel.load(bare.save(tmp_path / "m"), encoder=WORDS)
    assert again.predict(["1", "lamp"]) == bare.predict(["1", "lamp"])


def test_identical_texts_leave_nothing_to_hold_out_so_nothing_is_promised() -> None:
    same = train(["the same words"] * 200, ["x"] * 199 + ["y"])
    assert same.facts["split"]["kind"].startswith("none")
    assert set(same.decider.min_probability.values()) == {1.01}
    assert same.predict_one("the same words").outcome == "needs_human"


def test_one_group_leaves_nothing_to_hold_out_so_nothing_is_promised() -> None:
    texts, teams = zip(*[(text, team) for team, texts in SIGNALS.items() for text in texts], strict=True)
    alone = train(list(texts), list(teams), groups=["one thread"] * len(texts))
    assert alone.facts["split"]["kind"].startswith("none")
    assert {p.outcome for p in alone.predict(FRESH)} == {"needs_human"}


def test_with_times_the_newest_rows_are_held_out(timed: st.TriageModel) -> None:
    assert timed.facts["split"]["kind"] == "forward in time"
    assert 0 < timed.facts["held_out"]["rows"] <= len(TEXTS) * 0.4 + 1
    assert train().facts["split"]["kind"] == "stratified"


@pytest.mark.parametrize(
    "write",
    [
        lambda moment: moment.isoformat(),
        lambda moment: moment.timestamp(),
        lambda moment: int(moment.timestamp() * 1000),
        lambda moment: moment.replace(tzinfo=None),
        lambda moment: pd.Timestamp(moment),
        lambda moment: np.datetime64(moment.replace(tzinfo=None)),
    ],
    ids=["iso", "seconds", "milliseconds", "naive", "pandas", "numpy"],
)
def test_times_may_be_written_in_any_of_the_usual_ways(timed: st.TriageModel, write) -> None:
    assert train(times=[write(moment) for moment in DAYS]).version == timed.version


def test_times_that_cannot_be_read_are_refused_and_single_ones_are_the_oldest() -> None:
    with pytest.raises(st.InputError, match="times can be read"):
        train(times=["soon"] * len(TEXTS))
    some: list = [None, "n/a", float("inf"), float("-inf"), *DAYS[4:]]
    assert train(times=some).facts["split"]["kind"] == "forward in time"


def test_series_that_number_their_rows_otherwise_are_read_by_position() -> None:
    frame = pd.DataFrame({"text": TEXTS, "team": TEAMS, "when": DAYS, "thread": [f"t{i % 30}" for i in range(96)]})
    frame = frame.set_index(pd.Index(range(500, 500 + len(frame)))[::-1])
    of_lists = train(times=DAYS, groups=frame["thread"].tolist())
    of_series = train(frame["text"], frame["team"], times=frame["when"], groups=frame["thread"])
    assert of_series.version == of_lists.version
    assert of_series.facts == of_lists.facts


def test_the_settings_are_kept_but_for_the_threads() -> None:
    chosen = st.Settings(target_error=0.3, folds=3, seed=4, threads=2, examples_per_team=1)
    assert train(settings=chosen).facts["settings"] == {
        "target_error": 0.3,
        "per_team": False,
        "team_target_error": {},
        "folds": 3,
        "seed": 4,
        "encoder": None,
        "clean": True,
        "examples_per_team": 1,
    }


def test_no_examples_are_kept_where_none_are_wanted() -> None:
    private = train(settings=st.Settings(examples_per_team=0))
    assert private.decider.examples.texts == ()
    assert "like (" not in private.predict_one("vpn drops").reason


def test_the_facts_are_measured_on_held_out_rows(model: st.TriageModel) -> None:
    held_out = model.facts["held_out"]
    assert held_out["rows"] == len(TEXTS)
    assert 0.6 < held_out["accuracy"] < 1  # the vague ones cannot be right but by luck
    assert held_out["share_routed"] < 1
    assert held_out["error_among_routed"] <= held_out["target_error"] == 0.10
    assert model.facts["teams"] == {team: len(SIGNALS[team]) + len(VAGUE[team]) for team in sorted(SIGNALS)}
    assert set(model.decider.min_probability) == set(SIGNALS)


def test_a_looser_target_routes_at_least_as_much() -> None:
    shares = [
        train(settings=st.Settings(target_error=target, folds=2)).facts["held_out"]["share_routed"]
        for target in (0.02, 0.1, 0.4)
    ]
    assert shares == sorted(shares)
    assert shares[0] == 0  # 96 rows cannot promise one error in fifty


def test_doctor_of_a_model_whose_encoder_carries_no_probes(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signaltriage.model import health

    folder = train().save(tmp_path / "m")
    loaded = st.TriageModel.load(folder, encoder=WORDS)
    monkeypatch.setattr(st.TriageModel, "load", lambda path: loaded)
    assert health.examine(folder).probe_cosine is None


def test_a_library_without_metadata_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    from signaltriage.model import training

    def vanished(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(training, "version", vanished)
    assert train().facts["libraries"]["numpy"] == "unknown"
