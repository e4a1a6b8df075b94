"""Freshdesk and Freshservice: tickets and conversations of the API, tickets as CSV. Siblings with the same fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from signaltriage.capture.readers.base import DELETED, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_html, plain
from signaltriage.capture.readers.values import (
    first,
    get,
    ident,
    is_false,
    is_true,
    joined,
    objects,
    person,
    tags_of,
    words,
)
from signaltriage.log_types import CaptureItem, Skipped

_STATES: Final = {"2": "open", "3": "pending", "4": "resolved", "5": "closed"}
_DESK: Final = frozenset(("product_id", "company_id", "association_type", "support_email", "sentiment_score"))
_SERVICE: Final = frozenset(
    (
        *("department_id", "impact", "urgency", "workspace_id", "requested_for_id", "bcc_emails", "sla_policy_id"),
        *("sub_category", "tasks_dependency_type", "resolution_notes_html"),
    )
)


def _fits(record: Record) -> bool:
    data = record.data
    if _is_ticket(data):
        return bool(_DESK & data.keys()) or not _is_service(data)
    if _is_row(data):
        return True
    return _is_part(data)


def _fits_service(record: Record) -> bool:
    return _is_ticket(record.data) and not _DESK & record.data.keys() and _is_service(record.data)


def _is_ticket(data: dict[str, Any]) -> bool:
    return "requester_id" in data and ("fr_escalated" in data or "responder_id" in data) and "submitter_id" not in data


def _is_service(data: dict[str, Any]) -> bool:
    return bool(_SERVICE & data.keys()) or data.get("type") in ("Incident", "Service Request", "Problem", "Change")


def _is_row(data: dict[str, Any]) -> bool:
    return {"ticket_id", "subject", "status", "agent"} <= data.keys() and "created_time" in data


def _is_part(data: dict[str, Any]) -> bool:
    return "body_text" in data and "incoming" in data and "private" in data


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    if _is_part(record.data):
        yield _part(record.place, record.data, ident(record.data.get("ticket_id")), known)
    else:
        yield from _ticket(record.place, record.data, known)


def _ticket(place: str, data: dict[str, Any], known: Known) -> Iterator[CaptureItem]:
    if is_true(data.get("deleted")):
        yield Skipped(place, DELETED)
        return
    key = ident(first(data, "id", "ticket_id", "display_id"))
    group, status = first(data, "group_id", "group"), words(data.get("status"))
    yield captured(
        place,
        Draft(
            id=key,
            text=plain(data.get("description_text")) or from_html(data.get("description")),
            title=words(data.get("subject")),
            created_at=first(data, "created_at", "created_time"),
            audience=_asker(known),
            author=person(first(data, "requester_id", "contact_id", "requester", "email", "full_name")),
            status=_STATES.get(status, status.lower()),
            team=get(known.looked_up("groups", group), "name") or group,
            assignee=person(first(data, "responder_id", "agent")),
            tags=tags_of(data.get("tags"), ["spam"] if is_true(data.get("spam")) else []),
            updated_at=first(data, "updated_at", "last_update_time", "last_updated_time"),
        ),
        known,
    )
    for number, held in enumerate(objects(data.get("conversations")), 1):
        yield _part(f"{place}, conversation {number}", held, key, known)


def _part(place: str, data: dict[str, Any], ticket: str, known: Known) -> CaptureItem:
    staff = is_false(data.get("incoming")) or is_true(data.get("private"))
    draft = Draft(joined(ticket, data.get("id")), plain(data.get("body_text")) or from_html(data.get("body")))
    draft.created_at, draft.updated_at = data.get("created_at"), data.get("updated_at")
    draft.audience = "employee" if staff else _asker(known)
    draft.author, draft.thread = person(first(data, "user_id", "from_email")), ticket
    return captured(place, draft, known)


def _asker(known: Known) -> str:
    """Who asks: customers at Freshdesk, colleagues at Freshservice."""
    return known.staff if known.source == FRESHSERVICE.name else known.customer


READER = Reader("freshdesk", "Freshdesk", _fits, _read)
FRESHSERVICE = Reader("freshservice", "Freshservice", _fits_service, _read)
