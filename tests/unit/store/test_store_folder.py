"""A model folder: written whole or not at all, and not one byte of it can change unseen."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signaltriage.errors import ModelRefusedError, UsageError
from signaltriage.store import folder as store
from signaltriage.store.folder import (
    FORMAT_VERSION,
    MANIFEST,
    THEMES,
    content_digest,
    read_folder,
    stamped,
    write_folder,
)
from support import environment, folder_bytes

FILES = {"a.json": b'{"teams": ["x", "y"]}\n', "deep/b.bin": bytes(range(64)), "empty": b""}
FACTS = {"labels": ["x", "Zürich\n"], "held_out": {"accuracy": 0.91}, "model_version": "abc"}
STAMP = stamped(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "model", FILES, FACTS, STAMP)


def reseal(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Alter the manifest as somebody would who knows how it is sealed."""
    record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    change(record)
    record["seal"] = store._seal(record)
    (folder / MANIFEST).write_bytes(store._dump(record))


def test_what_is_written_is_read(folder: Path) -> None:
    found = read_folder(folder)
    assert found.files == FILES
    assert found.path == folder
    assert {key: found.manifest[key] for key in FACTS} == FACTS
    assert found.manifest["created_at"] == STAMP
    assert found.manifest["format_version"] == FORMAT_VERSION
    assert read_folder(str(folder)).files == FILES
    assert folder_bytes(folder).keys() == {*FILES, MANIFEST}
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_of_one_kind_is_not_taken_for_another(folder: Path, tmp_path: Path) -> None:
    themes = write_folder(tmp_path / "state", FILES, FACTS, STAMP, THEMES)
    assert read_folder(themes, THEMES).files == FILES
    with pytest.raises(ModelRefusedError, match="is not a model folder") as refused:
        read_folder(themes)
    assert "signaltriage train" in refused.value.remedy
    with pytest.raises(ModelRefusedError, match="is not a themes folder") as refused:
        read_folder(folder, THEMES)
    assert "signaltriage themes" in refused.value.remedy
    (themes / "a.json").write_bytes(FILES["a.json"].replace(b"x", b"z"))
    with pytest.raises(ModelRefusedError, match=r"a\.json has been altered"):
        read_folder(themes, THEMES)


def test_the_manifest_holds_hash_and_size_of_each_file(folder: Path) -> None:
    import hashlib

    entries = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    assert entries == {
        name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)} for name, body in FILES.items()
    }


def test_only_created_at_differs_between_two_writes(tmp_path: Path) -> None:
    later = stamped(datetime(2027, 1, 1, tzinfo=UTC))
    one = folder_bytes(write_folder(tmp_path / "one", FILES, FACTS, STAMP))
    two = folder_bytes(write_folder(tmp_path / "two", dict(reversed(FILES.items())), FACTS, later))
    again = folder_bytes(write_folder(tmp_path / "again", FILES, FACTS, STAMP))
    assert one == again
    lines = zip(one.pop(MANIFEST).splitlines(), two.pop(MANIFEST).splitlines(), strict=True)
    assert [a.decode().split('"')[1] for a, b in lines if a != b] == ["created_at"]
    assert one == two


@pytest.mark.parametrize("mask", [0x01, 0x20])
def test_every_flipped_byte_of_every_file_is_refused_and_named(folder: Path, mask: int) -> None:
    for name, content in folder_bytes(folder).items():
        for place in range(len(content)):
            body = bytearray(content)
            body[place] ^= mask
            (folder / name).write_bytes(bytes(body))
            with pytest.raises(ModelRefusedError) as refused:
                read_folder(folder)
            assert str(folder / name) in refused.value.message, (name, place)
        (folder / name).write_bytes(content)
    assert read_folder(folder).files == FILES


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from([MANIFEST, *FILES]), data=st.data())
def test_any_other_content_of_a_file_is_refused_and_named(folder: Path, name: str, data: st.DataObject) -> None:
    original = (folder / name).read_bytes()
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, len(original)))
    body = original[:start] + data.draw(st.binary(max_size=4)) + original[end:]
    (folder / name).write_bytes(body)
    try:
        if body == original:
            read_folder(folder)
            return
        with pytest.raises(ModelRefusedError) as refused:
            read_folder(folder)
        assert str(folder / name) in refused.value.message
        assert refused.value.exit_code == 4
        assert refused.value.remedy
    finally:
        (folder / name).write_bytes(original)


@pytest.mark.parametrize("name", list(FILES))
def test_a_missing_file_is_refused_and_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelRefusedError, match=name):
        read_folder(folder)


@pytest.mark.parametrize("name", ["extra.txt", ".hidden", "deep/extra.pkl", "new/x", "deep/manifest.json"])
def test_an_extra_file_is_refused_and_named(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"")
    with pytest.raises(ModelRefusedError, match=name):
        read_folder(folder)


def test_a_file_that_is_a_folder_now_is_refused(folder: Path) -> None:
    (folder / "a.json").unlink()
    (folder / "a.json").mkdir()
    with pytest.raises(ModelRefusedError, match=r"a\.json"):
        read_folder(folder)


def test_a_link_is_refused_even_to_the_same_content(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "a.json"
    copy.write_bytes(FILES["a.json"])
    (folder / "a.json").unlink()
    (folder / "a.json").symlink_to(copy)
    with pytest.raises(ModelRefusedError, match=r"a\.json is a link"):
        read_folder(folder)


def test_an_extra_link_and_a_linked_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "more").symlink_to(tmp_path)
    with pytest.raises(ModelRefusedError, match="more"):
        read_folder(folder)
    (folder / "more").unlink()
    shutil.move(folder / "deep", tmp_path / "elsewhere")
    (folder / "deep").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelRefusedError, match="deep"):
        read_folder(folder)


@pytest.mark.parametrize("name", ["../outside.bin", "deep/../../outside.bin", "/etc/hostname", "a\0b"])
def test_a_manifest_that_points_outside_is_refused(folder: Path, name: str) -> None:
    (folder.parent / "outside.bin").write_bytes(b"secret")

    def change(record: dict[str, Any]) -> None:
        record["files"][name] = {"sha256": "0" * 64, "bytes": 6}

    reseal(folder, change)
    with pytest.raises(ModelRefusedError, match="outside the folder"):
        read_folder(folder)


@pytest.mark.parametrize("entry", [None, [], {}, {"bytes": 1}, {"sha256": "0" * 64}, {"bytes": "x", "sha256": 5}])
def test_a_manifest_that_does_not_vouch_is_refused(folder: Path, entry: object) -> None:
    reseal(folder, lambda record: record["files"].update({"a.json": entry}))
    with pytest.raises(ModelRefusedError):
        read_folder(folder)


@pytest.mark.parametrize("version", [0, FORMAT_VERSION - 1, FORMAT_VERSION + 1, "2", None, 1.5, [2]])
def test_another_format_version_is_refused_whatever_else_is_right(folder: Path, version: object) -> None:
    reseal(folder, lambda record: record.update(format_version=version))
    with pytest.raises(ModelRefusedError, match="format version"):
        read_folder(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"files": 3}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"format_version": 2, "files": {}, "x": "\\ud800"}',
        b'{"format_version": 2, "files": {}, "x": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"format_version": 2, "files": {}, "x": ' + b"9" * 5000 + b"}",
        b'{"format_version": 2, "files": {}, "x": NaN}',
    ],
    ids=["empty", "cut", "list", "null", "files", "binary", "deep", "surrogate", "nested", "digits", "nan"],
)
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(ModelRefusedError, match=r"manifest\.json"):
        read_folder(folder)


@pytest.mark.parametrize(
    "stamp", [None, 5, "", "2026-11-02T09:30:00+00:00", "2026-11-02T09:30:00+00:00[_check=00000000]", "yesterday"]
)
def test_a_time_without_its_check_is_refused(folder: Path, stamp: object) -> None:
    reseal(folder, lambda record: record.update(created_at=stamp))
    with pytest.raises(ModelRefusedError, match="altered"):
        read_folder(folder)


def test_a_time_is_readable_and_carries_its_check() -> None:
    moment = datetime(2026, 11, 2, 9, 30, 1, 999, tzinfo=UTC)
    assert stamped(moment).startswith("2026-11-02T09:30:01+00:00[_check=")
    assert store._check_stamp(stamped(moment))


@pytest.mark.parametrize("where", ["nowhere", "file", "empty"])
def test_what_is_no_model_folder_is_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelRefusedError, match=where):
        read_folder(tmp_path / where)


def test_only_a_model_folder_or_an_empty_one_is_replaced(folder: Path, tmp_path: Path) -> None:
    write_folder(folder, {"other": b"1"}, FACTS, STAMP)
    assert folder_bytes(folder).keys() == {"other", MANIFEST}
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty", FILES, FACTS, STAMP)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.tex").write_text("years of work")
    for target in (precious, precious / "thesis.tex"):
        with pytest.raises(UsageError, match="not a model folder"):
            write_folder(target, FILES, FACTS, STAMP)
    assert (precious / "thesis.tex").read_text() == "years of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "model", "precious"]


def test_folders_above_are_made(tmp_path: Path) -> None:
    assert read_folder(write_folder(tmp_path / "a" / "b" / "c", FILES, FACTS, STAMP)).files == FILES


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
@pytest.mark.parametrize("there", [False, True], ids=["new", "in place of an old one"])
def test_a_write_that_breaks_midway_leaves_nothing_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], there: bool
) -> None:
    target = tmp_path / "model"
    before = folder_bytes(write_folder(target, FILES, FACTS, STAMP)) if there else None
    written = Path.write_bytes

    def breaks(path: Path, content: bytes) -> int:
        if path.name == "b.bin":
            raise error
        return written(path, content)

    monkeypatch.setattr(Path, "write_bytes", breaks)
    with pytest.raises(error):
        write_folder(target, {**FILES, "new": b"n"}, FACTS, STAMP)
    assert (folder_bytes(target) if there else None) == before
    assert [path.name for path in tmp_path.iterdir()] == (["model"] if there else [])


def test_an_old_folder_comes_back_when_the_new_one_cannot_be_moved(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folder_bytes(folder)
    replace = Path.replace

    def breaks(path: Path, target: Path) -> Path:
        if ".partial-" in path.name:
            raise OSError("no")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", breaks)
    with pytest.raises(OSError, match="no"):
        write_folder(folder, {"other": b"1"}, FACTS, STAMP)
    assert folder_bytes(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_write_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from signaltriage.store.folder import write_folder\n"
        "class Fatal(dict):\n"
        "    def items(self):\n"
        "        yield from list(super().items())\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_folder(sys.argv[1], Fatal(a=b'1', b=b'2'), {}, '')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model")], check=False, timeout=60, env=environment()
    )
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "model").exists()
    assert [path.name.startswith(".model.partial-") for path in tmp_path.iterdir()] == [True]
    assert read_folder(write_folder(tmp_path / "model", FILES, FACTS, STAMP)).files == FILES


def test_the_folder_can_be_read_by_others(folder: Path) -> None:
    assert folder.stat().st_mode & 0o755 == 0o755


def test_a_content_digest_depends_on_names_and_content_only() -> None:
    assert content_digest(FILES) == content_digest(dict(reversed(FILES.items())))
    assert content_digest(FILES) != content_digest({**FILES, "empty": b" "})
    assert content_digest({"a": b"1", "b": b"2"}) != content_digest({"a": b"2", "b": b"1"})


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: text + " ",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(": ", ":  ", 1),
        lambda text: json.dumps(json.loads(text)),
        lambda text: json.dumps(dict(reversed(json.loads(text).items())), indent=1) + "\n",
        lambda text: text.replace("ü", "\\u00fc"),
        lambda text: text.replace("{", '{"labels": [],', 1),
        lambda text: text.replace("0.91", "0.910"),
        lambda text: "\ufeff" + text,
    ],
    ids=["space", "crlf", "inner", "compact", "order", "escape", "twice", "digits", "bom"],
)
def test_a_manifest_that_says_the_same_in_other_bytes_is_refused(folder: Path, rewrite: Callable[[str], str]) -> None:
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    changed = rewrite(text)
    assert changed != text
    (folder / MANIFEST).write_bytes(changed.encode())
    with pytest.raises(ModelRefusedError, match=r"manifest\.json"):
        read_folder(folder)
