"""What rules ask of a table."""

from __future__ import annotations

import pandas as pd

from signaltriage.model.rules import records_of
from signaltriage.routing.rules import RuleSet
from support_rules import rule, rules_of


def test_records_hold_the_columns_asked_for_as_text_and_the_joined_text() -> None:
    frame = pd.DataFrame({"plan": ["Estate", None], "text": ["own", "own"], "size": [3, 4.5], "other": [1, 2]})
    whens = ('{ column = "plan", equals = "x" }', '{ column = "size", equals = "3" }', '{ column = "no", equals = "" }')
    rules = rules_of(*(rule(f"r{i}", when) for i, when in enumerate(whens)))
    assert records_of(frame, ["joined", ""], rules) == [
        {"text": "joined", "plan": "Estate", "size": "3.0"},
        {"text": "", "plan": "", "size": "4.5"},
    ]
    assert records_of(frame, ["a", "b"], RuleSet()) == [{"text": "a"}, {"text": "b"}]
    assert records_of(frame[:0], [], rules) == []
