"""Rows labelled as nobody's: they train no team, teach what to turn away, and count in the promise."""

from __future__ import annotations

from collections import Counter

import numpy as np

import signaltriage as st
from signaltriage.model.evidence import promise_of
from signaltriage.routing.novelty import NEVER
from signaltriage.routing.training import TrainingRows, train_router
from support import TEAMS, TEXTS, WordsEncoder

WORDS = WordsEncoder()
JUNK = [f"ok thanks bye {k}" for k in range(20)]


def train(texts: list[str], teams: list[str], **more) -> st.TriageModel:
    return st.TriageModel.train(texts, teams, encoder=WORDS, settings=st.Settings(folds=2), **more)


def test_rows_of_none_are_no_team_and_are_counted() -> None:
    model = train([*TEXTS, *JUNK, ""], [*TEAMS, *["none"] * 20, "none"], none_label="none")
    assert model.teams == tuple(sorted(set(TEAMS)))
    assert model.facts["novelty"]["junk_rows"] == 20
    assert model.facts["training_data"]["without_team"] == 20
    assert train(TEXTS, TEAMS).facts["novelty"]["junk_turned_away"] is None


def test_the_order_of_junk_does_not_matter() -> None:
    one = train([*TEXTS, *JUNK], [*TEAMS, *["none"] * 20], none_label="none")
    other = train([*JUNK[::-1], *TEXTS], [*["none"] * 20, *TEAMS], none_label="none")
    assert one.version == other.version
    assert one.version != train(TEXTS, TEAMS).version


def test_junk_that_is_not_turned_away_is_an_error_of_the_promise() -> None:
    junk = (TEXTS[:30], WORDS.encode(TEXTS[:30]))  # word for word what teams are sent
    trained = train_router(TrainingRows(TEXTS, TEAMS, WORDS.encode(TEXTS), junk=junk), folds=2)
    assert trained.router.none_limit == NEVER
    promise = promise_of(trained, st.Settings(target_error=0.5), Counter(TEAMS))
    plain = promise_of(
        train_router(TrainingRows(TEXTS, TEAMS, WORDS.encode(TEXTS)), folds=2),
        st.Settings(target_error=0.5),
        Counter(TEAMS),
    )
    assert promise.rows == plain.rows + 30
    assert promise.wrong > plain.wrong or promise.routed < plain.routed


def test_a_model_folder_keeps_what_it_learnt(tmp_path) -> None:
    model = train([*TEXTS, *JUNK], [*TEAMS, *["none"] * 20], none_label="none")
    back = st.TriageModel.load(model.save(tmp_path / "m"), encoder=WORDS)
    texts = [*TEXTS[:5], *JUNK[:5], "something else altogether"]
    assert back.predict(texts) == model.predict(texts)
    assert np.ptp([p.none_probability for p in model.predict(texts)]) > 0
