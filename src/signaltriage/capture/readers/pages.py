"""Which objects of a JSON file are records, and which are the envelopes that an API puts around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from signaltriage.capture.pages import LISTS

LOOKUPS: Final = frozenset(
    (
        *("users", "groups", "organizations", "brands", "agents", "admins", "teammates", "members", "contacts"),
        *("channels", "ims", "mpims", "teams", "companies", "categories", "sections", "folders", "inboxes", "owners"),
        *("ticket_forms", "metric_sets", "sharing_agreements", "primary_groups", "rooms", "mailboxes"),
    )
)
"""Lists that say who and where, beside the records or alone."""
_MORE_LISTS: Final = frozenset(
    ("latest_posts", "nodes", "edges", "matches", "conversation_parts", "ticket_comments", "threads", "responses")
)
_WRAPPERS: Final = frozenset(
    (
        *("_embedded", "topic_list", "post_stream", "data", "response", "payload", "search", "viewer", "repository"),
        *("ticket", "conversation", "issue", "incident", "post", "topic", "message", "comment", "node"),
    )
)
_IDS: Final = ("id", "key", "sys_id", "ts", "number", "node_id")
_TEXTS: Final = ("text", "body", "description", "subject", "title", "content", "short_description", "summary")
_DEEPEST: Final = 6


def unwrap(value: dict[str, Any], kind: str = "", depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a value, each with the name of the list or wrapper it stood in; lookups before what needs them.

    A value that is no envelope is a record itself. What a list of records holds that is no object comes as
    `{"value": …}`, so that it can be told of.
    """
    if depth < _DEEPEST and not any(name in value for name in _IDS):
        inner = _inner(value)
        if inner:
            for name, held in inner:
                for item in held if isinstance(held, list) else [held]:
                    if not isinstance(item, dict):
                        yield name, {"value": item}
                    elif name in LOOKUPS:
                        yield name, item
                    else:
                        yield from unwrap(item, name, depth + 1)
            return
        if _is_empty_page(value):
            return
    yield kind, value


def _inner(value: dict[str, Any]) -> list[tuple[str, Any]]:
    """The lists of records in an envelope, or what a wrapper is around; empty where it is neither."""
    lists, lookups, wrapped = [], [], []
    for name, held in value.items():
        if isinstance(held, list) and held:
            if name in LOOKUPS and isinstance(held[0], dict):
                lookups.append((name, held))
            elif name in LISTS or name in _MORE_LISTS:
                lists.append((name, held))
        elif isinstance(held, dict) and held:
            matches = held.get("matches")
            if isinstance(matches, list):  # Slack's search
                lists.append((name, matches))
            elif name in _WRAPPERS or len(value) == 1:
                wrapped.append((name, held))
    if any(isinstance(value.get(name), str) and value[name] for name in _TEXTS):
        return []  # it says something itself: a record without an id
    return [*lookups, *lists] if lists or lookups else wrapped


def _is_empty_page(value: dict[str, Any]) -> bool:
    return any(
        isinstance(held, list) and not held and (name in LISTS or name in LOOKUPS) for name, held in value.items()
    )
