"""What to write: a title and sections for an article that is missing, from what its askers said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.gap_types import Cause
from signaltriage.gaps.causes import telling
from signaltriage.gaps.folding import words_of
from signaltriage.types import Article

MOST_SECTIONS: Final = 5
_NEW: Final = 0.75
"""Cosine to every section so far below which a query asks for something of its own."""
_QUESTION: Final = re.compile(
    r"^(?:how|what|why|when|where|which|who|whom|can|could|do|does|did|is|are|should|may|will|wie|was|warum|wo|kann|"
    r"comment|pourquoi|cómo|como|por qué)\b",
    re.IGNORECASE,
)


def proposed_title(name: str) -> str:
    """A working title from the words of the need; a question stays one."""
    text = " ".join(name.split()).strip(" .")
    if not text:
        return ""
    asked = bool(_QUESTION.match(text)) and len(words_of(text)) > 3
    return text[0].upper() + text[1:] + ("?" if asked and not text.endswith("?") else "")


def outline_of(queries: Sequence[str], askers: Sequence[int], vectors: NDArray[np.float32]) -> tuple[str, ...]:
    """Sections that together answer what was asked, most asked first: one for each thing that is asked in other ways.

    Greedy: a query is a section of its own when it is near none before it (Carbonell & Goldstein 1998, without a
    query to be relevant to: all are).
    """
    order = sorted(range(len(queries)), key=lambda i: (-askers[i], -len(telling(queries[i])), queries[i]))
    chosen: list[int] = []
    for place in order:
        if len(telling(queries[place])) < 2 and chosen:
            continue
        near = max((float(vectors[place] @ vectors[other]) for other in chosen), default=-1.0)
        if round(near, 5) < _NEW:
            chosen.append(place)
        if len(chosen) == MOST_SECTIONS:
            break
    return tuple(proposed_title(queries[i]) for i in chosen)


def action_missing(title: str, nearest: Article | None, lacks: Sequence[str]) -> str:
    """One sentence: what to write, beside which article."""
    if nearest is None:
        return f"Write “{title}”: the knowledge base is empty."
    beside = f" The nearest is “{nearest.title}”"
    without = f", which says nothing of {_listed(lacks)}." if lacks else ", which does not answer it."
    return f"Write “{title}”.{beside}{without}"


def action_unfindable(article: Article, causes: Sequence[Cause], name: str) -> str:
    """One sentence: what to change so that search shows the article."""
    by_kind = {cause.kind: cause for cause in reversed(causes)}
    words = [cause for cause in causes if cause.kind == "other_words"][:3]
    if "draft" in by_kind:
        return f"Publish “{article.title}”: it answers this and nobody can find it."
    parts = []
    if words:
        parts.append("add the synonyms " + _listed([f"{cause.asked} = {cause.article}" for cause in words]))
    if causes[0].kind == "spelling" and not words:
        parts.append("let search forgive spelling")
    if "buried" in by_kind:
        parts.append(f"give “{by_kind['buried'].article}” an article of its own or name it in the title")
    if "title" in by_kind or (not parts and causes[0].kind == "search"):
        parts.append(f"retitle it, such as “{proposed_title(name)}”")
    return f"“{article.title}” answers this: {'; '.join(parts) or 'add the askers’ words to it'}."


def _listed(words: Sequence[str]) -> str:
    shown = [f"“{word}”" if " = " not in word else word for word in words[:4]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
