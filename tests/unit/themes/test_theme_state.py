"""A state is data: out to arrays and JSON, and back; what does not fit is refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from signaltriage.themes import edits
from signaltriage.themes.anchors import similarity_to, theme_centres
from signaltriage.themes.identity import continue_themes, found_themes
from signaltriage.themes.state import ThemeState, id_of, number_of

Blobs = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def state(blobs: Blobs) -> ThemeState:
    vectors, _ = blobs(6, 30)
    made = found_themes([f"s{i}" for i in range(180)], vectors).state
    made = edits.rename(made, "T0002", "Lost parcels")
    made = edits.owner(made, "T0003", "payments")
    return edits.not_a_theme(edits.merge(made, "T0001", ["T0004"]), "T0005")


def test_a_state_survives_json_and_arrays(state: ThemeState, blobs: Blobs) -> None:
    arrays, record = state.to_data()
    again = ThemeState.from_data(arrays, json.loads(json.dumps(record)))
    vectors, _ = blobs(6, 5, seed=4)
    assert again.theme_ids == state.theme_ids == ("T0001", "T0002", "T0003", "T0006")
    assert again.edits == state.edits
    assert again.events == state.events
    assert (again.assign(vectors).nearest == state.assign(vectors).nearest).all()
    ids = [f"n{i}" for i in range(30)]
    one, other = continue_themes(state, ids, vectors), continue_themes(again, ids, vectors)
    assert (one.partition.nearest == other.partition.nearest).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("areas", np.zeros(2, dtype=np.int64)),
        ("anchors.theme", np.zeros(6, dtype=np.int64)),
        ("anchors.min_similarity", np.zeros(1, dtype=np.float32)),
        ("past.theme", np.full(180, 77)),
        ("past.member", np.ones(3, dtype=np.bool_)),
        ("past.vectors", np.full((180, 48), np.nan, dtype=np.float16)),
    ],
)
def test_parts_that_do_not_fit_are_refused(state: ThemeState, name: str, value: np.ndarray) -> None:
    arrays, record = state.to_data()
    with pytest.raises(ValueError, match="does not fit"):
        ThemeState.from_data(arrays | {name: value}, record)


def test_an_id_that_would_be_used_again_is_refused(state: ThemeState) -> None:
    arrays, record = state.to_data()
    with pytest.raises(ValueError, match="next_number"):
        ThemeState.from_data(arrays, record | {"next_number": 3})
    with pytest.raises(KeyError):
        ThemeState.from_data(arrays, {})


def test_what_is_like_a_hidden_theme_is_left_over(state: ThemeState) -> None:
    anchors = state.anchors
    hidden = state.all_ids.index("T0005")
    centre = anchors.centres[anchors.theme == hidden]
    found = state.assign(centre)
    assert not found.member[0]
    assert 0 <= found.nearest[0] < len(state.theme_ids)


def test_a_merged_theme_is_known_by_all_it_was(state: ThemeState) -> None:
    index = state.all_ids.index("T0001")
    own = state.anchors.centres[state.anchors.theme == index]
    assert len(own) == 2
    found = state.assign(own)
    assert found.nearest.tolist() == [0, 0]
    assert found.member.all()
    assert np.allclose(found.similarity, 1, atol=1e-4)
    assert np.allclose(similarity_to(state.anchors, own, np.array([index, index])), 1, atol=1e-4)
    centres, least = theme_centres(state)
    assert centres.shape == (len(state.all_ids), own.shape[1])
    assert least[index] == state.anchors.min_similarity[state.anchors.theme == index].min()


def test_numbers_and_ids() -> None:
    assert id_of(7) == "T0007"
    assert number_of(id_of(12345)) == 12345
