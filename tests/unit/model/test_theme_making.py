"""From groups of signals to themes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from signaltriage.model.theme_making import Grouped, make_themes, workarounds_in
from signaltriage.model.theme_owners import TEXTS_ASKED, named_owner, owners_of
from signaltriage.model.theme_signals import heard
from signaltriage.themes.partition import Partition, unit
from signaltriage.types import GroupPrediction, Signal

DAY = datetime(2026, 3, 2, tzinfo=UTC)
GATE = [
    "The gate at dock two is red and reads nothing",
    "Gate red again, we count the carts by hand on paper as a workaround",
    "Red gate since Monday, lost 3 hours counting carts",
]
VPN = ["The vpn drops every morning", "vpn drops when I work from home", "My vpn connection drops"]


@pytest.fixture
def grouped() -> Grouped:
    """Two themes and a text in none; the first gate text is said by three signals."""
    texts = [GATE[0], GATE[0], GATE[0].upper(), *GATE[1:], *VPN, "lunch was nice", ""]
    signals = [
        Signal(f"S{i:02d}", text, DAY.replace(day=2 + i), "customer" if i % 2 else "") for i, text in enumerate(texts)
    ]
    said = heard(signals)
    of = np.array([0 if text in GATE else 1 if text in VPN else 2 for text in said.texts])
    vectors = unit(np.eye(3)[of] + np.linspace(0, 0.1, len(of))[:, None])
    centres = unit(np.eye(3)[:2] + 0.05)
    nearest = np.where(of == 2, 1, of)
    partition = Partition(
        nearest=nearest,
        similarity=np.einsum("nd,nd->n", vectors, centres[nearest]).astype(np.float32),
        member=of < 2,
        centres=centres,
        min_similarity=np.full(2, 0.5, dtype=np.float32),
        areas=np.zeros(2, dtype=np.int64),
    )
    return Grouped(said, vectors, partition, ["T0001", "T0002"], {}, {})


def test_themes_are_gathered_from_all_their_signals(grouped: Grouped) -> None:
    gate, vpn = make_themes(grouped, None)
    assert (gate.id, gate.size, vpn.id, vpn.size) == ("T0001", 5, "T0002", 3)
    assert gate.share == pytest.approx(0.5)
    assert (gate.first_seen, gate.last_seen) == (DAY, DAY.replace(day=6))
    assert dict(gate.audiences) == {"": 3, "customer": 2}
    assert gate.owner is None
    assert {quote.id for quote in gate.exemplars} <= {f"S{i:02d}" for i in range(5)}
    assert gate.name != vpn.name
    assert gate.area == vpn.area == f"{gate.name} · {vpn.name}"


def test_friction_counts_every_signal_that_says_it(grouped: Grouped) -> None:
    gate, _ = make_themes(grouped, None)
    counts = {facet.kind: facet.signals for facet in gate.facets}
    assert counts["workaround"] == 1
    assert counts["broken"] >= 3
    for facet in gate.facets:
        assert facet.share == pytest.approx(facet.signals / 5, abs=1e-6)
        for evidence in facet.evidence:
            text = next(s.text for s in grouped.heard.signals if s.id == evidence.id)
            assert evidence.text.casefold() in text.casefold()
    assert (gate.hours_lost, gate.hours_signals) == (3.0, 1)


def test_workarounds_are_listed_with_their_words(grouped: Grouped) -> None:
    (debt,) = workarounds_in(grouped)
    assert (debt.theme_id, debt.signal_id, debt.signals) == ("T0001", "S03", 1)
    assert "by hand" in debt.evidence
    assert debt.text == GATE[1]


def test_settled_names_and_owners_stay(grouped: Grouped) -> None:
    settled = replace(grouped, names={"T0002": "Our VPN"}, owners={"T0002": named_owner("network")})
    gate, vpn = make_themes(settled, None)
    assert vpn.name == "Our VPN"
    assert gate.name != "Our VPN"
    assert vpn.owner == named_owner("network")
    assert (vpn.owner.by, vpn.owner.team, vpn.owner.probability) == ("person", "network", None)


@dataclass
class AsksNobody:
    """Stands for a model: notes what it is asked."""

    asked: list[list[str]] = field(default_factory=list)

    def predict_group(self, texts: list[str]) -> GroupPrediction:
        self.asked.append(texts)
        return GroupPrediction("plant", "routed", 0.9, "plant", (), len(texts), 0.75, (("it", 1),), "why", "v")


def test_the_model_is_asked_about_each_theme_that_nobody_owns(grouped: Grouped) -> None:
    model = AsksNobody()
    first, second = owners_of(replace(grouped, owners={"T0002": named_owner("network")}), model)  # type: ignore[arg-type]
    assert first is not None
    assert (first.team, first.probability, first.dissent, first.by) == ("plant", 0.9, 0.25, "model")
    assert second == named_owner("network")
    assert len(model.asked) == 1
    assert len(model.asked[0]) == 3


def test_of_a_large_theme_texts_from_all_over_it_are_asked() -> None:
    texts = [f"gate {i} is red" for i in range(300)]
    said = heard([Signal(str(i), text) for i, text in enumerate(texts)])
    similarity = np.linspace(0.2, 1, 300).astype(np.float32)
    nothing = np.zeros(300, dtype=np.int64)
    partition = Partition(
        nothing, similarity, nothing == 0, np.ones((1, 1), np.float32), np.zeros(1, np.float32), np.zeros(1, np.int64)
    )
    model = AsksNobody()
    owners_of(Grouped(said, np.ones((300, 1), np.float32), partition, ["T0001"], {}, {}), model)  # type: ignore[arg-type]
    (asked,) = model.asked
    assert len(asked) == len(set(asked)) == TEXTS_ASKED
    assert asked[0] == said.texts[299]
    assert asked[-1] == said.texts[0]


def test_no_themes() -> None:
    said = heard([Signal("a", "x")])
    one = np.zeros(1, dtype=np.int64)
    partition = Partition(
        one - 1,
        np.zeros(1, np.float32),
        one > 0,
        np.zeros((0, 3), np.float32),
        np.zeros(0, np.float32),
        np.zeros(0, np.int64),
    )
    grouped = Grouped(said, np.zeros((1, 3), np.float32), partition, [], {}, {})
    assert make_themes(grouped, None) == ()
    assert workarounds_in(grouped) == ()
    assert grouped.theme_of.tolist() == [-1]
