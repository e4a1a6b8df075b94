"""The queue for people: like signals as one item, most worthwhile first."""

from __future__ import annotations

import numpy as np

from signaltriage.routing.overlay import Signals
from signaltriage.routing.review import review_items
from signaltriage.types import Prediction, RunnerUp

# text, angle in degrees, probability, held
ROWS = [
    ("vpn down", 0, 0.4, True),
    ("VPN down!", 50, 0.4, True),
    ("tunnel is down", 8, 0.5, True),
    ("bill wrong", 90, 0.1, True),
    ("bill wrong", 90, 0.1, True),
    ("login loops", 200, 0.3, True),
    ("known thing", 91, 0.9, False),
    ("", 0, 0.2, True),
    ("", 0, 0.2, True),
]


def items(rows):
    vectors = np.array([[np.cos(np.radians(r[1])), np.sin(np.radians(r[1]))] for r in rows], dtype=np.float32)
    predictions = [
        Prediction(None if held else "a", "needs_human" if held else "routed", p, "a", (RunnerUp("b", 0.05),), "", "m")
        for _, _, p, held in rows
    ]
    return review_items(Signals([r[0] for r in rows], vectors, [""] * len(rows)), predictions, 0.95)


def test_every_held_signal_is_in_one_item() -> None:
    found = items(ROWS)
    members = [row for item in found for row in item.members]
    assert sorted(members) == [i for i, row in enumerate(ROWS) if row[3]]
    assert len({item.item_id for item in found}) == len(found)


def test_like_signals_are_one_item_by_words_or_by_meaning() -> None:
    groups = {frozenset(ROWS[i][0] for i in item.members) for item in items(ROWS)}
    assert groups == {
        frozenset({"vpn down", "VPN down!"}),  # the first of the alphabet leads, and takes in its words
        frozenset({"tunnel is down"}),
        frozenset({"bill wrong"}),
        frozenset({"login loops"}),
        frozenset({""}),
    }
    by_meaning = items([ROWS[0], ROWS[2], ROWS[5]])
    assert {len(item.members) for item in by_meaning} == {1, 2}


def test_it_is_ordered_by_the_errors_an_answer_is_expected_to_remove() -> None:
    found = items(ROWS)
    assert [item.worth for item in found] == sorted((item.worth for item in found), reverse=True)
    bill = next(item for item in found if item.text == "bill wrong")
    assert bill.worth == 1.8
    assert (bill.best_guess, bill.runner_up, bill.probability, bill.reason) == ("a", "b", 0.1, "")


def test_the_order_of_the_rows_is_irrelevant() -> None:
    def told(rows):
        return [(i.item_id, i.text, i.worth, sorted(rows[k][0] for k in i.members)) for i in items(rows)]

    order = np.random.default_rng(0).permutation(len(ROWS))
    assert told([ROWS[i] for i in order]) == told(ROWS)


def test_nothing_held_is_no_item() -> None:
    assert items([ROWS[6]]) == []
