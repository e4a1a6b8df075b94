"""`signaltriage correct` and `review`: what people say comes in, counts, and stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import signaltriage as st
from support import FRESH, folder_bytes, read_csv, write_csv

VPN = "the vpn will not connect from my hotel"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """One good correction, one of no team, one left open, and four that cannot be used."""
    rows = [
        {"id": "T-1", "text": VPN, "right_team": "app", "at": "2026-11-01T10:00:00+01:00", "by": "ann"},
        {"id": "T-2", "text": "buy my pills now", "right_team": "none", "at": "2026-11-01T10:00:00Z", "by": "ann"},
        {"id": "T-3", "text": "who knows", "right_team": "", "at": "", "by": ""},
        {"id": "T-4", "text": "the lift is stuck", "right_team": "facilities", "at": "2026-11-01", "by": "bob"},
        {"id": "T-5", "text": "", "right_team": "app", "at": "2026-11-01", "by": "bob"},
        {"id": "T-6", "text": "wifi is slow", "right_team": "app", "at": "soon", "by": "bob"},
    ]
    path = write_csv(tmp_path / "corrections.csv", rows)
    path.write_text(path.read_text(encoding="utf-8") + "too,many,fields,in,this,row\n", encoding="utf-8")
    return path


def test_it_counts_every_row_and_counts_at_once(cli, table: Path, own_folder: Path) -> None:
    assert st.TriageModel.load(own_folder).predict_one(VPN).team == "network"
    done = cli("correct", table, "--model", own_folder, "--json")
    assert done.code == 0
    r = done.record
    assert (r["read"], r["added"], r["already_known"], r["unanswered"], r["rejected"]) == (7, 2, 0, 1, 4)
    reasons = {row["reason"] for row in read_csv(Path(r["rejected_output"]))}
    assert {"no text", "'soon' is no time", "the model has no team 'facilities'"} <= reasons
    model = st.TriageModel.load(own_folder)
    p = model.predict_one(f"Hello! {VPN.upper()} thanks")
    assert (p.team, p.outcome) == ("app", "routed")
    assert "2026-11-01" in p.reason
    assert model.predict_one("buy my pills now").outcome == "needs_human"
    assert model.version == r["model_version"]
    assert {c.from_team for c in model.corrections.corrections if c.to_team == "app"} == {"network"}


def test_the_same_table_twice_changes_nothing(cli, table: Path, own_folder: Path) -> None:
    cli("correct", table, "--model", own_folder)
    before = folder_bytes(own_folder)
    r = cli("correct", table, "--model", own_folder, "--json").record
    assert (r["added"], r["already_known"], r["corrections"]) == (0, 2, 2)
    assert folder_bytes(own_folder) == before


def test_without_a_time_column_the_files_own_time_counts(cli, tmp_path: Path, own_folder: Path) -> None:
    rows = [{"ticket": VPN, "label": team} for team in ("app", "payments")]
    options = ("--model", own_folder, "--text", "ticket", "--team", "label", "--json")
    source = write_csv(tmp_path / "c.csv", rows)
    assert cli("correct", source, *options).record["added"] == 2
    assert cli("correct", source, *options).record["added"] == 0
    assert st.TriageModel.load(own_folder).predict_one(VPN).team == "payments"
    later = write_csv(tmp_path / "d.csv", rows[:1])
    assert cli("correct", later, *options, "--at", "2030-01-01").record["added"] == 1
    model = st.TriageModel.load(own_folder)
    assert model.predict_one(VPN).team == "app"
    assert len(model.corrections) == 3


def test_a_flipped_byte_in_the_corrections_is_refused(cli, table: Path, own_folder: Path) -> None:
    cli("correct", table, "--model", own_folder)
    path = own_folder / "corrections.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"app"', b'"apq"'))
    done = cli("classify", table, "--model", own_folder, "--out", table.with_name("o.csv"))
    assert (done.code, "corrections.jsonl" in done.stderr) == (4, True)


@pytest.mark.slow
def test_corrections_outlive_retraining(cli, table: Path, own_folder: Path, labelled: Path, tmp_path: Path) -> None:
    cli("correct", table, "--model", own_folder)
    again = cli("train", labelled, "--label", "team", "--out", own_folder, "--json").record
    other = cli(
        "train", labelled, "--label", "team", "--out", tmp_path / "m", "--corrections", own_folder, "--json"
    ).record
    from_table = cli(
        "train", labelled, "--label", "team", "--out", tmp_path / "n", "--corrections", table, "--json"
    ).record
    assert again["corrections"] == other["corrections"] == 2
    assert from_table["corrections"] == 3  # the unknown team is one a new model may learn, if its time can be read
    assert again["training_data"]["used"] == 96 + 1  # the one of no team teaches nothing
    assert again["model_version"] == other["model_version"]
    assert st.TriageModel.load(own_folder).predict_one(VPN).team == "app"


def test_classify_knows_a_signal_by_its_id(cli, own_folder: Path, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "c.csv", [{"id": "7", "text": "old words here", "team": "app"}])
    assert cli("correct", table, "--model", own_folder).code == 0
    source = write_csv(tmp_path / "in.csv", [{"nr": "7", "text": VPN}, {"nr": "8", "text": VPN}])
    options = ("--model", own_folder, "--out", tmp_path / "out.csv")
    assert cli("classify", source, *options, "--id", "nr").code == 0
    assert [row["st_team"] for row in read_csv(tmp_path / "out.csv")] == ["app", "network"]
    assert cli("classify", source, *options, "--id", "gone").code == 2


def test_review_loses_nothing_and_its_answers_come_back(cli, own_folder: Path, tmp_path: Path) -> None:
    texts = [*FRESH, "Can somebody water the plants in the lobby??", "=HELP(1) me", "=HELP(1) me"]
    source = write_csv(tmp_path / "in.csv", [{"nr": f"T-{i}", "text": text} for i, text in enumerate(texts)])
    queue = tmp_path / "queue.csv"
    r = cli("review", source, "--model", own_folder, "--id", "nr", "--out", queue, "--json").record
    items, members = read_csv(queue), read_csv(tmp_path / "queue.members.csv")
    held = [p.outcome == "needs_human" for p in st.TriageModel.load(own_folder).predict(texts)]
    assert r["held"] == sum(held) == len(members) == sum(int(item["how_many"]) for item in items)
    assert r["read"] == r["routed"] + r["held"] == len(texts)
    assert {m["id"] for m in members} == {f"T-{i}" for i, is_held in enumerate(held) if is_held}
    worth = [float(item["worth"]) for item in items]
    assert worth == sorted(worth, reverse=True)
    plants = next(item for item in items if "plants" in item["text"])
    assert plants["how_many"] == "2"
    for item in items:
        item["answer_team"] = {plants["item_id"]: "payroll"}.get(
            item["item_id"], "none" if "HELP" in item["text"] else ""
        )
    write_csv(queue, items)
    done = cli("correct", queue, "--model", own_folder, "--json").record
    assert (done["read"], done["added"], done["rejected"]) == (len(members), 4, 0)
    assert done["unanswered"] == len(members) - 4
    model = st.TriageModel.load(own_folder)
    assert {p.team for p in model.predict(["Can somebody water the plants in the lobby?", texts[-3]])} == {"payroll"}
    assert cli("correct", queue, "--model", own_folder, "--json").record["added"] == 0


def test_review_of_a_classified_table_asks_what_it_held(cli, own_folder: Path, export: Path, tmp_path: Path) -> None:
    out = tmp_path / "classified.csv"
    held = cli("classify", export, "--model", own_folder, "--out", out, "--json").record["needs_human"]
    rows = read_csv(out)
    rows[0] |= {"st_outcome": "needs_human", "st_team": "", "st_reason": "a rule holds it"}
    r = cli("review", write_csv(out, rows), "--model", own_folder, "--out", tmp_path / "q.csv", "--json").record
    assert r["held"] == held + 1
    assert any(item["reason"] == "a rule holds it" for item in read_csv(tmp_path / "q.csv"))


def test_what_does_not_make_sense(cli, table: Path, own_folder: Path, tmp_path: Path) -> None:
    before = folder_bytes(own_folder)
    for args, code, said in (
        ((table, "--team", "owner"), 2, "owner"),
        ((table, "--id", "nr"), 2, "nr"),
        ((table, "--at", "soon"), 2, "soon"),
        ((tmp_path / "no.csv",), 3, "no.csv"),
        ((write_csv(tmp_path / "t.csv", [{"text": "a", "who": "b"}]),), 2, "right team"),
        ((write_csv(tmp_path / "q.csv", [{"item_id": "a", "text": "b", "answer_team": "app"}]),), 3, "q.members.csv"),
    ):
        done = cli("correct", *args, "--model", own_folder)
        assert (done.code, said in done.stderr) == (code, True), args
    assert cli("correct", "-", "--model", own_folder, stdin=b"text,team\na,app\n").code == 2
    assert cli("correct", table, "--model", tmp_path / "gone").code == 4
    assert cli("review", table, "--model", own_folder, "--out", tmp_path / "q.xlsx").code == 2
    assert cli("review", table, "--model", own_folder, "--out", tmp_path / "r.csv", "--id", "nr").code == 2
    assert folder_bytes(own_folder) == before


def test_in_words(cli, table: Path, own_folder: Path, export: Path, tmp_path: Path) -> None:
    said = cli("correct", table, "--model", own_folder).stdout
    assert "read 7 = added 2 + already known 0 + unanswered 1 + rejected 4" in said
    assert "corrections.csv.rejected.csv" in said
    said = cli("review", export, "--model", own_folder, "--out", tmp_path / "q.csv").stdout
    assert "held signals are" in said


def test_from_standard_input(cli, own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = json.dumps({"text": VPN, "team": "app", "from_team": "identity"}).encode()
    r = cli("correct", "-", "--model", own_folder, "--at", "2026-11-01", "--json", stdin=line).record
    assert r["added"] == 1
    (only,) = st.TriageModel.load(own_folder).corrections.corrections
    assert (only.from_team, only.at) == ("identity", "2026-11-01T00:00:00+00:00")
