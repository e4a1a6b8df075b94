"""How themes are measured: what a left-over row costs, what is asked, the tables."""

from __future__ import annotations

import numpy as np
import pytest
from eval import theme_small, theme_speed, theme_stability, themes
from eval.theme_sets import ASKED, SETS, ThemeRows


def rows(groups: int = 8, each: int = 60) -> ThemeRows:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(groups, 48))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    labels = np.repeat([f"label {i}" for i in range(groups)], each).astype(object)
    vectors = np.repeat(centres, each, axis=0) + 0.6 * rng.normal(size=(len(labels), 48)) / 48**0.5
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return ThemeRows(SETS["banking77"], ["text"] * len(labels), labels, vectors.astype(np.float32))


def test_a_row_left_over_is_a_theme_of_one() -> None:
    labels = np.array(["a"] * 4 + ["b"] * 4, dtype=object)
    whole = themes.score(labels, np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    some = themes.score(labels, np.array([0, 0, 0, -1, 1, 1, -1, -1]))
    assert whole["ari"] == 1.0
    assert whole["coverage"] == 1.0
    assert some["ari"] < 0.7
    assert some["coverage"] == pytest.approx(0.625)
    assert some["themes"] == 2


def test_what_is_asked_is_said_to_hold_or_not() -> None:
    figures = {"ari": 0.7, "nmi": 0.8, "v_measure": 0.8, "coverage": 0.95, "themes": 10, "time_to_own": 1.0}
    found = {
        "rows": 100,
        "labels": 9,
        "asked": 0.6,
        "methods": {themes.OWN: figures, "BERTopic": figures | {"time_to_own": 20}},
    }
    assert all(themes.verdicts({"banking77": found}).values())
    worse = found | {"labels": 4, "methods": {themes.OWN: figures | {"coverage": 0.5, "ari": 0.5}}}
    held = themes.verdicts({"banking77": worse})
    assert not any(held.values())
    assert themes.verdicts({}) == {}
    table = themes.table({"banking77": found}).splitlines()
    assert table[0].startswith("| set (labels, rows) | signaltriage | BERTopic |")
    assert "0.700 · 0.95 · 10" in table[2]
    assert "0.700" in table[-1]


def test_the_four_sets_are_those_asked_for() -> None:
    assert ASKED == ("banking77", "clinc150", "stackoverflow", "dstc11_insurance")


def test_subsets_have_the_rows_and_labels_they_say() -> None:
    made = rows(16, 40)
    drawn = dict(theme_small.subsets(made, range(2)))
    assert list(drawn) == ["300 rows, 10 labels", "300 rows, all labels"]
    assert [subset.true_k for subset in drawn["300 rows, 10 labels"]] == [10, 10]
    assert [len(subset.texts) for subset in drawn["300 rows, all labels"]] == [300, 300]
    found = theme_small.measure(made, {themes.OWN: themes.own})
    assert found["300 rows, 10 labels"][themes.OWN]["ari"] > 0.9
    table = theme_small.table({"banking77": found}).splitlines()
    assert table[0] == f"| set | labels | {themes.OWN} |"
    assert table[2].startswith("| banking77, 300 rows, 10 labels | 10 | ")


def test_stability_is_measured() -> None:
    made = rows()
    removed = theme_stability.perturbed(made, 2, False)
    assert removed["signaltriage"]["least"] > 0.95
    added = theme_stability.added(made, range(1))
    assert added["kept"] >= 0.98
    planted = theme_stability.planted(made, range(2))
    assert planted == {"tried": 2, "found": 2, "found_whole": 2, "share": 1.0}
    for updates in (1, 3):
        grown = theme_stability.growing(made, range(2), 0.3, updates)
        assert grown["new"] == 0
        assert grown["kept"] == 1
        assert grown["ari"] > 0.9
    edits = theme_stability.edited(made, 3)
    assert edits["all_edits_held_after"] == 3
    shuffled = {"draws": 3, "same": 3}
    result = {
        "banking77": {"perturbed": removed, "added": added, "planted": planted, "edits": edits, "shuffled": shuffled}
    }
    assert "| banking77 | 3 of 3 |" in theme_stability.table(result)
    assert theme_stability.digest(made) == theme_stability.digest(made)


def test_more_rows_than_there_are_is_filled_up_with_moved_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme_speed, "load", lambda name: rows(2, 10))
    made = theme_speed.crowd(150)
    assert made.shape == (150, 48)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert len(np.unique(made, axis=0)) > 100
    assert theme_speed.crowd(5).shape == (5, 48)
    found = theme_speed.measure(200)
    assert found["rows"] == 200
    assert f"| 200 | {found['seconds']:.1f} |" in theme_speed.table({"sizes": [found]})
    peer = found | {"times_own": 12.4}
    assert "| 200, BERTopic: 12 times as long |" in theme_speed.table({"sizes": [found], "bertopic": peer})


def test_the_peer_gets_the_rows_that_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme_speed, "load", lambda name: rows(2, 10))
    spoken = theme_speed.spoken(40)
    assert (spoken.vectors == theme_speed.crowd(40)).all()
    assert len(spoken.texts) == len(spoken.labels) == 40
