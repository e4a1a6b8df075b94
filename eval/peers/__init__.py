"""What signaltriage is measured beside. Each module has one function, a few lines long:

    fit(texts, labels, seed) -> predict        predict(texts) -> (labels, probabilities of the best guess)

Peers get the same raw texts as signaltriage and clean them with its own `clean_text`, so that the comparison is one of
models and not of HTML parsers. Their imports stand inside `fit`, as they do in signaltriage: both are timed with them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Predict = Callable[[list[str]], tuple[list[str], NDArray[np.float64]]]
