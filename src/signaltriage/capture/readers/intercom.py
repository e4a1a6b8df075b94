"""Intercom: conversations and their parts, as the API gives them; tickets of Intercom are conversations too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from signaltriage.capture.readers.base import BOT, DELETED, SYSTEM, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_html
from signaltriage.capture.readers.values import first, get, ident, is_true, joined, objects, person, tags_of, words
from signaltriage.log_types import CaptureItem, Skipped

_SAID: Final = frozenset(("comment", "note", "assignment", "open", "close", "quick_reply", "away_mode_assignment"))
"""Kinds of parts in which people say something; others are the system's, whatever text they hold."""
_STAFF: Final = frozenset(("admin", "team", "teammate"))


def _fits(record: Record) -> bool:
    data = record.data
    if data.get("type") in ("conversation", "conversation_part"):
        return True
    if isinstance(data.get("ticket_attributes"), dict):
        return True
    if "source" in data and ("conversation_parts" in data or "contacts" in data):
        return True
    return {"query", "pagination"} <= data.keys()


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data = record.data
    if "id" not in data and isinstance(data.get("query"), dict):
        yield Skipped(record.place, "a query, no record")
    elif data.get("type") == "conversation_part" or "part_type" in data:
        yield part(record.place, data, ident(data.get("conversation_id")), known)
    else:
        yield from _conversation(record.place, data, known)


def _conversation(place: str, data: dict[str, Any], known: Known) -> Iterator[CaptureItem]:
    key = ident(data.get("id"))
    source = data["source"] if isinstance(data.get("source"), dict) else _asked(data)
    author = source.get("author")
    kind = words(get(author, "type"))
    if kind == "bot":
        yield Skipped(place, BOT)
    elif is_true(source.get("redacted")):
        yield Skipped(place, DELETED)
    else:
        team = first(data, "team_assignee_id")
        title = from_html(words(first(source, "subject"))) or from_html(words(first(data, "title")))
        draft = Draft(key, from_html(source.get("body")), title)
        draft.created_at, draft.updated_at = data.get("created_at"), data.get("updated_at")
        draft.audience = "employee" if kind in _STAFF else known.customer
        draft.author = person(author)
        draft.link = source.get("url")
        draft.status = first(data, "state", "ticket_state", "open")
        draft.team = get(known.looked_up("teams", team), "name") or team
        draft.assignee = person(data.get("admin_assignee_id") or data.get("assignee"))
        draft.tags = tags_of(get(data, "tags", "tags"))
        yield captured(place, draft, known)
    rating = data.get("conversation_rating")
    if isinstance(rating, dict) and rating.get("remark"):
        remark = Draft(joined(key, "rating"), from_html(rating["remark"]), status=rating.get("rating"), thread=key)
        remark.created_at, remark.audience = rating.get("created_at"), known.customer
        remark.author = person(rating.get("contact") or rating.get("customer") or author)
        yield captured(f"{place}, rating", remark, known)
    parts = get(data, "conversation_parts", "conversation_parts") or get(data, "ticket_parts", "ticket_parts")
    for number, held in enumerate(objects(parts), 1):
        yield part(f"{place}, part {number}", held, key, known)


def _asked(data: dict[str, Any]) -> dict[str, Any]:
    """How a ticket of Intercom begins, as a conversation would say it."""
    told = data.get("ticket_attributes")
    if not isinstance(told, dict):
        return {}
    author = {"type": "user", "id": get(next(iter(objects(get(data, "contacts", "contacts"))), None), "id")}
    return {"subject": told.get("_default_title_"), "body": told.get("_default_description_"), "author": author}


def part(place: str, data: dict[str, Any], conversation: str, known: Known) -> CaptureItem:
    """A part of a conversation: a message, a note, or what the system did."""
    author = data.get("author")
    kind = words(get(author, "type") or data.get("author_type"))
    text = from_html(data.get("body"))
    if not text or words(data.get("part_type")) not in _SAID:
        return Skipped(place, SYSTEM)
    if kind == "bot":
        return Skipped(place, BOT)
    if is_true(data.get("redacted")):
        return Skipped(place, DELETED)
    draft = Draft(joined(conversation, data.get("id")), text, thread=conversation)
    draft.created_at, draft.updated_at = data.get("created_at"), data.get("updated_at")
    draft.audience = "employee" if kind in _STAFF else known.customer
    draft.author = person(author if isinstance(author, dict) else data.get("author_id"))
    return captured(place, draft, known)


READER = Reader("intercom", "Intercom", _fits, _read)
