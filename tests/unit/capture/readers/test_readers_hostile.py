"""Hostile input: bounded time and memory, the file or row rejected with its reason, and the rest goes on."""

from __future__ import annotations

import contextlib
import gzip
import json
import stat
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from signaltriage.capture.readers import open_signals, streams
from signaltriage.capture.readers.bundles import is_zip
from signaltriage.capture.readers.limits import check_directory
from signaltriage.errors import InputError, SignalTriageError
from signaltriage.log_types import Captured, CaptureItem, Skipped, Unreadable
from signaltriage.types import Signal
from support_readers import items_of, reasons_of, signals_of

TICKETS = "id,text\n1,the door is stuck\n2,the lift is slow\n"


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_bomb_in_an_archive_is_not_unpacked_and_the_rest_goes_on(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.zip", {"bomb.csv": b"0" * (64 << 20), "good.csv": TICKETS})
    items = items_of(bomb)
    assert [type(item) for item in items] == [Unreadable, Captured, Captured]
    assert "300 times its size" in reasons_of(items)[0]


def test_sizes_in_an_archive_that_lie_change_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"bomb.csv": b"0" * (64 << 20)})
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<I", 64 << 20), struct.pack("<I", 100)))
    assert [type(item) for item in items_of(path)] == [Unreadable]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/passwd.csv", "a name that leads out of the archive"),
        ("/etc/tickets.csv", "an absolute name"),
        ("C:\\tickets.csv", "an absolute name"),
        ("a\\..\\..\\b.csv", "a name that leads out of the archive"),
        ("inner.zip", "an archive within, which is not opened"),
        ("inner.tar.gz", "an archive within, which is not opened"),
        ("run.exe", "not a kind of file that is read: .exe"),
        ("empty.csv", "an empty file"),
        (f"{'x' * 1500}.csv", "a name that no file has"),
    ],
)
def test_members_that_are_not_opened_say_why(tmp_path: Path, name: str, reason: str) -> None:
    content = "" if "empty" in name else TICKETS
    items = items_of(zipped(tmp_path / "a.zip", {name: content, "good.csv": TICKETS}))
    assert reasons_of(items) == [reason]
    assert sum(isinstance(item, Captured) for item in items) == 2
    assert not list(tmp_path.parent.rglob("passwd*"))


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert reasons_of(items_of(tmp_path / "a.zip")) == ["a symbolic link"]


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(TICKETS)
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "link.csv").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (folder / "good.csv").write_text(TICKETS)
    items = items_of(folder)
    assert reasons_of(items) == ["a symbolic link", "a symbolic link"]
    assert sum(isinstance(item, Captured) for item in items) == 2


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": TICKETS})
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    path.write_bytes(bytes(raw))
    assert reasons_of(items_of(path)) == ["encrypted"]


def test_a_second_file_of_a_name_is_told_of(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", TICKETS)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.csv", TICKETS)
    items = items_of(tmp_path / "a.zip")
    assert reasons_of(items) == ["a second file of the same name"]


def test_an_archive_with_too_many_files_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": TICKETS})
    raw = bytearray(path.read_bytes())
    end = raw.rindex(b"PK\x05\x06")
    raw[end + 12 : end + 16] = struct.pack("<I", 80 << 20)  # it says that its table of contents has 80 MB
    with path.open("wb") as file:
        file.seek(90 << 20)
        file.write(raw)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.csv", TICKETS)
    with pytest.raises(InputError, match="too many files"):
        check_directory(path, "a.zip")
    check_directory(tmp_path / "b.zip", "b.zip")


@pytest.mark.parametrize("cut", [10, 30, 60, 100])
def test_a_damaged_archive_is_an_error_or_a_rejected_file(tmp_path: Path, cut: int) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": TICKETS * 50})
    raw = path.read_bytes()
    path.write_bytes(raw[:-cut])
    assert is_zip(path)
    with pytest.raises(InputError):
        items_of(path)
    path.write_bytes(raw[:45] + b"\xff" * 20 + raw[65:])
    assert [type(item) for item in items_of(path)] == [Unreadable]


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"text\n" + b"a" * (64 << 20)))
    with pytest.raises(InputError, match="300 times its size"):
        items_of(path)


def test_a_line_without_an_end_is_rejected_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write("id,text\n1,before\n2,")
        for _ in range(64):
            file.write("x" * (1 << 20))
        file.write("\n3,after\n")
    tracemalloc.start()
    items = items_of(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(item) for item in items] == [Captured, Unreadable, Captured]
    assert peak < 60 << 20


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"id":1,"text":"x","deep":'])
def test_json_nested_without_end_is_rejected(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(opening * 100_000 + "1")
    assert [type(item) for item in items_of(path)] == [Unreadable]
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"id":1,"text":"before"}\n' + opening * 100_000 + '\n{"id":2,"text":"after"}\n')
    assert [type(item) for item in items_of(lines)] == [Captured, Unreadable, Captured]


def test_nesting_that_json_still_reads_is_no_trouble_either(tmp_path: Path) -> None:
    deep = "[" * 900 + "]" * 900
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"id":1,"text":{deep},"title":"stuck","tags":{deep},"author":{deep}}}\n{{"id":2,"text":"x"}}\n')
    assert len(items_of(path)) == 2


def test_an_object_too_large_to_hold_is_read_member_by_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_VALUE", 1 << 20)
    path = tmp_path / "a.json"
    ticket = {
        "subject": "slow",
        "requester_id": 1,
        "submitter_id": 1,
        "status": "open",
        "via": {},
        "description": "d" * 900,
    }
    with path.open("w") as file:
        file.write('{"count": 3000, "users": [{"id": 1, "role": "end-user"}], "tickets": [')
        file.write(",".join(json.dumps({"id": n, **ticket}) for n in range(3_000)))
        file.write('], "next_page": null}')
    assert path.stat().st_size > 2 << 20
    tracemalloc.start()
    with open_signals(path) as opened:
        kinds = [type(item) for item in opened.items]
        assert opened.reader == "zendesk"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kinds == [Skipped, *[Captured] * 3_000]
    assert peak < 20 << 20


def test_a_large_object_that_breaks_off_keeps_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_VALUE", 1 << 20)
    path = tmp_path / "a.json"
    ticket = {"text": "d" * 1000}
    path.write_text('{"tickets": [' + ",".join(json.dumps({"id": n, **ticket}) for n in range(1_800)) + ', {"id": 1')
    items = items_of(path)
    assert sum(isinstance(item, Captured) for item in items) == 1_800
    assert len(items) == 1_801


def test_bytes_that_are_no_text_and_cells_that_are_formulas_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\n1,nul\x00byte\n2,caf\xe9\n3,\"=cmd|'/c calc'!A1\"\n4,\xed\xa0\x80x\n5,fine \xc3\xa9\n")
    signals = signals_of(path)
    assert len(signals) == 5
    assert signals[0].text == "nul\ufffdbyte"
    assert signals[1].text == "café"
    assert signals[2].text == "=cmd|'/c calc'!A1"
    assert all(signal.text.encode() for signal in signals)


def test_lone_surrogates_giant_numbers_and_repeated_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    digits = "9" * 10_000
    path.write_text(
        '{"id":1,"text":"half \\ud83d"}\n'
        f'{{"id":{digits},"text":"giant","created_at":{digits}}}\n'
        '{"id":3,"text":"first","text":"last"}\n'
        '{"id":4,"text":"odd day","created_at":"99999-12-31T00:00:00Z"}\n'
        '{"id":5,"text":"odd number","created_at":1e999}\n'
    )
    signals = {signal.id: signal for signal in signals_of(path)}
    assert signals["1"].text == "half \ufffd"
    assert signals["3"].text == "last"
    assert [signal.created_at for signal in signals.values()] == [None] * 5
    assert all(len(key) <= 200 for key in signals)


def test_threads_that_lead_in_circles_are_only_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text,parent_id\n1,one,2\n2,two,1\n3,three,3\n")
    assert [(signal.id, signal.thread) for signal in signals_of(path)] == [("1", "2"), ("2", "1"), ("3", "")]


def workbook(path: Path, sheet: str, strings: str = "") -> Path:
    head = '<?xml version="1.0"?>'
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook {main} xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet if sheet.startswith("<!") else f"{head}<worksheet {main}>{sheet}</worksheet>",
        "xl/sharedStrings.xml": strings or f"{head}<sst {main}/>",
    }
    return zipped(path, parts)


def cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


GOOD = f'<row r="1">{cell("A1", "id")}{cell("B1", "text")}</row><row r="2">{cell("A2", "7")}{cell("B2", "stuck")}</row>'


def test_a_workbook_is_read(tmp_path: Path) -> None:
    (signal,) = signals_of(workbook(tmp_path / "a.xlsx", f"<sheetData>{GOOD}</sheetData>"))
    assert (signal.id, signal.text) == ("7", "stuck")


def test_a_workbook_that_laughs_a_billion_times_is_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><worksheet><sheetData>&l9;</sheetData></worksheet>'
    with pytest.raises(InputError, match="declares entities"):
        items_of(workbook(tmp_path / "a.xlsx", laughs))


def test_a_workbook_with_giant_strings_is_refused(tmp_path: Path) -> None:
    giant = "<sst>" + "<si><t>ha</t></si>" * 8_000_000 + "</sst>"
    with pytest.raises(InputError, match="unpacks to"):
        items_of(workbook(tmp_path / "a.xlsx", f"<sheetData>{GOOD}</sheetData>", giant))


def test_a_row_that_says_it_is_the_thousand_millionth_is_no_loop(tmp_path: Path) -> None:
    sheet = f'<sheetData>{GOOD}<row r="1000000000">{cell("A1000000000", "8")}</row></sheetData>'
    started = time.process_time()
    items = items_of(workbook(tmp_path / "a.xlsx", sheet))
    assert time.process_time() - started < 20
    assert isinstance(items[0], Captured)


def test_a_workbook_of_another_make_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(InputError):
        items_of(path)


@pytest.mark.parametrize(
    "raw", [b"", b"\0" * 5000, b"%PDF-1.7", b"\xff\xfe", b"\n\n\n", b"{", b"[]", b'"x"', b"{}", b"null"]
)
def test_what_is_no_export_is_an_error_or_rejected_never_silence_or_a_trace(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(raw)
    items: list[CaptureItem] = []
    with contextlib.suppress(SignalTriageError):
        items = items_of(path)
    assert all(isinstance(item, Unreadable) for item in items)


def test_records_of_the_wrong_shape_are_rejected_one_by_one(tmp_path: Path) -> None:
    odd = {"id": 2, "subject": [], "description": {"a": 1}, "requester_id": {}, "submitter_id": [], "tags": 3, "via": 0}
    good = {"id": 1, "subject": "Slow", "requester_id": 1, "submitter_id": 1, "via": {}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"tickets": [good, odd, "loose", None, good | {"id": 3, "comments": [[], {}, 4]}]}))
    items = items_of(path)
    found = [item.found.id for item in items if isinstance(item, Captured) and isinstance(item.found, Signal)]
    assert len(items) >= 5
    assert {"1", "3"} <= set(found)


def test_a_table_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text" + "," * 1_000_000 + "\n")
    with pytest.raises(InputError, match="columns"):
        items_of(path)


def test_rows_of_megabytes_are_not_all_held_to_see_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write("id,text\n")
        for number in range(30):
            file.write(f"{number},{'x' * 2_000_000}\n")
    tracemalloc.start()
    with open_signals(path) as opened:
        assert sum(isinstance(item, Captured) for item in opened.items) == 30
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 << 20


def test_a_value_of_many_small_things_stays_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"id":1,"text":"before"},{"id":2,"text":"x","deep":[' + "{}," * 6_000_000 + "{}]}]")
    items = items_of(path)
    assert [type(item) for item in items] == [Captured, Unreadable]
    assert "longer than" in reasons_of(items)[0]
