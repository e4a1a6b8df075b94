"""What a model keeps of its held-out rows, and what incoming signals look like beside them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from signaltriage.routing.drift import Incoming, estimated_shares, find_drift
from signaltriage.routing.reference import Reference
from signaltriage.routing.samples import (
    Alarm,
    calibration_p,
    certainty_p,
    least_possible,
    mix_p,
    nearest_similarities,
    text_p,
    two_sided,
)
from support import TEXTS

CLASSES = ("a", "b", "c")
QUICK = Alarm(permutations=99)


def unit(rng: np.random.Generator, n: int, around: np.ndarray | None = None) -> np.ndarray:
    vectors = rng.normal(size=(n, 16)) + (0 if around is None else around)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def reference(rng: np.random.Generator, n: int = 600) -> Reference:
    probability = rng.uniform(0.6, 1, n)
    return Reference(
        unit(rng, n).astype(np.float16),
        rng.choice(3, n, p=[0.6, 0.3, 0.1]).astype(np.int32),
        probability.astype(np.float32),
        rng.random(n) < probability,
        np.array([60, 30], dtype=np.int32),
        n,
    )


def incoming(rng: np.random.Generator, n: int = 200, shares=(0.6, 0.3, 0.1), words=None) -> Incoming:
    probability = rng.uniform(0.6, 1, n)
    best = rng.choice(3, n, p=shares)
    probabilities = np.repeat((1 - probability[:, None]) / 2, 3, axis=1)
    probabilities[np.arange(n), best] = probability
    judged = probability, rng.random(n) < probability
    return Incoming(unit(rng, n), probabilities, words or {"vpn": (20, 60), "login": (10, 30)}, judged)


def moved(found) -> set[str]:
    return {test.name for test in found.tests if test.moved}


def test_nothing_moved_nothing_found() -> None:
    rng = np.random.default_rng(0)
    alarms = sum(find_drift(reference(rng), incoming(rng), CLASSES, QUICK).moved for _ in range(30))
    assert alarms <= 5  # one in twenty is promised; more than five of thirty would be chance once in 300


def test_a_topic_that_a_tenth_has_in_common_is_found() -> None:
    rng = np.random.default_rng(1)
    known = reference(rng)
    seen = incoming(rng)
    seen.vectors[:30] = unit(rng, 30, around=np.eye(16)[0] * 30)
    assert moved(find_drift(known, seen, CLASSES, QUICK)) == {"text"}


def test_rows_unlike_any_other_are_found_though_they_share_nothing() -> None:
    rng = np.random.default_rng(2)
    plane = np.concatenate([rng.normal(size=(800, 3)), np.zeros((800, 13))], axis=1).astype(np.float32)
    plane /= np.linalg.norm(plane, axis=1, keepdims=True)
    now = plane[600:].copy()
    now[:20] = unit(rng, 20)
    assert text_p(plane[:600].astype(np.float16), plane[600:], QUICK) > 0.05
    assert text_p(plane[:600].astype(np.float16), now, QUICK) <= 0.02


def test_another_mix_of_teams_is_found_and_named_with_its_true_size() -> None:
    rng = np.random.default_rng(3)
    found = find_drift(reference(rng, 3000), incoming(rng, 1000, (0.3, 0.6, 0.1)), CLASSES, QUICK)
    assert "teams" in moved(found)
    assert {team.team for team in found.teams} == {"a", "b"}
    b = next(team for team in found.teams if team.team == "b")
    assert b.before < 0.35 < 0.55 < b.now
    assert b.p_value <= 0.001


def test_words_that_moved_are_named_most_first() -> None:
    rng = np.random.default_rng(4)
    words = {"vpn": (20, 60), "sso": (40, 1), "login": (30, 30), "rare": (1, 1), "gone": (0, 80)}
    found = find_drift(reference(rng), incoming(rng, words=words), CLASSES, QUICK)
    assert moved(found) == {"words"}
    assert [word.word for word in found.words][:2] == ["sso", "gone"]
    assert (found.words[0].before, found.words[0].now) == (round(1 / 600, 6), 0.2)
    assert "vpn" not in {word.word for word in found.words}


def test_rare_words_do_not_make_the_others_harder_to_find() -> None:
    rng = np.random.default_rng(5)
    rare = {f"rare {i}": (i % 2, 1) for i in range(20_000)}
    words = {"sso": (12, 3), **rare}
    assert moved(find_drift(reference(rng), incoming(rng, words=words), CLASSES, QUICK)) == {"words"}


def test_a_model_less_sure_is_found_a_surer_one_is_none_of_our_business() -> None:
    rng = np.random.default_rng(6)
    before, less, more = rng.uniform(0.6, 1, 2000), rng.uniform(0.5, 0.95, 300), rng.uniform(0.8, 1, 300)
    assert certainty_p(before, less, QUICK) <= 0.01
    assert certainty_p(before, more, QUICK) > 0.5


def test_probabilities_that_are_no_longer_true_are_found() -> None:
    rng = np.random.default_rng(7)
    p = rng.uniform(0.5, 1, 2400)
    right = rng.random(2400) < p
    before = p[:2000], right[:2000]
    assert calibration_p(before, (p[2000:], right[2000:]), QUICK) > 0.05
    assert calibration_p(before, (p[2000:], rng.random(400) < p[2000:] - 0.2), QUICK) <= 0.01
    flat = rng.random(400) < p[2000:].mean()  # right on average, and the probabilities say nothing
    assert calibration_p(before, (p[2000:], flat), QUICK) <= 0.05


def test_without_labels_calibration_is_not_judged() -> None:
    rng = np.random.default_rng(8)
    seen = incoming(rng)
    bare = find_drift(reference(rng), Incoming(seen.vectors, seen.probabilities, seen.word_counts), CLASSES, QUICK)
    assert bare.calibration is None
    assert [test.name for test in bare.tests] == ["text", "words", "teams", "certainty"]


def test_the_same_seed_gives_the_same_answer() -> None:
    known, seen = reference(np.random.default_rng(9)), incoming(np.random.default_rng(10))
    assert find_drift(known, seen, CLASSES, QUICK) == find_drift(known, seen, CLASSES, QUICK)


def test_fishers_exact_test_is_scipys_up_to_what_counts_as_two_sided() -> None:
    for now, before in ((0, 9), (5, 2), (3, 30), (0, 0)):
        found = two_sided(np.array([now]), np.array([before]), (50, 200))[0]
        table = [[now, 50 - now], [before, 200 - before]]
        less, more = (fisher_exact(table, alternative=side).pvalue for side in ("less", "greater"))
        assert found == pytest.approx(min(1, 2 * min(less, more)))


def test_the_mix_agrees_with_chi_square_where_that_is_exact_enough() -> None:
    from scipy.stats import chi2_contingency

    counts = np.array([[600, 300, 100], [100, 80, 20]])
    exact = mix_p(counts, Alarm(permutations=20_000))
    assert exact == pytest.approx(chi2_contingency(counts).pvalue, abs=0.02)
    assert mix_p(np.array([[5, 0], [3, 0]]), QUICK) == 1.0


def test_the_true_mix_is_seen_through_unsure_guesses() -> None:
    rng = np.random.default_rng(11)
    before, now = np.array([0.8, 0.2]), np.array([0.4, 0.6])
    truth = rng.choice(2, 20_000, p=now)
    signal = rng.normal(truth * 1.5, 1)
    odds = np.exp(1.5 * signal - 1.5**2 / 2) * before[1] / before[0]
    probabilities = np.stack([1 / (1 + odds), odds / (1 + odds)], axis=1)
    assert estimated_shares(probabilities, before) == pytest.approx(now, abs=0.03)


def test_neighbours_are_those_of_brute_force() -> None:
    vectors = unit(np.random.default_rng(12), 1203)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    np.testing.assert_allclose(nearest_similarities(vectors, 3), -np.sort(-cosines, axis=1)[:, :3], atol=1e-6)
    assert nearest_similarities(vectors[:2], 3).shape == (2, 1)


def test_few_rows_are_no_crash() -> None:
    rng = np.random.default_rng(13)
    for n in (1, 2, 5):
        assert find_drift(reference(rng, 5), incoming(rng, n), CLASSES, QUICK).rows == n


def test_the_reference_is_of_held_out_rows_and_keeps_no_text(small) -> None:
    found = Reference.choose(small.trained, TEXTS, small.vectors, seed=0)
    assert found is not None
    assert found.rows == len(small.trained.held_out.rows) == len(found.guess)
    assert found.right.mean() == pytest.approx(
        (small.trained.held_out.probabilities.argmax(axis=1) == small.trained.held_out.y).mean()
    )
    words = small.trained.router.wording.words
    vpn = sum("vpn" in text.lower() for text in TEXTS)
    assert found.word_counts[words.index("vpn")] == vpn
    back = Reference.from_arrays(found.to_arrays())
    for name, array in back.to_arrays().items():
        np.testing.assert_array_equal(array, found.to_arrays()[name])
        assert array.dtype.kind in "fiu"


def test_arrays_that_do_not_fit_are_refused(small) -> None:
    found = Reference.choose(small.trained, TEXTS, small.vectors, seed=0)
    assert found is not None
    arrays = found.to_arrays()
    with pytest.raises(ValueError, match="do not fit"):
        Reference.from_arrays({**arrays, "guess": arrays["guess"][:-1]})
    with pytest.raises(KeyError):
        Reference.from_arrays({name: array for name, array in arrays.items() if name != "rows"})


def test_the_least_possible_p_value_is_that_of_the_most_extreme_table() -> None:
    m, n = 20, 30
    for total in (0, 1, 7, 25, 45):
        tables = [now for now in range(total + 1) if now <= m and total - now <= n]
        smallest = min(two_sided(np.array([now]), np.array([total - now]), (m, n))[0] for now in tables)
        assert least_possible(np.array([total]), (m, n))[0] == pytest.approx(smallest)
