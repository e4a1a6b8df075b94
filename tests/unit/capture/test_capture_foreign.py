"""What holds no table is named for what it is; its bytes are never shown as columns."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from signaltriage.capture.foreign import foreign_kind
from signaltriage.capture.tables import read_chunks
from signaltriage.errors import InputError

NOISE = random.Random(0).randbytes(5000)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("log.csv", NOISE, "binary file"),
        ("log.jsonl", NOISE, "binary file"),
        ("log.csv", b"\x89PNG\r\n\x1a\n" + NOISE, "picture"),
        ("log.tsv", b"\xff\xd8\xff\xe0" + NOISE, "picture"),
        ("log.csv", b"%PDF-1.7\n" + NOISE, "PDF"),
        ("log.csv", b"{\\rtf1 query,results}", "RTF"),
    ],
)
def test_a_binary_file_is_refused_by_what_it_is(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=what) as refused:
        list(read_chunks(tmp_path / name))
    assert ".csv" in refused.value.remedy
    assert str(refused.value).isprintable() or str(refused.value).replace("\n", "").isprintable()


@pytest.mark.parametrize(("part", "what"), [("word/document.xml", "Word"), ("mimetype", "OpenDocument"), ("x", "zip")])
def test_archives_are_looked_into(tmp_path: Path, part: str, what: str) -> None:
    with zipfile.ZipFile(tmp_path / "log.csv", "w") as packed:
        packed.writestr("[Content_Types].xml", "<x/>")
        packed.writestr(part, "query,results")
    with pytest.raises(InputError, match=what):
        list(read_chunks(tmp_path / "log.csv"))


@pytest.mark.parametrize(
    "text",
    [
        "query\nключ 🙂\n".encode("utf-16"),
        b"query\n\x00\x00a\n",
        bytes(range(32)) * 3,
        "query\nпароль\n".encode("cp1251"),
        b"",
    ],
)
def test_texts_are_no_binary_files(text: bytes) -> None:
    assert foreign_kind(text) is None
