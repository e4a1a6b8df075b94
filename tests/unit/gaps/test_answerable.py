"""Whether the best article answers: hidden articles are noticed, probabilities hold, limits are kept."""

from __future__ import annotations

import numpy as np
import pytest
from gap_base import articles

from signaltriage.gaps.answerable import Answerability
from signaltriage.gaps.belief import GRID, Labelled, believe, best_limit
from signaltriage.gaps.features import COSINE, CROSS, IDENTIFIERS, NAMES, WORDS, lacking, nearest
from signaltriage.gaps.hiding import hidden_too, learn_scale, usual_scale
from signaltriage.gaps.knowledge import KnowledgeIndex
from signaltriage.types import Article
from support import WordsEncoder

ASKED = ["refund order", "change card", "reset password", "guest wifi code", "annual leave days", "track my parcel"]
UNASKED = ["bake bread", "zebra crossing", "symphony orchestra", "moon landing", "tennis racket", "garden hose"]


def base() -> KnowledgeIndex:
    return KnowledgeIndex.build(articles(), WordsEncoder())


def test_what_no_article_says_is_told_from_what_one_does() -> None:
    judged = Answerability.learn(base()).judge([*ASKED, *UNASKED])
    probability = [answer.answer_probability for answer in judged]
    assert min(probability[:6]) > max(probability[6:])
    assert all(answer.answered for answer in judged[:6])
    assert not any(answer.answered for answer in judged[6:])
    assert [answer.article_id for answer in judged[:3]] == ["refund", "card", "password"]


def test_hiding_the_article_lowers_the_probability() -> None:
    there = Answerability.learn(base())
    gone = Answerability.learn(base().updated(without=["wifi"]))
    others = [*ASKED, *UNASKED]
    before, after = (a.judge(["join the guest wifi", *others])[0] for a in (there, gone))
    assert before.answer_probability > 0.5 > after.answer_probability
    assert "guest" in after.lacks


def test_neither_order_nor_repetition_of_the_searches_matters() -> None:
    learned = Answerability.learn(base())
    queries = [*ASKED, *UNASKED]
    once = dict(zip(queries, learned.judge(queries), strict=True))
    again = learned.judge([*queries[::-1], *["refund order"] * 50])
    assert again == [once[query] for query in [*queries[::-1], *["refund order"] * 50]]


@pytest.mark.parametrize("query", ["", "   ", "🙂🙂", "?!"])
def test_a_query_without_words_is_answered_by_nothing(query: str) -> None:
    answer = Answerability.learn(base()).judge([query, "reset password"])[0]
    assert answer.answer_probability == 0
    assert not answer.answered
    assert answer.article_id


def test_small_bases_are_judged_by_the_prior() -> None:
    empty = Answerability.learn(KnowledgeIndex.build([], WordsEncoder())).judge(["x"])[0]
    assert (empty.article_id, empty.answer_probability, empty.hits) == ("", 0.0, ())
    one = Answerability.learn(KnowledgeIndex.build([Article("a", "Reset password", "")], WordsEncoder()))
    same, other = one.judge(["reset password", "zebra"])
    assert same.answer_probability > 0.5 > other.answer_probability
    assert one.judge([]) == []


def test_what_was_learned_can_be_kept() -> None:
    index = base()
    learned = Answerability.learn(index, pairs=[("money back", "refund"), ("no such", "nowhere")])
    assert len(learned.labelled.answered) == 1
    again = Answerability.of_record(index, learned.record())
    assert again.judge(ASKED) == learned.judge(ASKED)


def test_labelled_pairs_move_the_belief() -> None:
    near, other = np.array([0.4]), np.array([0.2])
    alone = believe(near, other)
    told = believe(near, other, Labelled(answered=(0.38, 0.4, 0.37) * 20, missing=(0.25, 0.24, 0.26) * 20))
    assert told.of(near)[0] > alone.of(near)[0]


def test_a_cross_encoder_is_one_more_feature() -> None:
    seen: list[tuple[str, str]] = []

    def cross(pairs: list[tuple[str, str]]) -> np.ndarray:
        seen.extend(pairs)
        return np.array([float(bool(set(a.lower().split()) & set(b.lower().split()))) for a, b in pairs])

    learned = Answerability.learn(base(), cross_encoder=cross)
    assert learned.scale[-1] >= 0
    assert learned.judge(["reset password"])[0].answer_probability > 0.5
    assert any(text.startswith("Reset your password") for _, text in seen)


def test_a_missing_identifier_speaks_against_an_answer() -> None:
    assert lacking(["error", "=err-1042", "err", "1042"], frozenset({"=err-1042"})) == 0
    assert lacking(["error", "=err-1043", "err", "1043"], frozenset({"=err-1042", "err"})) == 1
    assert lacking(["10", "day"], frozenset()) == 0
    assert lacking(["s3"], frozenset()) == 1
    right, wrong = Answerability.learn(base()).judge(["ERR-1042", "ERR-1043"])
    assert right.answer_probability > wrong.answer_probability


def test_features_are_what_they_say() -> None:
    fields = np.zeros((1, 3, 5), dtype=np.float32)
    fields[0, :, 0] = [0.9, 0.5, 0.3]
    fields[0, 0, 2:] = [0.5, 0.1, 0.7]
    found = nearest(fields, fields[..., 0])
    assert found.rows.tolist() == [0]
    np.testing.assert_allclose(found.features[0, [COSINE, WORDS]], [0.8, 0.7], atol=1e-6)
    assert found.next_features[0, COSINE] == pytest.approx(0.375)
    alone = nearest(fields[:, :1], fields[:, :1, 0])
    assert not alone.next_features.any()


def test_a_cross_encoder_counts_as_far_as_it_tells_and_nothing_else_moves() -> None:
    rng = np.random.default_rng(0)
    present, gone = rng.random((80, len(NAMES))), rng.random((80, len(NAMES)))
    present[:, COSINE] += 0.3
    deaf = learn_scale(present, gone, np.arange(80))
    present[:, CROSS] += 1
    hearing = learn_scale(present, gone, np.arange(80))
    assert hearing[CROSS] > deaf[CROSS] >= 0
    assert hearing[:CROSS] == deaf[:CROSS] == usual_scale()[:CROSS]
    assert usual_scale()[IDENTIFIERS] < 0 < usual_scale()[WORDS]


def test_articles_that_ask_the_same_are_hidden_together() -> None:
    twins = [*articles(), Article("refund2", "Get a refund for an order", "The same again.")]
    index = KnowledgeIndex.build(twins, WordsEncoder())
    rows = hidden_too(index.fields, index.row_of["refund"])
    assert {index.ids[row] for row in rows} == {"refund", "refund2"}
    assert hidden_too(index.fields, index.row_of["vpn"]).tolist() == [index.row_of["vpn"]]


def test_probability_rises_with_nearness_and_follows_the_searches() -> None:
    rng = np.random.default_rng(0)
    missing, answered = rng.normal(0.25, 0.09, 300), rng.normal(0.5, 0.15, 300)
    searches, next_best = np.concatenate([missing, answered]), rng.normal(0.2, 0.07, 600)
    belief = believe(searches, next_best)
    assert (np.diff(belief.probability) >= 0).all()
    assert len(belief.probability) == len(GRID)
    said = belief.of(searches)
    right = np.repeat([0.0, 1.0], 300)
    assert abs(said.mean() - 0.5) < 0.06
    for low, high in ((0.0, 0.2), (0.8, 1.01)):
        some = (said >= low) & (said < high)
        assert abs(said[some].mean() - right[some].mean()) < 0.08


def test_where_everything_is_near_more_is_asked_of_an_answer() -> None:
    near = np.full(200, 0.4)
    apart, crowded = (believe(near, np.full(200, other)).of(near)[0] for other in (0.15, 0.35))
    assert apart > crowded


def test_the_limit_is_the_one_with_the_best_expected_f1() -> None:
    probability = np.linspace(0, 1, 101)
    density = np.ones(101)
    limit = best_limit(probability, density)

    def f1(least: float) -> float:
        said = probability < least
        found = (1 - probability)[said].sum()
        return float(2 * found / (said.sum() + (1 - probability).sum()))

    assert f1(limit) == pytest.approx(max(f1(least) for least in np.linspace(0, 1.01, 102)))
