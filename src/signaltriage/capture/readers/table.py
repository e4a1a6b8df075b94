"""Any table of signals: columns by their usual names, or as a mapping file says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from signaltriage.capture.readers.base import CUSTOMER, EMPLOYEE, EMPTY, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.columns import FIELDS, Plan, id_of, usual_plan
from signaltriage.capture.readers.markup import plain
from signaltriage.capture.readers.streams import column_name
from signaltriage.capture.readers.values import get, ident, person, tags_of, words
from signaltriage.errors import InputError, UsageError
from signaltriage.log_types import CaptureItem, Skipped

_AUDIENCES: Final = {
    **dict.fromkeys(("customer", "customers", "external", "end-user", "user"), CUSTOMER),
    **dict.fromkeys(("employee", "employees", "internal", "agent", "staff"), EMPLOYEE),
}
_LITERAL: Final = "="
_MAPPING_REMEDY: Final = f'Write lines such as text = "Column". Fields: {", ".join(FIELDS)}.'


def read_mapping(path: Path, known: Known) -> Plan:
    """The plan of a mapping file: `field = "column"`; text may name several; "=x" is x itself for every row.

    Raises:
        InputError: the file cannot be read.
        UsageError: it has a field or column that there is not, or names no text.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", remedy="Check --mapping.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", remedy=_MAPPING_REMEDY) from error
    for field, value in told.items():
        listed = value if isinstance(value, list) and field == "text" else [value]
        if field not in FIELDS or not all(isinstance(item, str) and item for item in listed):
            raise UsageError(f"{path}: {field} is no field with the name of a column", remedy=_MAPPING_REMEDY)
    if "text" not in told:
        raise UsageError(f"{path} says of no column that it is the text", remedy=_MAPPING_REMEDY)
    texts = told.pop("text")
    named = {field: _column(column, known, path) for field, column in told.items()}
    texts = tuple(_column(column, known, path) for column in ([texts] if isinstance(texts, str) else texts))
    return Plan(texts, named.pop("title", ""), tuple(named.items()))


def _column(name: str, known: Known, path: Path) -> str:
    """A column as it is called in records, from its name as in the file."""
    if name.startswith(_LITERAL):
        return name
    by_header = {told.strip().casefold(): column for column, told in reversed(known.header.items())}
    found = by_header.get(name.strip().casefold())
    keys = {key for record in known.sample for key in record.data}
    for candidate in (found, name, column_name(name, 0), name.split(".", 1)[0]):
        if candidate is not None and candidate in keys:
            return name if "." in name and candidate != found and candidate != name else candidate
    listing = ", ".join(list(known.header.values() or sorted(keys))[:40])
    raise UsageError(f"{path} names a column {name!r} that is not there", remedy=f"There is: {listing}.")


def _plan(known: Known) -> Plan | None:
    plan = known.memory.get("plan")
    if isinstance(plan, Plan):
        return plan
    if known.asked.mapping is not None:
        plan = read_mapping(known.asked.mapping, known)
    else:
        columns = list(known.header) or list(dict.fromkeys(k for record in known.sample for k in record.data))
        plan = usual_plan(columns, known)
    if plan is not None:
        known.memory["plan"] = plan
        times = (column for name in ("created_at", "updated_at") if (column := plan.column(name)))
        known.moments.learn(record.data.get(column) for column in times for record in known.sample)
    return plan


def _fits(_: Record) -> bool:
    return False  # told by its columns, after all tools were asked


def _say(known: Known) -> str:
    plan = _plan(known)
    if plan is None:
        return ""
    told = [("text", " + ".join(_header(known, name) for name in plan.text)), ("title", _header(known, plan.title))]
    told += [(field, _header(known, column)) for field, column in plan.others]
    words_of = ", ".join(f"{field} from {column}" for field, column in told if column)
    return (
        words_of
        + ("" if plan.column("id") else ", ids made from what the rows say")
        + (", days before months" if known.moments.day_first else "")
    )


def _header(known: Known, column: str) -> str:
    return known.header.get(column, column)


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    plan = _plan(known)
    if plan is None:
        raise ValueError("no text column")
    data = record.data
    told = {field: _cell(data, column) for field, column in plan.others}
    texts = [text for name in plan.text if (text := plain(words(_cell(data, name))))]
    text = "\n".join(texts)
    title = words(_cell(data, plan.title)) if plan.title else ""
    if not text and not title.strip():
        yield Skipped(record.place, EMPTY)
        return
    created, thread, author = told.get("created_at"), told.get("thread"), person(told.get("author"))
    draft = Draft(id_of(known, told.get("id"), text, title, words(created), author, words(thread)), text, title)
    draft.created_at, draft.updated_at = created, told.get("updated_at")
    draft.audience = _audience(told.get("audience"), known)
    draft.author, draft.link, draft.status = author, told.get("link"), told.get("status")
    draft.team, draft.assignee = told.get("team"), told.get("assignee")
    draft.tags = tags_of(told["tags"]) if told.get("tags") else ()
    draft.thread = thread if ident(thread) != ident(draft.id) else ""
    source = known.source
    try:
        known.source = ident(told.get("source")) or source
        yield captured(record.place, draft, known)
    finally:
        known.source = source


def _cell(data: dict[str, Any], column: str) -> Any:
    if column in data:
        return data[column]
    if column.startswith(_LITERAL):
        return column[1:]
    return get(data, *column.split(".")) if "." in column else None


def _audience(cell: object, known: Known) -> str:
    said = words(cell).strip().lower()
    return _AUDIENCES.get(said) or known.asked.audience or ""


def _suits(known: Known) -> bool:
    return _plan(known) is not None


READER = Reader("table", "Table", _fits, _read, suits=_suits, able=_suits, say=_say, source="")
