"""Is the promise kept? Limits chosen on some held-out rows, the error among what they route seen on others, 200 times.

    python -m eval.promise [--resamples 200] [--only NAME ...]

Each set's router is trained once, on the training rows only; its held-out predictions (of rows it had not seen) are
what is drawn from. Without times: three quarters of them, drawn at random, choose the limits and the rest judge. With
times: a window of held-out rows up to a random day chooses, and the next rows, a third as many, judge. The share routed
stands beside the oracle's: the lowest limit that, in hindsight, would have kept the target on the judging rows.
A team counts where the promise says it holds for it alone. Writes eval/results/promise.json and prints a table.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.sets import ROOT, AbsentError, Part, load, read_sets
from signaltriage.encode import load_encoder
from signaltriage.model.parts import prepare
from signaltriage.routing.abstention import Guesses, Promise, Targets, make_promise
from signaltriage.routing.training import TrainingRows, train_router

RESULT: Final = ROOT / "eval" / "results" / "promise.json"
SETS: Final = ("banking77", "clinc150", "it_service_tickets", "sumo_firefox")
TARGETS: Final = (0.05, 0.10, 0.20)
IntArray = NDArray[np.int64]


def held_out(train: Part) -> tuple[Guesses, tuple[str, ...], NDArray[np.float64] | None]:
    """Best guesses on rows the router had not seen, its teams, and the rows' times."""
    texts = prepare(train.texts, clean=True)
    rows = [i for i, text in enumerate(texts) if text.strip()]
    part = train.take(rows)
    kept = [texts[i] for i in rows]
    trained = train_router(TrainingRows(kept, part.labels, load_encoder().encode(kept), part.times))
    found = trained.held_out
    best = found.probabilities.argmax(axis=1).astype(np.int64)
    guesses = Guesses(best, found.probabilities.max(axis=1), best == found.y)
    return guesses, trained.router.classes, None if part.times is None else part.times[found.rows]


def draws(n: int, times: NDArray[np.float64] | None, resamples: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Rows that choose the limits and rows that judge them."""
    rng = np.random.default_rng(0)
    order = np.argsort(times, kind="stable") if times is not None else np.arange(n)
    for _ in range(resamples):
        if times is None:
            mixed = rng.permutation(n)
            yield mixed[n // 4 :], mixed[: n // 4]
        else:
            begin = int(rng.integers(0, n // 4))
            end = int(rng.integers(begin + n // 2, n - n // 8))
            yield order[begin:end], order[end : end + (end - begin) // 3]


def judge(promise: Promise, guesses: Guesses, rows: IntArray) -> dict[str, Any]:
    """What came of one promise. Shares 0-1; `oracle` is the share routed in hindsight."""
    limits = np.array([team.min_probability for team in promise.teams])
    team, probability, right = guesses.team[rows], guesses.probability[rows], guesses.right[rows]
    routed = probability >= limits[team]
    order = np.argsort(-probability, kind="stable")
    errors = np.cumsum(~right[order]) / np.arange(1, len(rows) + 1)
    fit = np.flatnonzero(errors <= promise.target_error)
    kept = []
    for k, of_team in enumerate(promise.teams):
        mine = routed & (team == k)
        if of_team.holds and mine.any():
            kept.append(float((~right[mine]).mean()) <= of_team.target_error)
    return {
        "error": float((~right[routed]).mean()) if routed.any() else 0.0,
        "routed": float(routed.mean()),
        "oracle": float((fit[-1] + 1) / len(rows)) if len(fit) else 0.0,
        "teams": kept,
    }


def measure(name: str, resamples: int) -> dict[str, Any]:
    """All targets on one set."""
    guesses, teams, times = held_out(load(read_sets()[name]).train)
    found: dict[str, Any] = {"held_out_rows": len(guesses.right), "by_time": times is not None}
    for target in TARGETS:
        runs = []
        for choosing, judging in draws(len(guesses.right), times, resamples):
            some = Guesses(guesses.team[choosing], guesses.probability[choosing], guesses.right[choosing])
            runs.append(judge(make_promise(some, teams, Targets(target, {})), guesses, judging))
        of_teams = [kept for run in runs for kept in run["teams"]]
        routed, oracle = (float(np.mean([run[key] for run in runs])) for key in ("routed", "oracle"))
        found[f"{target:.2f}"] = {
            "kept": float(np.mean([run["error"] <= target for run in runs])),
            "error": round(float(np.mean([run["error"] for run in runs])), 4),
            "routed": round(routed, 4),
            "oracle_routed": round(oracle, 4),
            "share_of_oracle": round(routed / oracle, 4) if oracle else None,
            "team_promises": len(of_teams),
            "team_promises_kept": round(float(np.mean(of_teams)), 4) if of_teams else None,
        }
    return found


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resamples", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    result: dict[str, Any] = {"resamples": options.resamples, "sets": {}}
    columns = f"{'kept':>6} {'error':>6} {'routed':>7} {'of oracle':>9} {'teams promised, kept':>21}"
    print(f"{'set':<20} {'target':>6} {columns}")
    for name in options.only:
        try:
            found = result["sets"][name] = measure(name, options.resamples)
        except AbsentError as absent:
            print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
            continue
        for target in TARGETS:
            r = found[f"{target:.2f}"]
            of_oracle = "–" if r["share_of_oracle"] is None else f"{r['share_of_oracle']:.3f}"
            teams = "–" if r["team_promises_kept"] is None else f"{r['team_promises']}, {r['team_promises_kept']:.3f}"
            figures = f"{r['kept']:>6.3f} {r['error']:>6.3f} {r['routed']:>7.3f} {of_oracle:>9} {teams:>21}"
            print(f"{name:<20} {target:>6} {figures}", flush=True)
    options.out.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
