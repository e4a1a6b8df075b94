"""What a person says of themes holds, at once and after ten updates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from signaltriage.errors import UsageError
from signaltriage.themes import edits
from signaltriage.themes.identity import Continued, continue_themes, found_themes

Blobs = Callable[..., tuple[np.ndarray, np.ndarray]]
IDS = [f"s{i:04d}" for i in range(240)]


@pytest.fixture
def run(blobs: Blobs) -> Continued:
    return found_themes(IDS, blobs(8, 30)[0])


def of_row(run: Continued) -> np.ndarray:
    return np.array([*run.theme_ids, ""], dtype=object)[run.partition.theme]


def test_edits_survive_ten_updates(run: Continued, blobs: Blobs) -> None:
    vectors, _ = blobs(8, 30)
    state = edits.rename(run.state, "T0001", " Lost parcels ")
    state = edits.owner(state, "T0002", "payments")
    state = edits.merge(state, "T0003", ["T0004"])
    state = edits.split(state, "T0005")
    state = edits.not_a_theme(state, "T0006")
    after = continue_themes(state, IDS, vectors)
    fixed, seen = of_row(after), set(after.theme_ids)
    assert after.theme_ids == ["T0001", "T0002", "T0003", "T0005", "T0007", "T0008", "T0009"]
    for update in range(10):
        more, _ = blobs(8 + update % 3, 6, seed=100 + update)
        after = continue_themes(after.state, [f"u{update}-{i}" for i in range(len(more))], more)
        assert "T0004" not in after.theme_ids
        assert "T0006" not in after.theme_ids
        assert after.state.edits.names["T0001"] == "Lost parcels"
        assert after.state.edits.owners["T0002"] == "payments"
        assert (of_row(continue_themes(after.state, IDS, vectors)) == fixed).all()
        seen |= set(after.theme_ids)
    assert {"T0005", "T0009"} <= seen


def test_new_rows_go_where_the_edits_say(run: Continued, blobs: Blobs) -> None:
    vectors, labels = blobs(8, 30)
    more, of_more = blobs(8, 10, seed=5)
    theme = of_row(run)
    label_of = {id: int(np.bincount(labels[theme == id]).argmax()) for id in run.theme_ids}
    state = edits.not_a_theme(edits.merge(run.state, "T0001", ["T0002"]), "T0003")
    found = of_row(continue_themes(state, [f"n{i}" for i in range(80)], more))
    joined = found[np.isin(of_more, [label_of["T0001"], label_of["T0002"]])]
    assert (joined == "T0001").mean() > 0.9
    assert (found[of_more == label_of["T0003"]] == "").all()
    assert len(vectors) == 240


def test_a_split_makes_two_of_what_differs_most(blobs: Blobs) -> None:
    vectors, labels = blobs(6, 40)
    run = found_themes(IDS, vectors)
    state = edits.merge(run.state, "T0001", ["T0002"])
    state = edits.split(state, "T0001")
    after = continue_themes(state, IDS, vectors)
    theme = of_row(after)
    assert "T0002" not in after.theme_ids
    new = labels[theme == "T0007"]
    assert len(new) >= 30
    assert len(set(new.tolist())) == 1
    assert state.events[-1].kind == "split"
    assert state.events[-1].others == ("T0001",)


def test_a_person_may_say_which_signals_split_off(run: Continued, blobs: Blobs) -> None:
    vectors, _ = blobs(8, 30)
    own = [IDS[i] for i in np.flatnonzero(of_row(run) == "T0002")]
    state = edits.split(run.state, "T0002", own[:7])
    after = of_row(continue_themes(state, IDS, vectors))
    assert [IDS[i] for i in np.flatnonzero(after == "T0009")] == own[:7]


def test_a_hidden_theme_can_be_forgotten_and_found_again(run: Continued, blobs: Blobs) -> None:
    vectors, _ = blobs(8, 30)
    state = edits.forget(edits.not_a_theme(run.state, "T0008"), "T0008")
    assert "T0008" not in state.all_ids
    more, _ = blobs(8, 20, seed=9)
    after = continue_themes(state, IDS + [f"n{i}" for i in range(160)], np.concatenate([vectors, more]))
    assert "T0008" not in after.theme_ids
    assert "T0009" in after.theme_ids


def test_every_edit_is_told(run: Continued) -> None:
    state = edits.merge(edits.rename(run.state, "T0001", "Lost parcels"), "T0001", ["T0002"])
    told = [(event.kind, event.theme_id, event.others) for event in state.events[8:]]
    assert told == [("rename", "T0001", ()), ("merge", "T0001", ("T0002",)), ("death", "T0002", ("T0001",))]
    assert all(event.reason.startswith("a person") for event in state.events[8:])


def test_edits_that_make_no_sense_are_refused(run: Continued) -> None:
    state = run.state
    for wrong in (
        lambda: edits.rename(state, "T0099", "x"),
        lambda: edits.rename(state, "T0001", "  "),
        lambda: edits.owner(state, "T0001", ""),
        lambda: edits.merge(state, "T0001", ["T0001"]),
        lambda: edits.merge(state, "T0001", []),
        lambda: edits.merge(state, "T0001", ["T0002", "T0002"]),
        lambda: edits.split(state, "T0001", ["nobody"]),
        lambda: edits.split(state, "T0001", []),
        lambda: edits.forget(state, "T0001"),
        lambda: edits.not_a_theme(edits.not_a_theme(state, "T0001"), "T0001"),
    ):
        with pytest.raises(UsageError):
            wrong()
