"""`TriageModel.explain` and `.predict_group` on a model with the shipped encoder."""

from __future__ import annotations

import pytest

import signaltriage as st
from signaltriage.routing.words import without, words_in
from support import FRESH, SIGNALS, TEXTS

FEW = [FRESH[0], TEXTS[0], "Can somebody water the plants in the lobby?"]


@pytest.mark.parametrize("text", FEW)
def test_what_an_explanation_says_is_what_happens(model: st.TriageModel, text: str) -> None:
    e = model.explain(text)
    assert e.prediction == model.predict_one(text)
    carrying = [word for word in words_in(e.text) if word.typed in e.carried_by]
    assert len(carrying) == len(e.carried_by)
    after = model.predict_one(without(e.text, carrying))
    known = {after.best_guess: after.probability, **{r.team: r.probability for r in after.runners_up}}
    left = known.get(e.prediction.best_guess, 0)
    assert e.prediction.probability - left == pytest.approx(e.drop, abs=1e-5 if left else 0.1)
    assert e.carried == (e.drop > max(0, e.random_drop or 0))
    assert e == model.explain(text)
    assert 0 < len(e.neighbours) <= 5
    assert {known.team for known in e.neighbours} <= set(model.teams)


def test_a_clear_signal_is_carried_by_its_words(model: st.TriageModel) -> None:
    e = model.explain("the VPN will not connect from my hotel")
    assert e.carried
    assert "VPN" in e.carried_by
    assert "carry it" in e.summary
    assert e.neighbours[0].team == "network"


@pytest.mark.parametrize("text", ["", None, "?!"])
def test_a_text_without_words_is_explained_as_such(model: st.TriageModel, text: object) -> None:
    e = model.explain(text)
    assert (e.words, e.carried_by, e.carried) == ((), (), False)
    assert "no words" in e.summary


def test_a_group_of_one_is_that_one(model: st.TriageModel) -> None:
    for text in FRESH:
        group, p = model.predict_group([text]), model.predict_one(text)
        same = ("team", "outcome", "probability", "best_guess", "runners_up", "reason", "model_version")
        assert [getattr(group, name) for name in same] == [getattr(p, name) for name in same]
        assert group.n == bool(text.strip())


def test_more_that_agree_never_lower_it_and_empty_ones_change_nothing(model: st.TriageModel) -> None:
    said, before = [], 0.0
    for text in SIGNALS["network"]:
        if model.predict_one(text).best_guess != "network":
            continue
        said.append(text)
        found = model.predict_group(said)
        assert found.best_guess == "network"
        assert found.probability >= before
        before = found.probability
    assert model.predict_group([*said[::-1], "", None, *said[:3]]).probability == before
    assert model.predict_group([*said, ""]).n == len(said)


def test_what_is_no_group_is_refused(model: st.TriageModel) -> None:
    for texts in ([], "vpn drops"):
        with pytest.raises(st.UsageError, match="list of at least one"):
            model.predict_group(texts)
    empty = model.predict_group(["", None])
    assert (empty.team, empty.outcome, empty.n) == (None, "needs_human", 0)


def test_the_pooling_is_fitted_on_held_out_rows_and_kept(model: st.TriageModel, model_folder) -> None:
    assert model.facts["group_pooling"]["gain"] >= 0
    again = st.TriageModel.load(model_folder)
    assert again.predict_group(TEXTS[:4]) == model.predict_group(TEXTS[:4])
