"""HTML into the text a reader sees.

Python's own HTMLParser, not beautifulsoup4 or selectolax: an event parser is all this needs (no tree), it is as fast as
bs4 on the same rows without another dependency, it can leave `<username>` in a text alone where a tree builder makes
an element of it, and bs4 warns about texts that look like XML or file names, which here would be an error.
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from html.parser import HTMLParser
from typing import Final

_PARAGRAPHS: Final = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "section", "article")
)
_LINES: Final = frozenset(
    (
        *("div", "li", "tr", "hr", "dt", "dd", "form", "fieldset", "address", "figure", "figcaption", "header"),
        *("footer", "main", "nav", "aside", "body", "html", "center", "option", "legend", "caption", "details"),
    )
)
_INLINE: Final = frozenset(
    (
        *("a", "abbr", "b", "big", "br", "button", "cite", "code", "col", "colgroup", "del", "em", "font", "head", "i"),
        *("iframe", "img", "input", "ins", "kbd", "label", "link", "map", "mark", "meta", "object", "param", "q", "s"),
        *("samp", "select", "small", "span", "strike", "strong", "sub", "summary", "sup", "tbody", "td", "textarea"),
        *("tfoot", "th", "thead", "time", "tt", "u", "var", "wbr", "area", "base", "video", "audio", "source"),
    )
)
_UNSEEN: Final = frozenset(("script", "style", "template", "svg", "title", "noscript"))
_KNOWN: Final = _PARAGRAPHS | _LINES | _INLINE | _UNSEEN
_VOID: Final = frozenset(("br", "hr", "img", "input", "link", "meta", "area", "base", "col", "param", "source", "wbr"))

_NAMES: Final = "|".join(sorted(_KNOWN))
# Signs of HTML that need no second: a closing tag, a line break, an attribute. "x <b and c> d" is arithmetic.
_SURE: Final = re.compile(
    rf"<(?:!doctype\b|br\s*/?>|/(?:{_NAMES})\s*>|(?:{_NAMES})\s+[a-z:_-]{{1,40}}\s*=)", re.IGNORECASE
)
# An opening tag alone counts at the very start or twice; "how does <p> differ from" is a question about it.
_MAYBE: Final = re.compile(rf"<(?:!--|(?:{_NAMES})\s*/?>)", re.IGNORECASE)
_STRUCTURE: Final = re.compile(r"<(?:br|p|div|table|li|h[1-6]|td|body)[\s/>]", re.IGNORECASE)
# What mail programs and forums wrap around a quoted message or a signature.
_QUOTE_CLASS: Final = re.compile(
    r"gmail_quote|gmail_signature|yahoo_quoted|moz-cite-prefix|moz-signature|protonmail_(?:quote|signature)|"
    r"zmail_extra|(?:^|\s)quote(?:\s|$)",
    re.IGNORECASE,
)
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SPACES: Final = re.compile(r"\s+")
_ANY_TAG: Final = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_WORD: Final = re.compile(r"\w")


def looks_like_html(text: str) -> bool:
    """Tell HTML from plain text in which `<` means "less than"."""
    if "<" not in text:
        return False
    if _SURE.search(text) or _MAYBE.match(text.lstrip()):
        return True
    first = _MAYBE.search(text)
    return bool(first and _MAYBE.search(text, first.end()))


def html_to_text(text: str, *, with_quotes: bool = False) -> str:
    """Turn HTML into text, blocks on lines of their own; plain text comes back as it is.

    Scripts, styles, hidden parts, and unless `with_quotes` quoted messages and signatures (as mail programs mark them)
    are left out; where nothing but a quoted message is there, as in a forwarded mail, it is kept.
    """
    if not looks_like_html(text):
        if "&lt;" not in text or not looks_like_html(unescape_entities(text)):
            return text
        text = unescape_entities(text)  # HTML that was escaped once too often on its way into the export
    text = _without_comments(text)
    seen = _extract(text, with_quotes=with_quotes)
    return seen if _WORD.search(seen) else _extract(text, with_quotes=True)


def unescape_entities(text: str) -> str:
    """Turn `&amp;`, `&#39;` and the like into characters. Only with their semicolon: "AT&T" and "&copy=" stay."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    # Named ones are looked up whole: html.unescape would read "&notit;" as "¬it;".
    return html.unescape(found[0]) if found[0][1] == "#" else html5.get(found[0][1:], found[0])


def strip_tags(text: str) -> str:
    """Take out tags and nothing else: what is left when finer cleaning would leave nothing."""
    return unescape_entities(_ANY_TAG.sub(" ", text))


def _without_comments(text: str) -> str:
    # Cut by hand: the parser of Python 3.11 takes quadratic time over comments that never end.
    first, *parts = text.split("<!--")
    return "".join([first, *(part.partition("-->")[2] if "-->" in part else part for part in parts)])


def _extract(text: str, *, with_quotes: bool) -> str:
    reader = _Reader(keep_newlines=not _STRUCTURE.search(text), with_quotes=with_quotes)
    end = text.rfind(">") + 1  # no tag can begin in what follows, over which the parser would take quadratic time
    try:
        reader.feed(text[:end])
        reader.close()
        reader.handle_data(unescape_entities(text[end:]))
    except (AssertionError, ValueError):  # what HTMLParser does with some broken declarations
        return strip_tags(text)
    return "".join(reader.parts)


class _Reader(HTMLParser):
    """Collect what is seen. Line breaks of the source count only where no tag breaks lines (`keep_newlines`)."""

    def __init__(self, *, keep_newlines: bool, with_quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._keep_newlines = keep_newlines
        self._with_quotes = with_quotes
        self._preformatted = 0
        self._skipped = ""  # name of the element being left out; its like are counted so that nesting ends right
        self._depth = 0
        self._breaks = 2

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element: skip it, break the line, or show what is no element at all."""
        if self._skipped:
            self._depth += tag == self._skipped
        elif tag not in _VOID and (tag in _UNSEEN or (attrs and self._left_out(tag, dict(attrs)))):
            self._skipped, self._depth = tag, 1
        elif tag == "br":
            self._break(self._breaks + 1)
        elif tag in _PARAGRAPHS or tag in _LINES:
            self._break(2 if tag in _PARAGRAPHS else 1)
            self._preformatted += tag == "pre"
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag not in _KNOWN and not any(value for _, value in attrs) and ":" not in tag and "-" not in tag:
            self._show(self.get_starttag_text() or "")  # <username>, <john@example.com>: words, not mark-up

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if self._skipped:
            self._depth -= tag == self._skipped
            if not self._depth:
                self._skipped = ""
        elif tag in _PARAGRAPHS or tag in _LINES:
            self._break(2 if tag in _PARAGRAPHS else 1)
            self._preformatted -= tag == "pre" and self._preformatted > 0

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._skipped:
            self._show(data if self._keep_newlines or self._preformatted else _SPACES.sub(" ", data))

    def _show(self, text: str) -> None:
        self.parts.append(text)
        if not text.isspace():
            self._breaks = 0

    def _break(self, lines: int) -> None:
        """See to it that at least `lines` line breaks stand before what comes next (three at most)."""
        self.parts.append("\n" * (min(lines, 3) - self._breaks))
        self._breaks = max(self._breaks, min(lines, 3))

    def _left_out(self, tag: str, attrs: dict[str, str | None]) -> bool:
        if _HIDDEN.search(attrs.get("style") or ""):
            return True
        if self._with_quotes:
            return False
        return (
            bool(_QUOTE_CLASS.search(attrs.get("class") or ""))
            or (tag == "blockquote" and attrs.get("type") == "cite")
            or (attrs.get("id") or "").lower() == "signature"
        )
