"""Random histories of corrections, replayed against models that always have another opinion: does anything bounce?"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.corrections import Correction, CorrectionMemory
from signaltriage.routing.likeness import key_words, same_words
from signaltriage.routing.overlay import Signals, Surroundings, apply_corrections
from signaltriage.types import Prediction, RunnerUp

TEAMS: Final = ("a", "b", "c", "d", "e")
LIMIT: Final = 0.85
_TOPICS, _EACH, _STEPS, _DIMENSION = 4, 10, 25, 24


def replay(moves: int, seed: int) -> dict[str, int]:
    """Play at least this many moves; counts of moves, and of those that bounced."""
    rng = np.random.default_rng(seed)
    counts = {"histories": 0, "corrections": 0, "moves": 0, "routed": 0, "bounces": 0, "own_not_followed": 0}
    while counts["moves"] < moves:
        _history(rng, counts)
    return counts


def _history(rng: np.random.Generator, counts: dict[str, int]) -> None:
    signals, around = _world(rng)
    memory = CorrectionMemory()
    counts["histories"] += 1
    for step in range(_STEPS):
        i = int(rng.integers(len(signals.texts)))
        predictions = _opinions(len(signals.texts), rng)  # a model retrained at every step
        source = apply_corrections(memory, signals, predictions, around)[i].team or ""
        target = str(rng.choice([*TEAMS, ""]))
        if target == source:
            continue
        at = (
            f"2026-01-{1 + int(rng.integers(28)):02}T00:00:00+00:00" if rng.random() < 0.2 else f"2026-02-{1 + step:02}"
        )
        correction = Correction(signals.texts[i], target, source, at, "", signals.ids[i])
        memory = memory.add([correction], signals.vectors[i : i + 1])
        counts["corrections"] += 1
        for k, p in enumerate(apply_corrections(memory, signals, _opinions(len(signals.texts), rng), around)):
            counts["moves"] += 1
            counts["routed"] += p.team is not None
            own, forbidden = _oracle(memory, signals, k)
            counts["bounces"] += p.team in forbidden
            counts["own_not_followed"] += own is not None and (p.team or "") != own


def _oracle(memory: CorrectionMemory, signals: Signals, k: int) -> tuple[str | None, set[str]]:
    """By brute force: the team a person gave this very signal last, and the teams it must not be in."""
    ranked = sorted(enumerate(memory.corrections), key=lambda pair: (pair[1].at, pair[0]))
    text, name, words = signals.texts[k], signals.ids[k], key_words(signals.texts[k])
    own = [c for _, c in ranked if (name and c.id == name) or (c.text == text and (not name or c.id in ("", name)))]
    like = [c for _, c in ranked if same_words(words, key_words(c.text))]
    near = [c for row, c in ranked if float(memory.vectors[row] @ signals.vectors[k]) >= LIMIT + 1e-6]
    speaking = own or like or near
    forbidden: set[str] = set()
    for c in speaking:
        forbidden = (forbidden | ({c.from_team} - {""})) - {c.to_team}
    return (own[-1].to_team if own else None), forbidden


def _world(rng: np.random.Generator) -> tuple[Signals, Surroundings]:
    """Topics of near-duplicates, some of the same words, some without an id."""
    centres = rng.normal(size=(_TOPICS, _DIMENSION))
    texts, ids, rows = [], [], []
    for topic, centre in enumerate(centres):
        for n in range(_EACH):
            rows.append(centre + rng.normal(size=_DIMENSION) * 0.25)
            text = f"topic{topic} matter{chr(97 + n // 2)}"
            texts.append(text if n % 2 else f"Hello, {text.upper()}!")
            ids.append(f"{topic}-{n}" if rng.random() < 0.7 else "")
    vectors = _unit(np.array(rows))
    examples = _unit(rng.normal(size=(40, _DIMENSION)))
    codes = rng.integers(len(TEAMS), size=40).astype(np.int32)
    return Signals(texts, vectors, ids), Surroundings(TEAMS, LIMIT, 0.9, examples.astype(np.float16), codes)


def _opinions(n: int, rng: np.random.Generator) -> list[Prediction]:
    found = []
    for best, second in (rng.permutation(TEAMS)[:2].tolist() for _ in range(n)):
        sure = rng.random() < 0.8
        runners = (RunnerUp(second, 0.1),)
        outcome: Any = "routed" if sure else "needs_human"
        found.append(Prediction(best if sure else None, outcome, 0.9, best, runners, "replayed", "m"))
    return found


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
