"""A folder or a zip archive as a list of files, each looked at before it is touched: links, ways out, nests, bombs."""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from signaltriage.capture.readers.limits import (
    MAX_MEMBER,
    MAX_MEMBERS,
    MAX_TOTAL,
    TooLargeError,
    check_directory,
    copy_bounded,
)
from signaltriage.capture.sources import EXTENSIONS
from signaltriage.errors import InputError

_ARCHIVES: Final = frozenset((".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst", ".jar"))
_SYSTEM: Final = frozenset((".ds_store", "thumbs.db", "desktop.ini"))
_MAX_NAME: Final = 1000
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,  # zipfile's word for a packing that it does not know
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
    KeyError,
)
"""What unpacking a damaged member raises."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a folder or archive."""

    name: str
    """Relative, with `/` between the parts."""
    refused: str = ""
    """Why it is not opened; empty: it is."""
    system: bool = False
    """A file that the system left there and that nobody exported."""


@dataclass(slots=True)
class Bundle:
    """The files of a folder or archive, in the order of their names."""

    name: str
    what: str
    """folder | zip archive"""
    members: list[Member]
    _folder: Path | None = None
    _archive: zipfile.ZipFile | None = None
    _budget: int = MAX_TOTAL

    @contextmanager
    def file(self, member: Member) -> Iterator[Path]:
        """A member as a file on disk.

        Raises:
            InputError: it cannot be unpacked, or not within the limits.
        """
        if self._folder is not None:
            yield self._folder / member.name
            return
        with tempfile.TemporaryDirectory(prefix="signaltriage-") as folder:
            place = Path(folder) / "member"  # never a name that the archive chose
            self._unpack(member, place)
            yield place

    def head(self, member: Member, size: int) -> bytes:
        """The first bytes of a member.

        Raises:
            InputError: it cannot be read.
        """
        try:
            if self._folder is not None:
                with (self._folder / member.name).open("rb") as stream:
                    return stream.read(size)
            if self._archive is None:
                return b""
            with self._archive.open(member.name) as packed:
                return packed.read(size)
        except _DAMAGE as error:
            raise InputError(f"{member.name} cannot be read: {error}", remedy="Download it again.") from error

    def _unpack(self, member: Member, place: Path) -> None:
        if self._archive is None:
            raise InputError(f"{self.name} is closed")
        info = self._archive.getinfo(member.name)
        try:
            with self._archive.open(info) as packed, place.open("wb") as target:
                self._budget -= copy_bounded(packed, target, info.compress_size, min(MAX_MEMBER, self._budget))
        except TooLargeError as error:
            raise InputError(f"{member.name} {error}", remedy="Unpack it yourself, if it is a real export.") from None
        except _DAMAGE as error:
            raise InputError(f"{member.name} cannot be unpacked: {error}", remedy="Download it again.") from error


def is_zip(path: Path) -> bool:
    """Whether a file is a zip archive and no workbook."""
    try:
        with path.open("rb") as stream:
            if stream.read(4) not in {b"PK\x03\x04", b"PK\x05\x06"}:
                return False
        if path.suffix.lower() in {".xlsx", ".xlsm"}:
            return False
        check_directory(path, str(path))
        with zipfile.ZipFile(path) as archive:
            return path.suffix.lower() == ".zip" or "[Content_Types].xml" not in archive.NameToInfo
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, OSError, InputError):
        return True  # a damaged one: opening it as an archive says so


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Open a folder or archive.

    Raises:
        InputError: it cannot be read, or holds too many files.
    """
    if path.is_dir():
        yield Bundle(str(path), "folder", _folder_members(path), _folder=path)
        return
    check_directory(path, str(path))
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path} is a damaged zip archive: {error}", remedy="Download or pack it again.") from error
    with archive:
        yield Bundle(str(path), "zip archive", _zip_members(archive), _archive=archive)


def _folder_members(folder: Path) -> list[Member]:
    members: list[Member] = []
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(here.iterdir())
        except OSError as error:
            members.append(Member(here.relative_to(folder).as_posix(), f"cannot be read: {error.strerror}"))
            continue
        for entry in entries:
            name = entry.relative_to(folder).as_posix()
            if entry.is_symlink():
                members.append(Member(name, "a symbolic link"))
            elif entry.is_dir():
                waiting.append(entry)
            elif not entry.is_file():
                members.append(Member(name, "no regular file"))
            else:
                members.append(_judged(name, entry.stat().st_size))
        if len(members) > MAX_MEMBERS:
            raise InputError(f"{folder} holds more than {MAX_MEMBERS:,} files", remedy="Give its parts one by one.")
    return sorted(members, key=lambda member: member.name)


def _zip_members(archive: zipfile.ZipFile) -> list[Member]:
    members: dict[str, Member] = {}
    for info in archive.infolist():
        name = info.filename
        if info.is_dir():
            continue
        kind = info.external_attr >> 16
        refused = _unsafe(name)
        if not refused and stat.S_ISLNK(kind):
            refused = "a symbolic link"
        elif not refused and info.flag_bits & 0x1:
            refused = "encrypted"
        elif not refused and name in members:
            refused = "a second file of the same name"
        member = Member(name[:_MAX_NAME], refused) if refused else _judged(name, info.file_size)
        members[name if name not in members else f"{name}#{len(members)}"] = member
    return sorted(members.values(), key=lambda member: member.name)


def _unsafe(name: str) -> str:
    """Why a name of an archive is not to be trusted; empty: it is."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or name[1:2] == ":":
        return "an absolute name"
    if ".." in path.parts:
        return "a name that leads out of the archive"
    if len(name) > _MAX_NAME or "\x00" in name:
        return "a name that no file has"
    return ""


def _judged(name: str, size: int) -> Member:
    """A member by its name and size."""
    path = PurePosixPath(name)
    if path.name.lower() in _SYSTEM or path.parts[:1] == ("__MACOSX",) or path.name.startswith("._"):
        return Member(name, system=True)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    last = suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else suffixes[-1] if suffixes else ""
    if not _ARCHIVES.isdisjoint((last, *suffixes[-1:])):
        return Member(name, "an archive within, which is not opened")
    if last not in EXTENSIONS:
        return Member(name, f"not a kind of file that is read: {last[:20] or 'no extension'}")
    if not size:
        return Member(name, "an empty file")
    return Member(name)
