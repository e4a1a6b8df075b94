"""GitHub: issues and their comments, as the REST API, the command line `gh` or its search gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from signaltriage.capture.readers.base import BOT, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_markdown
from signaltriage.capture.readers.values import first, get, joined, objects, person, tags_of, words
from signaltriage.log_types import CaptureItem, Skipped

_STAFF: Final = frozenset(("OWNER", "MEMBER", "COLLABORATOR"))
_ISSUE: Final = re.compile(
    r"(?:github\.[^/]{1,100}|/repos)/([^/]{1,100}/[^/]{1,100})/(?:issues|pull|discussions)/(\d{1,12})"
)


def _fits(record: Record) -> bool:
    data = record.data
    if "title" in data and "number" in data and ("html_url" in data or "url" in data) and "state" in data:
        return True
    return "body" in data and "issue_url" in data


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    if "title" not in data:
        issue = _issue(data.get("issue_url"), data.get("html_url"))
        yield _comment(place, data, issue, known)
        return
    issue = _issue(data.get("html_url"), data.get("url")) or words(data.get("number"))
    if data.get("pull_request") or "mergeable" in data:
        yield Skipped(place, "pull request")
    elif (draft := _draft(data, known)) is None:
        yield Skipped(place, BOT)
    else:
        draft.id, draft.title = issue, words(data.get("title"))
        draft.status = data.get("state")
        draft.assignee = person(data.get("assignee") or next(iter(objects(data.get("assignees"))), None))
        draft.team = words(get(data, "milestone", "title")) or issue.partition("#")[0]
        draft.tags = tags_of(data.get("labels"))
        yield captured(place, draft, known)
    for number, held in enumerate(objects(data.get("comments")), 1):
        yield _comment(f"{place}, comment {number}", held, issue, known)


def _comment(place: str, data: dict[str, Any], issue: str, known: Known) -> CaptureItem:
    draft = _draft(data, known)
    if draft is None:
        return Skipped(place, BOT)
    # The number at the end of its address is its id wherever it comes from; gh gives another one as `id`.
    numbered = re.search(r"#issuecomment-(\d{1,20})$", words(first(data, "html_url", "url")))
    draft.id, draft.thread = joined(issue, numbered[1] if numbered else data.get("id")), issue
    return captured(place, draft, known)


def _draft(data: dict[str, Any], known: Known) -> Draft | None:
    """What issues and comments have alike; None for a bot's."""
    who = first(data, "user", "author")
    login = words(first(who, "login") if isinstance(who, dict) else who)
    if get(who, "type") == "Bot" or get(who, "is_bot") is True or login.endswith("[bot]"):
        return None
    staff = words(first(data, "author_association", "authorAssociation")) in _STAFF
    draft = Draft("", from_markdown(data.get("body")), author=login)
    draft.created_at, draft.updated_at = first(data, "created_at", "createdAt"), first(data, "updated_at", "updatedAt")
    draft.audience = "employee" if staff else known.customer
    draft.link = words(first(data, "html_url", "url"))
    return draft


def _issue(*addresses: object) -> str:
    """`owner/name#12` from an address of the issue."""
    for address in addresses:
        found = _ISSUE.search(words(address))
        if found:
            return f"{found[1]}#{found[2]}"
    return ""


READER = Reader("github", "GitHub", _fits, _read)
