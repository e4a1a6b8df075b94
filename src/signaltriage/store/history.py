"""The models a folder held before: swapped in one step, kept beside it, brought back when wanted.

    models/current            what is served
    models/current.history/   001-1f3a…/ 002-88c0…/ the folders that were replaced, and log.json

A folder is exchanged with another by one call of the file system (renameat2 on Linux, renamex_np on macOS): whoever
looks sees the old one or the new one. What is to be done is written down before it is done, so that a run that was
killed is completed, or undone, by the next. Where the system knows no such call, two renames take its place; killed
between them, the folder is missing until the next promotion or rollback sets it right.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from signaltriage.errors import ModelRefusedError, UsageError
from signaltriage.store.exchange import exchange, sync_folder
from signaltriage.store.folder import MANIFEST, read_folder

LOG, PENDING, STAGING = "log.json", "pending.json", ".staging"
Action = Literal["promote", "rollback"]


@dataclass(frozen=True)
class Step:
    """Why a folder is put in place, and when."""

    action: Action
    at: str
    """ISO 8601."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """What the decision rested on."""


@dataclass(frozen=True)
class Entry:
    """One line of the log: what was put in place, and what became of what was there."""

    number: int
    action: Action
    at: str
    version: str
    """Of the model put in place."""
    manifest_sha256: str
    kept: str | None
    """Folder in the history that holds what was replaced; None where there was nothing."""
    before: str | None
    """Folder in the history that a rollback brings back; None where nothing came before."""
    figures: Mapping[str, Any]


def history_folder(path: str | Path) -> Path:
    """Where the former models of this folder are kept."""
    target = Path(path).resolve()
    return target.with_name(f"{target.name}.history")


def read_log(path: str | Path) -> tuple[Entry, ...]:
    """What was put in place of this folder, oldest first.

    Raises:
        ModelRefusedError: the log is damaged.
    """
    log = history_folder(path) / LOG
    try:
        return tuple(Entry(**record) for record in json.loads(log.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except (ValueError, TypeError) as error:
        raise ModelRefusedError(f"{log} cannot be read: {error}.", remedy="Mend it, or move it away.") from error


def install(path: str | Path, source: str | Path, step: Step) -> Entry:
    """Put a copy of `source` where `path` is; the folder that was there goes into the history.

    Raises:
        ModelRefusedError: the source, or what is to be replaced, is not a sound model folder.
        UsageError: it is in place already.
    """
    target = Path(path).resolve()
    with _locked(target):
        recover(target)
        read_folder(source)
        if target.exists():
            read_folder(target)
        if _digest(Path(source)) == _digest(target):
            raise UsageError(f"{source} is what {target} already holds.", remedy="There is nothing to do.")
        return _install(target, Path(source), step)


def former(path: str | Path, version: str | None = None) -> Path:
    """The folder in the history that a rollback brings back: the model before this one, or the one named.

    Args:
        path: the model folder.
        version: a model version, or the name of a folder in the history; the newest of that version.

    Raises:
        UsageError: there is none.
    """
    target = Path(path).resolve()
    if history_folder(target).is_dir():
        with _locked(target):
            recover(target)
    log, folder = read_log(target), history_folder(target)
    kept = [entry.kept for entry in log if entry.kept]
    if version is None:
        name = log[-1].before if log else None
    else:
        name = next((name for name in reversed(kept) if version in (name, name.partition("-")[2])), None)
    if name is None:
        there = f"It has: {', '.join(kept)}." if kept else "Nothing has been promoted over it."
        what = f"no former model {version!r}" if version else "no former model to go back to"
        raise UsageError(f"{target} has {what}.", remedy=there)
    return folder / name


def recover(target: Path) -> None:
    """Complete, or undo, what a killed run had begun."""
    folder = history_folder(target)
    staging, aside, pending = folder / STAGING, folder / f"{STAGING}.old", folder / PENDING
    if aside.exists() and not target.exists():  # killed between the two renames of a system without exchange
        aside.rename(target)
    if pending.exists():
        entry = Entry(**json.loads(pending.read_text(encoding="utf-8")))
        if _digest(target) == entry.manifest_sha256:
            _complete(target, entry, aside if aside.exists() else staging)
            return
        pending.unlink()
    shutil.rmtree(staging, ignore_errors=True)


def _install(target: Path, source: Path, step: Step) -> Entry:
    folder, log = history_folder(target), read_log(target)
    staging, number = folder / STAGING, len(log) + 1
    shutil.copytree(source, staging)
    copied = read_folder(staging)  # what is put in place is what was verified, not what it was copied from
    sync_folder(staging)
    kept = f"{number:03d}-{_version(target)}" if target.exists() else None
    entry = Entry(
        number=number,
        action=step.action,
        at=step.at,
        version=str(copied.manifest["model_version"]),
        manifest_sha256=str(_digest(staging)),
        kept=kept,
        before=kept if step.action == "promote" else _before(log, source),
        figures=step.figures,
    )
    _write(folder / PENDING, asdict(entry))
    if kept is None:
        staging.rename(target)
    else:
        exchange(staging, target, folder / f"{STAGING}.old")
    _complete(target, entry, staging)
    return entry


def _before(log: tuple[Entry, ...], restored: Path) -> str | None:
    """What came before a model that is brought back, so that the next rollback goes further back."""
    i = next((i for i, entry in enumerate(log) if entry.kept == restored.name), 0)
    return log[i - 1].before if i else None


def _complete(target: Path, entry: Entry, replaced: Path) -> None:
    """After the exchange: keep what was replaced, write the log. Every part may have been done before."""
    folder = history_folder(target)
    if entry.kept is not None and replaced.exists():
        replaced.rename(folder / entry.kept)
    log = read_log(target)
    if len(log) < entry.number:
        _write(folder / LOG, [asdict(one) for one in (*log, entry)])
    (folder / PENDING).unlink(missing_ok=True)
    sync_folder(folder, deep=False)


def _write(path: Path, record: object) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def _digest(folder: Path) -> str | None:
    """Sha256 of the manifest, which vouches for all else; None where there is none."""
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return None


def _version(folder: Path) -> str:
    return str(json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("model_version", "unknown"))


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """One promotion or rollback of a folder at a time; the lock dies with its process."""
    folder = history_folder(target)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        try:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # not on this system
            pass
        except OSError as error:
            raise UsageError(
                f"{target} is being promoted or rolled back.", remedy="Wait until that is done."
            ) from error
        yield
