"""Jira: issues of the REST API (versions 2 and 3) with their comments and work logs, and Jira's CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from signaltriage.capture.readers.base import Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_html, from_jira
from signaltriage.capture.readers.values import (
    first,
    get,
    ident,
    joined,
    letters,
    named,
    numbered,
    objects,
    person,
    tags_of,
    words,
)
from signaltriage.log_types import CaptureItem

_SITE: Final = re.compile(r"https://(?!api\.atlassian\.com/)[^/\s]{1,200}(?=/(?:rest|images|secure)/)")
_CSV_COMMENT: Final = re.compile(r"([^;\n]{4,40});([^;\n]{0,200});(.*)", re.DOTALL)


def _fits(record: Record) -> bool:
    data = record.data
    if "key" in data and isinstance(data.get("fields"), dict):
        return True
    if "issue_key" in data and "summary" in data:
        return True
    return isinstance(data.get("updateAuthor"), dict) and "body" in data


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data = record.data
    if isinstance(data.get("fields"), dict):
        yield from _issue(record.place, data, known)
    elif "updateAuthor" in data:
        parts = words(data.get("self")).split("/issue/")
        yield comment(record.place, data, parts[1].split("/")[0] if len(parts) > 1 else "", known)
    else:
        yield from row(record.place, data, known)


def _issue(place: str, data: dict[str, Any], known: Known) -> Iterator[CaptureItem]:
    fields: dict[str, Any] = data["fields"]
    key = ident(first(data, "key", "id"))
    text = from_jira(fields.get("description")) or from_html(get(data, "renderedFields", "description"))
    site = _site(data, fields)
    components = objects(fields.get("components"))
    yield captured(
        place,
        Draft(
            id=key,
            text=text,
            title=words(fields.get("summary")),
            created_at=fields.get("created"),
            audience=known.staff,
            author=person(fields.get("reporter") or fields.get("creator")),
            link=f"{site}/browse/{key}" if site else "",
            status=named(fields.get("status")),
            team=named(components[0]) if components else named(fields.get("project")),
            assignee=person(fields.get("assignee")),
            tags=tags_of(fields.get("labels"), fields.get("components")),
            updated_at=fields.get("updated"),
        ),
        known,
    )
    for number, held in enumerate(objects(get(fields, "comment", "comments")), 1):
        yield comment(f"{place}, comment {number}", held, key, known)
    for number, held in enumerate(objects(get(fields, "worklog", "worklogs")), 1):
        yield comment(f"{place}, work log {number}", held, key, known)


def comment(place: str, data: dict[str, Any], issue: str, known: Known) -> CaptureItem:
    """A comment, or a work log, of an issue."""
    logged = "timeSpent" in data or "started" in data
    text = from_jira(first(data, "body", "comment")) or from_html(data.get("renderedBody"))
    return captured(
        place,
        Draft(
            id=joined(issue, "worklog" if logged else "", data.get("id")),
            text=text,
            created_at=data.get("created"),
            audience=known.staff,
            author=person(data.get("author")),
            thread=issue,
            updated_at=data.get("updated"),
        ),
        known,
    )


def row(place: str, data: dict[str, Any], known: Known) -> Iterator[CaptureItem]:
    """An issue as a row of Jira's CSV, or of a warehouse; its comments stand in repeated columns."""
    key = ident(first(data, "issue_key", "key", "issue_id", "id"))
    status, project = data.get("status"), first(data, "component_s", "components", "component", "project_name")
    team = tags_of(project)[:1] or tags_of(data.get("project_key"))[:1]
    yield captured(
        place,
        Draft(
            id=key,
            text=from_jira(_one(data.get("description"))),
            title=words(_one(data.get("summary"))),
            created_at=first(data, "created"),
            audience=known.staff,
            author=person(first(data, "reporter_id", "reporter", "creator_id", "creator")),
            link=words(first(data, "url", "link")),
            status=get(known.looked_up("status", status), "name") or status,
            team=team[0] if team else "",
            assignee=person(first(data, "assignee_id", "assignee")),
            tags=tags_of(data.get("labels"), data.get("component_s"), data.get("components")),
            updated_at=first(data, "updated"),
        ),
        known,
    )
    cells = data.get("comment") or data.get("comments")
    seen: dict[str, int] = {}
    for number, cell in enumerate(cells if isinstance(cells, list) else [cells], 1):
        if isinstance(cell, str) and cell:
            draft = _cell_comment(cell, key, known)
            draft.id = numbered(words(draft.id), seen)
            yield captured(f"{place}, comment {number}", draft, known)


def _cell_comment(cell: str, issue: str, known: Known) -> Draft:
    """A comment as Jira's CSV has it: `time;author;text`. It has no id there: its time stands for it."""
    found = _CSV_COMMENT.match(cell)
    moment = known.moments.of(found[1]) if found else None
    if found is None or moment is None:
        return Draft(joined(issue, letters(cell)[:16]), from_jira(cell), audience=known.staff, thread=issue)
    key = joined(issue, moment.strftime("%Y%m%dT%H%M%S"))  # no author in it: ids are not made pseudonyms
    return Draft(key, from_jira(found[3]), created_at=moment, audience=known.staff, author=found[2], thread=issue)


def _one(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _site(data: dict[str, Any], fields: dict[str, Any]) -> str:
    """The address of the site, from whichever address in the issue names it."""
    icons = (get(fields, name, "iconUrl") for name in ("status", "priority", "issuetype"))
    for address in (data.get("self"), *icons):
        found = _SITE.match(address) if isinstance(address, str) else None
        if found:
            return found[0]
    return ""


def _say(known: Known) -> str:
    return "times read as UTC" if known.header else ""


READER = Reader("jira", "Jira", _fits, _read, say=_say)
