"""rules.toml is read whole and right, or refused with file, rule and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaltriage.errors import SettingsError
from signaltriage.routing.rules import RuleSet
from signaltriage.routing.rules.records import AllOf, AnyOf, Leaf, Not, Rule
from support import ROOT

AUDIENCE = '{ column = "audience", equals = "" }'
GOOD = """
[[rule]]
id = "hold-legal"
when = { all = [
  { column = "plan", equals = "Estate" },
  { any = [ { column = "text", contains = "Lawyer" }, { not = { column = "text", regex = "(?i)thank" } } ] },
] }
then = "hold"
stage = "before"
why = "Legal words\\ngo to a person."

[[rule]]
id = "never-people"
when = { column = "audience", equals = "" }
then = "forbid"
team = "people"
stage = "after"
why = "Not theirs."
"""


def test_a_file_becomes_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    rules = RuleSet.from_toml(path, teams=["people"])
    assert rules == RuleSet.from_text(GOOD)
    assert rules.source == GOOD
    words = AnyOf((Leaf("text", "contains", "Lawyer"), Not(Leaf("text", "regex", "(?i)thank"))))
    assert rules.rules[0] == Rule(
        "hold-legal",
        AllOf((Leaf("plan", "equals", "Estate"), words)),
        "hold",
        "before",
        "Legal words go to a person.",
    )
    assert [rule.team for rule in rules.rules] == ["", "people"]
    assert rules.columns == ("audience", "plan")
    assert RuleSet.from_text("") == RuleSet()


def test_columns_that_are_not_there_are_remarked_once_each() -> None:
    rules = RuleSet.from_text(GOOD)
    assert rules.remarks(["plan", "audience", "x"]) == []
    (remark,) = rules.remarks(["plan"])
    assert "'audience'" in remark
    assert "never-people" in remark
    assert "hold-legal" not in remark


@pytest.mark.parametrize(
    ("old", "new", "what", "remedy"),
    [
        ("why =", "because =", "unknown key 'because'", "Known are: id"),
        ('then = "hold"', 'then = "holds"', "then = 'holds'", "Did you mean 'hold'?"),
        ('stage = "before"', 'stage = "first"', "stage = 'first'", "before, after"),
        ('stage = "before"', "stage = 1", "stage = 1 is not a text", 'stage = "…"'),
        ('stage = "before"', 'stage = "before"\nteam = "people"', "'hold' takes no team", "leave team out"),
        ('then = "hold"', 'then = "route"', "'route' needs a team", "Say which"),
        ('why = "Legal words\\ngo to a person."', "", "there is no 'why'", "Every rule needs"),
        ('why = "Legal words\\ngo to a person."', 'why = " "', "why = ' '", 'why = "…"'),
        ('id = "hold-legal"', "", "rule 1: there is no 'id'", "Every rule needs"),
        ('equals = "Estate"', "equals = 3", "equals = 3 is not a text", 'equals = "3"'),
        ('equals = "Estate"', 'equal = "Estate"', "'equal'", "equals | contains | regex"),
        ('equals = "Estate"', 'equals = "E", contains = "E"', "'contains'", "equals | contains | regex"),
        ('column = "plan"', 'column = ""', "empty column", 'equals = ""'),
        ('contains = "Lawyer"', 'contains = ""', "empty contains", 'equals = ""'),
        ('regex = "(?i)thank"', 'regex = "(thank"', "regex '(thank': missing )", "mend the pattern"),
        ('regex = "(?i)thank"', f'regex = "{"a" * 6000}"', "6,000 characters", "Split it"),
        ('regex = "(?i)thank"', f'regex = "{"(" * 2000}a{")" * 2000}"', "nested too deeply", "fewer brackets"),
        ("{ any = [", "{ some = [", "'some'", "any = […]"),
        ('{ any = [ { column = "text", contains = "Lawyer" },', "{ any = [ 3,", "3 is no condition", "Write {"),
        (
            GOOD[GOOD.index("{ any") : GOOD.index(",\n] }")],
            "{ any = [] }",
            "any = [] is not a list",
            "any = [{…}",
        ),
    ],
)
def test_what_does_not_make_sense_is_refused_by_file_rule_and_remedy(
    old: str, new: str, what: str, remedy: str
) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        RuleSet.from_text(GOOD.replace(old, new, 1), where="our/rules.toml")
    assert caught.value.message.startswith("our/rules.toml: rule 1")
    assert what in caught.value.message
    assert remedy in caught.value.remedy
    if "id" not in what:
        assert "(hold-legal)" in caught.value.message


def test_an_unknown_team_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"rule 2 \(never-people\): there is no team 'people'") as caught:
        RuleSet.from_text(GOOD, teams=["peoples", "it"])
    assert "Did you mean 'peoples'?" in caught.value.remedy


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(SettingsError, match="rules 1 and 2 are both called 'hold-legal'"):
        RuleSet.from_text(GOOD.replace("never-people", "hold-legal"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rules]]\nid = 'x'", r"unknown key 'rules'"),
        ("[rule]\nid = 'x'", r"not a list of tables"),
        ("rule = [1]", r"not a list of tables"),
        ("[[rule]\n", r"line 1"),
        ("x = " + "[" * 5000, r"rules\.toml"),
        (GOOD.replace(AUDIENCE, "{ not = " * 40 + AUDIENCE + "}" * 40), r"more than 20 deep"),
    ],
)
def test_what_is_no_list_of_rules_is_refused(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        RuleSet.from_text(text)
    assert caught.value.remedy


def test_a_file_that_cannot_be_read_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        RuleSet.from_toml(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes("why = 'façade'".encode("latin-1"))
    with pytest.raises(SettingsError, match="latin"):
        RuleSet.from_toml(tmp_path / "latin.toml")


def test_the_rules_that_ship_are_read_with_their_teams() -> None:
    import tomllib

    folder = ROOT / "training_data"
    teams = [team["id"] for team in tomllib.loads((folder / "teams.toml").read_text(encoding="utf-8"))["team"]]
    assert len(RuleSet.from_toml(folder / "rules.toml", teams=teams).rules) == 14
