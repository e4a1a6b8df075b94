"""An index as data and back: arrays and plain records, checked before anything is built from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder
from signaltriage.errors import ModelRefusedError
from signaltriage.gaps.fields import FIELDS
from signaltriage.gaps.knowledge import Entry, KnowledgeIndex
from signaltriage.gaps.lexical import Bags
from signaltriage.gaps.passages import Passage
from signaltriage.types import Article, Section

Arrays = dict[str, NDArray[Any]]
_KINDS = ("titles", "headings", "passages")
_WORDS = ("title_words", "passage_words")


def to_data(index: KnowledgeIndex) -> tuple[dict[str, Any], Arrays]:
    """An index as a JSON record and arrays."""
    record = {
        "encoder": index.encoder.digest,
        "weights": list(index.weights),
        "vocabulary": sorted(index.vocabulary, key=index.vocabulary.__getitem__),
        "articles": [_article_record(entry) for entry in index.entries],
    }
    arrays: Arrays = {}
    for kind, name in enumerate(_KINDS):
        arrays[name] = index.fields.units[kind].vectors
        arrays[f"{name}_first"] = index.fields.units[kind].first
    for kind, name in enumerate(_WORDS):
        bags = Bags.stacked([entry.words[kind] for entry in index.entries])
        arrays |= {f"{name}_indptr": bags.indptr, f"{name}_codes": bags.codes, f"{name}_counts": bags.counts}
    spans = [(p.section, p.start, p.end) for entry in index.entries for p in entry.passages]
    arrays["spans"] = np.array(spans, dtype=np.int64).reshape(-1, 3)
    return record, arrays


def of_data(record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], encoder: Encoder) -> KnowledgeIndex:
    """What `to_data` gave, as an index.

    Raises:
        ModelRefusedError: it is damaged, or was made with another encoder.
    """
    if record.get("encoder") != encoder.digest:
        raise ModelRefusedError(
            f"The knowledge base was encoded by another encoder than {encoder.name}.",
            remedy="Load it with the encoder it was made with, or build it again from the articles.",
        )
    try:
        articles = [_article(entry) for entry in record["articles"]]
        weights = [float(weight) for weight in record["weights"]]
        _check(arrays, len(articles), encoder.dimension, len(record["vocabulary"]))
        if len(weights) != len(FIELDS):
            raise ValueError(f"{len(weights)} weights")
        heads = [tuple(entry["headings"]) for entry in record["articles"]]
        entries = [_entry(row, article, heads[row], arrays) for row, article in enumerate(articles)]
        vocabulary = {str(term): code for code, term in enumerate(record["vocabulary"])}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelRefusedError(
            f"The knowledge base is damaged: {error}", remedy="Build it again from the articles."
        ) from error
    return KnowledgeIndex(entries, encoder, vocabulary, weights)


def _article_record(entry: Entry) -> dict[str, Any]:
    updated = entry.article.updated
    return {
        **asdict(entry.article),
        "updated": updated.isoformat() if updated is not None else None,
        "headings": list(entry.headings),
    }


def _article(record: Mapping[str, Any]) -> Article:
    texts = {name: str(record[name]) for name in ("id", "title", "body")}
    sections = tuple(Section(str(part["heading"]), str(part["text"])) for part in record["sections"])
    updated = date.fromisoformat(record["updated"]) if record["updated"] is not None else None
    return Article(
        **texts,
        sections=sections,
        language=str(record["language"]),
        updated=updated,
        link=str(record["link"]),
        draft=bool(record["draft"]),
    )


def _entry(row: int, article: Article, headings: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> Entry:
    parts = [arrays[name][slice(*arrays[f"{name}_first"][row : row + 2])] for name in _KINDS]
    if len(parts[0]) != 1 or len(parts[1]) != len(headings):
        raise ValueError(f"article {article.id!r} and its vectors differ")
    start, end = (int(at) for at in arrays["passages_first"][row : row + 2])
    sections = article.sections or (Section("", article.body),)
    passages = tuple(
        Passage(sections[k].heading, sections[k].text[a:b].strip(), k, a, b)
        for k, a, b in arrays["spans"][start:end].tolist()
    )
    words = (_bags(arrays, _WORDS[0], (row, row + 1)), _bags(arrays, _WORDS[1], (start, end)))
    return Entry(article, tuple(headings), passages, (parts[0], parts[1], parts[2]), words)


def _bags(arrays: Mapping[str, NDArray[Any]], name: str, rows: tuple[int, int]) -> Bags:
    indptr = arrays[f"{name}_indptr"][rows[0] : rows[1] + 1]
    cells = slice(int(indptr[0]), int(indptr[-1]))
    return Bags(indptr - indptr[0], arrays[f"{name}_codes"][cells], arrays[f"{name}_counts"][cells])


def _check(arrays: Mapping[str, NDArray[Any]], articles: int, dimension: int, vocabulary: int) -> None:
    for name in _KINDS:
        first, vectors = arrays[f"{name}_first"], arrays[name]
        if vectors.dtype != np.int16 or vectors.shape != (int(first[-1]), dimension):
            raise ValueError(f"{name}: {vectors.dtype} {vectors.shape}")
        if first.shape != (articles + 1,) or first[0] != 0 or (np.diff(first) < 0).any():
            raise ValueError(f"{name}: places out of order")
    rows = {"title_words": articles, "passage_words": len(arrays["passages"])}
    for name, expected in rows.items():
        indptr, codes = arrays[f"{name}_indptr"], arrays[f"{name}_codes"]
        good = indptr.shape == (expected + 1,) and indptr[0] == 0 and indptr[-1] == len(codes)
        if not good or any(b < a for a, b in pairwise(indptr.tolist())):
            raise ValueError(f"{name}: places out of order")
        if len(codes) != len(arrays[f"{name}_counts"]) or (
            len(codes) and not 0 <= codes.min() <= codes.max() < vocabulary
        ):
            raise ValueError(f"{name}: unknown terms")
    spans = arrays["spans"]
    if spans.shape != (len(arrays["passages"]), 3) or (len(spans) and spans.min() < 0):
        raise ValueError("spans of passages")
