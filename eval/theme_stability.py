"""Do themes stay what they are? Rows shuffled, rows removed, rows added, new topics arriving, people's edits.

shuffled    the same rows in other orders, with other seeds and numbers of threads: themes and ids must be the same
perturbed   a random tenth of the rows removed: ARI of the others' themes with the full run's, beside EVoC's
added       a run goes on with 10 % new rows: share of the old rows that keep their theme
planted     rows of labels held out arrive with them: is there a new theme, pure at .8, with at least half of them
weeks       ten updates of 5 % each: share of the first rows that keep their theme, new themes, ARI with the labels
grown       a run on 30 %, then the other 70 % at once: the same
edits       a name, an owner, a merge, a split and a "not a theme", then ten updates: do all still hold?

Writes eval/results/theme_stability.json; `--quick`: 1,500 rows and few draws, to .cache/eval. `--steps planted
--first-draw 300` measures one of them on other draws than those that anything was chosen by.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.run import RESULTS, TRIAL
from eval.sets import AbsentError
from eval.theme_sets import ASKED, SETS, ThemeRows, load
from signaltriage.themes import edits
from signaltriage.themes.discovery import discover
from signaltriage.themes.identity import Continued, continue_themes, found_themes

Labels = NDArray[np.int64]
PURITY: Final = 0.8
SHARE: Final = 0.1
STEPS: Final = ("shuffled", "perturbed", "added", "planted", "weeks", "grown", "edits")


def shuffled(rows: ThemeRows, name: str, draws: int, quick: bool) -> dict[str, Any]:
    """How many of the other orders, seeds and numbers of threads give the same themes and ids."""
    ids = _ids(rows)
    first = found_themes(ids, rows.vectors)
    themes = _ids_of(first)
    same = 0
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(ids))
        again = found_themes([ids[i] for i in order], rows.vectors[order], seed=seed)
        same += bool((_ids_of(again) == themes[order]).all())
    digests = {threads: _digest_elsewhere(name, threads, quick) for threads in (1, 2)}
    return {"draws": draws, "same": same, "same_on_1_and_2_threads": len(set(digests.values())) == 1}


def perturbed(rows: ThemeRows, draws: int, peer: bool) -> dict[str, Any]:
    """Agreement with the full run when a tenth of the rows is gone."""
    whole = discover(rows.vectors).nearest
    found: dict[str, list[float]] = {"signaltriage": []}
    if peer:
        found["EVoC"] = []
        other = _evoc(rows.vectors)
    for seed in range(draws):
        kept = np.sort(np.random.default_rng(seed).permutation(len(whole))[: round(len(whole) * (1 - SHARE))])
        found["signaltriage"].append(_ari(whole[kept], discover(rows.vectors[kept]).nearest))
        if peer:
            found["EVoC"].append(_ari(other[kept], _evoc(rows.vectors[kept])))
    return {
        method: {"mean": round(float(np.mean(ari)), 4), "least": round(min(ari), 4)} for method, ari in found.items()
    }


def added(rows: ThemeRows, draws: Sequence[int]) -> dict[str, Any]:
    """Share of old rows whose theme, or whose being in none, is what it was after 10 % new rows."""
    ids, kept, founded = _ids(rows), [], 0
    for seed in draws:
        order = np.random.default_rng(seed).permutation(len(ids))
        old = np.sort(order[round(len(ids) * SHARE / (1 + SHARE)) :])
        before = found_themes([ids[i] for i in old], rows.vectors[old])
        after = continue_themes(before.state, ids, rows.vectors)
        kept.append(float((_ids_of(after)[old] == _ids_of(before)).mean()))
        founded += sum(event.kind in ("birth", "split") for event in after.events)
    return {"draws": len(draws), "kept": round(float(np.mean(kept)), 4), "least": round(min(kept), 4), "new": founded}


def planted(rows: ThemeRows, draws: Sequence[int]) -> dict[str, Any]:
    """How many held-out labels become a theme of their own; each draw holds out a twentieth of the labels."""
    ids, labels = _ids(rows), np.array(sorted(set(rows.labels.tolist())), dtype=object)
    tried = found = whole = 0
    for seed in draws:
        rng = np.random.default_rng(seed)
        held = rng.choice(labels, max(1, len(labels) // 20), replace=False)
        rest = rng.permutation(np.flatnonzero(~np.isin(rows.labels, held)))
        old = np.sort(rest[round(len(rest) * SHARE / (1 + SHARE)) :])
        before = found_themes([ids[i] for i in old], rows.vectors[old])
        after = continue_themes(before.state, ids, rows.vectors)
        theme = _ids_of(after)
        born = [event.theme_id for event in after.events if event.kind in ("birth", "split")]
        for label in held:
            own = rows.labels == label
            inside = [int(own[theme == id].sum()) for id in born if own[theme == id].mean() >= PURITY]
            tried += 1
            found += bool(inside)
            whole += max(inside, default=0) >= own.sum() / 2
    return {"tried": tried, "found": found, "found_whole": int(whole), "share": round(float(whole) / max(tried, 1), 4)}


def growing(rows: ThemeRows, draws: Sequence[int], start: float, updates: int) -> dict[str, Any]:
    """A run on a share of the rows, then one update with all others, or several of 5 % each. Nothing is planted.

    ARI is with the labels, beside that of one run on the same rows. Means over the draws.
    """
    ids, founded, kept, ari, at_once = _ids(rows), [], [], [], []
    for seed in draws:
        order = np.random.default_rng(seed).permutation(len(ids))
        first, came = round(len(ids) * start), len(ids) if updates == 1 else round(len(ids) * (start + updates * 0.05))
        run = before = found_themes([ids[i] for i in order[:first]], rows.vectors[order[:first]])
        for part in np.array_split(order[first:came], updates):
            run = continue_themes(run.state, [ids[i] for i in part], rows.vectors[part])
        after = continue_themes(run.state, [ids[i] for i in order[:came]], rows.vectors[order[:came]])
        kept.append(float((_ids_of(after)[:first] == _ids_of(before)).mean()))
        founded.append(sum(e.kind in ("birth", "split") and e.run > 1 for e in after.state.events))
        ari.append(_ari(rows.labels[order[:came]], after.partition.nearest))
        at_once.append(_ari(rows.labels[order[:came]], discover(rows.vectors[order[:came]]).nearest))
    names = ("kept", "new", "ari", "ari_of_one_run")
    means = [round(float(np.mean(values)), 4) for values in (kept, founded, ari, at_once)]
    return {"draws": len(draws), "updates": updates, **dict(zip(names, means, strict=True))}


def edited(rows: ThemeRows, updates: int) -> dict[str, Any]:
    """Five edits after the first run on half the rows; after each update, which of them hold."""
    ids = _ids(rows)
    order = np.random.default_rng(0).permutation(len(ids))
    start = len(ids) // 2
    run = found_themes([ids[i] for i in order[:start]], rows.vectors[order[:start]])
    names = run.theme_ids
    state = edits.rename(run.state, names[0], "Named by hand")
    state = edits.owner(state, names[1], "team of its own")
    state = edits.merge(state, names[2], [names[3]])
    state = edits.split(state, names[4])
    split_off = state.all_ids[-1]
    state = edits.not_a_theme(state, names[5])
    run = continue_themes(state, [ids[i] for i in order[:start]], rows.vectors[order[:start]])
    fixed = _ids_of(run)
    held = 0
    used = set(run.theme_ids)
    for part in np.array_split(order[start:], updates):
        run = continue_themes(run.state, [ids[i] for i in part], rows.vectors[part])
        past = continue_themes(run.state, [ids[i] for i in order[:start]], rows.vectors[order[:start]])
        of_old = _ids_of(past)
        held += all(
            (
                run.state.edits.names.get(names[0]) == "Named by hand",
                run.state.edits.owners.get(names[1]) == "team of its own",
                names[3] not in run.theme_ids,
                {names[4], split_off} <= set(run.theme_ids),
                names[5] not in run.theme_ids,
                bool((of_old[fixed != ""] == fixed[fixed != ""]).all()),
            )
        )
        used |= set(run.theme_ids)
    return {"updates": updates, "all_edits_held_after": held, "ids_used": len(used)}


def _digest_elsewhere(name: str, threads: int, quick: bool) -> str:
    """Digest of the themes of a set, worked out in a process that is told how many threads it has."""
    told = {key: str(threads) for key in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-m", "eval.theme_stability", "--digest", name, *(["--quick"] if quick else [])]
    done = subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def digest(rows: ThemeRows) -> str:
    """Of themes, similarities, limits and centres, bit by bit."""
    found = discover(rows.vectors)
    parts = (found.nearest, found.similarity, found.member, found.centres, found.min_similarity, found.areas)
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


def _ids(rows: ThemeRows) -> list[str]:
    return [f"r{i:06d}" for i in range(len(rows.texts))]


def _ids_of(run: Continued) -> NDArray[Any]:
    """The id of each row's theme, "" for none, shape (n,)."""
    return np.array([*run.theme_ids, ""], dtype=object)[run.partition.theme]


def _ari(one: Labels, other: Labels) -> float:
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(one, other))


def _evoc(vectors: NDArray[np.float32]) -> Labels:
    from evoc import EVoC

    found = np.asarray(EVoC(random_state=0).fit_predict(vectors), dtype=np.int64)
    return np.where(found >= 0, found, found.max(initial=-1) + 1 + np.arange(len(found)))


def measure(name: str, asked: Sequence[str], first_draw: int, *, quick: bool, peer: bool) -> dict[str, Any]:
    """The steps asked for on one set. Raises AbsentError."""
    rows = load(name, quick=quick)
    some, many = (2, 3) if quick else (10, 20)
    few = range(first_draw, first_draw + (2 if quick else 5))
    steps: Mapping[str, Any] = {
        "shuffled": lambda: shuffled(rows, name, many, quick),
        "perturbed": lambda: perturbed(rows, some, peer),
        "added": lambda: added(rows, few),
        "planted": lambda: planted(rows, few),
        "weeks": lambda: growing(rows, few[:2], 0.5, 10),
        "grown": lambda: growing(rows, few[:2], 0.3, 1),
        "edits": lambda: edited(rows, 10),
    }
    found = {}
    for step in asked:
        found[step] = steps[step]()
        print(f"{name:<18} {step:<10} {found[step]}", flush=True)
    return found


def table(result: Mapping[str, Any]) -> str:
    """A Markdown table, a row a set."""
    head = ["set", "same when shuffled", "10 % removed: ARI (EVoC)", "10 % added: kept", "planted: found", "edits held"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for name, found in sorted(result.items()):
        removed = found["perturbed"]
        peer = f" ({removed['EVoC']['mean']:.2f})" if "EVoC" in removed else ""
        cells = [
            name,
            f"{found['shuffled']['same']} of {found['shuffled']['draws']}",
            f"{removed['signaltriage']['mean']:.3f}{peer}",
            f"{found['added']['kept']:.1%}",
            f"{found['planted']['found_whole']} of {found['planted']['tried']}",
            f"after {found['edits']['all_edits_held_after']} of {found['edits']['updates']} updates",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; sets that are absent are named and skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SETS), default=list(ASKED), metavar="NAME")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS), metavar="STEP")
    parser.add_argument("--first-draw", type=int, default=0, metavar="SEED")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peer", action="store_true", help="leave EVoC out")
    parser.add_argument("--digest", choices=list(SETS), metavar="NAME", help="print a digest of a set's themes")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)
    if options.digest:
        print(digest(load(options.digest, quick=options.quick)))
        return 0
    path = options.out or (TRIAL if options.quick or options.first_draw else RESULTS) / "theme_stability.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in options.only:
        try:
            peer = not options.no_peer
            found = measure(name, options.steps, options.first_draw, quick=options.quick, peer=peer)
        except AbsentError as absent:
            print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
            continue
        result[name] = result.get(name, {}) | found
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
