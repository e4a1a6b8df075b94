"""Rules and corrections around a whole model: what goes before what, in Python, in its folder, on the command line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import signaltriage as st
from signaltriage.routing.corrections import Correction
from support import read_csv, write_csv

RULES = """
[[rule]]
id = "hold-legal"
when = { column = "text", contains = "lawyer" }
then = "hold"
stage = "before"
why = "Legal words go to the duty manager."

[[rule]]
id = "route-estate"
when = { column = "plan", equals = "Estate" }
then = "route"
team = "payroll"
stage = "before"
why = "Estate customers are payroll's."

[[rule]]
id = "never-shipping"
when = { column = "source", equals = "survey" }
then = "forbid"
team = "shipping"
stage = "after"
why = "Surveys are never about parcels."
"""
PARCEL = "The courier left my parcel at the wrong door, delivery failed again"


@pytest.fixture
def ruled(model: st.TriageModel, tmp_path: Path) -> st.TriageModel:
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    return model.with_rules(path)


def test_rules_decide_before_the_model_and_check_it_after(ruled: st.TriageModel) -> None:
    texts = [PARCEL, PARCEL, PARCEL, PARCEL + " and my lawyer knows"]
    cells = [{}, {"plan": "Estate"}, {"source": "survey"}, {"plan": "Estate"}]
    free, estate, survey, legal = ruled.predict(
        texts, records=[{"text": t, **c} for t, c in zip(texts, cells, strict=True)]
    )
    assert (free.best_guess, free.rule) == ("shipping", "")
    assert (estate.team, estate.outcome, estate.rule) == ("payroll", "routed", "route-estate")
    assert survey.best_guess != "shipping"
    assert (legal.team, legal.outcome, legal.rule) == (None, "needs_human", "hold-legal")
    assert legal.reason.startswith("hold-legal: Legal words")


def test_a_person_goes_before_a_route_and_a_hold_goes_before_both(ruled: st.TriageModel) -> None:
    put_right = ruled.correct([Correction(PARCEL, to_team="app", from_team="payroll", at="2026-01-01")])
    records = [{"text": PARCEL, "plan": "Estate"}]
    assert put_right.predict([PARCEL], records=records)[0].team == "app"
    held = put_right.correct([Correction(PARCEL + " lawyer", to_team="app", at="2026-01-02")])
    assert held.predict([PARCEL + " lawyer"])[0].outcome == "needs_human"


def test_a_forbidden_team_is_not_routed_to_even_by_a_person(ruled: st.TriageModel) -> None:
    put_right = ruled.correct([Correction(PARCEL, to_team="shipping", at="2026-01-01")])
    found = put_right.predict([PARCEL], records=[{"text": PARCEL, "source": "survey"}])[0]
    assert found.outcome == "needs_human"
    assert found.rule == "never-shipping"


def test_rules_travel_in_the_folder_and_count_in_the_version(ruled: st.TriageModel, tmp_path: Path) -> None:
    again = st.TriageModel.load(ruled.save(tmp_path / "m"))
    assert again.version == ruled.version != _without(ruled).version
    frame = pd.DataFrame({"text": [PARCEL, PARCEL], "plan": ["Estate", "Washboard"]})
    assert again.predict_frame(frame).st_team.iloc[0] == "payroll"
    assert again.predict_frame(frame).st_best_guess.iloc[1] == "shipping"


def test_rules_on_the_command_line(cli, ruled: st.TriageModel, model_folder: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rows = [{"id": str(i), "text": PARCEL, "plan": plan} for i, plan in enumerate(["Estate", "", "Estate"])]
    source = write_csv(tmp_path / "in.csv", rows)
    out = tmp_path / "out.csv"
    done = cli("classify", source, "--model", model_folder, "--rules", rules, "--out", out, "--json")
    assert done.code == 0
    assert [row["st_team"] for row in read_csv(out)][::2] == ["payroll", "payroll"]
    assert done.record["read"] == done.record["written"] == 3
    assert "never-shipping" in done.stderr  # it asks for a column that is not there
    rules.write_text(RULES.replace('team = "payroll"', 'team = "nobody"'), encoding="utf-8")
    refused = cli("classify", source, "--model", model_folder, "--rules", rules, "--out", out)
    assert refused.code == 2
    assert "nobody" in refused.stderr


def test_a_folder_whose_rules_make_no_sense_is_refused(ruled: st.TriageModel, tmp_path: Path) -> None:
    from dataclasses import replace

    from signaltriage.routing.rules import RuleSet

    strange = replace(ruled, rules=RuleSet.from_text(RULES.replace('team = "payroll"', 'team = "nobody"')))
    folder = strange.save(tmp_path / "m")
    with pytest.raises(st.ModelRefusedError, match=r"rules\.toml"):
        st.TriageModel.load(folder)


def _without(model: st.TriageModel) -> st.TriageModel:
    from dataclasses import replace

    return replace(model, rules=None)
