"""A router as data, and back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from signaltriage.routing.calibration import TopLabelCalibration
from signaltriage.routing.decision import Decider
from signaltriage.routing.logistic import LogisticScorer
from signaltriage.routing.state import RouterState, from_state, to_state
from support import FRESH, TEXTS


@pytest.fixture
def state(small) -> RouterState:
    return to_state(small.trained.router, small.examples)


def there_and_back(state: RouterState):
    """Through the bytes that a model folder holds."""
    from safetensors.numpy import load, save

    arrays = load(save({name: np.ascontiguousarray(array) for name, array in state.arrays.items()}))
    return from_state(arrays, json.loads(json.dumps(state.record)))


def test_a_router_comes_back_with_the_same_predictions(small, state: RouterState) -> None:
    router, examples = there_and_back(state)
    texts = FRESH + TEXTS
    predictions = []
    for r, e in ((small.trained.router, small.examples), (router, examples)):
        decider = Decider(r, e, dict.fromkeys(r.classes, 0.6), np.full(6, 1 / 6), "v")
        predictions.append(decider.decide(texts, small.encoder.encode(texts)))
    assert predictions[0] == predictions[1]
    assert to_state(router, examples).record == state.record


def test_a_router_without_topics_comes_back_too(small) -> None:
    router = replace(small.trained.router, topics=None, fusion=(3.0, 1.0))
    back, _ = there_and_back(to_state(router, small.examples))
    assert back.topics is None
    assert back.fusion == (3.0, 1.0)


def test_a_router_with_straight_lines_comes_back_and_is_checked(small) -> None:
    router = small.trained.router
    lines = LogisticScorer(np.ones((6, 384), dtype=np.float32), np.arange(6.0))
    router = replace(router, topics=None, profiles=None, logistic=lines, fusion=(3.0, 1.0, 0.5))
    state = to_state(router, small.examples)
    back, _ = there_and_back(state)
    np.testing.assert_array_equal(back.logistic.coefficients, lines.coefficients)
    np.testing.assert_array_equal(back.logistic.intercept, lines.intercept)
    short = {**state.arrays, "logistic.intercept": np.arange(5.0)}
    with pytest.raises(ValueError, match="do not fit"):
        from_state(short, state.record)


def test_each_class_keeps_its_own_calibration(small) -> None:
    curve = TopLabelCalibration(1.2, -0.1, (0.1, 0.2, 0.3, -0.1, -0.2, -0.3))
    state = to_state(replace(small.trained.router, calibration=curve), small.examples)
    assert there_and_back(state)[0].calibration == curve
    record = {**state.record, "calibration": {**state.record["calibration"], "of_class": [0.1]}}
    with pytest.raises(ValueError, match="do not fit"):
        from_state(state.arrays, record)


def test_the_record_is_plain_json_and_the_arrays_hold_no_objects(state: RouterState) -> None:
    assert json.loads(json.dumps(state.record, allow_nan=False)) == state.record
    assert all(array.dtype.kind in "fiu" for array in state.arrays.values())


@pytest.mark.parametrize("part", ["classes", "words", "chars", "fusion", "calibration", "kernel_widths", "examples"])
def test_a_missing_or_misfitting_part_of_the_record_is_refused(state: RouterState, part: str) -> None:
    missing = {key: value for key, value in state.record.items() if key != part}
    with pytest.raises(KeyError):
        from_state(state.arrays, missing)
    value = state.record[part]
    other = [*value, "more"] if isinstance(value, list) else {"strange": 1.0}
    with pytest.raises((KeyError, ValueError, TypeError)):
        from_state(state.arrays, {**state.record, part: other})


@pytest.mark.parametrize(
    "name", ["wording.idf", "words.coefficients", "meaning.landmarks", "meaning.weights", "examples.vectors"]
)
def test_a_missing_or_short_array_is_refused(state: RouterState, name: str) -> None:
    missing = {key: value for key, value in state.arrays.items() if key != name}
    with pytest.raises(KeyError):
        from_state(missing, state.record)
    with pytest.raises(ValueError, match="do not fit"):
        from_state({**state.arrays, name: state.arrays[name][:-1]}, state.record)
