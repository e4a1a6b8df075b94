"""An object too large to be held at once, read member by member: `{"tickets": [a million of them], "count": …}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, TextIO

from signaltriage.capture.records import reject

_BLOCK: Final = 1 << 18
_SPACE: Final = re.compile(r"[\s\ufeff]*")


class _EndError(Exception):
    """What was expected is not there; the message says what is wrong."""


class _Cursor:
    """A place in a text of which only a part is held."""

    def __init__(self, text: TextIO, buffer: str, decoder: json.JSONDecoder, max_value: int) -> None:
        self._text = text
        self.buffer = buffer
        self.position = 0
        self._decoder = decoder
        self._max_value = max_value

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            found = _SPACE.match(self.buffer, self.position)
            self.position = found.end() if found else self.position
            if self.position < len(self.buffer):
                return self.buffer[self.position]
            if not self._more():
                return ""

    def take(self, wanted: str) -> str:
        """The next character, which must be one of `wanted`."""
        character = self.peek()
        if not character or character not in wanted:
            raise _EndError(f"not valid JSON: one of {wanted} was expected, not {character or 'the end of the file'!r}")
        self.position += 1
        return character

    def value(self) -> object:
        """The next value."""
        self.peek()
        while True:
            problem = "not valid JSON: the file ends in the middle of a value"
            try:
                value, end = self._decoder.raw_decode(self.buffer, self.position)
            except RecursionError:
                raise _EndError("not valid JSON: nested too deeply") from None
            except ValueError as error:
                end = len(self.buffer)
                problem = f"not valid JSON: {error}"[:200]
            else:
                if end < len(self.buffer) or not self._more():
                    self.position = end
                    return value
                continue
            if len(self.buffer) - self.position > self._max_value:
                raise _EndError(f"a value longer than {self._max_value:,} characters, or not valid JSON")
            if not self._more():
                raise _EndError(problem)

    def _more(self) -> bool:
        more = self._text.read(max(_BLOCK, len(self.buffer) - self.position))
        if not more:
            return False
        self.buffer, self.position = self.buffer[self.position :] + more, 0
        return True


def members(text: TextIO, buffer: str, decoder: json.JSONDecoder, max_value: int) -> Iterator[object]:
    """The elements of the lists in the object that `buffer` begins with, each as `{name: [element]}`.

    Members that are no lists are passed over. What cannot be read becomes one Rejected, and reading ends.
    """
    cursor = _Cursor(text, buffer, decoder, max_value)
    try:
        cursor.take("{")
        while cursor.peek() != "}":
            name = cursor.value()
            cursor.take(":")
            if cursor.peek() == "[":
                cursor.take("[")
                yield from _elements(cursor, str(name))
            else:
                cursor.value()
            if cursor.peek() != "}":
                cursor.take(",")
        cursor.take("}")
        if cursor.peek():
            raise _EndError("more text after the end of the object")
    except _EndError as error:
        yield reject(0, str(error), cursor.buffer[cursor.position : cursor.position + 1000])


def _elements(cursor: _Cursor, name: str) -> Iterator[object]:
    while cursor.peek() != "]":
        yield {name: [cursor.value()]}
        if cursor.peek() != "]":
            cursor.take(",")
    cursor.take("]")
