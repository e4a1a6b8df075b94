"""What to write: a title and sections for an article that is missing, from what its askers said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.gap_types import Cause
from signaltriage.gaps.causes import GUESSED, telling
from signaltriage.gaps.folding import words_of
from signaltriage.types import Article

MOST_SECTIONS: Final = 5
_NEW: Final = 0.75
"""Cosine to every section so far below which a query asks for something of its own."""
_ENOUGH: Final = 3
"""Telling words of a section; more make it no clearer."""
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_I: Final = re.compile(
    r"\b(?:do|does|did|can|could|should|will|would|am|may|must|if|when|where|how|why|that|because|before|after) i\b"
    r"|\bi(?=['’](?:m|d|ve|ll)\b)|\bi(?= (?:want|need|have|am|was|had|can|could|should|will|would|do|did|get)\b)"
)
"""The English pronoun; "i" is another word elsewhere."""
_LEAD: Final = re.compile(
    r"^(?:i(?:['’]d| would) (?:like|love) to |i (?:want|need|wish|would like|am trying|was trying) to |"
    r"i['’]m trying to |is it (?:at all )?possible to |is there (?:a|any|some) (?:\w+ )?way (?:to|of) |"
    r"what(?:['’]s| is) (?:the|a) (?:\w+ )?way (?:to|of) |(?:can|could) you (?:please )?|please )"
    r"(?:be able to |somehow |quickly |easily )*",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"[,.;]?\s+(?:is (?:this|that|it) (?:possible|doable)(?: in \w+)?|(?:how|where) (?:can|could|do|should|would) i do "
    r"(?:this|that|it)|can i do (?:this|that|it)|what (?:can|should) i do|any (?:ideas?|help|suggestions?)|"
    r"please(?: help)?|thanks?)[?.! ]*$",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"^(?:how|what|why|when|where|which|who|whom|can|could|do|does|did|is|are|should|may|will|wie|was|warum|wo|kann|"
    r"comment|pourquoi|cómo|como|por qué)\b",
    re.IGNORECASE,
)


def as_written(queries: Iterable[str]) -> dict[str, str]:
    """How most askers write each word, by the word in small letters.

    The first word of a query, and one all in capitals, say nothing of it.
    """
    seen: dict[str, Counter[str]] = {}
    for query in queries:
        words = _WORD.findall(query)
        for word in words[1:] if query != query.upper() else ():
            seen.setdefault(word.casefold(), Counter())[word] += 1
    return {low: min(forms, key=lambda form: (-forms[form], form.swapcase())) for low, forms in seen.items()}


def proposed_title(name: str, written: Mapping[str, str] | None = None) -> str:
    """A working title from the words of the need, written as most askers write them (`written`); a question stays one.

    "I'd like to …" and "is it possible to …" lead up to what is asked and are left out.
    """
    text = " ".join(name.split()).strip(" .")
    text = _WORD.sub(lambda found: (written or {}).get(found[0].casefold(), found[0]), text)
    text = _I.sub(lambda found: found[0].replace("i", "I", 1) if found[0][0] == "i" else f"{found[0][:-1]}I", text)
    rest = _TAIL.sub("", _LEAD.sub("", text)).strip(" ,.;-")
    text = rest if len(telling(rest)) > 1 else text
    if not text:
        return ""
    asked = bool(_QUESTION.match(text)) and len(words_of(text)) > 3
    return text[0].upper() + text[1:] + ("?" if asked and not text.endswith("?") else "")


def outline_of(
    queries: Sequence[str],
    askers: Sequence[int],
    vectors: NDArray[np.float32],
    written: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Sections that together answer what was asked, most asked first: one for each thing that is asked in other ways.

    Greedy: a query is a section of its own when it is near none before it (Carbonell & Goldstein 1998, without a
    query to be relevant to: all are). Of queries asked alike often, one that says enough in few words comes first.
    """

    def rank(i: int) -> tuple[int, int, int, str]:
        return -askers[i], -min(len(telling(queries[i])), _ENOUGH), len(queries[i].split()), queries[i]

    order = sorted(range(len(queries)), key=rank)
    chosen: list[int] = []
    for place in order:
        if len(telling(queries[place])) < 2 and chosen:
            continue
        near = max((float(vectors[place] @ vectors[other]) for other in chosen), default=-1.0)
        if round(near, 5) < _NEW:
            chosen.append(place)
        if len(chosen) == MOST_SECTIONS:
            break
    return tuple(dict.fromkeys(proposed_title(queries[i], written) for i in chosen))


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
    words = [cause for cause in causes if cause.kind == "other_words" and cause.article][:3]
    unsaid = list(dict.fromkeys(cause.asked for cause in causes if cause.kind == "other_words" and not cause.article))
    if "draft" in by_kind:
        return f"Publish “{article.title}”: it answers this and nobody can find it."
    parts = []
    for verb, guessed in (("add", False), ("try", True)):
        pairs = [f"{cause.asked} = {cause.article}" for cause in words if (cause.evidence == GUESSED) is guessed]
        if pairs:
            parts.append(f"{verb} the synonym{'s' if len(pairs) > 1 else ''} {_listed(pairs)}")
    if unsaid and not words:
        parts.append(f"say {_listed(unsaid)} in its title or text, as askers do")
    if causes[0].kind == "spelling" and not words:
        parts.append("let search forgive spelling")
    if "buried" in by_kind:
        parts.append(f"give “{by_kind['buried'].article}” an article of its own or name it in the title")
    if "title" in by_kind:
        parts.append(f"retitle it with the askers’ words, such as “{proposed_title(name)}”")
    if not parts:
        add = f"add the askers’ words to it, such as “{name}”"
        parts.append(
            add if causes[0].asked else "it has the words that were asked for, so see why search leaves it out"
        )
    return f"“{article.title}” answers this: {'; '.join(parts)}."


def _listed(words: Sequence[str]) -> str:
    shown = [f"“{word}”" if " = " not in word else word for word in words[:4]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
