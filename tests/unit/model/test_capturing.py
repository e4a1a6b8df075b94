"""Files into the log: cleaned, accounted for, gone on with; the same file again adds nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from signaltriage.errors import InputError, UsageError
from signaltriage.gap_types import SearchEvent
from signaltriage.log_types import Captured, Ledger, Skipped, Unreadable
from signaltriage.model import capturing
from signaltriage.model.capture_items import SearchKeys, cleaned
from signaltriage.model.capturing import capture_file, capture_files, facts_of
from signaltriage.model.log_checks import verify
from signaltriage.model.log_files import export_table, forget_author
from signaltriage.privacy import Privacy
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.ledger import ledgers
from signaltriage.types import Signal
from support import read_csv
from support_log import AT, KEY, everything, made, many, table, write_lines


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "export.jsonl", many(500))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capturing, "BATCH", 60)


def test_a_file_is_accounted_for_to_the_row(log: FrictionLog, export: Path) -> None:
    done = capture_file(export, log, made())
    ledger = done.ledger
    skipped = sum(n for _, n in ledger.skipped)
    assert ledger.read == 500 == ledger.new + ledger.duplicate + ledger.changed + skipped + ledger.rejected
    assert (skipped, ledger.rejected) == (sum(i % 43 == 9 and i % 41 != 7 for i in range(500)), 13)
    assert ledger.changed > 0
    assert ledger.new == len(table(log, "signals"))
    assert (done.resumed, done.unchanged) == (0, False)
    assert [row["read"] for row in table(log, "capture_batches")] == [60] * 8 + [20]


def test_the_same_file_again_adds_nothing(log: FrictionLog, export: Path, tmp_path: Path) -> None:
    first = capture_file(export, log, made())
    again = capture_file(export.rename(tmp_path / "renamed.jsonl"), log, made())
    assert again.unchanged
    kept = first.ledger.new + first.ledger.changed + first.ledger.duplicate
    assert again.ledger == replace(first.ledger, new=0, changed=0, duplicate=kept)
    assert len(table(log, "signal_versions")) == first.ledger.new + first.ledger.changed


@pytest.mark.parametrize("after", [0, 1, 4, 7])
def test_an_interrupted_capture_goes_on(log: FrictionLog, export: Path, tmp_path: Path, after: int) -> None:
    calls: list[int] = []

    def stop(n: int) -> None:
        calls.append(n)
        if len(calls) > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        capture_file(export, log, made(tell=stop))
    done = capture_file(export, log, made())
    assert done.resumed == 60 * (after + 1)
    with FrictionLog.open(tmp_path / "whole.db") as whole:
        assert capture_file(export, whole, made()).ledger == done.ledger
        for name in ("captures", "capture_batches", "signals", "signal_versions", "skipped", "rejected"):
            assert table(log, name) == table(whole, name), name


def test_a_grown_search_log_is_known_again(log: FrictionLog, tmp_path: Path) -> None:
    rows = [f"2026-03-01T08:00:0{i % 3}Z,u{i % 2},reset password,0" for i in range(9)]
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("\n".join(["timestamp,user_id,query,results", *rows]) + "\n")
    new.write_text("\n".join(["timestamp,user_id,query,results", *rows, "2026-03-02T08:00:00Z,u1,vpn,3"]) + "\n")
    assert capture_file(old, log, made()).ledger == Ledger(9, 9, 0, 0)
    assert capture_file(new, log, made()).ledger == Ledger(10, 1, 9, 0)
    assert {row["query"] for row in table(log, "searches")} == {"reset password", "vpn"}


def test_searches_that_say_the_same_are_several() -> None:
    keys, again = SearchKeys(), SearchKeys()
    said = [keys.of(SearchEvent("vpn")), keys.of(SearchEvent("vpn")), keys.of(SearchEvent("vpn", id="7"))]
    assert len(set(said)) == 3
    assert said == [again.of(SearchEvent("vpn")), again.of(SearchEvent("vpn")), "7"]


def test_nothing_that_identifies_is_stored(log: FrictionLog, tmp_path: Path) -> None:
    row = {"id": "1", "text": "mail jo.doe@example.org, my card 4111 1111 1111 1111", "author": "Jo Doe"}
    path = write_lines(tmp_path / "a.jsonl", [row, '{"author": "Jo Doe", "text": "jo.doe@example.org'])
    capture_file(path, log, made())
    kept = everything(log)
    for word in ("jo.doe", "Jo Doe", "4111"):
        assert word not in kept
    assert "[email]" in kept
    assert table(log, "capture_batches")[0]["redactions"] == '{"card": 1, "email": 1}'


def test_what_is_kept_as_it_stands_is_recorded(log: FrictionLog, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [{"id": "1", "text": "mail jo.doe@example.org", "author": "Jo"}, "{oops"])
    capture_file(path, log, made(privacy=Privacy(False), key_fingerprint=""))
    assert table(log, "signal_versions")[0]["author"] == "Jo"
    assert table(log, "captures")[0]["keep_pii"] is True
    assert "oops" in table(log, "rejected")[0]["raw"]


def test_items_become_rows_of_their_kind() -> None:
    items = [
        Captured("1", Signal("a", "call jo@example.org", author="Jo")),
        Skipped("2", "empty"),
        Unreadable("3", "no number: jo@example.org", "jo@example.org"),
        Captured("4", SearchEvent("vpn")),
    ]
    batch = cleaned(items, Privacy(True, KEY), "tool", SearchKeys())
    assert batch.read == 4
    assert batch.rejected == [Unreadable("3", "no number: [email]", "")]
    assert [one.place for one in batch.found] == ["1", "4"]
    assert batch.redactions == {"email": 1}


def test_one_bad_file_does_not_keep_the_others_from_the_log(log: FrictionLog, export: Path, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    done = capture_files([tmp_path / "none.csv", tmp_path / "picture.png", export], log, made())
    assert [Path(one.name).name for one in done.unread] == ["none.csv", "picture.png"]
    assert all(one.remedy for one in done.unread)
    assert done.total.read == 500
    assert verify(log, made()).differences == ()


def test_another_key_is_refused_unless_asked_for(log: FrictionLog, export: Path) -> None:
    capture_file(export, log, made())
    other = made(privacy=Privacy(True, bytes(32)), key_fingerprint="other")
    with pytest.raises(UsageError, match="another key"):
        capture_files([export], log, other)
    again = capture_files([export], log, replace(other, other_key=True))
    assert again.files[0].unchanged is False


def test_a_file_that_changes_while_it_is_read_is_said(
    log: FrictionLog, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grow(_: int) -> None:
        with export.open("a") as stream:
            stream.write("{}\n")

    with pytest.raises(InputError, match="changed while"):
        capture_file(export, log, made(tell=grow))
    assert not ledgers(log)[0].whole or ledgers(log)[0].sha256 != facts_of(export, made()).sha256


def test_verify_compares_with_the_files(log: FrictionLog, export: Path, tmp_path: Path) -> None:
    capture_file(export, log, made())
    checked = verify(log, made())
    assert (checked.captures, checked.rows, checked.compared, checked.differences) == (1, 500, 1, ())
    assert verify(log, None).not_compared[0].why.startswith("the key")
    assert verify(log, made(key_fingerprint="x")).not_compared[0].why.endswith("another key")
    export.write_text(export.read_text() + "\n{}\n")
    assert verify(log, made()).not_compared[0].why.endswith("changed since")
    export.unlink()
    assert verify(log, made()).not_compared[0].why.endswith("not there any more")


def test_verify_finds_what_the_log_lost(log: FrictionLog, export: Path) -> None:
    from sqlalchemy import text

    capture_file(export, log, made())
    with log.writing() as connection:
        connection.execute(text("UPDATE signal_versions SET digest = 'x' WHERE id = 3"))
    row, file = verify(log, made()).differences
    assert row.what.endswith("was altered since")
    assert "1 signals or searches of its file are not in the log" in file.what


@pytest.mark.parametrize("extension", [".csv", ".jsonl", ".parquet"])
def test_any_table_comes_out_again(log: FrictionLog, tmp_path: Path, extension: str) -> None:
    rows = [{"id": "1", "text": '=HYPERLINK("http://x";"y")', "author": "a"}, {"id": "2", "text": "vpn", "author": "b"}]
    capture_file(write_lines(tmp_path / "a.jsonl", rows), log, made())
    out = tmp_path / f"out{extension}"
    done = export_table(log, "v_signals", out)
    assert (done.rows, done.table) == (2, "v_signals")
    if extension == ".csv":
        assert [row["text"][:2] for row in read_csv(out)] == ["'=", "vp"]
    empty = export_table(log, "gaps", tmp_path / f"gaps{extension}")
    assert empty.rows == 0
    assert (tmp_path / f"gaps{extension}").exists()


def test_a_person_is_forgotten_by_name_with_the_key(log: FrictionLog, export: Path, tmp_path: Path) -> None:
    capture_file(export, log, made())
    with pytest.raises(UsageError, match="no signal or search"):
        forget_author(log, "worker 3", None, AT)
    done = forget_author(log, "Worker 3", KEY, AT)
    assert done.versions > 0
    theirs = [row for row in table(log, "signal_versions") if row["author"] in done.authors]
    assert {row["text"] for row in theirs} == {""}
    grown = write_lines(tmp_path / "grown.jsonl", many(520))
    assert capture_file(grown, log, made()).ledger.read == 520
    again = [row for row in table(log, "signal_versions") if row["author"] in done.authors]
    assert {row["text"] for row in again} == {""}
    assert verify(log, made()).differences == ()
