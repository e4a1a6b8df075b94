"""Warehouse tables of Zendesk, Intercom, Jira and ServiceNow, as Fivetran's connectors name their columns.

One table alone is read for what it says; the tables of a folder are joined, lookups before tickets before comments.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from signaltriage.capture.readers import intercom, jira, servicenow, zendesk
from signaltriage.capture.readers.base import DELETED, Known, Reader, Record
from signaltriage.capture.readers.values import first, get, ident, is_false, is_true, words
from signaltriage.log_types import CaptureItem, Skipped

_MARK: Final = "fivetran_synced"
_KEPT: Final = ("name", "role", "email", "url", "tag", "caller_id_value", "opened_by_value")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a tool, told by the columns it `needs`."""

    tool: str
    name: str
    needs: frozenset[str]
    rank: int
    """Read in this order: names of things, what refers to them, records, parts of records."""


_TABLES: Final = (
    Table("zendesk", "ticket", frozenset(("subject", "description", "requester_id")), 2),
    Table("zendesk", "ticket_comment", frozenset(("ticket_id", "body", "user_id")), 3),
    Table("zendesk", "ticket_tag", frozenset(("ticket_id", "tag")), 1),
    Table("zendesk", "users", frozenset(("role", "email", "chat_only")), 0),
    Table("intercom", "conversation", frozenset(("source_body", "source_type")), 2),
    Table("intercom", "conversation_part", frozenset(("part_type", "conversation_id")), 3),
    Table("intercom", "conversation_tag", frozenset(("tag_id", "conversation_id")), 1),
    Table("jira", "issue", frozenset(("key", "summary", "issue_type")), 2),
    Table("jira", "comment", frozenset(("issue_id", "body", "author_id")), 3),
    Table("jira", "status", frozenset(("name", "status_category_id")), 0),
    Table("jira", "project", frozenset(("name", "key", "project_type_key")), 0),
    Table("servicenow", "task", frozenset(("number", "short_description")), 2),
    Table("servicenow", "incident", frozenset(("incident_state", "caller_id_value")), 0),
    Table("servicenow", "users", frozenset(("sys_id", "user_name", "email")), 0),
    Table("servicenow", "groups", frozenset(("sys_id", "name", "include_members")), 0),
    Table("zendesk", "groups", frozenset(("name", "url", "created_at")), 0),
    Table("intercom", "tags", frozenset(("name", "fivetran_deleted", "id")), 0),
)


def table_of(columns: frozenset[str]) -> Table | None:
    """Which table has these columns; one of another name for any other of a warehouse, None where it is none."""
    if _MARK not in columns:
        return None
    found = next((table for table in _TABLES if table.needs <= columns), None)
    return found or Table("", "", frozenset(), 0)


def _fits(record: Record) -> bool:
    return _MARK in record.data


def _table(record: Record, known: Known) -> Table:
    columns = frozenset(record.data)
    found = known.memory.get(columns)
    if not isinstance(found, Table):
        known.memory[columns] = found = table_of(columns) or Table("", "", frozenset(), 0)
    return found


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    table = _table(record, known)
    if table.tool and (not known.asked.source or known.asked.source == READER.name):
        known.source = table.tool
    if is_true(data.get("fivetran_deleted")):
        yield Skipped(place, DELETED)
    elif is_false(data.get("fivetran_active")) and table.rank >= 1:
        yield Skipped(place, "superseded version")
    elif table.rank < 2:
        yield _remember(record, table, known)
    elif table.tool == "zendesk":
        yield from _zendesk(place, data, table, known)
    elif table.tool == "intercom":
        yield from intercom.READER.read(Record(place, _intercom(data, table, known)), known)
    elif table.tool == "jira":
        yield from _jira(place, data, table, known)
    else:
        yield from servicenow.task(place, data, known)


def _remember(record: Record, table: Table, known: Known) -> CaptureItem:
    """Keep what records will ask for, and no more: tables of users are long and wide."""
    data = record.data
    if table.name in {"ticket_tag", "conversation_tag"}:
        whole = ident(first(data, "ticket_id", "conversation_id"))
        tag = data.get("tag") or get(known.looked_up("tags", data.get("tag_id")), "name") or data.get("tag_id")
        known.memory.setdefault(("tags", whole), []).append(sys.intern(words(tag).strip()))
    elif table.name:
        kept = {name: data[name] for name in _KEPT if data.get(name)}
        known.lookups.setdefault(table.name, {})[ident(first(data, "id", "sys_id"))] = kept
    name = table.name.rstrip("s") or "other"
    return Skipped(record.place, f"lookup table: {name}")


def _zendesk(place: str, data: dict[str, Any], table: Table, known: Known) -> Iterator[CaptureItem]:
    if table.name == "ticket":
        told = replace(zendesk.told(data, said=True), title="")
        known.memory["ticket", told.id] = told
        yield from zendesk.ticket(place, data, known)
    else:
        ticket = ident(data.get("ticket_id"))
        told = known.memory.get(("ticket", ticket)) or zendesk.Ticket(ticket)
        yield zendesk.comment(place, data, told, known)


def _intercom(data: dict[str, Any], table: Table, known: Known) -> dict[str, Any]:
    """A row as the API would give it."""
    if table.name == "conversation_part":
        return data
    author = {"type": data.get("source_author_type"), "id": data.get("source_author_id")}
    assigned = f"{words(data.get('assignee_type'))}_assignee_id"
    return {
        **{name: data.get(name) for name in ("id", "created_at", "updated_at", "state")},
        "type": "conversation",
        "conversation_rating": {
            "remark": data.get("conversation_rating_remark"),
            "rating": data.get("conversation_rating_value"),
            "created_at": data.get("conversation_rating_created_at"),
        },
        assigned: data.get("assignee_id"),
        "tags": {"tags": known.memory.get(("tags", ident(data.get("id"))), [])},
        "source": {
            **{name: data.get(f"source_{name}") for name in ("subject", "body", "url")},
            "author": author,
        },
    }


def _jira(place: str, data: dict[str, Any], table: Table, known: Known) -> Iterator[CaptureItem]:
    if table.name == "issue":
        known.memory["issue", ident(data.get("id"))] = data.get("key")
        project = get(known.looked_up("project", data.get("project")), "name")
        yield from jira.row(place, {**data, "project_name": project}, known)
    else:
        issue = ident(known.memory.get(("issue", ident(data.get("issue_id")))) or data.get("issue_id"))
        yield jira.comment(place, {**data, "author": data.get("author_id")}, issue, known)


READER = Reader("warehouse", "Warehouse table", _fits, _read)
