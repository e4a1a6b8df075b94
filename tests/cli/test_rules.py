"""`signaltriage rules`."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import ROOT, write_csv
from support_rules import rule

VPN = '{ column = "text", contains = "vpn" }'
PLAN = '{ column = "plan", equals = "Estate" }'


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(rule("hold-vpn", VPN) + rule("vpn-again", VPN, "route", "it") + rule("no-hr", PLAN, "forbid", "hr"))
    return path


def test_it_shows_each_rule_with_what_is_wrong(cli, rules_file: Path) -> None:
    done = cli("rules", rules_file)
    assert (done.code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["hold-vpn", "before"], ["vpn-again", "before"], ["no-hr", "before"],
    ]  # fmt: skip
    assert "unreachable: wherever it fires, hold-vpn has decided already" in lines[2]
    assert "route to it" in lines[2]
    assert "never hr" in lines[3]
    assert lines[4] == "3 rules, 1 findings"


def test_a_table_adds_what_fires(cli, rules_file: Path, tmp_path: Path) -> None:
    data = write_csv(tmp_path / "in.csv", [{"subject": s, "body": b} for s, b in (("VPN", "slow"), ("x", "y"))])
    done = cli("rules", rules_file, "--data", data, "--json")
    assert done.code == 0
    assert "text from subject + body" in done.stderr
    r = done.record
    assert (r["path"], r["data"], r["read"], r["rejected"], r["findings"]) == (str(rules_file), str(data), 2, 0, 3)
    assert [(one["rule"], one["fired"], one["decided"]) for one in r["rules"]] == [
        ("hold-vpn", 1, 1), ("vpn-again", 1, 0), ("no-hr", 0, 0),
    ]  # fmt: skip
    kinds = [[finding["kind"] for finding in one["findings"]] for one in r["rules"]]
    assert kinds == [[], ["unreachable", "never decides"], ["no column"]]
    assert "read 2 = judged 2 + rejected 0" in cli("rules", rules_file, "--data", data, "--text", "body").stdout


def test_counts_of_a_long_table_are_those_of_the_whole(cli, rules_file: Path, tmp_path: Path) -> None:
    rows = [{"text": "vpn" if i % 3 else "wifi", "plan": "Estate"} for i in range(4501)]
    done = cli("rules", rules_file, "--data", write_csv(tmp_path / "in.csv", rows), "--json")
    assert [one["fired"] for one in done.record["rules"]] == [3000, 3000, 4501]


def test_strict_is_exit_6_after_the_table(cli, rules_file: Path, tmp_path: Path) -> None:
    done = cli("rules", rules_file, "--strict", "--json")
    assert (done.code, done.record["findings"]) == (6, 1)
    assert "1 findings" in done.stderr
    rules_file.write_text(rule("hold-vpn", VPN))
    assert cli("rules", rules_file, "--strict").code == 0
    empty = write_csv(tmp_path / "in.csv", [{"text": "wifi"}])
    assert cli("rules", rules_file, "--data", empty, "--strict").code == 6


def test_rules_that_cannot_be_read_are_exit_2_and_a_table_exit_3(cli, rules_file: Path, tmp_path: Path) -> None:
    assert cli("rules", rules_file, "--data", tmp_path / "nowhere.csv").code == 3
    rules_file.write_text(rule("hold-vpn", '{ column = "text", regex = "(" }'))
    done = cli("rules", rules_file)
    assert (done.code, done.stdout) == (2, "")
    assert "rules.toml: rule 1 (hold-vpn): regex '('" in done.stderr
    assert cli("rules", tmp_path / "nowhere.toml").code == 2


def test_the_rules_that_ship_have_no_fault(cli) -> None:
    done = cli("rules", ROOT / "training_data" / "rules.toml", "--strict")
    assert done.code == 0
    assert done.stdout.endswith("14 rules, 0 findings\n")
