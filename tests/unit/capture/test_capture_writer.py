"""Writing tables: formats, formula guard, atomicity, the account of rejected rows."""

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from signaltriage.capture import RejectedWriter, TableWriter, guard_cell, read_chunks, unguard, write_rejected
from signaltriage.errors import UsageError
from signaltriage.types import Rejected

FORMATS = [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx", ".csv.gz", ".tsv.gz", ".jsonl.gz", ".json.gz"]
AWKWARD = [
    "plain",
    "",
    "two\nlines",
    'say "hi", you',
    "tab\there",
    "lone\rreturn",
    "ünï©ode 日本 😀",
    " spaces ",
    "007",
    "NA",
]


def frame_of(texts: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"id": [str(i) for i in range(len(texts))], "note, with comma": texts}, dtype=object)


def write(path: Path, *frames: pd.DataFrame, **options: object) -> None:
    with TableWriter(path, **options) as writer:  # type: ignore[arg-type]
        for frame in frames:
            writer.write(frame)


def read(path: Path) -> pd.DataFrame:
    return pd.concat([chunk.frame for chunk in read_chunks(path)], ignore_index=True)


@pytest.mark.parametrize("extension", FORMATS)
def test_what_is_written_is_read_again(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"out{extension}"
    write(path, frame_of(AWKWARD[:5]), frame_of(AWKWARD[5:]))
    back = read(path)
    texts = [text.replace("\r", "\n") for text in AWKWARD] if extension == ".xlsx" else AWKWARD  # XML folds CR to LF
    assert back.columns.tolist() == ["id", "note, with comma"]
    assert back["note, with comma"].tolist() == texts
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("extension", FORMATS)
def test_a_table_of_no_rows_keeps_its_header(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"out{extension}"
    write(path, frame_of([]))
    if "json" in extension:  # a JSON table without rows has nowhere to keep its names
        raw = gzip.decompress(path.read_bytes()) if extension.endswith("gz") else path.read_bytes()
        assert raw.strip() in {b"", b"[]", b"[\n]"}
    else:
        assert read(path).columns.tolist() == ["id", "note, with comma"]


@pytest.mark.parametrize("extension", FORMATS)
def test_same_rows_same_bytes(tmp_path: Path, extension: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("a", "b"):
        monkeypatch.setattr("time.time", lambda moment=1.7e9 + (folder == "b") * 1e6: moment)
        write(tmp_path / folder / f"out{extension}", frame_of(AWKWARD))
    first, second = ((tmp_path / folder / f"out{extension}").read_bytes() for folder in "ab")
    assert first == second


def test_pandas_reads_the_csv_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "out.csv", frame_of(['=1+1 "quoted"\nnew line', "x"]))
    back = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert back.columns.tolist() == ["id", "note, with comma"]
    assert back["note, with comma"].tolist() == ['\'=1+1 "quoted"\nnew line', "x"]


def test_numbers_missing_values_and_times(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "probability": [0.25, float("nan")],
            "n": [1, 2],
            "ok": [True, False],
            "team": ["it", None],
            "at": [pd.Timestamp("2025-03-03 09:12"), pd.NaT],
        }
    )
    write(tmp_path / "out.csv", frame)
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "probability,n,ok,team,at",
        "0.25,1,True,it,2025-03-03T09:12:00",
        ",2,False,,",
    ]
    write(tmp_path / "out.jsonl", frame)
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[1]) == {
        "probability": None, "n": 2, "ok": False, "team": None, "at": None
    }  # fmt: skip
    write(tmp_path / "out.parquet", frame, frame)
    back = pd.read_parquet(tmp_path / "out.parquet")
    assert (len(back), back["probability"].iloc[0], back["n"].iloc[3]) == (4, 0.25, 2)


def test_lone_surrogates_and_control_characters_do_not_stop_the_writing(tmp_path: Path) -> None:
    for extension in FORMATS:
        write(tmp_path / f"out{extension}", frame_of(["broken \ud800 half", "bell \x07 and nul \x00"]))
    assert read(tmp_path / "out.csv").iloc[0, 1] == "broken \ufffd half"
    assert read(tmp_path / "out.jsonl").iloc[0, 1] == "broken \ud800 half"
    assert read(tmp_path / "out.xlsx").iloc[1, 1] == "bell \ufffd and nul \ufffd"


def test_a_text_too_long_for_a_sheet_is_cut_and_says_so(tmp_path: Path) -> None:
    write(tmp_path / "out.xlsx", frame_of(["x" * 40_000]))
    cell = read(tmp_path / "out.xlsx").iloc[0, 1]
    assert len(cell) == 32_767
    assert cell.endswith("… [cut: 40,000 characters]")


# -- columns -----------------------------------------------------------------------------------------------------------


def test_a_chunk_with_other_columns_is_refused(tmp_path: Path) -> None:
    a, b = pd.DataFrame({"a": ["1"], "b": ["2"]}), pd.DataFrame({"a": ["1"], "c": ["2"]})
    with pytest.raises(UsageError, match="missing b; new c"):
        write(tmp_path / "out.csv", a, b)
    with pytest.raises(UsageError, match="another order: b, a"):
        write(tmp_path / "out.csv", a, a[["b", "a"]])
    assert list(tmp_path.iterdir()) == []


def test_repeated_columns_are_written_as_they_were(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("Labels,Labels,Text\nx,y,t\n")
    chunk = next(read_chunks(source))
    write(tmp_path / "out.csv", chunk.frame.assign(st_team="it"), original_names=chunk.original_names)
    assert (tmp_path / "out.csv").read_text() == "Labels,Labels,Text,st_team\nx,y,t,it\n"
    write(tmp_path / "out.jsonl", chunk.frame, original_names=chunk.original_names)
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {"Labels": "x", "Labels.1": "y", "Text": "t"}


def test_two_columns_of_one_name_in_a_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two columns of one name"):
        write(tmp_path / "out.csv", pd.DataFrame([["1", "2"]], columns=["a", "a"]))


# -- formulas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "＝1",
        "＋1",
        "－1 x",
        "＠x",
        "-",
        "+49 30 123",
        "'=1",
    ],
)
def test_what_a_spreadsheet_would_run_is_guarded_and_comes_back(text: str) -> None:
    assert guard_cell(text) == "'" + text
    assert unguard("'" + text) == text


@pytest.mark.parametrize(
    "text", ["", "plain", "-5", "+3.14", "-1,234.50", "-1e-5", "- 5", "-.5", "+5 %", "'quoted'", "a=b", "'", "−5"]
)
def test_numbers_and_ordinary_texts_are_left_alone(text: str) -> None:
    if text == "- 5":
        assert guard_cell(text) == "'- 5"
        return
    assert guard_cell(text) == text
    assert unguard(text) == text


@pytest.mark.parametrize("extension", [".csv", ".tsv", ".xlsx"])
def test_the_guard_covers_cells_and_headers_and_can_be_turned_off(tmp_path: Path, extension: str) -> None:
    frame = pd.DataFrame({"=HYPERLINK(1)": ["=1+1", "-5", "ok"]})
    write(tmp_path / f"on{extension}", frame)
    back = read(tmp_path / f"on{extension}")
    assert back.columns.tolist() == ["'=HYPERLINK(1)"]
    assert back.iloc[:, 0].tolist() == ["'=1+1", "-5", "ok"]
    write(tmp_path / f"off{extension}", frame, guard_formulas=False)
    assert read(tmp_path / f"off{extension}").iloc[:, 0].tolist() == ["=1+1", "-5", "ok"]


def test_in_a_workbook_no_cell_is_a_formula(tmp_path: Path) -> None:
    import openpyxl

    write(tmp_path / "off.xlsx", pd.DataFrame({"a": ["=1+1"]}), guard_formulas=False)
    cell = openpyxl.load_workbook(tmp_path / "off.xlsx").active["A2"]
    assert (cell.data_type, cell.value) == ("s", "=1+1")


def test_formats_that_no_spreadsheet_runs_are_not_guarded(tmp_path: Path) -> None:
    for extension in (".jsonl", ".json", ".parquet"):
        write(tmp_path / f"out{extension}", pd.DataFrame({"a": ["=1+1"]}))
        assert read(tmp_path / f"out{extension}").iloc[0, 0] == "=1+1"


# -- atomicity ---------------------------------------------------------------------------------------------------------


def stop_in_the_middle(path: Path, error: type[BaseException]) -> None:
    with TableWriter(path) as writer:
        writer.write(frame_of(AWKWARD))
        raise error


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_after_an_exception_nothing_is_left_and_the_old_file_stays(
    tmp_path: Path, extension: str, error: type[BaseException]
) -> None:
    path = tmp_path / f"out{extension}"
    path.write_text("the old one")
    with pytest.raises(error):
        stop_in_the_middle(path, error)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "the old one"


def test_a_killed_run_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    code = (
        "import sys, os, signal, pandas as pd\n"
        "from signaltriage.capture import TableWriter\n"
        "with TableWriter(sys.argv[1]) as writer:\n"
        "    writer.write(pd.DataFrame({'a': ['x'] * 100_000}))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.csv")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [p.name.startswith(".out.csv.partial-") for p in tmp_path.iterdir()] == [True]


def test_the_file_has_the_usual_rights_and_a_link_stays_a_link(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write(tmp_path / "out.csv", frame_of(["x"]))
    finally:
        os.umask(mask)
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o644
    (tmp_path / "link.csv").symlink_to(tmp_path / "out.csv")
    write(tmp_path / "link.csv", frame_of(["y", "z"]))
    assert (tmp_path / "link.csv").is_symlink()
    assert len(read(tmp_path / "out.csv")) == 2


def test_nothing_written_makes_no_file_and_missing_folders_are_made(tmp_path: Path) -> None:
    with TableWriter(tmp_path / "out.csv"):
        pass
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "new" / "folder" / "out.csv", frame_of(["x"]))
    assert (tmp_path / "new" / "folder" / "out.csv").exists()


@pytest.mark.parametrize("name", ["out", "out.xls", "out.txt", "out.parquet.gz", "out.gz", "out.csv.zip"])
def test_unknown_extensions_are_refused_before_anything_is_done(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not written as"):
        TableWriter(tmp_path / name)


def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match="is a folder"), TableWriter(tmp_path / "folder.csv"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"), TableWriter(tmp_path / "file" / "out.csv"):
        pass
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UsageError, match="not a regular file"), TableWriter(tmp_path / "pipe.csv"):
        pass


def test_a_full_disk_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write(tmp_path / "out.csv", frame_of(["x"]))
    assert list(tmp_path.iterdir()) == []


# -- rejected rows -----------------------------------------------------------------------------------------------------

ROWS = [Rejected(3, "too few fields: 2 expected, 1 found", '=cmd "x"\nnext'), Rejected(9, "not valid JSON", "{")]


def test_rejected_rows_are_written_and_safe(tmp_path: Path) -> None:
    path = tmp_path / "out.csv.rejected.csv"
    assert write_rejected(path, ROWS) == 2
    assert list(csv.reader(io.StringIO(path.read_text(), newline=""))) == [
        ["line", "reason", "raw"],
        ["3", "too few fields: 2 expected, 1 found", '\'=cmd "x"\nnext'],
        ["9", "not valid JSON", "{"],
    ]


def test_without_rejected_rows_there_is_no_file_and_a_stale_one_goes(tmp_path: Path) -> None:
    path = tmp_path / "out.rejected.csv"
    with RejectedWriter(path) as writer:
        writer.write([])
    assert not path.exists()
    path.write_text("from a former run")
    assert write_rejected(path, iter([])) == 0
    assert not path.exists()


def reject_and_stop(path: Path) -> None:
    with RejectedWriter(path) as writer:
        writer.write(ROWS)
        raise ValueError("stop")


def test_after_an_exception_the_former_rejected_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.rejected.csv"
    path.write_text("from a former run")
    with pytest.raises(ValueError, match="stop"):
        reject_and_stop(path)
    assert path.read_text() == "from a former run"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
