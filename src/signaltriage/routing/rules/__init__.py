"""If/then rules over any column and the text, before or after the classifier: route, forbid, hold for a person.

rules.toml ─▶ parse ─▶ records (RuleSet) ─▶ matching ─▶ decide: predictions under the rules of a stage
                 └─ patterns (regex)   └─▶ implication ─▶ lint: what is wrong with them
"""

from signaltriage.routing.rules.decide import Applied, apply_rules, run_stage
from signaltriage.routing.rules.lint import Coverage, Finding, coverage, lint, remarkable
from signaltriage.routing.rules.records import Rule, RuleSet

__all__ = [
    "Applied",
    "Coverage",
    "Finding",
    "Rule",
    "RuleSet",
    "apply_rules",
    "coverage",
    "lint",
    "remarkable",
    "run_stage",
]
