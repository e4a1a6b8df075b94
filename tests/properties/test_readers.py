"""What holds of capture for every input: it ends, raises nothing but its own errors, and accounts for each row."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from signaltriage.capture.readers import Asked
from signaltriage.capture.readers.base import Reader
from signaltriage.capture.readers.moments import Moments
from signaltriage.capture.readers.registry import READERS
from signaltriage.capture.readers.values import ident, person, raw_of, sane, short, tags_of, words
from signaltriage.errors import SignalTriageError
from signaltriage.log_types import Captured, CaptureItem, Skipped, Unreadable
from signaltriage.types import Signal
from support_readers import items_of

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("2026-03-02T08:00:00Z")
)
# The keys that readers look at, so that wrong shapes get past the door.
KEYS = st.sampled_from(
    [
        *("id", "key", "fields", "subject", "description", "requester_id", "submitter_id", "comments", "via", "type"),
        *("ts", "text", "thread_ts", "user", "subtype", "source", "conversation_parts", "contacts", "threads", "body"),
        *(
            "properties",
            "archived",
            "topic_id",
            "cooked",
            "number",
            "title",
            "html_url",
            "state",
            "messages",
            "tickets",
        ),
        *("short_description", "sys_updated_on", "created_datetime", "_links", "is_inbound", "fr_escalated", "users"),
        *("name", "author", "tags", "status", "created_at", "email", "profile", "file", "blocks", "data", "_embedded"),
    ]
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=8), max_leaves=30
)
RECORDS = st.dictionaries(KEYS, TREES, min_size=1, max_size=14)
CELLS = st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=20)


@contextmanager
def file_of(content: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def read(content: bytes, name: str) -> list[CaptureItem] | None:
    """The items; None where the file as a whole is refused, with a message and a remedy."""
    with file_of(content, name) as path:
        try:
            return items_of(path)
        except SignalTriageError:
            return None


@settings(max_examples=60)
@given(st.binary(max_size=400), st.sampled_from(["a.json", "a.jsonl", "a.csv", "a.zip", "a.xlsx", "a.parquet", "a"]))
def test_any_bytes_end_in_items_or_an_error(content: bytes, name: str) -> None:
    items = read(content, name)
    assert items is None or all(isinstance(item, Captured | Skipped | Unreadable) and item.place for item in items)


@settings(max_examples=150)
@given(st.lists(RECORDS, min_size=1, max_size=5))
def test_every_line_of_json_becomes_at_least_one_item(records: list[dict[str, Any]]) -> None:
    content = "\n".join(json.dumps(record) for record in records).encode()
    items = read(content, "a.jsonl")
    if items is not None:
        lines = {item.place.split(",")[0] for item in items}
        pages = sum(_is_page(record) for record in records)  # an empty page holds nothing
        assert len(records) - pages <= len(lines) <= len(records)


def _is_page(record: dict[str, Any]) -> bool:
    return any(isinstance(held, list | dict) for held in record.values()) and "id" not in record


@settings(max_examples=150)
@given(RECORDS, st.sampled_from(READERS))
def test_a_forced_reader_takes_any_record(record: dict[str, Any], reader: Reader) -> None:
    with file_of(json.dumps([record]).encode(), "a.json") as path:
        try:
            items = items_of(path, Asked(source=reader.name))
        except SignalTriageError:  # a table in which it finds nothing to read
            assert reader.able is not None or reader.name == "searches"
            return
    assert items or _is_page(record)
    for item in items:
        if isinstance(item, Captured) and isinstance(item.found, Signal):
            assert item.found.text.strip()
            assert item.found.id
            for value in (item.found.text, item.found.title, item.found.author, item.found.id, *item.found.tags):
                assert "\x00" not in value
                value.encode()


@settings(max_examples=80)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_every_row_of_a_table_becomes_exactly_one_item(rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("key", "text", "always"), *((*row, "x") for row in rows)])
    items = read(text.getvalue().encode("utf-8", "surrogatepass"), "a.csv")
    assert items is not None
    assert len(items) == len(rows)


@given(LEAVES)
def test_any_value_is_a_moment_in_utc_or_none(value: object) -> None:
    moment = Moments().of(value)
    assert moment is None or (moment.tzinfo is UTC and 1970 <= moment.year < 2200)


@given(TREES)
def test_any_value_becomes_safe_words(value: object) -> None:
    for text in (ident(value), short(value, 50), person(value), sane(words(value)), raw_of(value), *tags_of(value)):
        assert "\x00" not in text
        text.encode()
    assert len(short(value, 50)) <= 50
