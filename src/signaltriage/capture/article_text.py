"""The text of an article by its headings: Markdown or HTML in, sections out.

Markdown is parsed by markdown-it-py, blocks only: what is within a line goes through `strip_markdown`. HTML goes
through `html_to_text`, its headings marked on the way, so that a page is read as everywhere else and in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from signaltriage.capture.html import html_to_text, looks_like_html, unescape_entities
from signaltriage.capture.markdown import strip_markdown
from signaltriage.types import Section

if TYPE_CHECKING:
    from markdown_it.token import Token

_MARK: Final = "\ue000"
"""Stands before a heading while HTML becomes text: a character for private use, taken out of what is read."""
_HEADING: Final = re.compile(r"<h([1-6])\b[^<>]{0,2000}>", re.IGNORECASE)
# What editors write for a heading when they have no button for one: a short paragraph that is bold from end to end.
_BOLD_LINE: Final = re.compile(
    r"<p\b[^<>]{0,500}>\s{0,20}(?:<(?:span|u|em|font)\b[^<>]{0,500}>\s{0,20}){0,3}<(?:strong|b)\b[^<>]{0,200}>"
    r"(?=[^<]{2,120}</(?:strong|b)>\s{0,20}(?:</(?:span|u|em|font)>\s{0,20}){0,3}(?:<br\s{0,3}/?>\s{0,20}){0,2}</p>)",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"<html\b[^<>]{0,1000}?\blang=[\"']?([\w-]{2,12})", re.IGNORECASE)
_MAIN: Final = re.compile(r"<(/?)(main|article|body)\b[^<>]{0,2000}>", re.IGNORECASE)
_FURNITURE: Final = re.compile(r"<(/?)(nav|header|footer|aside)\b[^<>]{0,2000}>", re.IGNORECASE)
_BLANK: Final = re.compile(r"\n{3,}")


def markdown_sections(text: str) -> list[Section]:
    """Sections of Markdown, in order; text before the first heading has an empty one."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    heading = False
    for token, words in _blocks(text):
        if token.type == "heading_open":
            heading = True
        elif heading and token.type == "inline":
            parts.append((" ".join(words.split()), []))
            heading = False
        elif words.strip():
            parts[-1][1].append(words)
    return _sections(parts)


def html_sections(text: str) -> list[Section]:
    """Sections of HTML, in order; plain text is one section without a heading."""
    if not looks_like_html(text):
        return _sections([("", [html_to_text(text)])])
    marked = _HEADING.sub(lambda found: found[0] + _MARK, _BOLD_LINE.sub(lambda found: found[0] + _MARK, _own(text)))
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in html_to_text(marked).split("\n"):
        if _MARK in line:
            parts.append((" ".join(line.replace(_MARK, " ").split()), []))
        else:
            parts[-1][1].append(line)
    return _sections(parts)


def page_title(text: str) -> str:
    """The title that a whole HTML page gives itself; empty where it gives none."""
    found = _TITLE.search(text[:200_000])
    return " ".join(unescape_entities(found[1]).split()) if found else ""


def page_language(text: str) -> str:
    """The language that a whole HTML page says it is in; empty where it does not."""
    found = _LANGUAGE.search(text[:200_000])
    return found[1].lower() if found else ""


def _own(text: str) -> str:
    """What is the page's own: the inside of main, article or body, without menus, headers and footers."""
    text = text.replace(_MARK, " ")
    tags = list(_MAIN.finditer(text))
    for name in ("main", "article", "body"):
        opened = [tag for tag in tags if tag[2].lower() == name and not tag[1]]
        closed = [tag for tag in tags if tag[2].lower() == name and tag[1]]
        if opened:
            text = text[
                opened[0].end() : closed[-1].start() if closed and closed[-1].start() > opened[0].end() else None
            ]
            break
    kept: list[str] = []
    depth, at = 0, 0
    for tag in _FURNITURE.finditer(text):
        # A header within the article holds its headline: only what has no heading is furniture.
        if not tag[1]:
            kept.append(text[at : tag.start()] if depth == 0 else "")
            at = tag.start() if depth == 0 else at
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                inside = text[at : tag.end()]
                kept.append(inside if _HEADING.search(inside) and tag[2].lower() in {"header", "aside"} else " ")
                at = tag.end()
    return "".join(kept) + text[at:]


def _blocks(text: str) -> Iterator[tuple[Token, str]]:
    """Tokens of Markdown with the words of those that have some; rows of tables as lines."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    row: list[str] | None = None
    for token in parser.parse(text):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield token, "  ".join(row)
            row = None
        elif token.type == "inline":
            words = strip_markdown(html_to_text(token.content))
            if row is not None:
                row.append(words)
            else:
                yield token, words
        elif token.type in {"fence", "code_block"}:
            yield token, token.content
        elif token.type == "html_block":
            yield token, html_to_text(token.content) if looks_like_html(token.content) else ""
        else:
            yield token, ""


def _sections(parts: list[tuple[str, list[str]]]) -> list[Section]:
    found = [Section(heading, _BLANK.sub("\n\n", "\n".join(lines)).strip()) for heading, lines in parts]
    return [section for section in found if section.heading or section.text]
