"""The key file: where it lies, that it is made once, and what is said when something is wrong with it."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from signaltriage.errors import InputError, UsageError
from signaltriage.privacy import default_key_path, fingerprint, obtain_key, read_key

HOME = Path("/home/jo")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")


@pytest.mark.parametrize(
    ("environment", "windows", "wanted"),
    [
        ({}, False, "/home/jo/.config/signaltriage/pseudonym.key"),
        ({"XDG_CONFIG_HOME": "/etc/jo"}, False, "/etc/jo/signaltriage/pseudonym.key"),
        ({"XDG_CONFIG_HOME": "relative"}, False, "/home/jo/.config/signaltriage/pseudonym.key"),
        ({"APPDATA": "/roaming"}, True, "/roaming/signaltriage/pseudonym.key"),
        ({}, True, "/home/jo/AppData/Roaming/signaltriage/pseudonym.key"),
        ({"SIGNALTRIAGE_KEY_FILE": "/keys/team", "XDG_CONFIG_HOME": "/etc/jo"}, False, "/keys/team"),
    ],
)
def test_where_the_key_lies(environment: dict[str, str], windows: bool, wanted: str) -> None:
    assert default_key_path(environment, HOME, windows=windows) == Path(wanted)


def test_a_key_is_made_once_and_then_read(tmp_path: Path) -> None:
    path = tmp_path / "settings" / "key"
    made = obtain_key(path)
    again = obtain_key(path)
    assert (made.created, again.created) == (True, False)
    assert made.key == again.key == read_key(path).key
    assert len(made.key) == 32
    assert made.warning == again.warning == ""
    assert [file.name for file in path.parent.iterdir()] == ["key"]


@POSIX
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = obtain_key(tmp_path / "key").path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert "chmod 600" in read_key(path).warning


def test_many_at_once_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: obtain_key(path), range(24)))
    assert len({key.key for key in keys}) == 1
    assert sum(key.created for key in keys) == 1


@pytest.mark.parametrize(("size", "said"), [(0, "has 0 bytes"), (31, "has 31 bytes"), (64, "more than 32 bytes")])
def test_a_file_of_another_size_is_no_key(tmp_path: Path, size: int, said: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(bytes(size))
    with pytest.raises(InputError, match=said) as error:
        obtain_key(path)
    assert str(path) in error.value.message
    assert error.value.remedy


def test_a_key_that_is_not_there_or_a_folder_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not at"):
        read_key(tmp_path / "none")
    with pytest.raises(InputError, match="could not be read"):
        read_key(tmp_path)


def test_a_place_that_cannot_be_written_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be made") as error:
        obtain_key(tmp_path / "file" / "key")
    assert "SIGNALTRIAGE_KEY_FILE" in error.value.remedy


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "key"
    assert obtain_key(path).key == obtain_key(path).key
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_fingerprint_tells_keys_apart_and_is_no_plain_hash() -> None:
    key = bytes(range(32))
    assert fingerprint(key) == fingerprint(key)
    assert fingerprint(key) != fingerprint(bytes(32))
    assert len(fingerprint(key)) == 16
    assert fingerprint(key) not in {hashlib.sha256(key).hexdigest()[:16], key.hex()[:16]}
