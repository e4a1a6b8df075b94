"""What e-mail wraps around a message: the mails quoted below it and the signature under it.

Own code rather than mail-parser-reply or email-reply-parser: both run backtracking patterns over the whole text (20,000
characters of repeated "On …" keep either busy for more than eight seconds, as blank lines do the first), and both take
a list with hyphens for a signature. The rules here look at one line at a time.
"""

from __future__ import annotations

import itertools
import re
from typing import Final

from signaltriage.capture import phrases

_WORD: Final = re.compile(r"\w")
_LISTED: Final = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s|([\w-]{1,30}(?:\s[\w-]{1,30}){0,3})\s?:\s*\S")
_OWN_WORDS: Final = 6
"""With fewer own words above it, a forwarded mail is taken to be the message."""
_SIGNATURE_LINES: Final = 12
_SIGNATURE_WIDTH: Final = 70


def drop_quoted(text: str) -> str:
    """Drop the mails quoted under or between the person's own lines.

    A mail that only forwards another keeps the other's text, without its header; replies written below or between
    quoted lines are kept.
    """
    if "\n" not in text:
        return text
    lines = text.split("\n")
    marks = sum(line.lstrip().startswith(">") for line in lines)
    kept: list[str] = []
    at, headers = 0, 0
    while at < len(lines):
        line = lines[at]
        length, forwards = _quote_header(lines, at)
        if length:
            headers += 1
            if not _next_is_marked(lines, at + length) and _is_message(kept, forwards):
                break
            at += length
            continue
        if not line.lstrip().startswith(">"):
            kept.append(line)
        elif marks == 1 and not headers:  # one line alone is as likely ">90 % CPU" as a quotation
            kept.append(line.lstrip("> \t"))
        at += 1
    return "\n".join(kept)


def drop_signature(text: str) -> str:
    """Drop "-- " and what follows, "Sent from my …", and closing words with the name and address under them."""
    if "ent from my" in text:
        text = phrases.DEVICE_AT_END.sub("", text)
    if "\n" not in text:
        return text
    lines = [line for line in text.split("\n") if not phrases.DEVICE.match(line)]
    while lines and not lines[-1].strip():
        lines.pop()
    for at in range(max(1, len(lines) - 2 * _SIGNATURE_LINES), len(lines)):
        if _starts_signature(lines, at) and any(_WORD.search(line) for line in lines[:at]):
            lines = lines[:at]
            break
    return "\n".join(lines)


def drop_subject_prefix(text: str) -> str:
    """Drop "Re:", "Fwd:", "AW:" and "[EXTERNAL]" at the very beginning."""
    found = phrases.SUBJECT_PREFIX.match(text)
    return text[found.end() :] if found else text


def drop_boilerplate(text: str) -> str:
    """Drop the lines that ticket tools and mail gateways add, and disclaimers up to the next blank line."""
    lowered = text.lower()
    if not any(hint in lowered for hint in phrases.BOILERPLATE_HINTS) and "]" not in text:
        return text
    lines = text.split("\n")
    kept: list[str] = []
    in_disclaimer = False
    for at, line in enumerate(lines):
        bare = line.strip(" \t*_|>")
        in_disclaimer = bool(bare) and (in_disclaimer or _starts_disclaimer(lines, at, bare))
        if not in_disclaimer and not phrases.BOILERPLATE.match(bare):
            kept.append(line)
    return "\n".join(kept)


def _starts_disclaimer(lines: list[str], at: int, bare: str) -> bool:
    if not phrases.DISCLAIMER.match(bare):
        return False
    paragraph = " ".join(itertools.takewhile(str.strip, lines[at : at + 30]))
    return len({word.lower() for word in phrases.LEGAL.findall(paragraph)}) >= phrases.LEGAL_WORDS


def _quote_header(lines: list[str], at: int) -> tuple[int, bool]:
    """How many lines from `at` on are the header of a quoted mail (0: none), and whether it is one that forwards."""
    line = lines[at].strip(" \t>*_")
    if not line:
        return 0, False
    if phrases.ORIGINAL.match(line):
        return 1, bool(phrases.FORWARD_WORD.search(line))
    if phrases.WROTE_START.match(line):
        joined = ""
        for length in range(1, min(3, len(lines) - at) + 1):
            joined += " " + lines[at + length - 1].strip(" \t>")
            if len(joined) < 400 and phrases.WROTE_END.search(joined) and any(c.isdigit() for c in joined):
                return length, False
    if phrases.DATED_SENDER.match(line):
        return 1, False
    return _field_block(lines, at), False


def _field_block(lines: list[str], at: int) -> int:
    """Length of a From / Sent / To / Subject block that starts at `at`, else 0."""
    first = phrases.field_kind(lines[at])
    if first != "from":
        return 0
    kinds = {first}
    length = 1
    for line in lines[at + 1 : at + 9]:
        kind = phrases.field_kind(line)
        if not kind and line.strip():
            break
        length += 1
        kinds.add(kind)
    while length > 1 and not lines[at + length - 1].strip():
        length -= 1
    # A form such as "From: Berlin / To: Oslo" is no mail: it has neither a subject nor a sending time beside both.
    return length if "subject" in kinds and kinds & {"date", "to"} else 0


def _next_is_marked(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 3] if line.strip()), "")
    return following.lstrip().startswith(">")


def _is_message(kept: list[str], forwards: bool) -> bool:
    """Whether the lines above a quoted mail say something of their own, so that the quoted mail is not the message."""
    own = [line for line in kept if _WORD.search(line)]
    if own and phrases.FORWARDED.match(own[0]):  # a subject line that came before the body
        own, forwards = own[1:], True
    if not own or sum(len(line.split()) for line in own) >= _OWN_WORDS:
        return bool(own)
    return not forwards and not any(phrases.POINTS_BELOW.search(line) for line in own)


def _starts_signature(lines: list[str], at: int) -> bool:
    line = lines[at].strip(" \t*_>")
    below = [rest.strip() for rest in lines[at + 1 :] if rest.strip()]
    if len(below) > _SIGNATURE_LINES:
        return False
    if line in {"--", "—", "–"}:
        return True
    if not _closes(line):
        return False
    return not any(_is_said(rest) for rest in below)


def _is_said(line: str) -> bool:
    """Tell a line that goes on with the matter from a name, a title or a phone number under closing words."""
    if len(line) > _SIGNATURE_WIDTH or line.endswith("?") or _is_afterthought(line):
        return True
    listed = _LISTED.match(line)
    return listed is not None and (listed[1] or "").lower().split(" ")[-1] not in phrases.CONTACT


def _closes(line: str) -> bool:
    """Closing words alone, or with a name behind a comma: "Kind regards", "Thanks, Ana Lopez"."""
    if len(line) > _SIGNATURE_WIDTH:
        return False
    head, comma, name = line.partition(",")
    if not phrases.CLOSING.fullmatch(head.strip(" .!,–-")):
        return False
    words = name.split()
    return not comma or (len(words) <= 3 and all(word[0].isupper() for word in words))


def _is_afterthought(line: str) -> bool:
    return line[:4].lower().replace(".", "").startswith(("ps", "p s", "nb"))
