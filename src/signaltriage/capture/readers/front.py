"""Front: conversations, messages and comments of the API. A conversation's own text is its subject."""

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
    key = words(data.get("id"))
    if key.startswith(("cnv_", "msg_", "com_")):
        return True
    return "_links" in data and ("is_inbound" in data or ("subject" in data and "waiting_since" in data))


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    if "is_inbound" in data or words(data.get("id")).startswith(("msg_", "com_")):
        yield _message(place, data, _conversation(data), known)
        return
    key = ident(data.get("id"))
    if words(data.get("status")) == "deleted":
        yield Skipped(place, DELETED)
        return
    draft = Draft(key, "", plain(data.get("subject")))
    draft.created_at, draft.updated_at = data.get("created_at"), data.get("updated_at")
    draft.audience = "employee" if is_true(data.get("is_private")) else known.customer
    draft.author = person(get(data, "recipient", "handle"))
    draft.link = f"https://app.frontapp.com/open/{key}" if key.startswith("cnv_") else ""
    draft.status = data.get("status")
    draft.team = named(next(iter(objects(data.get("inboxes"))), None))
    draft.assignee, draft.tags = person(data.get("assignee")), tags_of(data.get("tags"))
    yield captured(place, draft, known)
    last = data.get("last_message")
    messages = objects(data.get("messages")) + ([last] if isinstance(last, dict) and last.get("id") else [])
    for number, held in enumerate(messages + objects(data.get("comments")), 1):
        yield _message(f"{place}, message {number}", held, key, known)


def _message(place: str, data: dict[str, Any], conversation: str, known: Known) -> CaptureItem:
    """A message, or a comment of a colleague."""
    if is_true(data.get("is_draft")):
        return Skipped(place, "draft")
    inbound = not is_false(data.get("is_inbound")) and "posted_at" not in data
    draft = Draft(joined(conversation, data.get("id")), from_html(data.get("body")) or plain(data.get("text")))
    draft.created_at = first(data, "created_at", "posted_at")
    draft.audience = known.customer if inbound else "employee"
    sender = next((one for one in objects(data.get("recipients")) if one.get("role") == "from"), None)
    draft.author = person(data.get("author") or get(sender, "handle"))
    draft.thread = conversation
    return captured(place, draft, known)


def _conversation(data: dict[str, Any]) -> str:
    address = words(get(data, "_links", "related", "conversation"))
    return ident(address.rsplit("/", 1)[-1]) if "/conversations/" in address else ""


READER = Reader("front", "Front", _fits, _read)
