"""`RoutingClassifier`: the router as a scikit-learn classifier over raw text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from signaltriage.encode import Encoder, load_encoder
from signaltriage.errors import InputError, UsageError
from signaltriage.routing.training import TrainingRows, train_router


class RoutingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Route texts to teams with calibrated probabilities.

    Works with clone, cross_val_score, GridSearchCV and Pipeline. What `TriageModel` adds is cleaning, abstention,
    reasons and a model folder.

    Args:
        encoder: an `Encoder`, what `load_encoder` takes, or None for the one that ships with the package.
        preprocessor: applied to each text first, such as `signaltriage.capture.clean_text`.
        folds: how many times part of the rows is held out to choose settings and calibrate.
        seed: of every random choice.

    Attributes:
        classes_: the labels, sorted, shape (K,).
        router_: the fitted `Router`.
        choice_: the settings that cross-validation chose.
    """

    def __init__(
        self,
        encoder: Encoder | str | None = None,
        preprocessor: Callable[[str], str] | None = None,
        folds: int = 5,
        seed: int = 0,
    ) -> None:
        self.encoder = encoder
        self.preprocessor = preprocessor
        self.folds = folds
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike, times: ArrayLike | None = None) -> Self:
        """Fit on texts X of shape (n,) and labels y of shape (n,).

        Args:
            X: texts.
            y: labels: strings, numbers or booleans.
            times: seconds since the epoch, shape (n,); where given, rows are held out forward in time.

        Raises:
            InputError: a label is missing, or there are fewer than two distinct ones.
            UsageError: X and y differ in length.
        """
        texts, labels = self._texts(X), np.asarray(y)
        if labels.shape != (len(texts),):
            raise UsageError(
                f"{len(texts)} texts, but labels of shape {labels.shape}.", remedy="Give one label a text."
            )
        if any(map(_missing, np.asarray(y, dtype=object).tolist())):
            raise InputError("A label is missing.", remedy="Leave rows without a label out.")
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            found = f"only the label {self.classes_[0]!s}" if len(self.classes_) else "no rows"
            raise InputError(f"The training data holds {found}.", remedy="Give rows of at least two labels.")
        width = len(str(len(self.classes_)))
        stamps = None if times is None else np.asarray(times, dtype=np.float64)
        # Labels of any type travel as their position, zero-padded so that their order stays that of classes_.
        rows = TrainingRows(texts, [f"{code:0{width}d}" for code in codes], self._encoder().encode(texts), stamps)
        trained = train_router(rows, folds=self.folds, seed=self.seed)
        self.router_ = trained.router
        self.choice_ = trained.choice
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Calibrated probabilities, shape (n, K), columns in the order of `classes_`."""
        check_is_fitted(self)
        texts = self._texts(X)
        return self.router_.probabilities(self.router_.rows(texts), self._encoder().encode(texts))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable label of each text, shape (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _encoder(self) -> Encoder:
        return load_encoder(self.encoder) if self.encoder is None or isinstance(self.encoder, str) else self.encoder

    def _texts(self, X: ArrayLike) -> Sequence[str]:
        if isinstance(X, str):
            raise UsageError("A single string was passed where a list of texts is needed.", remedy="Put it in a list.")
        cells = np.asarray(X, dtype=object)
        if cells.ndim > 1 and cells.size != len(cells):
            raise UsageError(f"X has shape {cells.shape}; one text a row is needed.", remedy="Join the columns first.")
        texts = ["" if _missing(cell) else str(cell) for cell in cells.ravel().tolist()]
        return texts if self.preprocessor is None else [self.preprocessor(text) for text in texts]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags


def _missing(cell: object) -> bool:
    """None, NaN, and pandas' NA and NaT, told by name: `NA != NA` is neither true nor false."""
    return cell is None or type(cell).__name__ in {"NAType", "NaTType"} or (isinstance(cell, float) and cell != cell)
