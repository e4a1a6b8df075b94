"""What a lens takes out: what all have in common, and in which manner they are put."""

from __future__ import annotations

import numpy as np
import pytest
from gap_base import articles

from signaltriage.gaps.fields import PASSAGE, QUERY, TITLE, fractions
from signaltriage.gaps.knowledge import KnowledgeIndex
from signaltriage.gaps.lens import Lens
from signaltriage.types import Article
from support import WordsEncoder

DIMENSION = 32


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def base(rng: np.random.Generator, common: np.ndarray) -> list[np.ndarray]:
    return [unit(rng.normal(size=(n, DIMENSION)) + common) for n in (60, 20, 120)]


def test_what_all_have_in_common_says_nothing() -> None:
    rng = np.random.default_rng(0)
    common = 6 * rng.normal(size=DIMENSION)
    units = base(rng, common)
    queries = unit(rng.normal(size=(300, DIMENSION)) + common)
    plain = queries @ units[TITLE].T
    lens = Lens.of(units, queries, np.zeros(DIMENSION))
    seen = lens.seen(queries, QUERY) @ lens.seen(units[TITLE], TITLE).T
    assert plain.mean() > 0.9
    assert abs(seen.mean()) < 0.15


def test_how_searches_are_put_does_not_hide_what_they_ask() -> None:
    rng = np.random.default_rng(1)
    units = base(rng, 2 * rng.normal(size=DIMENSION))
    manner = 4 * rng.normal(size=DIMENSION)
    queries = unit(units[TITLE].astype(np.float64) + 0.2 * manner)
    lens = Lens.of(units, queries, np.zeros(DIMENSION))
    own = np.einsum("nd,nd->n", lens.seen(queries, QUERY), lens.seen(units[TITLE], TITLE))
    assert own.mean() > np.einsum("nd,nd->n", queries, units[TITLE]).mean()


def test_vectors_keep_unit_length_and_a_block_is_a_block_of_the_whole() -> None:
    rng = np.random.default_rng(2)
    units = base(rng, np.zeros(DIMENSION))
    lens = Lens.of(units, units[TITLE][:0], np.zeros(DIMENSION))
    seen = lens.seen(units[PASSAGE], PASSAGE)
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(lens.seen(units[PASSAGE][7:9], PASSAGE), seen[7:9], atol=1e-6)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_few_articles_are_not_taken_for_what_all_have_in_common(number: int) -> None:
    few = KnowledgeIndex.build(articles()[:number], WordsEncoder())
    units = [fractions(part.vectors) for part in few.fields.units]
    lens = Lens.of(units, units[TITLE][:0], np.zeros(few.encoder.dimension))
    asked = few.ask([entry.article.title for entry in few.entries])
    best = few.through(lens).fields.of(asked.through(lens))[..., TITLE]
    assert best.argmax(axis=1).tolist() == list(range(number))
    assert best.diagonal().min() > 0.9


def test_through_a_lens_similarity_stays_the_cosine() -> None:
    index = KnowledgeIndex.build([*articles(), Article("bare", "Nothing else", "")], WordsEncoder())
    units = [fractions(part.vectors) for part in index.fields.units]
    asked = index.ask(["Reset your password"])
    lens = Lens.of(units, fractions(asked.vectors), np.zeros(index.encoder.dimension))
    through = index.through(lens)
    plain, seen = ({hit.article_id: hit.similarity for hit in hits} for hits in (
        index.hits(asked, index.fields.of(asked)[0], 12),
        through.hits(asked.through(lens), through.fields.of(asked.through(lens))[0], 12),
    ))  # fmt: skip
    assert seen == plain
    assert plain["password"] == pytest.approx(1.0, abs=1e-3)
