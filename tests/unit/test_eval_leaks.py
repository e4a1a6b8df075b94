"""A secret is found wherever and however it lies in a folder, and nothing is found where there is none."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from eval.leaks import find_leaks

SECRET = "jo.bloggs@example.com"
OTHER = 'pass"word & 7é'


def test_every_kind_of_file_is_looked_into(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "log.db") as database:
        database.execute("create table t (x)")
        database.execute("insert into t values (?)", (f"a {SECRET} b",))
    database.close()
    pd.DataFrame({"text": [SECRET.upper(), "x"]}).to_parquet(tmp_path / "signals.parquet", compression="zstd")
    np.savez_compressed(tmp_path / "words.npz", words=np.array([SECRET]))
    (tmp_path / "run.log.gz").write_bytes(gzip.compress(SECRET.encode()))
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "page.html").write_text(f"?mail={SECRET.replace('@', '%40')}")
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.csv", SECRET)
    files, leaks = find_leaks(tmp_path, [SECRET])
    assert {leak.file.partition(":")[0].removesuffix(" unpacked") for leak in leaks} == {
        *("log.db", "signals.parquet", "words.npz", "run.log.gz", "inner/page.html", "all.zip")
    }
    assert files > 6


@pytest.mark.parametrize(
    "text", [OTHER, r"pass\"word & 7\u00e9", "pass&quot;word &amp; 7é", "pass%22word+%26+7%C3%A9", 'PASS""WORD & 7é']
)
def test_every_way_of_writing_it_is_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(f"x{text}x", encoding="utf-8")
    assert [leak.secret for leak in find_leaks(tmp_path, ["nothing like it", OTHER])[1]] == [2]


def test_nothing_is_found_where_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("[email] wrote")
    assert find_leaks(tmp_path, [SECRET]) == (1, [])


def test_damaged_archives_are_searched_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.gz").write_bytes(b"\x1f\x8b" + SECRET.encode())
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04" + SECRET.encode())
    assert len(find_leaks(tmp_path, [SECRET])[1]) == 2
    assert "damaged gzip" in capsys.readouterr().err


def test_a_search_that_could_find_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file"):
        find_leaks(tmp_path, [SECRET])
    with pytest.raises(ValueError, match="at least 4"):
        find_leaks(tmp_path, ["abc"])
    with pytest.raises(ValueError, match="needed"):
        find_leaks(tmp_path, [])


def test_the_command_tells_by_its_exit_code_and_prints_no_secret(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_text(SECRET)
    (tmp_path / "secrets").write_text(f"nothing like it\n{SECRET}\n")
    command = [sys.executable, "-m", "eval.leaks", str(tmp_path / "out"), "--secrets", str(tmp_path / "secrets")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parents[2])
    assert run.returncode == 6
    assert "file: secret 2 at byte 0" in run.stdout
    assert SECRET not in run.stdout + run.stderr
