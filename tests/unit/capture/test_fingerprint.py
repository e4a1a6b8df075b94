"""The same content has the same fingerprint wherever it lies."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from signaltriage.capture.fingerprint import fingerprint
from signaltriage.errors import InputError


def test_a_file_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    (tmp_path / "b").write_bytes(b"x" * 3_000_000)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert fingerprint(tmp_path / "a").sha256 == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    assert fingerprint(tmp_path / "a").size == 3_000_000


def test_a_folder_by_names_and_contents(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    (one / "general").mkdir(parents=True)
    (one / "general" / "2026-01-01.json").write_text("[]")
    (one / "users.json").write_text("[1]")
    shutil.copytree(one, other)
    assert fingerprint(one) == fingerprint(other)
    (other / "users.json").rename(other / "people.json")
    assert fingerprint(one).sha256 != fingerprint(other).sha256
    (other / "people.json").rename(other / "users.json")
    (other / "users.json").write_text("[2]")
    assert fingerprint(one).sha256 != fingerprint(other).sha256


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "round").symlink_to(tmp_path / "folder", target_is_directory=True)
    (tmp_path / "folder" / "out").symlink_to("/etc/passwd")
    assert fingerprint(tmp_path / "folder").size == 0


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        fingerprint(tmp_path / "none")
