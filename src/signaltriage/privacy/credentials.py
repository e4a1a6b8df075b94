"""Secrets that show themselves by where they stand: `Authorization: Bearer …`, `user:pass@host`, `?sig=…`, `-u jo:…`.

Only the value is replaced, as after words (`announced`).
"""

from __future__ import annotations

import base64
import re
from typing import Final

from signaltriage.privacy.announced import find_announced, looks_random
from signaltriage.privacy.spans import KINDS, Stretch

_PLACEHOLDERS: Final = tuple(f"[{kind}]" for kind in KINDS)
_HEADER: Final = re.compile(
    r"(?<![a-z])(?:bearer|basic|token|negotiate|apikey)[ \t]{1,3}(?!\[)([A-Za-z0-9+/=._~-]{8,})", re.IGNORECASE
)
_USERINFO: Final = re.compile(r"://([^\s/:@\"'<>\0]{0,100}):([^\s/\"'<>\0]{1,200})@(?=[\w\[.-])")
_BARE_USERINFO: Final = re.compile(r"://([A-Za-z0-9_.~-]{16,200})@(?=[\w\[.-])")
_FLAG: Final = re.compile(r"(?<!\S)(?:-u|--user|--proxy-user)[ =][\"']?[^\s:\"']{1,64}:([^\s\"']{1,200})")
_LONG_FLAG: Final = re.compile(
    r"(?<!\S)--?(?:password|passwd|pwd|token|api-?key|secret|access-token)[ =]+(?![-\[])[\"']?([^\s\"']{3,200})",
    re.IGNORECASE,
)
_SIGNED: Final = re.compile(
    r"[?&](?:amp;)?(?:sig|signature|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|awsaccesskeyid"
    r"|policy|hmac|hash|h|code|auth|ticket|key|k|t|st|reset|confirm|invite|magic|otp|sso|jwt|assertion|samlresponse)=([^\s&#\"'<>\])|]{8,})",
    re.IGNORECASE,
)  # fmt: skip
_ALWAYS: Final = re.compile(r"[?&](?:amp;)?(?:sig|signature|x-|awsaccess|hmac)", re.IGNORECASE)
_CAPITALS: Final = re.compile("[A-Z]+")


def find_credentials(text: str) -> list[Stretch]:
    """Where values stand that a word, a header, a flag or a URL calls secret."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters, such as İ, are two when small
        lower = _CAPITALS.sub(lambda match: match.group().lower(), text)
    found = find_announced(text, lower)
    if "://" in text or "?" in text or "&" in text:
        found += _in_urls(text)
    if "bearer" in lower or "basic" in lower or "token " in lower or "negotiate" in lower or "apikey" in lower:
        found += [match.span(1) for match in _HEADER.finditer(text) if _is_header(text, match)]
    if "-u" in text or "--" in text:
        flags = (match for form in (_FLAG, _LONG_FLAG) for match in form.finditer(text))
        found += [match.span(1) for match in flags if not match.group(1).startswith(_PLACEHOLDERS)]
    return found


def _is_header(text: str, match: re.Match[str]) -> bool:
    """Whether what follows `Basic` or `Bearer` is a credential, by the header's name, its form or its look."""
    value = match.group(1)
    if "authorization" in text[max(0, match.start() - 20) : match.start()].lower():
        return True
    if match.group()[:5].lower() == "basic":
        try:
            return b":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
        except ValueError:
            return False
    return len(value) >= 16 and looks_random(value, 2.5)


def _in_urls(text: str) -> list[Stretch]:
    found = []
    if "@" in text:
        found += [m.span(2) for m in _USERINFO.finditer(text) if not m.group(2).startswith(_PLACEHOLDERS)]
        found += [m.span(1) for m in _BARE_USERINFO.finditer(text) if looks_random(m.group(1), 3.0)]
    for match in _SIGNED.finditer(text):
        value = match.group(1)
        always = bool(_ALWAYS.match(match.group()))
        if not value.startswith(_PLACEHOLDERS) and (always or (len(value) >= 16 and looks_random(value, 3.0))):
            found.append(match.span(1))
    return found
