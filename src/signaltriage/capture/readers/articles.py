"""Help-centre exports: recognised, so that they are not taken for tickets. They belong to `gaps --articles`."""

from __future__ import annotations

from collections.abc import Iterator

from signaltriage.capture.readers.base import Known, Reader, Record
from signaltriage.capture.readers.values import words
from signaltriage.log_types import CaptureItem, Skipped


def _fits(record: Record) -> bool:
    data = record.data
    if data.get("type") == "article" or "kb_knowledge_base" in data or "kb_category" in data:
        return True
    if "folder_id" in data and "category_id" in data and "title" in data:
        return True
    if "section_id" in data and "title" in data and ("body" in data or "locale" in data):
        return True
    return record.kind == "articles" or words(data.get("sys_class_name")).startswith("kb_")


def _read(record: Record, _: Known) -> Iterator[CaptureItem]:
    yield Skipped(record.place, "knowledge article")


READER = Reader("articles", "Help-centre articles", _fits, _read)
