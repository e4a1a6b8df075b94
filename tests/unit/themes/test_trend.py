from __future__ import annotations

import warnings
from datetime import date

import numpy as np
import pytest
from scipy import stats

from signaltriage.themes.trend import past_bursts, trends
from signaltriage.themes.trend_past import bursts
from signaltriage.themes.trend_periods import period_of, timeline
from signaltriage.themes.trend_tests import _tail, overdispersion, split, tails

START = np.datetime64("2026-01-05T00:00:00", "s")  # a Monday
WEEK = 7 * 86_400


def history(counts: list[list[int]], seconds: int = WEEK) -> tuple[np.ndarray, np.ndarray]:
    """Signals of each theme (row) in each period (column), evenly spread within it; last row: in no theme."""
    times, themes = [], []
    for theme, row in enumerate(counts):
        for t, n in enumerate(row):
            times.append(START + (t * seconds + (np.arange(n) + 0.5) / max(n, 1) * seconds).astype("timedelta64[s]"))
            themes.append(np.full(n, theme if theme < len(counts) - 1 else -1))
    return np.concatenate(times), np.concatenate(themes)


def kinds(counts: list[list[int]]) -> list[str]:
    return [trend.kind for trend in trends(*history(counts), len(counts) - 1, period="week")]


FLAT = [20, 23, 18, 21, 19, 22, 20, 17, 24, 20, 19, 21]
REST = [200, 205, 190, 210, 200, 195, 204, 201, 199, 196, 207, 200]


def test_a_doubling_is_rising_and_tells_the_day() -> None:
    found = trends(*history([[*FLAT[:10], 45, 41], FLAT, REST]), 2, period="week")
    assert [trend.kind for trend in found] == ["rising", "steady"]
    assert found[0].p is not None
    assert found[0].p <= 0.05
    assert found[0].since is not None
    assert abs((found[0].since - date(2026, 3, 16)).days) <= 2
    assert found[0].counts[-1] == 41
    assert found[0].periods[0] == date(2026, 1, 5)
    assert len(found[0].periods) == 12


def test_what_was_never_there_is_new_and_what_came_back_is_recurring() -> None:
    new = [0] * 22 + [14, 15]
    back = [18, 20, 17, 19, 18, 21, 20, 18, *[0] * 14, 26, 29]
    assert kinds([new, back, FLAT * 2, REST * 2])[:2] == ["new", "recurring"]


def test_a_fall_is_falling_and_a_rise_that_is_over_is_too() -> None:
    assert kinds([[*FLAT[:10], 3, 2], FLAT, REST])[0] == "falling"
    assert kinds([[0] * 7 + [60, 50, 2, 1, 0], FLAT, REST])[0] == "falling"


def test_more_of_everything_is_no_rise() -> None:
    double = [n * (2 if t >= 10 else 1) for t, n in enumerate(FLAT)]
    assert kinds([double, double, [n * (2 if t >= 10 else 1) for t, n in enumerate(REST)]]) == ["steady", "steady"]


def test_one_theme_that_rises_does_not_make_the_others_fall() -> None:
    assert kinds([[*REST[:10], 700, 720], FLAT, FLAT, REST]) == ["rising", "steady", "steady"]


def test_a_week_that_is_not_over_is_no_fall() -> None:
    times, themes = history([FLAT, FLAT, REST])
    early = times < START + np.timedelta64(11 * WEEK + 86_400, "s")
    found = trends(times[early], themes[early], 2, period="week")
    assert [trend.kind for trend in found] == ["steady", "steady"]
    assert found[0].partial
    assert not trends(times, themes, 2, period="week")[0].partial


def test_too_little_history_is_unknown() -> None:
    assert kinds([[5, 9], [4, 4], [50, 50]]) == ["unknown", "unknown"]
    assert kinds([[0] * 11 + [1], FLAT, REST])[0] in {"unknown", "steady"}
    nothing = trends(np.array([], dtype="datetime64[s]"), np.array([], dtype=np.int64), 2)
    assert [trend.kind for trend in nothing] == ["unknown", "unknown"]
    assert trends(np.array(["NaT"], dtype="datetime64[s]"), np.array([0]), 1)[0].kind == "unknown"


def test_the_order_of_rows_is_of_no_account_and_unknown_times_are_left_out() -> None:
    times, themes = history([[*FLAT[:10], 45, 41], FLAT, REST])
    order = np.random.default_rng(0).permutation(len(times))
    more = np.append(times[order], np.datetime64("NaT"))
    assert trends(more, np.append(themes[order], 0), 2) == trends(times, themes, 2)


def test_a_set_of_one_theme_is_held_against_time() -> None:
    found = trends(*history([[*FLAT[:10], 60, 66], [0] * 12]), 1, period="week")
    assert found[0].kind == "rising"


def test_weekends_are_a_season() -> None:
    week = [30, 31, 29, 30, 32, 5, 4]
    days = [n + (t * 7) % 5 for t, n in enumerate(week * 8)]
    flat = [100 + (t * 3) % 7 for t in range(56)]
    found = trends(*history([days, flat], 86_400), 1, period="day")
    assert found[0].kind == "steady"


OUTAGE = [2, 1, 3, 2, 2, 1, 25, 14, 3, 1, 2, 2, 3, 1, 2, 2, 1, 3, 2, 2, 1, 2, 2, 1]


def test_a_burst_that_is_over_is_told_with_its_days() -> None:
    told = history([OUTAGE, FLAT * 2, REST * 2])
    assert [trend.kind for trend in trends(*told, 2, period="week")] == ["steady", "steady"]
    assert past_bursts(*told, 2, period="week") == [(date(2026, 2, 16), date(2026, 3, 1)), None]
    order = np.random.default_rng(0).permutation(len(told[0]))
    assert past_bursts(told[0][order], told[1][order], 2, period="week") == past_bursts(*told, 2, period="week")


def test_what_goes_on_or_has_stayed_is_no_burst() -> None:
    for counts in ([2] * 20 + [14, 15, 13, 16], [20] * 12 + [60] * 12, [*FLAT, *FLAT]):
        assert past_bursts(*history([counts, FLAT * 2, REST * 2]), 2, period="week") == [None, None]
    nothing = np.array([], dtype="datetime64[s]"), np.array([], dtype=np.int64)
    assert past_bursts(*nothing, 2) == [None, None]
    assert past_bursts(*history([[3, 4], [2, 1]]), 1, period="week") == [None]


@pytest.mark.parametrize("restless", [0.0, 0.1])
def test_bursts_are_rarely_seen_where_there_are_none(restless: float) -> None:
    rng = np.random.default_rng(5)
    false = 0
    for _ in range(60):
        rate = rng.gamma(1 / restless, restless, (12, 26)) if restless else np.ones((12, 26))
        counts = rng.poisson(10 * rate)
        found = bursts(counts, (counts.sum(axis=0) + 100.0 - counts), np.zeros(12))
        false += bool((stats.false_discovery_control(found.p) <= 0.05).any())
    assert false <= 6


def test_restless_themes_are_given_their_due() -> None:
    calm = np.tile([20.0, 22, 19, 21], 6)
    restless = np.tile([5.0, 45, 12, 30], 6)
    excess, df = overdispersion(np.stack([calm, restless, calm, calm]), np.full((4, 24), 100.0), np.zeros(4))
    assert excess[0] < 0.05
    assert excess[1] > 0.2
    assert (df > 0).all()


@pytest.mark.parametrize("restless", [0.0, 0.02, 0.1])
def test_the_restlessness_of_many_themes_is_found_though_one_has_burst(restless: float) -> None:
    rng = np.random.default_rng(1)
    rate = rng.gamma(1 / restless, restless, (30, 26)) if restless else np.ones((30, 26))
    counts = rng.poisson(40 * rate).astype(np.float64)
    counts[0, 12] = 900
    excess, _ = overdispersion(counts, np.full((30, 26), 100.0), np.zeros(30))
    assert float(np.median(excess)) == pytest.approx(restless, abs=0.02)


def test_a_tail_is_the_binomial_one_where_nothing_is_restless() -> None:
    counts, exposure = np.array([[10.0] * 8 + [25]]), np.full((1, 9), 100.0)
    up, down = _tail(counts, exposure, np.ones((1, 8)), (0, 1), np.zeros(1))
    assert up[0] == pytest.approx(stats.binom.sf(24, 105, 1 / 9))
    assert down[0] == pytest.approx(stats.binom.cdf(25, 105, 1 / 9))


@pytest.mark.parametrize(("mean", "restless", "window"), [(15, 0.02, 1), (15, 0.1, 2), (80, 0.1, 1), (300, 0.02, 4)])
def test_a_tail_is_near_the_exact_one_of_negative_binomial_counts(mean: int, restless: float, window: int) -> None:
    both, share, spread = mean * 26, window / 26, 1 + restless * mean
    size = (both - spread) / (spread - 1)
    exact = stats.betabinom(both, size * share, size * (1 - share))
    for chance in (1e-2, 1e-3):
        high, low = int(exact.isf(chance)), int(exact.ppf(chance))
        rest = float(both - low)
        up = split(*map(np.array, ([float(high)], [float(both)], [share], [spread])))
        down = split(*map(np.array, ([rest], [float(both)], [1 - share], [spread])))
        assert up[0] == pytest.approx(exact.sf(high - 1), rel=0.25)
        assert down[0] == pytest.approx(exact.cdf(low), rel=0.25)


def test_a_short_history_says_less_than_a_long_one() -> None:
    def rise(periods: int) -> float:
        found = tails(np.array([[10] * periods + [25]]), np.full((1, periods + 1), 100.0), np.zeros(1))
        assert found.rise[0] < found.fall[0]
        return float(found.rise[0])

    assert 3 * rise(64) < rise(8) < 0.01


def test_a_theme_that_is_most_of_all_doubles_as_visibly_as_another() -> None:
    large = [60, 57, 63, 61, 58, 60, 62, 59, 61, 60, 120, 118]
    small = [40, 42, 38, 41, 39, 40, 43, 38, 40, 41, 39, 40]
    assert kinds([large, small, [0] * 12]) == ["rising", "steady"]


def test_periods() -> None:
    days = START + np.arange(0, 400 * 86_400, 3600).astype("timedelta64[s]")
    assert period_of(days[: 24 * 30]) == "day"
    assert period_of(days) == "week"
    assert period_of(days[::40]) == "month"
    line = timeline(days[:100], np.zeros(100, dtype=np.int64), 1, "month")
    assert line.dates == (date(2026, 1, 1),)
    assert line.counts.tolist() == [[100]]


def test_no_warning_for_odd_input() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for counts in ([[0] * 12, FLAT, REST], [[1] * 12, [0] * 11 + [1], [0] * 12], [[0] * 11 + [500], [0] * 12]):
            found = trends(*history(counts), len(counts) - 1, period="week")
            assert len(found) == len(counts) - 1
            assert len(past_bursts(*history(counts), len(counts) - 1)) == len(counts) - 1
            assert all(one.p is None or 0 <= one.p <= 1 for one in found)


@pytest.mark.parametrize("restless", [0.0, 0.05])
def test_false_discoveries_are_rare(restless: float) -> None:
    rng = np.random.default_rng(3)
    false = 0
    for _ in range(40):
        rate = rng.gamma(1 / restless, restless, (12, 26)) if restless else np.ones((12, 26))
        counts = rng.poisson(15 * rate).tolist()
        false += any(kind in {"rising", "new", "falling", "recurring"} for kind in kinds([*counts, [300] * 26]))
    assert false <= 6
