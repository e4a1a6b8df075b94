"""Folders swapped in one step and brought back, whenever the run is killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signaltriage.errors import ModelRefusedError, UsageError
from signaltriage.store import exchange as exchanging
from signaltriage.store import history
from signaltriage.store.folder import read_folder, stamped, write_folder
from signaltriage.store.history import Step, former, history_folder, install, read_log
from support import folder_bytes

AT = "2026-11-02T09:30:00+00:00"


def model(path: Path, version: str) -> Path:
    from datetime import datetime

    stamp = stamped(datetime.fromisoformat(AT))
    return write_folder(path, {"a.json": version.encode(), "sub/b": b"x"}, {"model_version": version}, stamp)


def version(path: Path) -> str:
    return str(read_folder(path).manifest["model_version"])


def promote(path: Path, source: Path) -> history.Entry:
    return install(path, source, Step("promote", AT, {"rows": 3}))


def rollback(path: Path, to: str | None = None) -> history.Entry:
    return install(path, former(path, to), Step("rollback", AT))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "models" / "current"


@pytest.fixture
def a(tmp_path: Path) -> Path:
    return model(tmp_path / "a", "aaa")


@pytest.fixture
def b(tmp_path: Path) -> Path:
    return model(tmp_path / "b", "bbb")


def test_the_first_is_put_there_and_nothing_is_kept(place: Path, a: Path) -> None:
    entry = promote(place, a)
    assert (entry.number, entry.version, entry.kept, entry.before) == (1, "aaa", None, None)
    assert folder_bytes(place) == folder_bytes(a)
    assert read_log(place) == (entry,)
    with pytest.raises(UsageError, match="no former model"):
        former(place)


def test_the_champion_is_kept_byte_for_byte_and_comes_back(place: Path, a: Path, b: Path) -> None:
    promote(place, a)
    entry = promote(place, b)
    assert version(place) == "bbb"
    assert entry.kept == "002-aaa"
    assert folder_bytes(history_folder(place) / "002-aaa") == folder_bytes(a)
    back = rollback(place)
    assert folder_bytes(place) == folder_bytes(a)
    assert (back.action, back.version, back.kept) == ("rollback", "aaa", "003-bbb")
    assert [entry.action for entry in read_log(place)] == ["promote", "promote", "rollback"]
    assert folder_bytes(b) == folder_bytes(history_folder(place) / "003-bbb")


def test_rollbacks_go_further_back_and_not_to_and_fro(place: Path, a: Path, b: Path, tmp_path: Path) -> None:
    for source in (a, b, model(tmp_path / "c", "ccc")):
        promote(place, source)
    rollback(place)
    assert version(place) == "bbb"
    rollback(place)
    assert version(place) == "aaa"
    with pytest.raises(UsageError, match="no former model"):
        rollback(place)
    rollback(place, "ccc")
    assert version(place) == "ccc"
    rollback(place)
    assert version(place) == "bbb"


def test_a_version_is_named_by_itself_or_by_its_folder(place: Path, a: Path, b: Path) -> None:
    promote(place, a)
    promote(place, b)
    for name in ("aaa", "002-aaa"):
        assert former(place, name).name == "002-aaa"
    with pytest.raises(UsageError, match="002-aaa"):
        former(place, "zzz")


def test_what_is_there_already_is_not_promoted_again(place: Path, a: Path) -> None:
    promote(place, a)
    with pytest.raises(UsageError, match="already holds"):
        promote(place, a)
    assert len(read_log(place)) == 1


def test_damage_is_refused_before_anything_is_touched(place: Path, a: Path, b: Path) -> None:
    promote(place, a)
    promote(place, b)
    before = folder_bytes(place)
    (history_folder(place) / "002-aaa" / "a.json").write_bytes(b"bad")
    with pytest.raises(ModelRefusedError, match=r"a\.json"):
        rollback(place)
    (a / "sub" / "b").write_bytes(b"y")
    with pytest.raises(ModelRefusedError):
        promote(place, a)
    assert folder_bytes(place) == before
    assert len(read_log(place)) == 2


def test_a_damaged_log_is_said(place: Path, a: Path) -> None:
    promote(place, a)
    (history_folder(place) / "log.json").write_text("[{")
    with pytest.raises(ModelRefusedError, match=r"log\.json"):
        former(place)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("step", range(14))
def test_killed_at_any_moment_it_is_the_old_or_the_new_one(
    place: Path, a: Path, b: Path, step: int, at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(place, a)
    with monkeypatch.context() as patch:
        die_at(patch, step)
        if not at_once:
            patch.setattr(exchanging, "_exchange_at_once", lambda *_: False)
        try:
            promote(place, b)
            died = False
        except Killed:
            died = True
    between = not at_once and not place.exists()  # only where the system cannot exchange
    if not between:
        assert folder_bytes(place) in (folder_bytes(a), folder_bytes(b))
    elif not died:
        raise AssertionError
    c = model(place.parent / "c", "ccc")
    promote(place, c)  # the next run sets right what was left
    log = read_log(place)
    assert [entry.number for entry in log] == list(range(1, len(log) + 1))
    assert folder_bytes(place) == folder_bytes(c)
    for entry in log:
        if entry.kept:
            assert version(history_folder(place) / entry.kept) in ("aaa", "bbb")
    left = {path.name for path in history_folder(place).iterdir()}
    assert left == {"log.json", ".lock", *(entry.kept for entry in log if entry.kept)}
    assert [json.dumps(entry.version) for entry in log][-1] == '"ccc"'


def die_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """Let `step` calls that touch the disk go through, and die instead of the next."""
    calls = {"left": step}

    def guarded(name: str, real):
        def call(*args, **kwargs):
            if calls["left"] == 0:
                raise Killed(name)
            calls["left"] -= 1
            return real(*args, **kwargs)

        return call

    patch.setattr(history.shutil, "copytree", guarded("copytree", history.shutil.copytree))
    for name in ("exchange", "_write", "sync_folder", "_complete"):
        patch.setattr(history, name, guarded(name, getattr(history, name)))
    for name in ("rename", "replace", "unlink"):
        patch.setattr(Path, name, guarded(name, getattr(Path, name)))


def test_two_at_a_time_are_one_too_many(place: Path, a: Path, b: Path) -> None:
    pytest.importorskip("fcntl")
    promote(place, a)
    with history._locked(place), pytest.raises(UsageError, match="is being promoted"):
        promote(place, b)
    promote(place, b)
    assert version(place) == "bbb"


def test_through_a_link_the_folder_itself_is_exchanged(place: Path, a: Path, b: Path, tmp_path: Path) -> None:
    promote(place, a)
    (tmp_path / "link").symlink_to(place, target_is_directory=True)
    promote(tmp_path / "link", b)
    assert version(place) == "bbb"
    assert (tmp_path / "link").is_symlink()
    assert history_folder(tmp_path / "link") == history_folder(place)
