"""Secrets that a word announces: `password=…`, `API key: …`, `mot de passe : …`, `my PIN is …`.

Only the value is replaced, so that a reader still sees that a password was in the way, and which.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from signaltriage.privacy.spans import KINDS, Stretch

_Class = Literal["strong", "weak", "short"]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that announces a secret: what must stand in the text, how it goes on, and what must stand before it."""

    opening: str
    form: re.Pattern[str]
    kind: _Class
    """strong: what follows is secret however plain it looks; weak: what looks random; short: a few digits."""
    before: re.Pattern[str] | None = None


def _words(kind: _Class, *forms: tuple[str, str] | str, before: str = "") -> list[_Word]:
    pairs = [(form, "") if isinstance(form, str) else form for form in forms]
    asked = re.compile(rf"(?:{before})$") if before else None
    return [_Word(opening, re.compile(re.escape(opening) + tail), kind, asked) for opening, tail in pairs]


_ALONE: Final = r"(?:^|[^a-z])"
# In small letters. Each opens with plain characters, which Python finds many times faster than an alternation.
_WORDS: Final = (
    *_words(
        "strong",
        ("pass", r"(?:[ _-]?words?|wd|wort|[ _-]?phrase|[ _-]?code)"),
        "kennwort",
        ("contrase", "ñas?|na"),
        "senha",
    ),
    *_words(
        "strong",
        "wachtwoord",
        "lösenord",
        "adgangskode",
        "hasło",
        "salasana",
        "пароль",
        "パスワード",
        "暗証番号",
        "密码",
    ),
    *_words(
        "strong",
        "密碼",
        "비밀번호",
        ("mot", "[ _]de[ _]passe"),
        "mdp",
        "clave",
        ("pass", "(?![a-z])"),
        ("pw", "d?(?![a-z])"),
        before=_ALONE,
    ),
    *_words("strong", "pwd", before="_"),
    *_words(
        "strong", "secret", "key", before=r"(?:client|account|private|shared[ _-]?access|secret[ _-]?access)[ _-]?"
    ),
    *_words(
        "weak",
        ("secret", "(?:[ _-]?key)?"),
        ("token", "s?"),
        ("credential", "s?"),
        "authorization",
        "cookie",
        "signature",
    ),
    *_words("weak", "sessid", "sessionid", ("session", "[ _-]id"), "sid", before=r"(?:^|[^a-z]|php|j|[hp]|s?api)"),
    *_words(
        "weak",
        "key",
        before=r"(?:api|app|access|auth(?:entication|orization)?|session|security|encryption|signing|master|deploy|service|webhook"
        r"|licen[cs]e|product|recovery|serial|activation)[ _-]?",
    ),
    *_words("weak", "code", before=r"(?:auth(?:entication|orization)?|recovery)[ _-]?"),
    *_words(
        "weak", ("access", "[ _-]?key[ _-]?id"), ("connection", "[ _-]?string"), "zugangsschlüssel", ("clé", "[ _]api")
    ),
    *_words("short", ("cvv", "2?"), ("cvc", "2?"), "csc", "otp", ("pin", "(?:[ -]code)?"), "tan", before=_ALONE),
    *_words("short", "code", before=r"(?:mfa|2fa|one[ -]time|security|verification)[ _-]"),
)
_OPENINGS: Final = tuple(sorted({word.opening for word in _WORDS}))
_ASCII_OPENINGS: Final = tuple(opening for opening in _OPENINGS if opening.isascii())
_VALUE_SIGN: Final = re.compile(r"[\d:='\"`!@#$%^&*+~\\_]|[a-z]-[a-z]")
"""One of these stands in every ASCII text with an announced value: the sign before it, or what makes it no word."""
_AFTER_WORD: Final = re.compile(r"(?![a-zà-ÿ])(?:[_-][a-z]{1,10})?\d{0,2}(?:\s?\([^)\n]{0,20}\))?", re.IGNORECASE)
_SIGN: Final = re.compile(
    r"""(?:["'`*\]]{0,4}\s{0,2}(?P<op>=>|:=|={1,2}|->|[:＝：])
      |\s{1,2}(?P<verb>is|was|were|ist|war|lautet|est|es|é|è|är|to)(?=[\s:])[:]?
      |\s?(?P<ja>は)
      |(?P<gap>(?=[ \t]{1,2}\S)))
    [*_]{0,2}\s{0,3}(?P<quote>\\?["'`“‘«]|&quot;)?""",
    re.IGNORECASE | re.VERBOSE,
)
_QUOTED: Final = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»", "&quot;": "&quot;"}
_VALUE: Final = re.compile(r"[^\s\0]{1,240}")
_MORE: Final = re.compile(r"[^\s\0]*")
_NEXT_KEY: Final = re.compile(r"[&;,|]\s?[\"']?[\w.-]{1,30}[\"']?\s?[=:]|</|[\"']\s?[,})\]]|<br|&(?:amp|lt|gt);")
_NO_VALUE: Final = re.compile(
    r"a|abgelaufen|an|and|any|are|args|as|asked|asking|at|be|been|being|blank|bool|but|by|bytes|can|cannot|case"
    r"|changed|config|correct|correctly|default|displayed|empty|encrypted|enter|entered|env|example|expiration"
    r"|expired|fails|falsch|false|field|fine|for|forgot|forgotten|from|generated|getenv|gone|hidden|i|if|in"
    r"|incorrect|incorrecta|int|invalid|is|it|kein|keine|leer|locked|lost|manager|me|missing|my|n/a|needed|never"
    r"|new|nil|no|none|not|null|obligatoria|of|ok|on|optional|or|os|password|passwort|please|policy|process"
    r"|prompt|protected|redacted|rejected|required|requis|reset|resets|same|saved|secret|self|set|so|stored|str"
    r"|string|sync|text|that|the|their|there|this|to|token|too|true|unchanged|undefined|ungültig|unknown|updated"
    r"|user|valid|visible|was|weak|what|when|where|which|working|wrong|xxx|xxxx|yes|you|your"
)
"""Words of sentences, of code and of forms that stand where a value would, in small letters."""
_REFERENCE: Final = re.compile(
    r"[$%]\{?[A-Za-z_][\w.]*\}?%?$|\$\(|\{\{|<[^>]*>?$|[\w.]+\(|[•*●xX_.…-]+$|\[|(?:https?|ftp|file)://"
)
_PLACEHOLDERS: Final = tuple(f"[{kind}]" for kind in KINDS)
_SIGNS: Final = "!*^~_…"
"""That stand at the end of a word for effect."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_PASSPHRASE: Final = re.compile(r"[^\W\d_]{3,12}(?:[-_][^\W\d_]{3,12}){2,7}")
_NAMED: Final = re.compile(r"[\w.-]{1,40}=(?=[^=])")  # Set-Cookie: name=value
_END: Final = ".,;:?)]}>\"'`»”’"


def find_announced(text: str, lower: str) -> list[Stretch]:
    """Where values stand that a word calls secret; `lower` is the text in small letters, place by place."""
    plain = lower.isascii()
    if plain and not _VALUE_SIGN.search(lower):
        return []
    there = {opening for opening in (_ASCII_OPENINGS if plain else _OPENINGS) if opening in lower}
    if not there:
        return []
    places: list[tuple[int, int, _Class]] = []
    for word in _WORDS:
        if word.opening in there:
            for match in word.form.finditer(lower):
                start = match.start()
                if lower[max(0, start - 1) : start] == "[":
                    continue  # a placeholder, or a list that is quoted: no announcement
                if word.before is None or word.before.search(lower[max(0, start - 24) : start]):
                    places.append((start, match.end(), word.kind))
    found: list[Stretch] = []
    done = 0
    for start, end, kind in sorted(places, key=lambda place: (place[0], -place[1])):
        stretch = _value(text, end, kind, text[start:end]) if start >= done else None
        if stretch:
            found.append(stretch)
            done = stretch[1]
    return found


def looks_random(value: str, least: float = 2.75) -> bool:
    """Whether a value is mixed like a key: letters and digits, and at least `least` bits of entropy a character."""
    if not _LETTER.search(value) or not (
        _DIGIT.search(value) or (len(value) >= 20 and value.lower() != value and value.upper() != value)
    ):
        return False
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts) >= least


def _value(text: str, end: int, kind: _Class, word: str) -> Stretch | None:
    """The secret that a word which ends at `end` announces; None where none follows."""
    after = _AFTER_WORD.match(text, end)
    sign = _SIGN.match(text, after.end() if after else end)
    if sign is None:
        return None
    start = sign.end()
    if kind != "weak" and not (sign["op"] or sign["verb"] or sign["ja"] or sign["quote"]):
        return None
    if sign["quote"]:
        closing = text.find(_QUOTED[sign["quote"].lstrip("\\")], start, start + 240)
        value = text[start:closing].rstrip("\\") if closing > start and "\n" not in text[start:closing] else ""
    else:
        value = ""
    quoted = bool(value)
    if not quoted:
        match = _VALUE.match(text, start)
        value = match.group() if match else ""
        if kind == "weak" and value.islower() and not _DIGIT.search(value):
            return None  # plain words: no key, and not worth looking at more closely
        value = _cut(value)
    if kind == "weak" and (named := _NAMED.match(value)):
        start, value = start + named.end(), value[named.end() :]
    if not value or value.startswith(_PLACEHOLDERS) or not _is_secret(text, (kind, word), sign, value, quoted):
        return None
    end = start + len(value)
    if not quoted and len(value) == 240:
        more = _MORE.match(text, end)
        end = more.end() if more else end
    return start, end


def _cut(value: str) -> str:
    following = _NEXT_KEY.search(value)
    value = value[: following.start()] if following else value
    return value.rstrip(_END) if value.strip(_END) else value


def _is_secret(text: str, word: tuple[_Class, str], sign: re.Match[str], value: str, quoted: bool) -> bool:
    plain = value.lower().strip(_END + _SIGNS)
    given = "=" in (sign["op"] or "") and sign["op"] != "=>" and not text[sign.start() : sign.end()][-1:].isspace()
    if _NO_VALUE.fullmatch(value.lower() if given else plain) or _REFERENCE.match(value):
        return False
    if word[0] == "short":
        return bool(sign["op"] or sign["verb"]) and 3 <= len(plain) <= 8 and plain.isascii() and plain.isdecimal()
    said = bool(sign["op"] or sign["ja"])
    if word[0] == "weak":
        if not (said or sign["verb"] or (sign["gap"] is not None and len(value) >= 16)):
            return False
        if len(value) < 8 or value[0] == "/" or any(c.isspace() for c in value):
            return False
        return (said or bool(_DIGIT.search(value))) and looks_random(value)
    if sign["gap"] is not None and not said and not sign["verb"]:
        return quoted and _looks_made_up(value)
    if given:
        return len(plain) >= 3 and not (word[1].lower() == "pwd" and value.startswith("/"))
    if _looks_made_up(value):
        return True
    return said and (quoted or _alone(text, sign.end(), value)) and len(plain) >= 4 and not value.startswith("(")


def _looks_made_up(value: str) -> bool:
    """Whether a value is no word of a sentence: digits or signs among its letters, or digits alone."""
    core = value.strip(_END + _SIGNS) or value
    if len(core) < 4 or "://" in core or (core.count("@") == 1 and "." in core.rpartition("@")[2]):
        return False
    letters, digits = _LETTER.search(core), _DIGIT.search(core)
    if (digits and (letters or core.isdecimal())) or _PASSPHRASE.fullmatch(core):
        return True
    return bool(letters) and any(c in "!@#$%^&*+=~\\" for c in core)


def _alone(text: str, start: int, value: str) -> bool:
    """Whether nothing but the value stands in the rest of its line: `Password: Sunshine`."""
    if not re.fullmatch(r"[^\s/<>]+", value):
        return False
    line = text[start + len(value) : start + len(value) + 40].partition("\n")[0].strip()
    return not line or line[0] in ",;|"
