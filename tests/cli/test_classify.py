"""`signaltriage classify`: every row accounted for, every column kept, in every format."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pandas as pd
import pytest

import signaltriage as st
from signaltriage.capture import TableWriter, read_chunks
from support import FRESH, RESULTS, read_csv, write_csv

FORMATS = [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx", ".csv.gz", ".tsv.gz", ".jsonl.gz"]


def read_any(path: Path) -> pd.DataFrame:
    return pd.concat([chunk.frame for chunk in read_chunks(path)], ignore_index=True)


def test_it_keeps_every_column_and_counts_every_row(cli, export: Path, model: st.TriageModel, model_folder) -> None:
    out = export.with_name("out.csv")
    done = cli("classify", export, "--model", model_folder, "--out", out, "--json")
    assert done.code == 0
    predictions = model.predict(FRESH)
    routed = sum(p.outcome == "routed" for p in predictions)
    record = done.record
    assert {key: record[key] for key in ("read", "written", "rejected", "routed", "needs_human", "resumed")} == {
        "read": len(FRESH),
        "written": len(FRESH),
        "rejected": 0,
        "routed": routed,
        "needs_human": len(FRESH) - routed,
        "resumed": 0,
    }
    assert record["output"] == str(out)
    assert record["rejected_output"] is None
    assert sum(n for team in record["teams"].values() for n in team.values()) == len(FRESH)
    rows = read_csv(out)
    assert list(rows[0]) == ["ticket", "subject", "description", *RESULTS]
    assert [row["description"] for row in rows] == FRESH
    for row, p in zip(rows, predictions, strict=True):
        assert [row[name] for name in RESULTS] == [
            p.team or "",
            p.outcome,
            str(p.probability),
            p.best_guess,
            p.runners_up[0].team,
            p.reason,
        ]
    assert sorted(path.name for path in export.parent.iterdir()) == ["export.csv", "out.csv"]


def test_it_says_in_words_where_the_rows_went(cli, export: Path, model_folder) -> None:
    done = cli("classify", export, "--model", model_folder, "--out", export.with_name("out.csv"))
    assert done.code == 0
    assert f"read {len(FRESH)} = written {len(FRESH)} + rejected 0" in done.stdout
    assert "text from subject + description" in done.stderr


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_in_and_out_gives_the_same_answers(
    cli, tmp_path: Path, model: st.TriageModel, model_folder, extension: str
) -> None:
    frame = pd.DataFrame({"n, o": ["1", "2", "3"], "message": FRESH[:3]}, dtype=object)
    with TableWriter(tmp_path / f"in{extension}") as writer:
        writer.write(frame)
    out = tmp_path / f"out{extension}"
    done = cli("classify", tmp_path / f"in{extension}", "--model", model_folder, "--out", out, "--json")
    assert (done.code, done.record["written"]) == (0, 3)
    found = read_any(out)
    assert found.columns.tolist() == ["n, o", "message", *RESULTS]
    assert found["st_reason"].tolist() == [p.reason for p in model.predict(FRESH[:3])]
    assert [float(cell) for cell in found["st_probability"]] == [p.probability for p in model.predict(FRESH[:3])]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_delimiters_are_found_out(cli, tmp_path: Path, model_folder, encoding: str) -> None:
    (tmp_path / "in.csv").write_bytes('Größe;message\n5;"VPN fällt aus;\nimmer"\n6;ok\n'.encode(encoding))
    out = tmp_path / "out.csv"
    assert cli("classify", tmp_path / "in.csv", "--model", model_folder, "--out", out).code == 0
    rows = read_csv(out)
    assert list(rows[0])[:2] == ["Größe", "message"]
    assert [row["message"] for row in rows] == ["VPN fällt aus;\nimmer", "ok"]


def test_standard_input(cli, tmp_path: Path, model_folder) -> None:
    out = tmp_path / "out.csv"
    done = cli("classify", "-", "--model", model_folder, "--out", out, "--json", stdin=b"text\nvpn drops\nrefund me\n")
    assert (done.code, done.record["read"]) == (0, 2)
    assert [row["st_best_guess"] for row in read_csv(out)] == ["network", "payments"]
    packed = gzip.compress(b'{"text": "vpn drops"}\n')
    assert cli("classify", "-", "--model", model_folder, "--out", out, "--json", stdin=packed).record["read"] == 1
    assert cli("classify", "-", "--model", model_folder, "--out", out, stdin=b"").code == 3


def test_rows_that_cannot_be_read_go_to_their_own_file(cli, tmp_path: Path, model_folder) -> None:
    lines = ["id,text", "1,vpn drops", "2,too,many", "3", '4,"open quote', "5,=cmd,|x", "6,refund me"]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    out = tmp_path / "out.csv"
    done = cli("classify", tmp_path / "in.csv", "--model", model_folder, "--out", out, "--json")
    assert done.code == 0
    record = done.record
    assert (record["read"], record["written"], record["rejected"]) == (6, 2, 4)
    assert [row["id"] for row in read_csv(out)] == ["1", "6"]
    assert record["rejected_output"] == f"{out}.rejected.csv"
    rejected = read_csv(Path(record["rejected_output"]))
    assert list(rejected[0]) == ["line", "reason", "raw"]
    assert [row["line"] for row in rejected] == ["3", "4", "5", "6"]
    assert rejected[0]["raw"] == "2,too,many"
    # A later run without bad rows takes the file of the former one away.
    (tmp_path / "in.csv").write_text("id,text\n1,vpn drops\n")
    assert cli("classify", tmp_path / "in.csv", "--model", model_folder, "--out", out, "--json").code == 0
    assert not Path(record["rejected_output"]).exists()


def test_a_table_of_nothing_but_bad_rows_and_one_of_no_rows(cli, tmp_path: Path, model_folder) -> None:
    out = tmp_path / "out.csv"
    for content, counts in (("id,text\n1,2,3\n4\n", (2, 0, 2)), ("id,text\n", (0, 0, 0))):
        (tmp_path / "in.csv").write_text(content)
        done = cli("classify", tmp_path / "in.csv", "--model", model_folder, "--out", out, "--json")
        assert done.code == 0
        assert tuple(done.record[key] for key in ("read", "written", "rejected")) == counts
        assert out.read_text(encoding="utf-8").splitlines() == [",".join(["id", "text", *RESULTS])]
        assert cli("classify", tmp_path / "in.csv", "--model", model_folder, "--out", out).code == 0


def test_cells_that_a_spreadsheet_would_run_are_guarded(cli, tmp_path: Path, model_folder) -> None:
    rows = [{"=head": "=1+1", "text": "@SUM(A1) vpn", "n": "-5"}, {"=head": "+cmd|x", "text": "plain", "n": "'=x"}]
    write_csv(tmp_path / "in.csv", rows)
    out, lines = tmp_path / "out.csv", tmp_path / "out.jsonl"
    assert cli("classify", tmp_path / "in.csv", "--model", model_folder, "--text", "text", "--out", out).code == 0
    found = read_csv(out)
    assert next(iter(found[0])) == "'=head"
    assert [found[0]["'=head"], found[0]["text"], found[0]["n"]] == ["'=1+1", "'@SUM(A1) vpn", "-5"]
    assert [found[1]["'=head"], found[1]["n"]] == ["'+cmd|x", "''=x"]
    assert cli("classify", tmp_path / "in.csv", "--model", model_folder, "--text", "text", "--out", lines).code == 0
    assert json.loads(lines.read_text(encoding="utf-8").splitlines()[0])["=head"] == "=1+1"


def test_repeated_and_empty_column_names_stay(cli, tmp_path: Path, model_folder) -> None:
    (tmp_path / "in.csv").write_text("tag,text,tag,\na,vpn drops,b,c\n")
    out = tmp_path / "out.csv"
    assert cli("classify", tmp_path / "in.csv", "--model", model_folder, "--out", out).code == 0
    header, row = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert header == ["tag", "text", "tag", "", *RESULTS]
    assert row[:4] == ["a", "vpn drops", "b", "c"]


def test_several_text_columns_are_joined_in_the_order_asked_for(cli, tmp_path: Path, model, model_folder) -> None:
    write_csv(tmp_path / "in.csv", [{"a, b": "drops", "c": "vpn"}])
    out = tmp_path / "out.csv"
    done = cli("classify", tmp_path / "in.csv", "--model", model_folder, "--text", "c,a, b", "--out", out)
    assert done.code == 0
    assert float(read_csv(out)[0]["st_probability"]) == model.predict_one("vpn\ndrops").probability


def test_the_same_command_twice_writes_the_same_bytes(cli, export: Path, model_folder) -> None:
    for extension in (".csv", ".csv.gz", ".xlsx", ".parquet"):
        outs = [export.with_name(f"{name}{extension}") for name in ("one", "two")]
        for out in outs:
            assert cli("classify", export, "--model", model_folder, "--out", out, "--threads", len(out.stem)).code == 0
        assert outs[0].read_bytes() == outs[1].read_bytes(), extension


@pytest.mark.parametrize("taken", RESULTS)
def test_an_input_that_already_has_a_result_column_is_refused(cli, tmp_path: Path, model_folder, taken: str) -> None:
    write_csv(tmp_path / "in.csv", [{"text": "vpn", taken: "x"}])
    done = cli("classify", tmp_path / "in.csv", "--model", model_folder, "--out", tmp_path / "out.csv")
    assert done.code == 2
    assert taken in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--text", "body"], 2, "no column 'body'"),
        (["--out", "x.docx"], 2, ".docx"),
        (["--model", "nowhere"], 4, "nowhere"),
        (["--threads", "0"], 2, "threads"),
        (["--out", "."], 2, "."),
    ],
)
def test_what_does_not_make_sense(cli, export: Path, model_folder, monkeypatch, args, code: int, said: str) -> None:
    monkeypatch.chdir(export.parent)
    given = {"--model": str(model_folder), "--out": "out.csv", **dict(zip(args[::2], args[1::2], strict=True))}
    done = cli("classify", export, *(part for pair in given.items() for part in pair))
    assert done.code == code
    assert said in done.stderr
    assert done.stdout == ""
    assert [path.name for path in export.parent.iterdir()] == ["export.csv"]


def test_the_input_is_never_overwritten(cli, export: Path, model_folder) -> None:
    before = export.read_bytes()
    export.with_name("link.csv").symlink_to(export)
    for out in (export, export.parent / "." / "export.csv", export.with_name("link.csv")):
        done = cli("classify", export, "--model", model_folder, "--out", out)
        assert (done.code, "input itself" in done.stderr) == (2, True)
    assert export.read_bytes() == before


def test_missing_input_is_exit_3_before_the_model_is_looked_at(cli, tmp_path: Path) -> None:
    done = cli("classify", tmp_path / "no.csv", "--model", tmp_path / "nowhere", "--out", tmp_path / "o.csv")
    assert done.code == 3


def test_a_damaged_model_is_exit_4_with_the_name_of_the_file(cli, export: Path, own_folder: Path) -> None:
    victim = own_folder / "router.safetensors"
    body = bytearray(victim.read_bytes())
    body[-1] ^= 1
    victim.write_bytes(bytes(body))
    out = export.with_name("out.csv")
    done = cli("classify", export, "--model", own_folder, "--out", out)
    assert done.code == 4
    assert "router.safetensors" in done.stderr
    assert not out.exists()


def test_an_output_from_before_stays_when_a_run_fails(cli, tmp_path: Path, model_folder) -> None:
    out = tmp_path / "out.csv"
    out.write_text("from before")
    (tmp_path / "in.csv").write_bytes(b"text\nvpn drops\n" * 5)
    assert cli("classify", tmp_path / "in.csv", "--model", model_folder, "--text", "nope", "--out", out).code == 2
    assert out.read_text() == "from before"


def test_columns_that_hold_json_are_reached_into(cli, tmp_path: Path, model, model_folder) -> None:
    lines = [json.dumps({"key": "A-1", "fields": {"summary": "vpn", "description": "drops at home"}})]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    out = tmp_path / "out.jsonl"
    assert cli("classify", tmp_path / "in.jsonl", "--model", model_folder, "--out", out).code == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["st_probability"] == model.predict_one("vpn\ndrops at home").probability
