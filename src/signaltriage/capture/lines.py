"""Physical lines of a text file, numbered, that can be handed back: what re-synchronising after a bad row needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, TextIO

MAX_RECORD: Final = 4_000_000
"""Characters of one record. A longer one is a quote that was never closed (or no table): a text of a million fits."""


class RecordTooLongError(Exception):
    """The record under way has grown past `MAX_RECORD` characters."""


class Lines(Iterator[str]):
    """Iterate over the physical lines of `stream` (opened with newline=""), remembering those of the record under way.

    `taken` holds the (number, text) pairs handed out since `begin`; `push_back` hands some of them out again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[tuple[int, str]] = deque()
        self._number = 0
        self._size = 0
        self.taken: list[tuple[int, str]] = []

    def __next__(self) -> str:
        if self._waiting:
            item = self._waiting.popleft()
        else:
            text = self._stream.readline(MAX_RECORD + 1)
            if not text:
                raise StopIteration
            self._number += 1
            item = (self._number, text)
            if len(text) > MAX_RECORD:
                self._skip_rest(text)
        self.taken.append(item)
        self._size += len(item[1])
        if self._size > MAX_RECORD:
            raise RecordTooLongError
        return item[1]

    def begin(self) -> None:
        """Start a new record: forget the lines taken for the one before."""
        self.taken = []
        self._size = 0

    def push_back(self, items: list[tuple[int, str]]) -> None:
        """Hand out `items` again, before anything else."""
        self._waiting.extendleft(reversed(items))

    def peek(self, count: int, characters: int) -> list[str]:
        """Return the next lines without using them up: at most `count`, stopping after `characters`."""
        self.begin()
        seen: list[str] = []
        size = 0
        while len(seen) < count and size < characters:
            try:
                line = next(self)
            except (StopIteration, RecordTooLongError):
                break
            seen.append(line)
            size += len(line)
        self.push_back(self.taken)
        self.begin()
        return seen

    def _skip_rest(self, text: str) -> None:
        # What follows in this endless line could not be kept in bounded memory; the line is rejected as a whole.
        while text and not text.endswith(("\n", "\r")):
            text = self._stream.readline(MAX_RECORD)
