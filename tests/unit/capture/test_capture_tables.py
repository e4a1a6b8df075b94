"""Reading tables: formats, encodings, delimiters, broken rows. Every row is read or rejected, none is lost."""

import gzip
import io
import json
import os
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from signaltriage.capture import Chunk, read_chunks, unique_names
from signaltriage.capture.csvs import find_delimiter
from signaltriage.errors import InputError, UsageError
from signaltriage.types import Rejected


def read(path: Path | str, **options: int) -> tuple[pd.DataFrame, list[Rejected], list[Chunk]]:
    chunks = list(read_chunks(path, **options))
    frame = pd.concat([chunk.frame for chunk in chunks], ignore_index=True)
    return frame, [row for chunk in chunks for row in chunk.rejected], chunks


def rows_of(path: Path | str) -> list[list[str]]:
    return read(path)[0].to_numpy().tolist()


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# -- chunks and accounts -----------------------------------------------------------------------------------------------


def test_chunks_hold_the_rows_in_order_with_their_lines(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "id,text\n" + "".join(f"{i},row {i}\n" for i in range(5)))
    chunks = list(read_chunks(path, chunk_rows=2))
    assert [len(chunk.frame) for chunk in chunks] == [2, 2, 1]
    assert [line for chunk in chunks for line in chunk.lines] == [2, 3, 4, 5, 6]
    assert chunks[0].frame.columns.tolist() == ["id", "text"]
    assert chunks[2].frame.to_numpy().tolist() == [["4", "row 4"]]
    assert set(map(str, chunks[0].frame.dtypes)) == {"object"}
    assert chunks[0].how == "comma-separated text, UTF-8"


def test_a_header_alone_is_a_table_of_no_rows(tmp_path: Path) -> None:
    frame, rejected, chunks = read(put(tmp_path, "a.csv", "id,text\n"))
    assert (frame.columns.tolist(), len(frame), rejected, len(chunks)) == (["id", "text"], 0, [], 1)


def test_cells_are_kept_exactly(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", 'id,n,text\n007,1.0,"  two  spaces ""quoted"", comma\nnew line"\nNA,null,\n')
    assert rows_of(path) == [["007", "1.0", '  two  spaces "quoted", comma\nnew line'], ["NA", "null", ""]]


def test_a_chunk_of_nothing_but_rejected_rows_still_comes(tmp_path: Path) -> None:
    chunks = list(read_chunks(put(tmp_path, "a.csv", "a,b\n1\n2\n3,4\n"), chunk_rows=2))
    assert [(len(c.frame), len(c.rejected)) for c in chunks] == [(0, 2), (1, 0)]
    assert chunks[0].frame.columns.tolist() == ["a", "b"]


def test_chunk_rows_must_be_positive(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="chunk_rows"):
        read_chunks(put(tmp_path, "a.csv", "a\n1\n"), chunk_rows=0)


def test_repeated_names_are_numbered_and_can_be_restored(tmp_path: Path) -> None:
    chunk = next(read_chunks(put(tmp_path, "a.csv", "Labels,Labels,Text,Labels\nx,y,t,z\n")))
    assert chunk.frame.columns.tolist() == ["Labels", "Labels.1", "Text", "Labels.2"]
    assert chunk.original_names == {"Labels.1": "Labels", "Labels.2": "Labels"}


@pytest.mark.parametrize(
    ("header", "unique"),
    [
        (["a", "b"], ("a", "b")),
        (["a", "a", "a.1"], ("a", "a.2", "a.1")),
        (["a.1", "a", "a"], ("a.1", "a", "a.2")),
        (["", "", ""], ("", ".1", ".2")),
    ],
)
def test_unique_names(header: list[str], unique: tuple[str, ...]) -> None:
    assert unique_names(header) == unique


# -- delimiters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = ["id,text,team", '1,"Hi, all; this | that",it', '2,"a ""b"" c",hr', "3,plain,it"]
    content = "\n".join(delimiter.join(_cells(line)) for line in lines)
    frame, rejected, _ = read(put(tmp_path, "a.csv", content))
    assert frame.columns.tolist() == ["id", "text", "team"]
    assert frame["text"].tolist() == ["Hi, all; this | that", 'a "b" c', "plain"]
    assert not rejected


def _cells(line: str) -> list[str]:
    """Cut a comma line, but keep the quotes of the cells."""
    import csv

    return [f'"{cell}"'.replace('a "b" c', 'a ""b"" c') for cell in next(csv.reader([line]))]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (["id;price;text\n", "1;1,50;a, b\n", "2;2,50;c\n"], ";"),
        (["text\n", "hello, how; are\n", "you, there\n"], ","),
        (['"a;b",c\n', '"x;y",z\n'], ","),
        (["a|b\n", "1|x, y, z\n"], "|"),
        (["a,b\n"], ","),
        ([], ","),
    ],
)
def test_find_delimiter(sample: list[str], expected: str) -> None:
    assert find_delimiter(sample) == expected


def test_a_tsv_prefers_tabs_and_an_excel_hint_is_honoured(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path, "a.tsv", "a, b, c\td\n1, 2, 3\t4\n")) == [["1, 2, 3", "4"]]
    assert rows_of(put(tmp_path, "b.csv", "sep=;\na;b\n1;x,y\n")) == [["1", "x,y"]]


# -- encodings ---------------------------------------------------------------------------------------------------------

TEXT = "id,text\n1,Grüße aus Köln – 5 €\n2,ça marche\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    assert rows_of(put(tmp_path, "a.csv", TEXT.encode(encoding))) == [["1", "Grüße aus Köln – 5 €"], ["2", "ça marche"]]


def test_utf_16_big_endian_with_its_mark(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path, "a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be")))[1] == ["2", "ça marche"]


def test_a_windows_byte_far_behind_pure_ascii_is_still_read(tmp_path: Path) -> None:
    filler = "".join(f"{i},plain ascii text that says nothing of the encoding\n" for i in range(30_000))
    content = ("id,text\n" + filler).encode() + "x,«café\u00a0» naïve\n".encode("cp1252")
    frame, rejected, chunks = read(put(tmp_path, "a.csv", content))
    assert frame["text"].iloc[-1] == "«café\u00a0» naïve"
    assert (len(frame), rejected) == (30_001, [])
    assert "Windows-1252" in chunks[0].how


def test_one_broken_byte_does_not_spoil_a_utf_8_file(tmp_path: Path) -> None:
    content = "id,text\n1,Grüße, größer\n".replace(", g", " g").encode() + b"2,caf\xe9\n" + "3,日本語\n".encode()
    assert rows_of(put(tmp_path, "a.csv", content)) == [["1", "Grüße größer"], ["2", "café"], ["3", "日本語"]]


def test_bytes_that_windows_1252_leaves_open_and_nuls_are_kept(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path, "a.csv", b"id,text\n1,\x81\xe9\n2,nul\x00here\n")) == [
        ["1", "\x81é"],
        ["2", "nul\x00here"],
    ]


def test_a_utf_16_file_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    frame, rejected, _ = read(put(tmp_path, "a.csv", "a,b\n1,x\n2,y".encode("utf-16")[:-1]))
    assert len(frame) + len(rejected) == 2


# -- line ends, blank lines, quotes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_blank_lines(tmp_path: Path, end: str) -> None:
    content = end.join(["", "a,b", "", "1,x", "   ", "", '2,"two', 'lines"', ""])
    frame, rejected, chunks = read(put(tmp_path, "a.csv", content))
    assert frame.to_numpy().tolist() == [["1", "x"], ["2", f"two{end}lines"]]
    assert not rejected
    assert chunks[0].lines == [4, 7]


def test_in_one_column_spaces_are_a_cell_and_an_empty_line_is_not(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path, "a.csv", 'text\na\n\n  \n""\n')) == [["a"], ["  "], [""]]


def test_a_record_of_empty_cells_is_a_row(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path, "a.csv", "a,b,c\n,,\n")) == [["", "", ""]]


def test_wrong_field_counts_are_rejected_with_line_reason_and_raw_text(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", 'a,b\n1,x\n2,x,y\n3\n4,"p\nq",z\n5,w\n')
    frame, rejected, _ = read(path)
    assert frame["a"].tolist() == ["1", "5"]
    assert rejected == [
        Rejected(3, "too many fields: 2 expected, 3 found", "2,x,y"),
        Rejected(4, "too few fields: 2 expected, 1 found", "3"),
        Rejected(5, "too many fields: 2 expected, 3 found", '4,"p\nq",z'),
    ]


UNCLOSED = [
    pytest.param('1,"never closed,x\n', id="to the end of the file"),
    pytest.param('1,"never closed\n', id="and a field short"),
    pytest.param('"1,x,y\n', id="in the first field"),
]


@pytest.mark.parametrize("broken", UNCLOSED)
@pytest.mark.parametrize("quoted", [False, True])
def test_an_unclosed_quote_costs_one_line(tmp_path: Path, broken: str, quoted: bool) -> None:
    good = "".join(f'{i},"text, {i}",y\n' if quoted else f"{i},text {i},y\n" for i in range(2, 60))
    frame, rejected, _ = read(put(tmp_path, "a.csv", "a,b,c\n0,x,y\n" + broken + good))
    assert [row.line for row in rejected] == [3]
    assert "quote" in rejected[0].reason
    assert rejected[0].raw == broken.rstrip("\n")
    assert frame["a"].tolist() == ["0", *map(str, range(2, 60))]


def test_an_unclosed_quote_far_from_the_next_one_does_not_eat_memory(tmp_path: Path) -> None:
    good = "x,some text without any quotes\n" * 200_000  # 6 MB: more than the limit of one record
    frame, rejected, _ = read(put(tmp_path, "a.csv", 'a,b\n1,"open\n' + good))
    assert (len(frame), [row.line for row in rejected]) == (200_000, [2])


def test_rows_swallowed_by_a_stray_quote_come_back(tmp_path: Path) -> None:
    # The quote of line 2 closes, well-formed, at the one that ends line 4.
    path = put(tmp_path, "a.csv", 'a,b\n"1,x\n2,y\n3,z"\n4,w\n')
    frame, rejected, _ = read(path)
    assert frame["a"].tolist() == ["2", "3", "4"]
    assert [row.line for row in rejected] == [2]


def test_text_after_a_closing_quote_is_read_as_spreadsheets_do(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path, "a.csv", 'a,b\n1,"x"y\n')) == [["1", "xy"]]


def test_a_text_of_a_million_characters_is_read_and_an_endless_line_rejected(tmp_path: Path) -> None:
    million = "word " * 200_000
    path = put(tmp_path, "a.csv", f"a,b\n1,{million}\n2,{'x' * 4_100_000}\n3,y\n")
    frame, rejected, _ = read(path)
    assert frame["b"].tolist() == [million, "y"]
    assert rejected[0].line == 3
    assert len(rejected[0].raw) < 200_000


def test_a_header_that_is_one_open_quote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="header"):
        read(put(tmp_path, "a.csv", '"id,text\n1,x\n'))


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_json_lines_keep_values_as_written_and_reject_bad_lines(tmp_path: Path) -> None:
    lines = [
        '{"id": 9007199254740993, "price": 1.10, "ok": true, "none": null, "tags": ["a", "ü"]}',
        "",
        '{"id": 2, "text": "zwei"',
        '{"id": 3, "nested": {"k": 1.0}}',
        '"just text"',
        '{"id": 4} trailing',
        '{"id": ' + "1" * 5000 + "}",
    ]
    frame, rejected, chunks = read(put(tmp_path, "a.jsonl", "\n".join(lines)))
    assert frame.columns.tolist() == ["id", "price", "ok", "none", "tags", "nested"]
    assert frame.iloc[0].tolist() == ["9007199254740993", "1.10", "true", "", '["a","ü"]', ""]
    assert frame["nested"].iloc[1] == '{"k":1.0}'
    assert frame["id"].iloc[2] == "1" * 5000
    assert chunks[0].lines == [1, 4, 7]
    assert [row.line for row in rejected] == [3, 5, 6]
    assert "not valid JSON" in rejected[0].reason
    assert rejected[0].raw == lines[2]
    assert "str where an object" in rejected[1].reason


def test_all_chunks_have_the_same_columns_though_a_key_comes_late(tmp_path: Path) -> None:
    content = "".join(json.dumps({"a": i} | ({"late": 1} if i == 9 else {})) + "\n" for i in range(10))
    chunks = list(read_chunks(put(tmp_path, "a.jsonl", content), chunk_rows=3))
    assert {tuple(chunk.frame.columns) for chunk in chunks} == {("a", "late")}


RECORDS = [{"id": 1, "text": "one"}, {"id": 2, "text": "two"}]


@pytest.mark.parametrize(
    "document",
    [
        RECORDS,
        {"tickets": RECORDS, "count": 2, "next_page": None},
        {"results": RECORDS, "facets": []},
        {"_pagination": {"next": None}, "_results": RECORDS},
        [{"type": "conversation.list", "pages": {}, "conversations": RECORDS[:1]}, {"conversations": RECORDS[1:]}],
        {"whatever": RECORDS, "made": "2025-01-01"},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_arrays_and_pages(tmp_path: Path, document: object, indent: int | None) -> None:
    frame, rejected, chunks = read(put(tmp_path, "a.json", json.dumps(document, indent=indent)))
    assert frame.to_numpy().tolist() == [["1", "one"], ["2", "two"]]
    assert (rejected, chunks[0].lines) == ([], [1, 2])


@pytest.mark.parametrize(
    ("document", "columns"),
    [
        ({"ticket": {"id": 7, "subject": "x"}}, ["id", "subject"]),
        ({"id": 7, "subject": "x", "comments": [{"body": "y"}]}, ["id", "subject", "comments"]),
        ([{"text": "x", "comments": [{"body": "y"}]}], ["text", "comments"]),
    ],
)
def test_a_lone_object_is_one_record(tmp_path: Path, document: object, columns: list[str]) -> None:
    frame, _, _ = read(put(tmp_path, "a.json", json.dumps(document)))
    assert (frame.columns.tolist(), len(frame)) == (columns, 1)


def test_json_lines_under_the_name_json_and_values_over_several_lines(tmp_path: Path) -> None:
    assert len(rows_of(put(tmp_path, "a.json", '{"a": 1}\n{"a": 2}\n'))) == 2
    assert len(rows_of(put(tmp_path, "b.json", '{\n"a": 1}\n{\n"a": 2}\n'))) == 2


def test_a_long_array_is_read_across_blocks(tmp_path: Path) -> None:
    records = [{"n": i, "text": "x" * (i % 977)} for i in range(3000)]
    frame, rejected, _ = read(put(tmp_path, "a.json", json.dumps(records)))
    assert frame["n"].tolist() == [str(i) for i in range(3000)]
    assert not rejected


@pytest.mark.parametrize(
    ("content", "rows", "reason"),
    [
        ('[{"a": 1}, {"a": 2', 1, "not valid JSON"),
        ('[{"a": 1}, {"a": 2}', 2, "ends in the middle"),
        ('[{"a": 1}] [', 1, "more text after"),
        ('[{"a": 1}, oops, {"a": 3}]', 1, "not valid JSON"),
        ('[{"a": 1}, 5]', 1, "int where an object"),
        ('[{"a": 1}, ' + "[" * 100_000, 1, "nested too deeply"),
    ],
)
def test_what_is_broken_in_an_array_is_rejected(tmp_path: Path, content: str, rows: int, reason: str) -> None:
    frame, rejected, _ = read(put(tmp_path, "a.json", content))
    assert len(frame) == rows
    assert len(rejected) == 1
    assert reason in rejected[0].reason


@pytest.mark.parametrize("content", ["[]", "{}", "[1, 2]", "nonsense", "[", '{"tickets": []}', "null"])
def test_json_without_a_record_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match="no records"):
        read(put(tmp_path, "a.json", content))


def test_too_many_different_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="different keys"):
        read(put(tmp_path, "a.json", json.dumps([{f"k{i}": i for i in range(5001)}])))


# -- Parquet and Excel -------------------------------------------------------------------------------------------------


def test_parquet_integers_stay_integers_beside_nulls(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pd.Timestamp("2025-03-03 09:12:00").to_pydatetime()
    table = pa.table(
        {
            "id": pa.array([9007199254740993, None], pa.int64()),
            "was_int": pa.array([5.0, None]),
            "price": pa.array([0.1, 2.5], pa.float32()),
            "at": pa.array([moment, None]),
            "ok": pa.array([True, None]),
            "tags": pa.array([["a", "b"], None]),
            "kind": pa.array(["x", None]).dictionary_encode(),
            "raw": pa.array([b"caf\xc3\xa9", None]),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    frame, _, chunks = read(path)
    assert frame.iloc[0].tolist() == [
        "9007199254740993",
        "5",
        "0.1",
        "2025-03-03T09:12:00",
        "true",
        '["a","b"]',
        "x",
        "café",
    ]
    assert frame.iloc[1].tolist() == ["", "", "2.5", "", "", "", "", ""]
    assert chunks[0].lines == [1, 2]


def test_parquet_comes_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"n": range(2500)}).to_parquet(path, row_group_size=700)
    chunks = list(read_chunks(path, chunk_rows=1000))
    assert [len(chunk.frame) for chunk in chunks] == [1000, 1000, 500]
    assert chunks[2].frame["n"].iloc[-1] == "2499"


def test_excel(tmp_path: Path) -> None:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    hidden = book.active
    hidden.append(["not", "this"])
    hidden.sheet_state = "hidden"
    book.create_sheet("empty")
    sheet = book.create_sheet("tickets")
    sheet.append([])
    sheet.append(["id", "text", "made", "ok", "n"])
    sheet.append([4711, "Grüße", datetime.datetime(2025, 3, 3, 9, 12), True, 1.5])
    sheet.append([])
    sheet.append([4712.0, "=not a formula", datetime.datetime(2025, 3, 4)])
    sheet["B5"].data_type = "s"
    sheet.append([1, 2, 3, 4, 5, "too much"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    frame, rejected, chunks = read(path)
    assert frame.to_numpy().tolist() == [
        ["4711", "Grüße", "2025-03-03T09:12:00", "true", "1.5"],
        ["4712", "=not a formula", "2025-03-04", "", ""],
    ]
    assert chunks[0].lines == [3, 5]
    assert rejected == [Rejected(6, "too many cells: 5 expected, 6 found", "1 | 2 | 3 | 4 | 5 | too much")]
    assert "tickets" in chunks[0].how


# -- sources -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.csv.gz", "a.CSV", "a.txt", "a", "a.csv.bak"])
def test_names_and_gzip(tmp_path: Path, name: str) -> None:
    content = TEXT.encode()
    path = put(tmp_path, name, gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    assert len(rows_of(path)) == 2


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.txt", "a.gz"])
def test_json_by_content_and_gzip(tmp_path: Path, name: str) -> None:
    content = b'{"a": 1}\n{"a": 2}\n'
    assert len(rows_of(put(tmp_path, name, gzip.compress(content, mtime=0) if name.endswith(".gz") else content))) == 2


def test_binary_formats_are_known_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "table.dat"
    pd.DataFrame({"a": ["x"]}).to_parquet(path)
    assert rows_of(path) == [["x"]]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (TEXT.encode(), 2),
        (TEXT.encode("utf-16"), 2),
        (TEXT.replace(",", "\t").encode(), 2),
        (b'[{"a": 1}]', 1),
        (b'{"a": 1}\n{"a": 2}\n{"a": 3}\n', 3),
        (gzip.compress(TEXT.encode(), mtime=0), 2),
    ],
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes, rows: int) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert len(rows_of("-")) == rows


def test_empty_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(InputError, match="standard input is empty"):
        read("-")


def test_a_named_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(TEXT.encode(),))
    writer.start()
    assert len(rows_of(tmp_path / "pipe")) == 2
    writer.join()


def test_what_cannot_be_read_says_what_where_and_the_remedy(tmp_path: Path) -> None:
    put(tmp_path, "tickets.csv", "a\n1\n")
    for path, words in {
        tmp_path / "ticket.csv": "does not exist",
        tmp_path: "is a folder",
        put(tmp_path, "empty.csv", ""): "is empty",
        put(tmp_path, "blank.csv", "\n \n"): "nothing but blank lines",
        put(tmp_path, "old.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600): "an old .xls",
        put(tmp_path, "doc.pdf", b"%PDF-1.7 ..."): "a PDF",
        put(tmp_path, "a.bin", bytes(range(256)) * 8): "a binary file",
        put(tmp_path, "no.xlsx", "id,text\n"): "is no such file",
        put(tmp_path, "bad.xlsx", b"PK\x03\x04" + b"\x00" * 99): "damaged or unsupported Excel",
        put(tmp_path, "bad.parquet", b"PAR1" + b"\x00" * 99): "Parquet",
        put(tmp_path, "cut.csv.gz", gzip.compress(TEXT.encode() * 99, mtime=0)[:-30]): "damaged gzip",
    }.items():
        with pytest.raises(InputError, match=words) as caught:
            read(path)
        assert str(path) in caught.value.message
        assert caught.value.remedy
    with pytest.raises(InputError) as caught:  # at the call, before any chunk is asked for
        read_chunks(tmp_path / "ticket.csv")
    assert "tickets.csv" in caught.value.remedy


def test_importing_capture_imports_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys, signaltriage.capture, signaltriage.capture.tables, signaltriage.capture.writer, "
        "signaltriage.capture.clean, signaltriage.capture.columns, signaltriage.capture.rejects\n"
        "print([m for m in ('pandas', 'numpy', 'pyarrow', 'openpyxl', 'bs4') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
