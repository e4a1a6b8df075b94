"""E-mail addresses in running text, as people write and hide them.

Every at-sign is looked at from its place outwards, at most 64 characters to the left (the local part, RFC 5321) and one
host name to the right, so that the time is linear in the text whatever it holds.
"""

from __future__ import annotations

import re
from typing import Final

from signaltriage.privacy.spans import Stretch

_AT: Final = re.compile(
    r"@|%40|＠|&#0{0,6}64;|&#[xX]40;|&commat;|[\[({<][ ]?(?:[aA][tT]|[äÄ][tT]|arroba|@)[ ]?[\])}>]|_(?:at|AT)_"
)
_PLAIN_AT: Final = re.compile("[@＠]|%40")
# One of these stands wherever the other forms do; where none does, the plain search is enough, and faster.
_SIGNS: Final = (
    *("64;", "40;", "commat", "_at_", "_AT_", "arroba", "@ ", "@)", "@]", "@}", "@>"),
    *("t)", "t]", "t}", "t>", "t )", "t ]", "t }", "t >", "T)", "T]", "T}", "T>", "T )", "T ]", "T }", "T >"),
)
_LOCAL: Final = re.compile(r"[\w.+%'-]{1,64}")
_CODED: Final = re.compile("(?:[aAdDcCeE]3|[0267cC]2)%")
"""Read backwards: a coded : = < > blank " & ' , that cannot be part of a name."""
_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_TOP: Final = r"(?:xn--[a-zA-Z0-9-]{2,40}|[a-zA-Z]{2,24}|[^\W\d_a-zA-Z]{2,24})"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.){{1,8}}{_TOP}")
# Where the at-sign is spelt out, the dots may be too.
_DOT: Final = (
    r"(?:\.|[ ]?[\[({<][ ]?(?:dot|DOT|Dot|punkt|punto|point|ponto|\.)[ ]?[\])}>][ ]?|[ ](?:dot|DOT|punkt)[ ]|_dot_)"
)
_SPELT_HOST: Final = re.compile(rf"[ ]{{0,2}}(?:[^\W_](?:[^\W_]|-){{0,62}}{_DOT}){{1,8}}{_TOP}")
_SPOKEN: Final = re.compile(
    r"(?<![\w.+-])((?:[\w+-]{1,40}[ ]dot[ ]){0,2}[\w.+-]{1,64})[ ](?:at|AT|At)[ ]"
    r"((?:[\w-]{1,63}[ ](?:dot|DOT|Dot)[ ]){1,4}[a-zA-Z]{2,24})(?!\w)"
)
_MAIL_WORD: Final = re.compile(r"(?<!\[)e-?mail|\bmail\b|contact|reach|write|address|courriel|correo", re.IGNORECASE)
_NOT_A_NAME: Final = re.compile("me|us|him|her|them|it|you|look|looking|see|is|are|was|site|website|page|over")
# Where a sentence goes on without a blank after an address: jo@example.com.Thanks
_ENDS: Final = re.compile("com|org|net|edu|gov|io|de|uk|fr|it|es|nl|eu|ca|au|jp|ch|at|in|br")
_PICTURES: Final = re.compile("png|jpg|jpeg|gif|svg|webp")
_SCALED: Final = re.compile(r"\d+x\.")  # icon@2x.png
_UNSPACED: Final = 0x0E00
"""From Thai on: scripts that put no blanks between words, so that a run of letters may be a whole sentence."""


def find_emails(text: str) -> list[Stretch]:
    """Where e-mail addresses stand, without what stands around them (`mailto:`, angle brackets, full stops)."""
    found: list[Stretch] = []
    done = 0
    at = _AT if any(sign in text for sign in _SIGNS) else _PLAIN_AT
    for match in at.finditer(text):
        stretch = _around(text, match.start(), match.end(), done)
        if stretch:
            found.append(stretch)
            done = stretch[1]
    if " dot " in text or " DOT " in text or " Dot " in text:
        found += _spoken(text)
    return found


def _around(text: str, at: int, after: int, floor: int) -> Stretch | None:
    spelt = text[at] in "[({<_"
    left = at
    if spelt:  # name (at) host
        while left > floor and at - left < 2 and text[left - 1] == " ":
            left -= 1
    start = _local_start(text, left, floor)
    if start is None:
        return None
    match = (_SPELT_HOST if spelt else _HOST).match(text, after)
    if not match:
        return None
    end = _host_end(match.group(), match.end())
    host = text[after:end].strip().lower()
    if _is_remote(text, start, left, end) or (_SCALED.match(host) and _PICTURES.fullmatch(host.rpartition(".")[2])):
        return None
    return start, end


def _local_start(text: str, at: int, floor: int) -> int | None:
    """Where the local part that ends at `at` begins; None where there is none."""
    if at > floor and text[at - 1] == '"':  # "jo bloggs"@example.com
        opening = text.rfind('"', max(floor, at - 66), at - 1)
        return opening if 0 <= opening < at - 2 else None
    backwards = _LOCAL.match(text[max(floor, at - 64) : at][::-1])
    if not backwards:
        return None
    local = backwards.group()[::-1]
    if ord(local[-1]) < _UNSPACED:
        for place in range(len(local) - 1, -1, -1):
            if ord(local[place]) >= _UNSPACED:
                local = local[place + 1 :]
                break
    coded = _CODED.search(local[::-1])  # ?q=author%3Ajo%40example.com
    local = local[len(local) - coded.start() :] if coded else local
    local = local.lstrip(".'-%+")
    return at - len(local) if any(c.isalnum() for c in local) else None


def _host_end(host: str, end: int) -> int:
    """Where the host really ends: before a next sentence that was glued on."""
    head, _, last = host.rpartition(".")
    before = head.rpartition(".")[2] if "." in head else ""
    return end - len(last) - 1 if _ENDS.fullmatch(before) and last[:1].isupper() and not last.isupper() else end


def _is_remote(text: str, start: int, at: int, end: int) -> bool:
    """git@example.com:team/repo.git, the address of a repository and nobody's."""
    return text[start:at] in {"git", "hg"} and text[end : end + 1] in {":", "/"}


def _spoken(text: str) -> list[Stretch]:
    """jo at example dot com, where mail is spoken of or the name is no word of a sentence."""
    found = []
    for match in _SPOKEN.finditer(text):
        name = match.group(1)
        told = any(c in "._+-0123456789" for c in name.strip("."))
        if _NOT_A_NAME.fullmatch(name.lower()):
            continue
        if told or _MAIL_WORD.search(text, max(0, match.start() - 40), match.start()):
            found.append(match.span())
    return found
