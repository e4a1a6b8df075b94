from __future__ import annotations

import pytest

from support import TEAMS, TEXTS, read_csv, write_csv

WRONG = {0: "network", 20: "payroll", 40: "app"}


@pytest.fixture(scope="module")
def muddled(tmp_path_factory):
    """The signals with three wrong teams, one contradiction, and rows that cannot be audited."""
    rows = [
        {"id": i, "text": text, "team": WRONG.get(i, team), "note": "=1+1" if i == 0 else ""}
        for i, (text, team) in enumerate(zip(TEXTS, TEAMS, strict=True))
    ]
    rows.append({"id": "again", "text": TEXTS[5], "team": "shipping", "note": ""})
    rows.append({"id": "once more", "text": TEXTS[5], "team": TEAMS[5], "note": ""})
    rows.append({"id": "empty", "text": "", "team": "app", "note": ""})
    rows.append({"id": "spam", "text": "cheap watches", "team": "none", "note": ""})
    return write_csv(tmp_path_factory.mktemp("muddled") / "muddled.csv", rows)


def test_every_row_is_accounted_for_and_contradictions_come_first(cli, muddled, tmp_path) -> None:
    out = tmp_path / "audit.csv"
    done = cli("audit-labels", muddled, "--label", "team", "--none-label", "none", "--all", "--out", out, "--json")
    assert done.code == 0, done.stderr
    record, rows = done.record, read_csv(out)
    assert record["read"] == record["audited"] + record["left_out"] + record["rejected"] == len(TEXTS) + 4
    assert record["left_out"] == 2
    assert len(rows) == record["written"] == record["read"]
    assert list(rows[0])[:4] == ["id", "text", "team", "note"]
    assert rows[0]["id"] == "again"
    assert rows[0]["st_suggested_team"] == TEAMS[5]
    assert rows[0]["st_why"] == f"the same text is labelled {TEAMS[5]}"
    assert rows[0]["st_line"] == str(len(TEXTS) + 2)
    assert {row["id"] for row in rows[-2:]} == {"empty", "spam"}
    assert all(row["st_suspect_rank"] == "" for row in rows[-2:])
    ranks = [int(row["st_suspect_rank"]) for row in rows[:-2]]
    assert ranks == list(range(1, len(ranks) + 1))
    assert all(0 <= float(row["st_wrong_probability"]) <= 1 for row in rows[:-2])
    planted = sorted(int(row["st_suspect_rank"]) for row in rows if row["id"] in {"0", "20", "40"})
    assert planted[1] <= 25, planted


def test_only_suspects_are_written_and_a_person_is_told(cli, muddled, tmp_path) -> None:
    out = tmp_path / "audit.csv"
    done = cli("audit-labels", muddled, "--text", "text", "--label", "team", "--out", out)
    assert done.code == 0, done.stderr
    rows = read_csv(out)
    assert rows
    assert all(row["st_suspect"] == "yes" for row in rows)
    assert f"{len(rows)} of {len(TEXTS) + 3} labels are suspect" in done.stdout
    assert "contradict a near-duplicate" in done.stdout


def test_the_same_rows_give_the_same_bytes(cli, muddled, tmp_path) -> None:
    for name in ("a.csv", "b.csv"):
        assert cli("audit-labels", muddled, "--label", "team", "--out", tmp_path / name).code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_what_cannot_be_audited_is_said(cli, muddled, tmp_path) -> None:
    out = tmp_path / "audit.csv"
    unknown = cli("audit-labels", muddled, "--label", "owner", "--out", out)
    assert (unknown.code, "no column 'owner'" in unknown.stderr) == (2, True)
    one = write_csv(tmp_path / "one.csv", [{"text": "a b c", "team": "x"}, {"text": "d e f", "team": "x"}])
    alone = cli("audit-labels", one, "--label", "team", "--out", out)
    assert (alone.code, "only the label 'x'" in alone.stderr) == (3, True)
    itself = cli("audit-labels", one, "--label", "team", "--out", one)
    assert (itself.code, "the input itself" in itself.stderr) == (2, True)
    assert not out.exists()
    written = cli("audit-labels", muddled, "--label", "team", "--all", "--out", out)
    assert written.code == 0
    assert cli("audit-labels", out, "--label", "team", "--out", tmp_path / "again.csv").code == 2
