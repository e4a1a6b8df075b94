"""Which JSON objects are pages: the envelope in which a ticket tool's API delivers its records."""

from __future__ import annotations

from typing import Any, Final

LISTS: Final = frozenset(
    (
        *("tickets", "conversations", "issues", "incidents", "requests", "cases", "articles"),
        *("messages", "comments", "posts", "topics"),
        *("results", "result", "_results", "records", "data", "items", "values", "rows"),
    )
)
"""Names under which the tools put the records of a page."""

_ENVELOPE: Final = frozenset(
    (
        *("count", "total", "total_count", "totalcount", "total_pages", "page", "pages", "per_page", "pagesize"),
        *("startat", "maxresults", "limit", "offset", "end_time", "end_of_stream", "islast", "has_more", "has_next"),
        *("next", "next_page", "next_page_url", "nextpagetoken", "previous", "previous_page", "prev"),
        *("after_url", "after_cursor", "before_cursor", "cursor", "paging", "pagination", "links", "url"),
        *("type", "object", "meta", "facets", "expand", "names", "schema", "response_metadata"),
        *("ok", "status", "success", "error", "errors", "message", "warnings"),
    )
)
"""Names that an envelope uses beside its list."""


def page_records(value: object, *, strict: bool) -> list[Any] | None:
    """Give the records of a page, or None when `value` is no page.

    A page has no `id` of its own and exactly one list of objects under a usual name (failing that, exactly one list of
    objects at all). With `strict`, for the elements of an array, every other key must be one that envelopes use: a
    ticket with a list of comments is a record, not a page of comments.
    """
    if not isinstance(value, dict) or "id" in value:
        return None
    lists = [key for key, held in value.items() if _is_object_list(held)]
    usual = [key for key in lists if key.lower() in LISTS]
    chosen = usual if len(usual) == 1 else lists
    if len(chosen) == 1 and (value[chosen[0]] or chosen == usual):
        others = [key.lower() for key in value if key != chosen[0]]
        if not strict or (chosen == usual and all(key in _ENVELOPE or key.startswith("_") for key in others)):
            records: list[Any] = value[chosen[0]]
            return records
    return None


def single_record(value: object, *, wrapped: bool) -> object:
    """Unwrap a lone object such as {"ticket": {…}}; anything else is the record itself."""
    if wrapped and isinstance(value, dict) and len(value) == 1:
        (inner,) = value.values()
        if isinstance(inner, dict):
            return inner
    return value


def _is_object_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
