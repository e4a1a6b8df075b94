"""`RoutingClassifier` as scikit-learn sees it."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from signaltriage.encode import load_encoder
from signaltriage.errors import InputError, UsageError
from signaltriage.routing import RoutingClassifier
from support import FRESH, TEAMS, TEXTS, WordsEncoder

WORDY = [i for i, team in enumerate(TEAMS[:78]) if team in {"payments", "network", "payroll"}]
X = [TEXTS[i] for i in WORDY]
Y = [TEAMS[i] for i in WORDY]


@pytest.fixture(scope="module")
def fitted() -> RoutingClassifier:
    return RoutingClassifier(WordsEncoder()).fit(X, Y)


def shout(text: str) -> str:
    return text.upper()


def lower_all(texts: list[str]) -> list[str]:
    return [text.lower() for text in texts]


def test_it_fits_and_predicts(fitted: RoutingClassifier) -> None:
    assert fitted.classes_.tolist() == ["network", "payments", "payroll"]
    assert fitted.predict(FRESH[:3]).tolist() == ["network", "payments", "payroll"]
    assert fitted.score(X, Y) > 0.9
    proba = fitted.predict_proba(FRESH)
    assert proba.shape == (len(FRESH), 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    assert fitted.choice_.split == "stratified"


def test_params_and_clone(fitted: RoutingClassifier) -> None:
    params = fitted.get_params()
    assert set(params) == {"encoder", "preprocessor", "folds", "seed"}
    copy = clone(fitted)
    assert not hasattr(copy, "classes_")
    assert copy.get_params().keys() == params.keys()
    assert (copy.folds, copy.seed) == (5, 0)
    assert copy.set_params(folds=3, seed=7).folds == 3
    with pytest.raises(ValueError, match="Invalid parameter"):
        copy.set_params(threshold=0.5)
    assert "RoutingClassifier" in repr(copy)


def test_a_clone_with_the_shipped_encoder_shares_it() -> None:
    encoder = load_encoder()
    assert clone(RoutingClassifier(encoder)).encoder is encoder


def test_the_shipped_encoder_is_the_default() -> None:
    fitted = RoutingClassifier(folds=2).fit(X, Y)
    assert fitted.predict(["the connection of my laptop is gone"]).tolist() == ["network"]


def test_cross_validation() -> None:
    scores = cross_val_score(RoutingClassifier(WordsEncoder(), folds=2), X, Y, cv=2)
    assert scores.shape == (2,)
    assert scores.mean() > 0.5
    guesses = cross_val_predict(RoutingClassifier(WordsEncoder(), folds=2), np.array(X), np.array(Y), cv=2)
    assert set(guesses) <= set(Y)


def test_grid_search() -> None:
    search = GridSearchCV(RoutingClassifier(WordsEncoder(), folds=2), {"preprocessor": [None, shout]}, cv=2)
    search.fit(X, Y)
    assert search.best_params_["preprocessor"] in {None, shout}
    assert search.predict(FRESH[:2]).tolist() == ["network", "payments"]


def test_in_a_pipeline() -> None:
    pipeline = Pipeline(
        [("lower", FunctionTransformer(lower_all)), ("route", RoutingClassifier(WordsEncoder(), folds=3))]
    )
    assert pipeline.fit(X, Y).predict(FRESH[:2]).tolist() == ["network", "payments"]
    assert pipeline.predict_proba(FRESH[:2]).shape == (2, 3)
    assert pipeline.set_params(route__folds=4)["route"].folds == 4


def test_the_preprocessor_sees_each_text() -> None:
    seen: list[str] = []

    def note(text: str) -> str:
        seen.append(text)
        return text

    fitted = RoutingClassifier(WordsEncoder(), note, folds=2).fit(X, Y)
    assert seen == X
    fitted.predict(["fresh", None])
    assert seen[len(X) :] == ["fresh", ""]


@pytest.mark.parametrize(
    "values",
    [[30, 4, 100], [2.5, -1.0, 0.0], ["10", "9", "1"], [True, False, True], [np.int8(3), np.int8(1), np.int8(2)]],
    ids=["int", "float", "text numbers", "bool", "small int"],
)
def test_labels_of_any_type_keep_their_type_and_order(values: list) -> None:
    of_team = dict(zip(("network", "payments", "payroll"), values, strict=True))
    labels = [of_team[team] for team in Y]
    fitted = RoutingClassifier(WordsEncoder(), folds=2).fit(X, labels)
    assert fitted.classes_.tolist() == sorted(set(values))
    assert fitted.predict(FRESH[:2]).tolist() == [of_team["network"], of_team["payments"]]
    assert fitted.predict_proba(FRESH).shape[1] == len(set(values))


def test_many_numeric_labels_keep_their_order() -> None:
    words = ["lamp", "door", "pump", "gate", "wall", "roof", "sink", "oven", "desk", "tile", "pipe", "vent"]
    texts = [f"the {word} {what}" for what in ("is broken", "leaks", "was stolen", "squeaks") for word in words]
    fitted = RoutingClassifier(WordsEncoder(), folds=4).fit(texts, list(range(12)) * 4)
    assert fitted.classes_.tolist() == list(range(12))
    assert fitted.predict([f"a {word} fell down" for word in words]).tolist() == list(range(12))


def test_one_example_a_class_is_enough_to_rank_by() -> None:
    """Nothing can be learnt of how sure to be; what is nearest in meaning is still the best guess."""
    fitted = RoutingClassifier(WordsEncoder()).fit(["the lamp", "my door", "this pump"], ["l", "d", "p"])
    found = fitted.predict_proba(["pump", "lamp", "door"])
    assert fitted.predict(["pump", "lamp", "door"]).tolist() == ["p", "l", "d"]
    assert found.max() < 0.5


@pytest.mark.parametrize(
    "make",
    [list, tuple, np.array, pd.Series, lambda t: pd.DataFrame({"text": t}), lambda t: [[cell] for cell in t]],
    ids=["list", "tuple", "array", "series", "frame", "column"],
)
def test_texts_may_come_in_any_shape_of_one_column(fitted: RoutingClassifier, make) -> None:
    assert fitted.predict(make(FRESH[:3])).tolist() == ["network", "payments", "payroll"]


def test_two_columns_a_row_are_refused(fitted: RoutingClassifier) -> None:
    with pytest.raises(UsageError, match="one text a row"):
        fitted.predict([["subject", "body"], ["subject", "body"]])


def test_missing_texts_count_as_empty_and_numbers_as_their_digits(fitted: RoutingClassifier) -> None:
    found = fitted.predict_proba([None, float("nan"), np.nan, pd.NA, pd.NaT, "", 42])
    assert (found[:-1] == found[0]).all()
    np.testing.assert_array_equal(found[-1], fitted.predict_proba(["42"])[0])


def test_a_single_string_is_an_error_not_a_list_of_letters(fitted: RoutingClassifier) -> None:
    with pytest.raises(UsageError, match="single string"):
        fitted.predict("vpn drops")
    with pytest.raises(UsageError, match="single string"):
        RoutingClassifier(WordsEncoder()).fit("vpn drops", ["a"])


def test_no_texts_give_no_predictions(fitted: RoutingClassifier) -> None:
    assert fitted.predict([]).tolist() == []
    assert fitted.predict_proba([]).shape == (0, 3)


@pytest.mark.parametrize("labels", [["a", "b"], [["a"], ["b"], ["a"]]], ids=["short", "two-dimensional"])
def test_labels_that_do_not_match_the_texts_are_refused(labels: list) -> None:
    with pytest.raises(UsageError, match="labels of shape"):
        RoutingClassifier(WordsEncoder()).fit(["x", "y", "z"], labels)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA], ids=["None", "NaN", "NA"])
def test_a_missing_label_is_refused_not_made_a_class(missing: object) -> None:
    with pytest.raises(InputError, match="label is missing"):
        RoutingClassifier(WordsEncoder()).fit(["x", "y", "z"], ["a", missing, "b"])


def test_one_class_and_no_rows_are_refused_by_their_own_names() -> None:
    with pytest.raises(InputError, match="only the label 7"):
        RoutingClassifier(WordsEncoder()).fit(["x", "y"], [7, 7])
    with pytest.raises(InputError, match="no rows"):
        RoutingClassifier(WordsEncoder()).fit([], [])


def test_unfitted_it_says_so() -> None:
    for method in ("predict", "predict_proba"):
        with pytest.raises(NotFittedError):
            getattr(RoutingClassifier(WordsEncoder()), method)(["x"])


def test_times_hold_out_the_newest_rows() -> None:
    times = np.arange(len(X)) * 86_400.0
    order = np.random.default_rng(0).permutation(len(X))
    fitted = RoutingClassifier(WordsEncoder()).fit([X[i] for i in order], [Y[i] for i in order], times=times)
    assert fitted.choice_.split == "forward in time"


def test_the_same_rows_in_another_order_give_the_same_probabilities(fitted: RoutingClassifier) -> None:
    again = RoutingClassifier(WordsEncoder()).fit(X[::-1], Y[::-1])
    assert again.predict_proba(FRESH).tobytes() == fitted.predict_proba(FRESH).tobytes()


def test_a_fitted_one_survives_pickling_for_parallel_work(fitted: RoutingClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301  # our own bytes, as joblib does between processes
    assert again.predict_proba(FRESH).tobytes() == fitted.predict_proba(FRESH).tobytes()
