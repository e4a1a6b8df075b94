"""Trend: how often a doubling is found within two periods, and how often a change is seen where there is none.

    python -m eval.trend [--only NAME ...] [--replays 500] [--seed 0] [--out FILE]

Replays of real text: rows are drawn with replacement from a set, its true labels being the themes; the volume of each
period is drawn from the set's own periods, days or weeks. Each theme's share is constant, or restless: multiplied in
each period by a gamma variable of mean 1 and variance `a`, which makes counts negative binomial with variance
m + a·m². `a` is 0 (Poisson), the set's own (measured from its history) or .1 (harsher than any set here).

null      nothing has changed; a replay is false if any theme is called rising, new, recurring or falling
planted   a theme, drawn in proportion to its size, doubles; found if it is called rising, new or recurring after the
          first or the second period. "size" is its expected number of signals in a period before: no test can tell a
          doubling from 2 to 4, so the figures are given by size; the promise is for 20 and more
looks     of null replays: any false one in 12 successive looks, as somebody has who looks each period
best      what no test can surpass at 5 % false replays: one that knows all but which theme it is (`eval.trend_best`)
bursts    of null replays: any theme said to have had a burst that is over

The planted stories of training_data, week by week: `eval.trend_stories`.

Each at the set's own volume, and "busy", with the volume multiplied so that a usual period has a thousand signals.
Beside it in each: the usual rule, 50 % more than the period before. Writes eval/results/trend.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.run import RESULTS, TRIAL
from eval.trend_best import best_possible
from eval.trend_pools import BEFORE, SECONDS, SETS, START, Pool, Replay, pool_of, replay, rule
from signaltriage.themes.trend import past_bursts, trends

LOOKS: Final = 12
SIZES: Final = (5, 10, 20, 50)
UP: Final = frozenset({"rising", "new", "recurring"})
CALLED: Final = UP | {"falling"}
RESTLESS: Final = 0.1
BUSY: Final = 1000

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def null(pool: Pool, restless: float, replays: int, seed: int) -> dict[str, Any]:
    """Replays without a change: the share with any finding, at the last look and at any of `LOOKS`."""
    false = by_rule = ever = past = 0
    seconds = SECONDS[pool.period]
    for r in range(replays):
        drawn = replay(pool, BEFORE + 2, restless, None, np.random.default_rng([seed, r, 0]))
        found = trends(drawn.times, drawn.themes, pool.n_themes, period=pool.period)
        false += any(trend.kind in CALLED for trend in found)
        by_rule += bool(rule(drawn, pool).any())
        past += any(past_bursts(*_rows(drawn), pool.n_themes, period=pool.period))
        if r < replays // 5:
            ever += any(
                trend.kind in CALLED
                for look in range(BEFORE + 3 - LOOKS, BEFORE + 3)
                for trend in trends(*_rows(drawn.until(look, seconds)), pool.n_themes, period=pool.period)
            )
    return {
        "replays": replays, "false": round(false / replays, 4), "rule_false": round(by_rule / replays, 4),
        "any_of_12_looks": round(ever / max(1, replays // 5), 4), "false_burst": round(past / replays, 4),
    }  # fmt: skip


def planted(pool: Pool, restless: float, replays: int, seed: int) -> dict[str, Any]:
    """Replays with one doubling: found after one period or two, by the size of the theme."""
    seconds = SECONDS[pool.period]
    rows = []
    for r in range(replays):
        rng = np.random.default_rng([seed, r, 1])
        theme = int(rng.choice(pool.n_themes, p=pool.share))
        whole = replay(pool, BEFORE + 2, restless, theme, rng)
        hit = hit_rule = False
        others: list[bool] = []
        days: float | None = None
        for look in (BEFORE + 1, BEFORE + 2):
            seen = whole.until(look, seconds)
            found = trends(*_rows(seen), pool.n_themes, period=pool.period)
            hit |= found[theme].kind in UP
            hit_rule |= bool(rule(seen, pool)[theme])
            others = [trend.kind in CALLED for k, trend in enumerate(found) if k != theme]
            since = found[theme].since if found[theme].kind in UP else None
            if since is not None:
                onset = (START + np.timedelta64(BEFORE * seconds, "s")).astype("datetime64[D]")
                days = abs(float((np.datetime64(since) - onset).astype(np.int64)))
        wrong = sum(others) / max(1, sum(others) + hit)
        rows.append((pool.share[theme] * pool.volumes.mean(), hit, hit_rule, wrong, days))
    return _by_size(rows)


def _by_size(rows: Sequence[tuple[float, bool, bool, float, float | None]]) -> dict[str, Any]:
    size = np.array([row[0] for row in rows])
    out: dict[str, Any] = {"replays": len(rows)}
    out["false_share_of_findings"] = round(float(np.mean([row[3] for row in rows])), 4)
    near = [row[4] for row in rows if row[4] is not None]
    out["days_off_median"] = float(np.median(near)) if near else None
    for low, high in zip((0, *SIZES), (*SIZES, np.inf), strict=True):
        at = np.flatnonzero((size >= low) & (size < high))
        if len(at):
            out[f"size_{low}_up"] = _found(rows, at)
    large = np.flatnonzero(size >= 20)
    if len(large):
        out["size_20_and_more"] = _found(rows, large)
    return out


def _found(rows: Sequence[tuple[float, bool, bool, float, float | None]], at: IntArray) -> dict[str, Any]:
    return {
        "replays": len(at),
        "found": round(float(np.mean([rows[i][1] for i in at])), 4),
        "rule_found": round(float(np.mean([rows[i][2] for i in at])), 4),
    }


def _rows(seen: Replay) -> tuple[NDArray[np.datetime64], IntArray]:
    return seen.times, seen.themes


def measure(name: str, replays: int, seed: int) -> dict[str, Any]:
    """All replays of one set. Raises FileNotFoundError."""
    pool = pool_of(name)
    times = int(np.ceil(BUSY / pool.volumes.mean()))
    found = {"own_volume": replays_of(name, pool, replays, seed)}
    if times > 1:
        found["busy"] = replays_of(f"{name}, busy", replace(pool, volumes=pool.volumes * times), replays, seed)
    return found


def replays_of(name: str, pool: Pool, replays: int, seed: int) -> dict[str, Any]:
    """All replays at one volume."""
    found: dict[str, Any] = {
        "period": pool.period, "themes": pool.n_themes, "signals_a_period": round(float(pool.volumes.mean()), 1),
        "own_restlessness": round(pool.restless, 4),
    }  # fmt: skip
    for kind, restless in (("constant", 0.0), ("own", pool.restless), ("harsh", RESTLESS)):
        found[kind] = {
            "null": null(pool, restless, replays, seed),
            "planted": planted(pool, restless, replays, seed),
            "best_possible": best_possible(pool, restless, seed),
        }
        print(f"{name:<27} {kind:<9} null {found[kind]['null']}\n{'':<37} planted {found[kind]['planted']}", flush=True)
        print(f"{'':<37} best possible {found[kind]['best_possible']}", flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; sets that are absent are named and skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SETS), default=list(SETS), metavar="NAME")
    parser.add_argument("--replays", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)
    path = options.out or (RESULTS if options.replays >= 500 else TRIAL) / "trend.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in options.only:
        try:
            result[name] = measure(name, options.replays, options.seed)
        except FileNotFoundError:
            print(f"{name}: absent, skipped", file=sys.stderr)
            continue
        result["protocol"] = {"before": BEFORE, "looks": LOOKS, "rate": 0.05, "seed": options.seed, "harsh": RESTLESS}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
