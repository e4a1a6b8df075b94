"""`drift`: a file of incoming signals compared with what a model was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from signaltriage.capture.columns import TextColumns, pick_text_columns
from signaltriage.capture.fields import join_text
from signaltriage.capture.tables import read_chunks
from signaltriage.capture.times import to_seconds
from signaltriage.errors import InputError, UsageError
from signaltriage.model.parts import prepare
from signaltriage.model.runs import column_of
from signaltriage.model.triage import TriageModel
from signaltriage.routing.drift import Drift, Incoming, find_drift
from signaltriage.routing.ngrams import MAX_TERMS, Wording, words_of
from signaltriage.routing.reference import Reference
from signaltriage.routing.samples import Alarm
from signaltriage.threads import one_thread


@dataclass(frozen=True)
class Watched:
    """A file of incoming signals, and which columns to look at."""

    source: str | Path
    text: str | None = None
    label: str | None = None
    """Where teams are known by now: whether the probabilities have stayed true."""
    time: str | None = None
    """Only rows newer than the model's training rows are compared, where it knows how new those were."""


@dataclass(frozen=True)
class Watch:
    """What was compared, and what came of it: read = compared + without text + older + rejected."""

    model_version: str
    read: int
    without_text: int
    older: int
    """Rows no newer than the training rows, left out."""
    rejected: int
    how: str
    drift: Drift


@dataclass(frozen=True)
class _Rows:
    texts: list[str]
    labels: list[str]
    """Empty where not known."""
    times: list[str]
    rejected: int
    how: str


def watch(model: TriageModel, watched: Watched, alarm: Alarm) -> Watch:
    """Read the file and look for drift.

    Raises:
        UsageError: the model keeps nothing to compare with, or a column is missing.
        InputError: nothing to compare.
    """
    require_reference(model)
    rows = _read(watched)
    new = _newer(rows.times, model) if rows.times else np.ones(len(rows.texts), dtype=np.bool_)
    cleaned = prepare([text for text, is_new in zip(rows.texts, new, strict=True) if is_new], model.settings.clean)
    labels = [label for label, is_new in zip(rows.labels, new, strict=True) if is_new]
    kept = [(text, label) for text, label in zip(cleaned, labels, strict=True) if text.strip()]
    if not kept:
        raise InputError(
            f"{watched.source} holds no signal to compare"
            + (" that is newer than the model's training rows." if len(new) and not new.any() else "."),
            remedy="Give signals that came in since the model was trained.",
        )
    return Watch(
        model_version=model.version,
        read=len(rows.texts) + rows.rejected,
        without_text=len(cleaned) - len(kept),
        older=int((~new).sum()),
        rejected=rows.rejected,
        how=rows.how,
        drift=compare(model, kept, alarm),
    )


def compare(model: TriageModel, rows: Sequence[tuple[str, str]], alarm: Alarm) -> Drift:
    """Drift of cleaned texts, each with its team or "". The order of the rows changes nothing."""
    reference, router = require_reference(model), model.decider.router
    ordered = sorted(rows)
    texts, labels = [text for text, _ in ordered], np.array([label for _, label in ordered], dtype=object)
    vectors = model.encoder.encode(texts)
    with one_thread():  # summation order, and so the last bits, would follow the number of threads
        probabilities = router.probabilities(router.rows(texts), vectors)
        best = probabilities.argmax(axis=1)
        known = labels != ""
        right = np.array(router.classes, dtype=object)[best] == labels
        judged = (probabilities.max(axis=1)[known], right[known].astype(np.bool_)) if known.any() else None
        counts = count_words(texts, router.wording, reference)
        return find_drift(reference, Incoming(vectors, probabilities, counts, judged), router.classes, alarm)


def count_words(texts: Sequence[str], wording: Wording, reference: Reference) -> dict[str, tuple[int, int]]:
    """Of each word: in how many of these texts it occurs, and in how many of the reference."""
    now = Counter(word for text in texts for word in set(words_of(text)))
    known = {word: int(n) for word, n in zip(wording.words, reference.word_counts, strict=True) if " " not in word}
    counts = {word: (now[word], n) for word, n in known.items() if n or now[word]}
    if wording.n_words < MAX_TERMS:
        # The vocabulary has every word of two training texts: any other was in one of them at most.
        counts |= {word: (n, 1) for word, n in now.items() if word not in known}
    return counts


def require_reference(model: TriageModel) -> Reference:
    """What the model keeps to compare with.

    Raises:
        UsageError: nothing.
    """
    if model.reference is None:
        raise UsageError(
            f"Model {model.version} keeps nothing of its held-out rows that signals could be compared with.",
            remedy="Train it again with this version, on rows of which some can be held out.",
        )
    return model.reference


def _newer(times: Sequence[str], model: TriageModel) -> NDArray[np.bool_]:
    newest = model.facts["training_data"].get("newest")
    if newest is None:
        return np.ones(len(times), dtype=np.bool_)
    return to_seconds(times) > datetime.fromisoformat(str(newest)).timestamp()


def _read(watched: Watched) -> _Rows:
    rows = _Rows([], [], [], 0, "")
    picked: TextColumns | None = None
    for chunk in read_chunks(watched.source):
        named = {name for name in (watched.label, watched.time) if name}
        if picked is None:
            picked = pick_text_columns([name for name in chunk.frame.columns if name not in named], watched.text)
            rows = replace(rows, how=f"{watched.source}: {chunk.how}; {picked.how}")
        rows.texts.extend(join_text(chunk.frame, picked.names))
        labels = column_of(chunk, watched.label, watched.source) if watched.label else [""] * len(chunk.frame)
        rows.labels.extend(label.strip() for label in labels)
        rows.times.extend(column_of(chunk, watched.time, watched.source) if watched.time else [])
        rows = replace(rows, rejected=rows.rejected + len(chunk.rejected))
    return rows
