"""Files become signals: tables read and written row by row, the text columns found, the text cleaned.

    read_chunks ──▶ pick_text_columns ──▶ join_text ──▶ clean_text
         │                                                  …the stages…
         └─▶ rejected ──▶ RejectedWriter                TableWriter ◀─┘

Names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signaltriage.capture.clean import MAX_CHARACTERS, STEPS, clean_text
    from signaltriage.capture.columns import TextColumns, pick_text_columns
    from signaltriage.capture.fields import join_text, to_text
    from signaltriage.capture.guard import guard_cell, unguard
    from signaltriage.capture.records import unique_names
    from signaltriage.capture.rejects import RejectedWriter, write_rejected
    from signaltriage.capture.tables import Chunk, read_chunks
    from signaltriage.capture.writer import TableWriter

_HOME = {
    "MAX_CHARACTERS": "clean",
    "STEPS": "clean",
    "clean_text": "clean",
    "TextColumns": "columns",
    "pick_text_columns": "columns",
    "join_text": "fields",
    "to_text": "fields",
    "guard_cell": "guard",
    "unguard": "guard",
    "unique_names": "records",
    "RejectedWriter": "rejects",
    "write_rejected": "rejects",
    "Chunk": "tables",
    "read_chunks": "tables",
    "TableWriter": "writer",
}

__all__ = [
    "MAX_CHARACTERS",
    "STEPS",
    "Chunk",
    "RejectedWriter",
    "TableWriter",
    "TextColumns",
    "clean_text",
    "guard_cell",
    "join_text",
    "pick_text_columns",
    "read_chunks",
    "to_text",
    "unguard",
    "unique_names",
    "write_rejected",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
