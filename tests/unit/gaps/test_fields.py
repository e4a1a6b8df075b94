"""Exact cosines, best of each field, and hiding."""

from __future__ import annotations

import numpy as np
from gap_base import articles

from signaltriage.gaps.fields import FIELDS, HEADING, PASSAGE, SCALE, TITLE, TITLE_WORDS, Asked, Blind, whole
from signaltriage.gaps.knowledge import KnowledgeIndex
from support import WordsEncoder


def index() -> KnowledgeIndex:
    return KnowledgeIndex.build(articles(), WordsEncoder())


def test_whole_numbers_are_added_without_rounding_in_any_order() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    numbers = whole(vectors)
    exact = numbers.astype(np.int64) @ numbers.astype(np.int64).T
    assert exact.max() < 2**24
    order = np.random.default_rng(1).permutation(384)
    for columns in (np.arange(384), order):
        some = numbers[:, columns].astype(np.float32)
        np.testing.assert_array_equal((some @ some.T).astype(np.int64), exact)
    np.testing.assert_allclose(exact / SCALE**2, vectors @ vectors.T, atol=1e-3)


def test_each_field_is_the_best_of_its_units() -> None:
    made = index()
    asked = made.ask(["open settings on iPhone", "payslip"])
    found = made.fields.of(asked)
    assert found.shape == (2, 11, len(FIELDS))
    for kind in (TITLE, HEADING, PASSAGE):
        unit = made.fields.units[kind]
        for row in range(2):
            cosines = unit.vectors.astype(np.float64) @ asked.vectors[row] / SCALE**2
            for article in range(11):
                own = cosines[unit.owner == article]
                assert abs(found[row, article, kind] - (own.max() if len(own) else 0)) < 1e-6


def test_what_is_hidden_is_not_seen() -> None:
    made = index()
    row = made.row_of["refund"]
    asked = made.ask(["Get a refund for an order"] * 3)
    first = int(made.fields.units[PASSAGE].first[row])
    blind = (Blind(title=row), Blind(article=row), Blind(passages=(first,)))
    found = made.fields.of(Asked(asked.vectors, asked.terms, blind))
    assert found[0, row, TITLE] == 0
    assert found[0, row, TITLE_WORDS] == 0
    assert found[0, row, PASSAGE] > 0
    assert (found[1, row] == -1).all()
    assert found[2, row, PASSAGE] == 0
    assert found[2, row, TITLE] > 0.99


def test_the_passage_shown_is_the_nearest() -> None:
    made = index()
    row = made.row_of["push"]
    assert made.fields.best_passage(made.ask(["open settings on iphone"]), row) == 2
