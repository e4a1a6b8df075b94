"""`explain`: one decision taken apart by deleting words and asking the model again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from signaltriage.model.parts import ModelParts
from signaltriage.routing.attribution import word_weights
from signaltriage.routing.deletion import Deletions, try_deletions
from signaltriage.routing.explain import nearest_of_all
from signaltriage.routing.words import words_in
from signaltriage.types import Explanation, Neighbour, Prediction

NEIGHBOURS = 5


def explain(parts: ModelParts, text: str, prediction: Prediction) -> Explanation:
    """What carried the decision on a cleaned text, whose prediction is given.

    The probability that is followed is the router's own for its best guess, before any rule or correction.
    """
    router = parts.decider.router
    vector = parts.encoder.encode([text])
    row = router.rows([text])
    probabilities = router.probabilities(row, vector)[0]
    leaders = np.argsort(-probabilities, kind="stable")[:4]
    best = int(leaders[0])

    def ask(texts: Sequence[str]) -> NDArray[np.float64]:
        found = router.probabilities(router.rows(texts), parts.encoder.encode(texts))
        return np.asarray(found[:, best])

    words = words_in(text)
    lexicon = parts.decider.examples.lexicon
    weights = word_weights(router, lexicon, (row.indices, row.data), text, words, (probabilities[leaders], leaders))
    found = try_deletions(text, words, weights, ask, parts.settings.seed)
    neighbours = nearest_of_all(router, parts.decider.examples, vector[0], NEIGHBOURS) if text.strip() else ()
    return Explanation(
        text=text,
        prediction=prediction,
        words=found.words,
        carried_by=found.carried_by,
        drop=found.drop,
        random_drop=found.random_drop,
        beaten=found.beaten,
        carried=found.carried,
        neighbours=neighbours,
        summary=_overruled(prediction, router.classes[best]) + _summary(router.classes[best], found, neighbours),
    )


def _overruled(prediction: Prediction, best: str) -> str:
    """What to say first where a rule or a person decided: the words carry the model's own guess, not the decision."""
    if prediction.rule:
        return f"rule {prediction.rule} decided; by itself the model guesses {best}: "
    if prediction.best_guess != best:
        return f"people's corrections decided for {prediction.best_guess}; by itself the model guesses {best}: "
    return ""


def _summary(best: str, found: Deletions, neighbours: Sequence[Neighbour]) -> str:
    parts = []
    named = ", ".join(found.carried_by)
    points = f"{100 * found.drop:.1f} points"
    if not found.carried_by:
        parts.append("the text has no words: nothing can be deleted")
    elif found.random_drop is None and found.carried:
        parts.append(f"without “{named}” {best} loses {points}; the text has no other words to compare with")
    elif found.carried:
        parts.append(
            f"“{named}” carry it: without them {best} loses {points}, without as many other words "
            f"{100 * (found.random_drop or 0):.1f} on average"
        )
    else:
        falls = f"loses {points}, no more than without any other words" if found.drop > 0 else "loses nothing"
        parts.append(f"no words carry it: even without “{named}” {best} {falls}")
    others = [known for known in neighbours if known.team != best]
    if others:
        parts.append(f"{len(others)} of the {len(neighbours)} nearest known signals are of another team")
    return "; ".join(parts)
