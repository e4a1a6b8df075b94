"""The map of a set of themes."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.model.theme_map import layout_of
from signaltriage.model.themes import ThemeSet
from signaltriage.types import Signal
from support import WordsEncoder
from support_themes import recurring


@pytest.fixture(scope="module")
def themes() -> ThemeSet:
    return ThemeSet.discover([*recurring(each=30), Signal("nothing", "")], encoder=WordsEncoder(384))


def test_every_signal_has_a_place_and_every_theme_a_disc(themes: ThemeSet) -> None:
    layout = layout_of(themes)
    assert layout.points.shape == (len(themes.signals), 2)
    assert layout.centres.shape == (len(themes.themes), 2)
    number = {theme.id: i for i, theme in enumerate(themes.themes)}
    for point, assignment in zip(layout.points, themes.assignments, strict=True):
        if assignment.theme_id is not None:
            i = number[assignment.theme_id]
            assert np.hypot(*(point - layout.centres[i])) <= layout.radii[i]


def test_the_largest_theme_has_the_largest_disc(themes: ThemeSet) -> None:
    layout = layout_of(themes)
    assert layout.radii[0] == layout.radii.max()


def test_a_set_without_themes_has_a_map_too() -> None:
    few = ThemeSet.discover([Signal("a", "one"), Signal("b", "two"), Signal("c", "")], encoder=WordsEncoder(384))
    assert layout_of(few).points.shape == (3, 2)
