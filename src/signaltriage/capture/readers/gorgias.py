"""Gorgias: tickets with their messages, and pages of messages. The first message of a ticket is the ticket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signaltriage.capture.readers.base import DELETED, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_html, plain
from signaltriage.capture.readers.values import (
    first,
    get,
    ident,
    is_false,
    is_true,
    joined,
    named,
    objects,
    person,
    tags_of,
    words,
)
from signaltriage.log_types import CaptureItem, Skipped


def _fits(record: Record) -> bool:
    data = record.data
    if "from_agent" in data and ("created_datetime" in data or "body_text" in data):
        return True
    return "created_datetime" in data and ("last_message_datetime" in data or "customer" in data)


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    if "body_text" in data or "body_html" in data:
        yield captured(place, _message(data, ident(data.get("ticket_id")), known), known)
        return
    key = ident(data.get("id"))
    if data.get("trashed_datetime"):
        yield Skipped(place, DELETED)
        return
    messages = objects(data.get("messages"))
    draft = _message(messages[0], "", known) if messages else Draft(key, plain(data.get("excerpt")))
    draft.id, draft.thread = key, ""
    draft.title = _title(plain(data.get("subject")), draft.title)
    draft.created_at = first(data, "created_datetime", "opened_datetime")
    draft.updated_at = data.get("updated_datetime")
    draft.audience = draft.audience or ("employee" if is_true(data.get("from_agent")) else known.customer)
    draft.author = draft.author or person(first(data, "requester", "customer"))
    draft.link = words(data.get("uri"))
    draft.status, draft.team = data.get("status"), named(first(data, "assignee_team", "assignee_team_id"))
    draft.assignee = person(first(data, "assignee_user", "assignee_user_id"))
    draft.tags = tags_of(data.get("tags"), ["spam"] if is_true(data.get("spam")) else [])
    yield captured(place, draft, known)
    for number, held in enumerate(messages[1:], 2):
        yield captured(f"{place}, message {number}", _message(held, key, known), known)


def _title(ticket: str, message: str) -> str:
    """The subject of the ticket, and that of its first message where it is another."""
    return ticket if message in ticket else f"{ticket} · {message}" if ticket else message


def _message(data: dict[str, Any], ticket: str, known: Known) -> Draft:
    staff = is_true(data.get("from_agent")) or is_false(data.get("public"))
    draft = Draft(joined(ticket, data.get("id")), plain(data.get("body_text")) or from_html(data.get("body_html")))
    draft.title = plain(data.get("subject"))
    draft.created_at = first(data, "created_datetime", "sent_datetime")
    draft.audience = "employee" if staff else known.customer
    draft.author = person(data.get("sender")) or person(get(data, "source", "from"))
    draft.link, draft.thread = words(data.get("uri")), ticket
    return draft


READER = Reader("gorgias", "Gorgias", _fits, _read)
