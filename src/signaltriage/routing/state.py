"""A router as data: named arrays and one JSON object, and back. Nothing here can run code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.calibration import TopLabelCalibration
from signaltriage.routing.coldstart import ProfileScorer
from signaltriage.routing.explain import Examples
from signaltriage.routing.kernel import KernelScorer
from signaltriage.routing.lexicon import Lexicon
from signaltriage.routing.linear import LinearScorer
from signaltriage.routing.logistic import LogisticScorer
from signaltriage.routing.ngrams import Wording
from signaltriage.routing.novelty import Background, Curve, NoveltyDetector
from signaltriage.routing.router import Router, TopicScorer

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class RouterState:
    """Everything a router is made of."""

    arrays: Arrays
    record: dict[str, Any]


def to_state(router: Router, examples: Examples) -> RouterState:
    """Take a router apart."""
    arrays: Arrays = {
        "wording.idf": router.wording.idf,
        "words.coefficients": router.words.coefficients,
        "words.intercept": router.words.intercept,
        "examples.team_codes": examples.team_codes,
        "examples.vectors": examples.vectors,
        "lexicon.meanings": examples.lexicon.meanings,
        **_kernel_arrays("meaning", router.meaning),
    }
    kernels = {"meaning": router.meaning.gamma}
    if router.topics is not None:
        arrays["topics.components"] = router.topics.components
        arrays |= _kernel_arrays("topics", router.topics.machine)
        kernels["topics"] = router.topics.machine.gamma
    if router.novelty is not None:
        arrays |= _novelty_arrays(router.novelty)
    if router.profiles is not None:
        arrays["profiles.centre"] = router.profiles.centre
        arrays["profiles.views"] = router.profiles.views
        arrays["profiles.of_team"] = router.profiles.of_team
    if router.logistic is not None:
        arrays["logistic.coefficients"] = router.logistic.coefficients
        arrays["logistic.intercept"] = router.logistic.intercept
    record = {
        "classes": list(router.classes),
        "words": list(router.wording.words),
        "chars": list(router.wording.chars),
        "fusion": list(router.fusion),
        "calibration": {**asdict(router.calibration), "of_class": list(router.calibration.of_class)},
        "kernel_widths": kernels,
        "novelty": None if router.novelty is None else {"limit": router.novelty.limit},
        "examples": list(examples.texts),
        "lexicon": list(examples.lexicon.words),
        "profile_concentration": router.profiles.concentration if router.profiles is not None else None,
    }
    return RouterState(arrays, record)


def from_state(arrays: Mapping[str, NDArray[Any]], record: Mapping[str, Any]) -> tuple[Router, Examples]:
    """Build a router from its parts.

    Raises:
        KeyError, ValueError, TypeError: a part is missing or does not fit the others.
    """
    widths = record["kernel_widths"]
    wording = Wording(tuple(record["words"]), tuple(record["chars"]), arrays["wording.idf"])
    router = Router(
        classes=tuple(record["classes"]),
        wording=wording,
        words=LinearScorer(arrays["words.coefficients"], arrays["words.intercept"]),
        meaning=_kernel("meaning", arrays, widths["meaning"]),
        topics=TopicScorer(arrays["topics.components"], _kernel("topics", arrays, widths["topics"]))
        if "topics" in widths
        else None,
        fusion=tuple(record["fusion"]),
        calibration=_calibration(record["calibration"]),
        novelty=None if record["novelty"] is None else _novelty(arrays, record["novelty"]),
        profiles=_profiles(arrays, record.get("profile_concentration")),
        logistic=LogisticScorer(arrays["logistic.coefficients"], arrays["logistic.intercept"])
        if "logistic.coefficients" in arrays
        else None,
    )
    lexicon = Lexicon(tuple(record["lexicon"]), arrays["lexicon.meanings"]) if "lexicon" in record else Lexicon()
    examples = Examples(tuple(record["examples"]), arrays["examples.team_codes"], arrays["examples.vectors"], lexicon)
    _check(router, examples)
    return router, examples


def _calibration(record: Mapping[str, Any]) -> TopLabelCalibration:
    return TopLabelCalibration(**{**record, "of_class": tuple(record.get("of_class", ()))})


def _check(router: Router, examples: Examples) -> None:
    terms, classes = len(router.wording.words) + len(router.wording.chars), len(router.classes)
    optional = (router.topics, router.profiles, router.logistic)
    fits = (
        router.wording.idf.shape == (terms,)
        and router.words.coefficients.shape == (terms, classes)
        and router.meaning.weights.shape == (len(router.meaning.landmarks), classes)
        and examples.lexicon.meanings.shape == (len(examples.lexicon.words), classes if examples.lexicon.words else 0)
        and len(router.fusion) == 2 + sum(part is not None for part in optional)
        and (router.profiles is None or _profiles_fit(router.profiles, classes))
        and len(router.calibration.of_class) in (0, classes)
        and (router.logistic is None or _logistic_fits(router.logistic, classes))
        and len(examples.texts) == len(examples.vectors) == len(examples.team_codes)
    )
    if not fits:
        raise ValueError("the arrays do not fit one another")


def _novelty_arrays(novelty: NoveltyDetector) -> Arrays:
    return {
        "novelty.quadratic": novelty.background.quadratic,
        "novelty.lines": novelty.background.lines,
        "novelty.offsets": novelty.background.offsets,
        "novelty.junk": novelty.junk,
        "novelty.centre": novelty.curve.centre,
        "novelty.scale": novelty.curve.scale,
        "novelty.weights": novelty.curve.weights,
    }


def _novelty(arrays: Mapping[str, NDArray[Any]], record: Mapping[str, float]) -> NoveltyDetector:
    centre, scale = arrays["novelty.centre"], arrays["novelty.scale"]
    curve = Curve(centre, scale, arrays["novelty.weights"])
    background = Background(arrays["novelty.quadratic"], arrays["novelty.lines"], arrays["novelty.offsets"])
    dimension = background.quadratic.shape[0]
    fits = (
        background.quadratic.shape == (dimension, dimension)
        and background.lines.shape == (len(background.offsets), dimension)
        and arrays["novelty.junk"].shape[1:] == (dimension,)
        and centre.shape == scale.shape == (4 if len(arrays["novelty.junk"]) else 3,)
        and curve.weights.shape == (len(centre) - 2, 3)
    )
    if not fits:
        raise ValueError("the arrays of the novelty detector do not fit one another")
    return NoveltyDetector(background, arrays["novelty.junk"], curve, record["limit"])


def _logistic_fits(scorer: LogisticScorer, classes: int) -> bool:
    return scorer.intercept.shape == (classes,) and scorer.coefficients.shape[:1] == (classes,)


def _profiles_fit(scorer: ProfileScorer, classes: int) -> bool:
    ascending = bool((np.diff(scorer.of_team, prepend=0) >= 0).all())
    everyone = set(scorer.of_team.tolist()) == set(range(classes))
    return ascending and everyone and scorer.views.shape == (len(scorer.of_team), len(scorer.centre))


def _profiles(arrays: Mapping[str, NDArray[Any]], concentration: float | None) -> ProfileScorer | None:
    if concentration is None:
        return None
    return ProfileScorer(
        arrays["profiles.centre"], arrays["profiles.views"], arrays["profiles.of_team"], float(concentration)
    )


def _kernel_arrays(name: str, scorer: KernelScorer) -> Arrays:
    return {
        f"{name}.landmarks": scorer.landmarks,
        f"{name}.weights": scorer.weights,
        f"{name}.intercept": scorer.intercept,
    }


def _kernel(name: str, arrays: Mapping[str, NDArray[Any]], width: float) -> KernelScorer:
    return KernelScorer(
        arrays[f"{name}.landmarks"], float(width), arrays[f"{name}.weights"], arrays[f"{name}.intercept"]
    )
