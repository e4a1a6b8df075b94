"""HubSpot: tickets of the CRM API, and its CSV of tickets."""

from __future__ import annotations

from collections.abc import Iterator

from signaltriage.capture.readers.base import DELETED, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import plain
from signaltriage.capture.readers.values import first, is_true, person, tags_of, words
from signaltriage.log_types import CaptureItem, Skipped


def _fits(record: Record) -> bool:
    data = record.data
    properties = data.get("properties")
    if isinstance(properties, dict):
        return "archived" in data or "hs_object_id" in properties or "hs_pipeline" in properties
    return "ticket_name" in data and ("ticket_description" in data or "ticket_status" in data or "create_date" in data)


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    held = data.get("properties")
    fields = held if isinstance(held, dict) else data
    # The first versions of the API give {"value": …} for each property.
    fields = {name: value.get("value") if isinstance(value, dict) else value for name, value in fields.items()}
    if is_true(data.get("archived")) or is_true(data.get("isDeleted")):
        yield Skipped(place, DELETED)
        return
    yield captured(
        place,
        Draft(
            id=first(data, "id", "ticket_id", "record_id", "objectId") or fields.get("hs_object_id"),
            text=plain(first(fields, "content", "ticket_description")),
            title=words(first(fields, "subject", "ticket_name")),
            created_at=first(fields, "createdate", "create_date") or data.get("createdAt"),
            audience=known.customer,
            author=person(first(fields, "hs_created_by_user_id", "associated_contact", "contact", "created_by")),
            link=words(data.get("url")),
            status=first(fields, "hs_pipeline_stage", "ticket_status"),
            team=first(fields, "hubspot_team_id", "hubspot_team"),
            assignee=person(first(fields, "hubspot_owner_id", "ticket_owner")),
            tags=tags_of(first(fields, "hs_ticket_category", "category", "hs_tag_ids")),
            updated_at=first(fields, "hs_lastmodifieddate", "last_modified_date") or data.get("updatedAt"),
        ),
        known,
    )


READER = Reader("hubspot", "HubSpot", _fits, _read)
