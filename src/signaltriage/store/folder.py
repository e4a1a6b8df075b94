"""A model or themes folder: a manifest that vouches for every byte of the other files, written whole or not at all.

Reading goes in three steps, as skops does it: read the manifest, check it and every file against it, and only then
hand out content. Nothing is unpickled, nothing is built from a file that has not been checked.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from signaltriage.errors import ModelRefusedError, UsageError

FORMAT_VERSION = 2
MANIFEST = "manifest.json"
_MAX_FILE_BYTES = 4 * 1024**3


@dataclass(frozen=True)
class FolderKind:
    """What a folder holds. One kind is never taken for another."""

    name: str
    format_version: int
    command: str
    """Which command writes it."""

    @property
    def again(self) -> str:
        """What to do about a folder that is not what it was."""
        return f"Get the folder anew from where it was written, or run `signaltriage {self.command}` again."


MODEL = FolderKind("model", FORMAT_VERSION, "train")
THEMES = FolderKind("themes", 1, "themes")


@dataclass(frozen=True)
class VerifiedFolder:
    """A folder whose every file is what the manifest says."""

    path: Path
    manifest: dict[str, Any]
    files: dict[str, bytes]


def write_folder(
    path: str | Path,
    files: Mapping[str, bytes],
    manifest: Mapping[str, Any],
    created_at: str,
    kind: FolderKind = MODEL,
) -> Path:
    """Write the files and their manifest under a temporary name, then move the folder into place.

    A folder that is already there is replaced only if it is one of ours.

    Args:
        path: where the folder is to lie.
        files: content by relative name.
        manifest: what else the manifest is to say; hashes, sizes and a seal over it are added.
        created_at: ISO 8601; the one part that differs between two runs of the same training.
        kind: what it holds.
    """
    target = check_target(path, kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    try:
        for name, content in files.items():
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).write_bytes(content)
        (staging / MANIFEST).write_bytes(_manifest_bytes(files, manifest, created_at, kind))
        staging.chmod(0o755)
        _replace(staging, target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return target


def check_target(path: str | Path, kind: FolderKind = MODEL) -> Path:
    """Raise UsageError where `write_folder` would: worth knowing before hours of training, not after."""
    target = Path(path)
    if target.exists() and not (target / MANIFEST).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            f"{target} exists and is not a {kind.name} folder.", remedy="Choose another --out, or move it away."
        )
    return target


def read_folder(path: str | Path, kind: FolderKind = MODEL) -> VerifiedFolder:
    """Read a folder and check all of it.

    Raises:
        ModelRefusedError: not a folder of this kind, another format version, or a file missing, added or altered.
    """
    folder = Path(path)
    if not (folder / MANIFEST).is_file():
        reason = "has no manifest.json" if folder.is_dir() else "is not a folder"
        raise ModelRefusedError(
            f"{folder} {reason}.", remedy=f"Give a folder written by `signaltriage {kind.command}`."
        )
    manifest = _read_manifest(folder / MANIFEST, kind)
    listed: dict[str, dict[str, Any]] = manifest["files"]
    _check_listing(folder, listed)
    files = {name: _read_file(folder, name, listed[name], kind) for name in sorted(listed)}
    return VerifiedFolder(folder, manifest, files)


def content_digest(files: Mapping[str, bytes]) -> str:
    """Sha256 over the names and hashes of the files: the same content, the same digest."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def stamped(moment: datetime) -> str:
    """An ISO 8601 time that carries its own check, as an RFC 9557 suffix: it is outside the manifest's seal."""
    text = moment.replace(microsecond=0).isoformat()
    return f"{text}[_check={zlib.crc32(text.encode()):08x}]"


def _check_stamp(stamp: object) -> bool:
    if not isinstance(stamp, str):
        return False
    try:
        return stamp == stamped(datetime.fromisoformat(stamp.partition("[")[0]))
    except ValueError:
        return False


def _manifest_bytes(
    files: Mapping[str, bytes], manifest: Mapping[str, Any], created_at: str, kind: FolderKind
) -> bytes:
    entries = {name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)} for name, body in files.items()}
    record = {**manifest, "format_version": kind.format_version, "files": entries}
    record |= {} if kind == MODEL else {"holds": kind.name}  # the first kind has no name of its own
    return _dump({**record, "seal": _seal(record), "created_at": created_at})


def _dump(record: Mapping[str, Any]) -> bytes:
    return (json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _seal(record: Mapping[str, Any]) -> str:
    sealed = {key: value for key, value in record.items() if key not in {"seal", "created_at"}}
    return hashlib.sha256(_dump(sealed)).hexdigest()


def _read_manifest(path: Path, kind: FolderKind) -> dict[str, Any]:
    try:
        content = path.read_bytes()
        manifest = json.loads(content.decode())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelRefusedError(f"{path} cannot be read: {error}.", remedy=kind.again) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ModelRefusedError(f"{path} is not a {kind.name} manifest.", remedy=kind.again)
    if manifest.get("holds", MODEL.name) != kind.name:
        raise ModelRefusedError(
            f"{path.parent} is not a {kind.name} folder.",
            remedy=f"Give a folder written by `signaltriage {kind.command}`.",
        )
    version = manifest.get("format_version")
    if version != kind.format_version:
        raise ModelRefusedError(
            f"{path} is of format version {version!r}; this program reads {kind.format_version}.",
            remedy=f"Load it with the version that wrote it, or run `signaltriage {kind.command}` again.",
        )
    if not _is_genuine(manifest, content):
        raise ModelRefusedError(f"{path} has been altered since it was written.", remedy=kind.again)
    return manifest


def _is_genuine(manifest: Mapping[str, Any], content: bytes) -> bool:
    """Compared byte for byte, so that not even white space can differ from what was written."""
    try:
        sealed = manifest.get("seal") == _seal(manifest) and _dump(manifest) == content
    except (ValueError, RecursionError):  # a lone surrogate, or a depth, that JSON can hold and no manifest ever did
        return False
    return sealed and _check_stamp(manifest.get("created_at"))


def _check_listing(folder: Path, listed: Mapping[str, Any]) -> None:
    for name, entry in listed.items():
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or "\0" in name:
            raise ModelRefusedError(f"{folder / MANIFEST} names a file outside the folder: {name!r}.")
        if not isinstance(entry, dict) or not {"bytes", "sha256"} <= entry.keys():
            raise ModelRefusedError(f"{folder / MANIFEST} does not vouch for {name!r}.")
    present = {
        str(PurePosixPath(path.relative_to(folder)))
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink()
    }
    extra = sorted(present - set(listed) - {MANIFEST})
    if extra:
        raise ModelRefusedError(
            f"{folder} holds a file its manifest does not know: {extra[0]}.",
            remedy="Remove it, or get the folder anew.",
        )


def _read_file(folder: Path, name: str, entry: Mapping[str, Any], kind: FolderKind) -> bytes:
    path = folder / name
    try:
        if path.is_symlink():
            raise ModelRefusedError(f"{path} is a link.", remedy=f"A {kind.name} folder holds plain files only.")
        size = path.stat().st_size
        if size != entry["bytes"] or size > _MAX_FILE_BYTES:
            raise ModelRefusedError(f"{path} has {size} bytes instead of {entry['bytes']}.", remedy=kind.again)
        content = path.read_bytes()
    except OSError as error:
        raise ModelRefusedError(f"{path} cannot be read: {error.strerror}.", remedy=kind.again) from error
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ModelRefusedError(f"{path} has been altered: its sha256 is not the manifest's.", remedy=kind.again)
    return content


def _replace(staging: Path, target: Path) -> None:
    """Move the new folder into place; the old one is set aside first, because a full folder cannot be overwritten."""
    if not target.exists():
        staging.replace(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.old-", dir=target.parent)) / "model"
    target.replace(aside)
    try:
        staging.replace(target)
    except OSError:
        aside.replace(target)
        raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)
