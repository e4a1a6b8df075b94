"""Zendesk: tickets and comments of the API (also search results and incremental pages), tickets as CSV, ratings.

A ticket is its description; the first comment repeats it. Comments are `comment/<id>`, because the API's pages of
comments do not say of which ticket they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from signaltriage.capture.readers.base import DELETED, REPEATED, SYSTEM, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_html, plain
from signaltriage.capture.readers.values import (
    first,
    get,
    ident,
    is_false,
    joined,
    letters,
    objects,
    person,
    tags_of,
    words,
)
from signaltriage.log_types import CaptureItem, Skipped

_CSV: Final = frozenset(("ticket_type", "satisfaction_score", "group_stations", "via", "submitter", "brand"))
_ROLES: Final = {"end-user": True, "agent": False, "admin": False}


@dataclass(frozen=True, slots=True)
class Ticket:
    """What comments need to know of theirs."""

    id: str = ""
    requester: str = ""
    said: str = ""
    """Digest of its description's letters."""
    title: str = ""
    link: str = ""


def _fits(record: Record) -> bool:
    data = record.data
    if "subject" in data and ("submitter_id" in data or ("requester_id" in data and "via" in data)):
        return "sentiment_score" not in data
    if "subject" in data and "requester" in data:
        return len(_CSV & data.keys()) >= 2
    return _is_comment(data) or _is_rating(data)


def _is_comment(data: dict[str, Any]) -> bool:
    return "author_id" in data and ("audit_id" in data or "html_body" in data or "plain_body" in data)


def _is_rating(data: dict[str, Any]) -> bool:
    return {"score", "ticket_id", "requester_id"} <= data.keys()


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    if _is_comment(data):
        yield comment(place, data, _of_page(record, known), known)
    elif _is_rating(data):
        yield _rating(place, data, Ticket(ident(data.get("ticket_id")), person(data.get("requester_id"))), known)
    else:
        yield from ticket(place, data, known)


def ticket(place: str, data: dict[str, Any], known: Known) -> Iterator[CaptureItem]:
    """A ticket and the comments in it."""
    status = words(data.get("status"))
    if status.lower() == "deleted":
        yield Skipped(place, DELETED)
        return
    key = ident(first(data, "id", "ticket_id", "nice_id"))
    of = told(data, said=bool(data.get("comments")))
    group = first(data, "group_id", "group")
    yield captured(
        place,
        Draft(
            id=key,
            text=plain(data.get("description")),
            title=of.title,
            created_at=data.get("created_at"),
            audience=known.customer,
            author=of.requester,
            link=of.link,
            status=status,
            team=get(known.looked_up("groups", group), "name") or group,
            assignee=person(first(data, "assignee_id", "assignee")),
            tags=tags_of(data.get("tags"), known.memory.get(("tags", key))),
            updated_at=data.get("updated_at"),
        ),
        known,
    )
    rating = data.get("satisfaction_rating")
    if isinstance(rating, dict) and rating.get("comment"):
        yield _rating(f"{place}, rating", rating, of, known)
    comments = data.get("comments")
    for number, held in enumerate(objects(get(comments, "comments") or comments), 1):
        yield comment(f"{place}, comment {number}", held, of, known)


def _rating(place: str, data: dict[str, Any], of: Ticket, known: Known) -> CaptureItem:
    """What the customer wrote when asked how it went."""
    draft = Draft(joined("rating", data.get("id") or of.id), plain(data.get("comment")), status=data.get("score"))
    draft.created_at, draft.updated_at = data.get("created_at"), data.get("updated_at")
    draft.author, draft.audience, draft.thread = of.requester, known.customer, of.id
    return captured(place, draft, known)


def told(data: dict[str, Any], *, said: bool) -> Ticket:
    """What its comments need to know of a ticket; whether they will ask what it `said`."""
    key = ident(first(data, "id", "ticket_id", "nice_id"))
    return Ticket(
        id=key,
        requester=person(first(data, "requester_id", "requester_email", "requester")),
        said=letters(plain(data.get("description"))) if said else "",
        title=words(first(data, "subject", "raw_subject")),
        link=_link(data.get("url"), key),
    )


def comment(place: str, data: dict[str, Any], of: Ticket, known: Known) -> CaptureItem:
    """A comment of a ticket that is told of."""
    author = person(first(data, "author_id", "user_id"))
    if get(data, "via", "channel") in ("rule", "system") or author == "-1":
        return Skipped(place, SYSTEM)
    body = plain(data.get("body"))
    text = plain(data.get("plain_body")) or from_html(data.get("html_body")) or body
    if of.said and of.said in {letters(text), letters(body)}:
        return Skipped(place, REPEATED)
    key = joined("comment", data.get("id"))
    return captured(
        place,
        Draft(
            id=key,
            text=text,
            created_at=first(data, "created_at", "created"),
            audience=_audience(data, author, of, known),
            author=author,
            link=of.link,
            thread="" if key == of.id else of.id,
        ),
        known,
    )


def _audience(data: dict[str, Any], author: str, of: Ticket, known: Known) -> str:
    asks = _ROLES.get(words(get(known.looked_up("users", author), "role")))
    if asks is None:
        asks = not is_false(data.get("public"))
        if asks and of.requester:
            asks = author == of.requester
        elif asks:
            asks = not words(get(data, "via", "source", "to", "address"))
    return known.customer if asks else "employee"


def _of_page(record: Record, known: Known) -> Ticket:
    """The ticket of a comment that stands on a page of its own; without an id, the page's first comment opened it."""
    if named := ident(first(record.data, "ticket_id")):
        return Ticket(id=named)
    if not record.kind:
        return Ticket()
    page, ticket = known.memory.get("page", (None, None))
    if page != record.page or not isinstance(ticket, Ticket):
        ticket = Ticket(joined("comment", record.data.get("id")), person(record.data.get("author_id")))
        known.memory["page"] = record.page, ticket
    return ticket


def _link(url: object, key: str) -> str:
    address = words(url)
    if "/api/v2/tickets/" in address:
        return f"{address.split('/api/v2/', 1)[0]}/agent/tickets/{key}"
    return address


READER = Reader("zendesk", "Zendesk", _fits, _read)
