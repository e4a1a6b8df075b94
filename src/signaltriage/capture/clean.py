"""What a ticket holds becomes what the person said.

A pipeline of small steps, each from text to text; `STEPS` is the order. Everything runs in time linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from signaltriage.capture.chat import read_jira_marks, read_slack_marks
from signaltriage.capture.code import drop_blobs, shorten_code_blocks, shorten_traces
from signaltriage.capture.html import html_to_text, strip_tags, unescape_entities
from signaltriage.capture.mail import drop_boilerplate, drop_quoted, drop_signature, drop_subject_prefix
from signaltriage.capture.markdown import strip_markdown
from signaltriage.capture.urls import shorten_urls

MAX_CHARACTERS: Final = 20_000
"""Characters of a text that are cleaned; the rest is left off (the encoder reads some 256 word pieces)."""
_WINDOW: Final = 1_000_000
"""Characters in which the first `MAX_CHARACTERS` are looked for, past style sheets and pictures in front of them."""

# Any of these characters or pieces, and a step may have work to do; a text without them takes the short way.
_MARKS: Final = re.compile(r"[^ !\"$%'()+,\-./0-9:;=?@A-Z^a-z]")
_PIECES: Final = (
    *("://", "--", "data:", "ent from", ".png!", ".jpg!", ".gif!"),
    *("above this line", "onfidential", "nsubscribe", "in error", "intended"),
)
_START: Final = re.compile(r"\s*(?:[-+] |h[1-6]\.|bq\.|\w{2,6}\s?:)")
_COLON: Final = re.compile(r"(?<!\w):[a-z0-9_+-]")
_LONGEST_WORD: Final = 50
_WORD: Final = re.compile(r"\w")
_BULK: Final = re.compile(r"<(/?)(style|script|svg)\b|(<!--)|(-->)", re.IGNORECASE)
_PICTURE: Final = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=%]*", re.IGNORECASE)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_UNSEEN: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")
# Joiners spell words in Persian or Hindi, and families of emoji; beside ASCII they are debris.
_JOINER: Final = re.compile("(?<=[\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f]|$)")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_END: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean_text(raw: str) -> str:
    """Turn what a ticket holds into what the person said.

    HTML, quoted mails, signatures, ticket boilerplate, code, Markdown, Slack and Jira marks go; words, error messages
    and line breaks stay. Only the first `MAX_CHARACTERS` characters are read. Never raises; linear time. Where nothing
    would be left although `raw` has words, it comes back with its tags off instead. Cleaning a cleaned text again
    changes nothing unless the text was about mark-up itself (escaped tags, nested marks).
    """
    plain = _if_plain(raw[:MAX_CHARACTERS])
    if plain is not None:
        return plain
    text = start = normalise_characters(cap(raw))
    for step in STEPS:
        text = step(text)
    if not _WORD.search(text) and _WORD.search(start):
        return tidy_whitespace(strip_tags(start))
    return text


def _if_plain(text: str) -> str | None:
    """Give a text that no step would change, its spaces tidied; None for any other. Most short texts are such."""
    if _MARKS.search(text) or any(piece in text for piece in _PIECES) or _START.match(text):
        return None
    if ":" in text and _COLON.search(text):
        return None
    words = text.split()
    return None if any(len(word) >= _LONGEST_WORD for word in words) else " ".join(words)


def cap(raw: str) -> str:
    """Cut to `MAX_CHARACTERS`, not counting style sheets, scripts, comments and embedded pictures."""
    if len(raw) <= MAX_CHARACTERS:
        return raw
    text = raw[:_WINDOW]
    if "<" in text:
        text = _PICTURE.sub("", _without_bulk(text))
    text = text[:MAX_CHARACTERS]
    opening = text.rfind("<")
    # A tag that the cut went through would be read as words.
    return text if text.find(">", opening) >= 0 or len(text) - opening > 2000 else text[:opening]


def normalise_characters(text: str) -> str:
    """Composed Unicode (NFC), lines ending in a newline, no control, zero-width or broken characters."""
    if text.isascii():
        return _CONTROL.sub(" ", _LINE_END.sub("\n", text)) if not text.isprintable() else text
    if _SURROGATE.search(text):
        # Halves that belong together become their character, the others vanish.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    text = _CONTROL.sub(" ", _JOINER.sub("", _UNSEEN.sub("", _LINE_END.sub("\n", text))))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def tidy_whitespace(text: str) -> str:
    """One space between words, one newline between lines, none around."""
    if "\n" not in text:
        return " ".join(text.split())
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


STEPS: Final[tuple[Callable[[str], str], ...]] = (
    shorten_code_blocks,  # first: what stands between fences is no mark-up
    read_slack_marks,  # before HTML: <@U123> and <https://…|label> look like tags
    html_to_text,
    unescape_entities,
    drop_boilerplate,  # before quoted mails: "reply above this line" must not count as the person's own words
    drop_quoted,
    drop_subject_prefix,  # after quoted mails: "Fwd:" tells that what is quoted is the message
    drop_signature,
    shorten_traces,
    strip_markdown,
    read_jira_marks,
    shorten_urls,
    drop_blobs,
    tidy_whitespace,
)


def _without_bulk(text: str) -> str:
    """Take out style sheets, scripts, drawings and comments, in one pass; one that never ends is left in."""
    kept: list[str] = []
    done = start = 0
    open_name = ""
    for found in _BULK.finditer(text):
        name = "-->" if found[3] or found[4] else found[2].lower()
        if not open_name:
            if found[3] or (found[2] and not found[1]):
                open_name, start = name, found.start()
        elif name == open_name and (found[4] or found[1]):
            kept.append(text[done:start])
            done, open_name = found.end(), ""
    return "".join(kept) + text[done:]
