"""TF-IDF of words 1-2 and characters 3-5, LinearSVC: the classic, and hard to beat on long tickets."""

from __future__ import annotations

import numpy as np

from eval.peers import Predict
from signaltriage.capture import clean_text


def fit(texts: list[str], labels: list[str], seed: int) -> Predict:
    """Probabilities are the softmax of decision values: LinearSVC has none of its own, and these are uncalibrated."""
    from scipy.special import softmax
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    model = make_pipeline(make_union(words, characters), LinearSVC(random_state=seed))
    model.fit([clean_text(text) for text in texts], labels)

    def predict(texts: list[str]) -> tuple[list[str], np.ndarray]:
        scores = model.decision_function([clean_text(text) for text in texts])
        scores = np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
        return model.classes_[scores.argmax(axis=1)].tolist(), softmax(scores, axis=1).max(axis=1)

    return predict
