"""The map of a set of themes: where each signal lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signaltriage.model.theme_signals import heard
from signaltriage.report.layout import Layout, Placed, lay_out

if TYPE_CHECKING:
    from signaltriage.model.themes import ThemeSet


def layout_of(themes: ThemeSet) -> Layout:
    """Places of all signals, in the order of `themes.signals`; centres in the order of `themes.themes`.

    Signals that say nothing lie with the largest theme, near it and not in it.
    """
    said = heard(themes.signals)
    past = themes.state.past
    row_of = {key: i for i, key in enumerate(past.ids)}
    number = {theme.id: i for i, theme in enumerate(themes.themes)}
    rows = np.array([row_of[said.keys[row]] if row >= 0 else -1 for row in said.row], dtype=np.int64)
    vectors = np.zeros((len(rows), past.vectors.shape[1]), dtype=np.float32)
    vectors[rows >= 0] = past.vectors[rows[rows >= 0]]
    nearest = np.array([number.get(a.nearest or "", 0) for a in themes.assignments], dtype=np.int64)
    member = np.array([a.theme_id is not None for a in themes.assignments], dtype=np.bool_)
    centres = np.zeros((len(number), vectors.shape[1]), dtype=np.float32)
    np.add.at(centres, nearest[member], vectors[member])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    return lay_out(Placed(vectors, tuple(s.id for s in themes.signals), nearest, member, centres))
