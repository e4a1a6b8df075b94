"""Discourse: posts and topics. A post is `<topic>/<number in it>`, as in its address; number 1 opened the topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signaltriage.capture.readers.base import BOT, DELETED, SYSTEM, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_html, from_markdown
from signaltriage.capture.readers.values import first, get, ident, is_true, joined, objects, person, tags_of, words
from signaltriage.log_types import CaptureItem, Skipped


def _fits(record: Record) -> bool:
    data = record.data
    if "topic_id" in data and ("post_number" in data or "cooked" in data):
        return True
    return isinstance(data.get("post_stream"), dict) or {"posts_count", "fancy_title"} <= data.keys()


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data, place = record.data, record.place
    if "topic_id" in data:
        yield _post(place, data, {}, known)
        return
    posts = objects(get(data, "post_stream", "posts"))
    for number, held in enumerate(posts, 1):
        yield _post(f"{place}, post {number}", held, data, known)
    if not posts:  # a topic in a list: its title, and how it begins
        draft = Draft(joined(data.get("id"), "1"), from_html(data.get("excerpt")), words(data.get("title")))
        draft.created_at, draft.audience = data.get("created_at"), known.customer
        draft.tags = tags_of(data.get("tags"))
        yield captured(place, draft, known)


def _post(place: str, data: dict[str, Any], topic: dict[str, Any], known: Known) -> CaptureItem:
    if data.get("deleted_at") or is_true(data.get("user_deleted")) or is_true(data.get("hidden")):
        return Skipped(place, DELETED)
    if words(data.get("post_type")) not in {"", "1", "2", "4"}:
        return Skipped(place, SYSTEM)  # 3: "closed this topic" and the like
    if data.get("username") in ("system", "discobot"):
        return Skipped(place, BOT)
    key, number = ident(data.get("topic_id")), words(data.get("post_number")) or "1"
    staff = any(is_true(data.get(role)) for role in ("staff", "admin", "moderator"))
    draft = Draft(joined(key, number), from_html(data.get("cooked")) or from_markdown(data.get("raw")))
    draft.title = words(first(topic, "title") or first(data, "topic_title")) if number == "1" else ""
    draft.created_at, draft.updated_at = data.get("created_at"), data.get("updated_at")
    draft.audience = "employee" if staff else known.customer
    draft.author = person(first(data, "user_id", "username"))
    draft.link = words(data.get("post_url")) or f"/t/{words(data.get('topic_slug')) or '-'}/{key}/{number}"
    draft.team = words(first(data, "category_name", "category_id") or first(topic, "category_id"))
    draft.tags = tags_of(first(topic, "tags"))
    draft.thread = "" if number == "1" else joined(key, "1")
    return captured(place, draft, known)


READER = Reader("discourse", "Discourse", _fits, _read)
