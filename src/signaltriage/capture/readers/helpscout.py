"""Help Scout: conversations with their threads, as the API and webhooks give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from signaltriage.capture.readers.base import DELETED, SYSTEM, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_html
from signaltriage.capture.readers.values import first, get, ident, joined, named, objects, person, tags_of, words
from signaltriage.log_types import CaptureItem, Skipped

_SYSTEM: Final = frozenset(("lineitem", "beaconchat-line", "forwardparent", "forwardchild"))
_STAFF: Final = frozenset(("message", "note"))


def _fits(record: Record) -> bool:
    data = record.data
    if "subject" not in data or not ("mailbox" in data or "mailboxId" in data or "folderId" in data):
        return False
    return "threadCount" in data or "threads" in data or "preview" in data


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    if words(data.get("state")) == "deleted":
        yield Skipped(place, DELETED)
        return
    key = ident(data.get("id"))
    held = data.get("threads")
    threads = objects(held) or objects(get(data, "_embedded", "threads"))
    texts = [from_html(thread.get("body")) for thread in threads]
    preview = from_html(data.get("preview"))
    start = preview.rstrip(".… ")
    opener = next((n for n, text in enumerate(texts) if start and text.startswith(start)), None)
    draft = Draft(key, preview if opener is None else texts[opener], words(data.get("subject")))
    draft.created_at = first(data, "createdAt", "userUpdatedAt")
    draft.updated_at = first(data, "modifiedAt", "userModifiedAt", "userUpdatedAt")
    asker = first(data, "primaryCustomer", "customer", "createdBy")
    draft.audience = "employee" if get(data, "source", "via") == "user" else known.customer
    draft.author = person(asker)
    draft.link = get(data, "_links", "web", "href")
    draft.status, draft.tags = data.get("status"), tags_of(_tags(data.get("tags")))
    draft.team = named(first(data, "mailbox", "mailboxId"))
    draft.assignee = person(first(data, "owner", "assignee"))
    yield captured(place, draft, known)
    for number, thread in enumerate(threads):
        if number != opener:
            yield _thread(f"{place}, thread {number + 1}", thread, key, known)


def _thread(place: str, data: dict[str, Any], conversation: str, known: Known) -> CaptureItem:
    kind = words(data.get("type"))
    if kind in _SYSTEM or words(data.get("state")) in {"deleted", "draft", "hidden"}:
        return Skipped(place, SYSTEM if kind in _SYSTEM else DELETED)
    draft = Draft(joined(conversation, data.get("id")), from_html(data.get("body")), thread=conversation)
    draft.created_at = data.get("createdAt")
    via = get(data, "source", "via")
    staff = via == "user" or (via is None and kind in _STAFF)
    draft.audience = "employee" if staff else known.customer
    draft.author = person(first(data, "createdBy", "customer", "createdByCustomer"))
    return captured(place, draft, known)


def _tags(value: object) -> list[object]:
    """Tags are names, or objects that call the name `tag`."""
    held = value if isinstance(value, list) else []
    return [first(tag, "tag", "name") if isinstance(tag, dict) else tag for tag in held]


READER = Reader("helpscout", "Help Scout", _fits, _read)
