"""Rows that could not be read, written where their owner finds them: `line, reason, raw`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from signaltriage.capture.atomic import check_writable
from signaltriage.capture.writer import Output
from signaltriage.types import Rejected

HEADER = ("line", "reason", "raw")


class RejectedWriter:
    """Collect rejected rows into a table (.csv …), atomically and safe to open in a spreadsheet.

    The file is there after a clean exit only if at least one row was rejected; otherwise one of the same name, from a
    former run, is removed, since it would speak of rows that are now read. After an exception a former one stays.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.count = 0
        self._output = Output(self.path, guard_formulas=True)

    def __enter__(self) -> Self:
        """Find out now whether the place can be written."""
        check_writable(self.path)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Move the file into place, or see to it that there is none."""
        self._output.finish(error)
        if error is None and not self.count:
            self.path.unlink(missing_ok=True)

    def write(self, rejected: Iterable[Rejected]) -> None:
        """Append rejected rows."""
        rows = list(rejected)
        if not rows:
            return
        if not self.count:
            self._output.open(list(HEADER))
        self.count += len(rows)
        self._output.rows([[row.line for row in rows], [row.reason for row in rows], [row.raw for row in rows]])


def write_rejected(path: str | Path, rejected: Iterable[Rejected]) -> int:
    """Write all rejected rows at once and return how many there are. See `RejectedWriter`."""
    with RejectedWriter(path) as writer:
        writer.write(rejected)
    return writer.count
