"""Keyed pseudonyms: the same person is the same stranger everywhere, and nobody without the key can say who.

HMAC-SHA-256 (RFC 2104) over the source and the name: without the key, names cannot be tried out one by one, as they
could with a plain hash. 48 bits are shown: among 100,000 people two share one with a probability of 0.00002.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from signaltriage.errors import UsageError

KEY_BYTES: Final = 32
_SHOWN: Final = 12
_OWN: Final = re.compile(r"(?:person|session|id)-[0-9a-f]{12}")
_ADDRESS: Final = re.compile(r"[^\s<>\"(),:;@]{1,64}@[^\s<>\"(),:;@]{1,253}")
_PLACEHOLDER: Final = re.compile(r"\[[a-z]{2,8}\]")


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Names to pseudonyms such as `person-3f9a2c81d04b`, by a secret key of at least 16 bytes.

    Raises UsageError for a shorter key.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise UsageError(
                f"a key of {len(self.key)} bytes is too short for pseudonyms",
                remedy=f"Use the key file that capture makes ({KEY_BYTES} random bytes).",
            )

    def of(self, source: str, author: str) -> str:
        """The pseudonym of a person in a source; "" for nobody. A pseudonym stays what it is.

        Case, width and blanks make no other person, nor does a name around an e-mail address: `Jo <jo@x.org>` is
        `jo@x.org`.
        """
        return self._of("person", source, _normal(author))

    def session(self, session: str) -> str:
        """The same for the id of a session, which many logs make of a user's name or address."""
        return self._of("session", "", session.strip())

    def id(self, source: str, raw: str) -> str:
        """The same for the id of a signal that tells who or opens what."""
        return self._of("id", source, raw.strip())

    def _of(self, kind: str, source: str, name: str) -> str:
        if not name or _OWN.fullmatch(name) or _PLACEHOLDER.fullmatch(name):
            return name
        message = "\0".join(("signaltriage", kind, _normal(source), name)).encode("utf-8", "surrogatepass")
        return f"{kind}-{hmac.new(self.key, message, hashlib.sha256).hexdigest()[:_SHOWN]}"


def _normal(name: str) -> str:
    text = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    address = _ADDRESS.search(text)
    return address.group().removeprefix("mailto:") if address else text
