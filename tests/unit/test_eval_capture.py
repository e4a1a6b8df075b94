"""The checks of capture's evaluation can fail: each is shown what it must find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from eval import exports, fuzz_capture

from signaltriage.capture.readers import Asked, SignalFile
from signaltriage.log_types import Skipped

FIXTURES = fuzz_capture.FIXTURES


def test_generated_files_of_every_kind_find_nothing_wrong(tmp_path: Path) -> None:
    for number in range(120):
        maker = fuzz_capture.MAKERS[number % len(fuzz_capture.MAKERS)]
        problem, _, _ = fuzz_capture.run(maker(random.Random(f"test-{number}")), tmp_path)
        assert not problem


def test_a_case_is_the_same_whenever_it_is_made() -> None:
    for maker in fuzz_capture.MAKERS:
        assert maker(random.Random("3-5")).content == maker(random.Random("3-5")).content


def test_a_stack_trace_a_lost_row_and_a_refused_table_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = fuzz_capture.Case("a.csv", b"id,text\n1,x\n2,y\n", rows=2, asked=Asked(source="table"))
    assert fuzz_capture.run(case, tmp_path)[0] == ""
    refused = fuzz_capture.Case("a.csv", b"", rows=2)
    assert "refused" in fuzz_capture.run(refused, tmp_path)[0]

    @contextmanager
    def losing(path: Path, asked: Asked) -> Iterator[SignalFile]:
        yield SignalFile("a", "table", "", iter([Skipped("line 2", "empty")]))

    @contextmanager
    def breaking(path: Path, asked: Asked) -> Iterator[SignalFile]:
        raise KeyError("planted")
        yield

    monkeypatch.setattr(fuzz_capture, "open_signals", losing)
    assert fuzz_capture.run(case, tmp_path)[0] == "1 unaccounted rows"
    monkeypatch.setattr(fuzz_capture, "open_signals", breaking)
    assert "planted" in fuzz_capture.run(case, tmp_path)[0]


def test_the_line_of_a_file_counts_what_became_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "a.csv").write_bytes((FIXTURES / "table.csv").read_bytes())
    (tmp_path / "exports" / "b.csv").write_text("x,y\n1,2\n")
    monkeypatch.setattr(exports, "DATA", tmp_path)
    assert exports.paths() == ["a.csv", "b.csv"]
    assert exports.folders() == []
    line = exports.line_of("a.csv")
    assert (line.read, line.signals, line.skipped, line.rejected) == (4, 2, (("empty", 1),), 1)
    assert (exports.line_of("b.csv").reader, exports.line_of("b.csv").rejected) == ("none", 1)
