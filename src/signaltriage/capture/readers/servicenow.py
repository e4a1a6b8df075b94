"""ServiceNow: incidents, tasks and requests, as JSON of the table API or as CSV; times are UTC there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from signaltriage.capture.readers.base import Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import plain
from signaltriage.capture.readers.values import first, get, ident, joined, named, numbered, person, tags_of, words
from signaltriage.log_types import CaptureItem

_ENTRY: Final = re.compile(
    r"^(\d{2,4}[-/.]\d{2}[-/.]\d{2,4} \d{2}:\d{2}:\d{2}) - ([^\n]{1,200}?) \(([^()\n]{1,60})\)[ \t]*$", re.MULTILINE
)
_LABELS: Final = frozenset(("opened_at", "opened", "caller", "assignment_group"))
"""Names or, in lists exported by hand, labels of columns."""
_STATES: Final = {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "8": "Canceled"}


def _fits(record: Record) -> bool:
    data = record.data
    if "short_description" not in data:
        return False
    return "sys_updated_on" in data or "sys_created_on" in data or ("number" in data and bool(_LABELS & data.keys()))


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    yield from task(record.place, record.data, known)


def task(place: str, data: dict[str, Any], known: Known) -> Iterator[CaptureItem]:
    """A task of any class and the entries of its journal."""
    key = ident(first(data, "number", "task_effective_number", "sys_id"))
    state = words(data.get("state") if not isinstance(data.get("state"), dict) else named(data["state"]))
    incident = data.get("sys_class_name") in (None, "", "incident")
    yield captured(
        place,
        Draft(
            id=key,
            text=plain(_value(data.get("description"))),
            title=words(_value(data.get("short_description"))),
            created_at=_value(first(data, "opened_at", "opened", "sys_created_on", "created")),
            audience=known.staff,
            author=_who(data, known, "caller_id", "caller", "requested_for", "opened_by", "sys_created_by"),
            link=_link(data),
            status=_STATES.get(state, state) if incident else state,
            team=_team(data, known),
            assignee=_who(data, known, "assigned_to"),
            tags=tags_of(_value(data.get("sys_tags")), [named(data.get("category")), named(data.get("subcategory"))]),
            updated_at=_value(first(data, "sys_updated_on", "updated")),
        ),
        known,
    )
    yield from _journal(place, data, key, known)


def _journal(place: str, data: dict[str, Any], key: str, known: Known) -> Iterator[CaptureItem]:
    """What was said since, as the columns of comments hold it: entries one under another, each with its own head."""
    seen: dict[str, int] = {}
    for name, label in (("comments", "additional_comments"), ("work_notes", "work_notes")):
        text = _value(first(data, name, label))
        if not isinstance(text, str) or not text.strip():
            continue
        heads = list(_ENTRY.finditer(text))
        for number, head in enumerate(heads, 1):
            end = heads[number].start() if number < len(heads) else len(text)
            moment = known.moments.of(head[1])
            stamp = moment.strftime("%Y%m%dT%H%M%S") if moment else str(number)
            part = numbered(joined(key, name, stamp), seen)
            draft = Draft(part, plain(text[head.end() : end]), created_at=moment, thread=key)
            draft.audience, draft.author = known.staff, person(head[2])
            yield captured(f"{place}, {name} {number}", draft, known)
        if not heads:
            draft = Draft(joined(key, name), plain(text), audience=known.staff, thread=key)
            yield captured(f"{place}, {name}", draft, known)


def _value(held: object) -> object:
    """A field as the API gives it: plain, or with its link or display value."""
    return first(held, "display_value", "value") if isinstance(held, dict) else held


def _who(data: dict[str, Any], known: Known, *names: str) -> str:
    extra = known.looked_up("incident", data.get("sys_id"))
    for name in names:
        for fields in (data, extra):
            held = first(fields, name, f"{name}_value") if isinstance(fields, dict) else None
            if held:
                return person(held.get("value") or held.get("display_value") if isinstance(held, dict) else held)
    return ""


def _team(data: dict[str, Any], known: Known) -> str:
    held = first(data, "assignment_group", "assignment_group_value")
    key = held.get("value") if isinstance(held, dict) else held
    return get(known.looked_up("groups", key), "name") or named(held)


def _link(data: dict[str, Any]) -> str:
    """The address of the record, from whichever link names the instance."""
    table, key = words(data.get("sys_class_name")) or "incident", words(data.get("sys_id"))
    for held in data.values():
        address = held.get("link") if isinstance(held, dict) else None
        if isinstance(address, str) and "/api/now/" in address and key:
            return f"{address.split('/api/now/', 1)[0]}/nav_to.do?uri={table}.do?sys_id={key}"
    return ""


def _say(_: Known) -> str:
    return "times read as UTC"


READER = Reader("servicenow", "ServiceNow", _fits, _read, say=_say)
