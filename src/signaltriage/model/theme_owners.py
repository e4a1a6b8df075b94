"""Who owns each theme: what a person said, else what the model says of its signals as one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signaltriage.routing.groups import SIZES
from signaltriage.theme_types import Owner

if TYPE_CHECKING:
    from signaltriage.model.theme_making import Grouped
    from signaltriage.model.triage import TriageModel

TEXTS_ASKED = SIZES[1]
"""Different texts of a theme that the model is asked about: as many as its pooling was fitted on at most."""


def owners_of(grouped: Grouped, model: TriageModel | None) -> list[Owner | None]:
    """The owner of each theme, in the order of `theme_ids`; None where it is not settled and no model was given."""
    found: list[Owner | None] = []
    for i, id in enumerate(grouped.theme_ids):
        if id in grouped.owners:
            found.append(grouped.owners[id])
        else:
            found.append(None if model is None else _asked(grouped, i, model))
    return found


def named_owner(team: str) -> Owner:
    """An owner that a person named."""
    return Owner(team, None, team, None, "", by="person")


def _asked(grouped: Grouped, theme: int, model: TriageModel) -> Owner:
    """What the model says of texts from all over the theme, from the most to the least typical."""
    rows = np.flatnonzero(grouped.partition.theme == theme)
    rows = rows[np.lexsort((rows, -grouped.partition.similarity[rows]))]
    if len(rows) > TEXTS_ASKED:
        rows = rows[np.linspace(0, len(rows) - 1, TEXTS_ASKED).round().astype(np.int64)]
    if not len(rows):
        return Owner(None, None, "", None, "It has no signals of its own.")
    group = model.predict_group([grouped.heard.texts[row] for row in rows])
    dissent = round(1 - group.agreement, 6)
    return Owner(group.team, group.probability, group.best_guess, dissent, group.reason)
