"""Vectors kept on disk, keyed by encoder and text, so that a second run over the same texts encodes nothing.

One SQLite file: several processes and threads may share it, and a kill at any moment loses at most the last batch. It
holds data only. Every row carries a checksum; a file that is no longer sound is thrown away and begun again, because
a cache may be lost, and must never stop the work or give a wrong vector.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import numpy as np

from signaltriage.encode.base import Encoder, Vectors, distinct_texts

FILE = "vectors.sqlite3"
DEFAULT_MAX_BYTES = 1 << 30
_CHUNK = 2048
_KEYS_A_QUERY = 500
_EVICT_SHARE = 0.1
_WAIT_SECONDS = 30.0
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
}
_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    age INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL,
    checksum INTEGER NOT NULL
)"""


class CachedEncoder:
    """An encoder that remembers. Same vectors, same order; `hits` and `misses` count distinct texts of each call."""

    def __init__(self, encoder: Encoder, folder: str | Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.encoder = encoder
        self.path = Path(folder).resolve() / FILE
        self.max_bytes = max_bytes
        self.hits = 0
        self.misses = 0
        self._counting = threading.Lock()
        self._salt = encoder.digest.encode()

    @property
    def name(self) -> str:
        """Name of the encoder that is cached."""
        return self.encoder.name

    @property
    def digest(self) -> str:
        """Digest of the encoder that is cached."""
        return self.encoder.digest

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.encoder.dimension

    @property
    def folder(self) -> Path | None:
        """Folder of the encoder that is cached, where it has one."""
        return getattr(self.encoder, "folder", None)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts, shape (N, dimension): remembered ones from disk, the others encoded and remembered."""
        distinct, row_of = distinct_texts(texts)
        vectors = np.empty((len(distinct), self.dimension), dtype=np.float32)
        for start in range(0, len(distinct), _CHUNK):
            self._encode_chunk(distinct[start : start + _CHUNK], vectors[start : start + _CHUNK])
        return vectors if len(distinct) == len(texts) else vectors[row_of]

    def _encode_chunk(self, texts: Sequence[str], out: Vectors) -> None:
        keys = [self._key(text) for text in texts]
        known = self._read(keys)
        missing = [row for row, key in enumerate(keys) if key not in known]
        for row, key in enumerate(keys):
            if key in known:
                out[row] = known[key]
        if missing:
            fresh = self.encoder.encode([texts[row] for row in missing])
            out[missing] = fresh
            self._write([keys[row] for row in missing], fresh)
        with self._counting:
            self.hits += len(keys) - len(missing)
            self.misses += len(missing)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._salt + hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()).digest()

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}

        def look_up(database: sqlite3.Connection) -> None:
            for start in range(0, len(keys), _KEYS_A_QUERY):
                some = keys[start : start + _KEYS_A_QUERY]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, vector, checksum FROM vectors WHERE key IN ({marks})"
                for key, vector, checksum in database.execute(query, some):
                    if len(vector) == 4 * self.dimension and checksum == _checksum(key, vector):
                        found[key] = np.frombuffer(vector, dtype="<f4")

        self._guarded(look_up)
        return found

    def _write(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        blobs = [row.astype("<f4").tobytes() for row in vectors]
        rows = [(key, blob, _checksum(key, blob)) for key, blob in zip(keys, blobs, strict=True)]

        def keep(database: sqlite3.Connection) -> None:
            with database:
                database.executemany("INSERT OR REPLACE INTO vectors (key, vector, checksum) VALUES (?, ?, ?)", rows)
                self._evict(database)

        self._guarded(keep)

    def _evict(self, database: sqlite3.Connection) -> None:
        """Forget the oldest until the pages in use fit; their room is used again, so the file stops growing."""

        def value(pragma: str) -> int:
            return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])

        size = value("page_size")
        while (used := (value("page_count") - value("freelist_count")) * size) > self.max_bytes:
            count = int(database.execute("SELECT COUNT(*) FROM vectors").fetchone()[0])
            if not count:
                return
            share = max((used - self.max_bytes) / used, _EVICT_SHARE)
            oldest = "SELECT age FROM vectors ORDER BY age LIMIT ?"
            database.execute(f"DELETE FROM vectors WHERE age IN ({oldest})", (max(1, int(count * share)),))

    def _guarded(self, step: Callable[[sqlite3.Connection], None]) -> None:
        """Do a step on a connection of its own. Trouble is logged, never raised: the work goes on without the cache."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS)) as database:
                database.execute("PRAGMA journal_mode=WAL")
                # Nothing waits for the disk: a kill loses nothing, a power cut may damage the file, which gets noticed.
                database.execute("PRAGMA synchronous=OFF")
                database.execute(_SCHEMA)
                step(database)
        except OSError as error:
            _log.warning("embedding cache %s not used: %s", self.path, error)
        except sqlite3.Error as error:
            if _may_pass(error):
                _log.warning("embedding cache %s not used: %s", self.path, error)
            else:
                _log.warning("embedding cache %s was damaged (%s): begun again", self.path, error)
                self._discard()

    def _discard(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            try:
                self.path.with_name(FILE + suffix).unlink(missing_ok=True)
            except OSError as error:
                _log.warning("embedding cache %s cannot be removed: %s", self.path, error)

    def __repr__(self) -> str:
        return f"CachedEncoder({self.encoder!r}, {str(self.path.parent)!r}, hits={self.hits}, misses={self.misses})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.encoder, str(self.path.parent), self.max_bytes)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def _may_pass(error: sqlite3.Error) -> bool:
    """Busy, read-only, full disk and the like: the file itself may be sound. All else means that it is not ours."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING


def _restore(encoder: Encoder, folder: str, max_bytes: int) -> CachedEncoder:
    return CachedEncoder(encoder, folder, max_bytes=max_bytes)


def _checksum(key: bytes, vector: bytes) -> int:
    return zlib.crc32(vector, zlib.crc32(key))
