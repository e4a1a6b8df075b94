"""IP addresses, and not the version numbers that look like them.

What names no machine of anybody stays: the loopback (127.0.0.1, ::1), the unspecified address (0.0.0.0, ::), masks and
broadcasts (255.255.255.0). A tester who reads "it binds to 0.0.0.0" must not lose the point.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from signaltriage.privacy.spans import Stretch

# What stands before is looked at afterwards: a pattern that opens with a look back is slow to search.
_V4: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?![^\W_]|\.\d)", re.ASCII)
# Two hexadecimal groups and a colon, then anything of the kind; the library decides.
_V6: Final = re.compile(
    r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}:|::)[0-9a-fA-F:]{1,37}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\w:]|\.\d)"
)
_V6_RANGES: Final = tuple(
    ipaddress.IPv6Network(net)
    for net in ("2000::/3", "fc00::/7", "fe80::/10", "ff00::/8", "::ffff:0:0/96", "64:ff9b::/96")
)
_VERSION: Final = re.compile(
    r"""\b(?:v\.?[ ]?$|(?:ver|\w{0,30}versions?|versão|versión|versione|build|releases?|released|firmware|updates?
      |updated|upgraded?|downgraded?|drivers?|plug-?in|player|patch|hotfix|sp|add-?on
      |section|chapter|clause|paragraph|oid)\b\W{0,3}(?:\w{1,12}[ ]){0,2}\W{0,2}$)|§[ ]?$""",
    re.IGNORECASE | re.VERBOSE,
)
_MACHINE: Final = re.compile(
    r"""(?:(?<!\[)\bips?\b|ipv4|address|addr\b|host|server|ping|dns|gateway|router|subnet|machine|connect(?:ed|ing|s)?|proxy
      |\bssh|rdp|traceroute|tracert|resolve[sd]?)[^\n]{0,24}$
      |(?:://|@)[\w.:-]{0,24}$""",
    re.IGNORECASE | re.VERBOSE,
)
_PRODUCT: Final = re.compile(r"(?:^|[\s(])([A-Za-z][\w+-]{1,30})[ /-]$")
_SMALL_WORDS: Final = re.compile(
    "from|to|at|on|in|of|is|was|the|and|or|for|by|with|using|as|via|into|behind|against|be|than|are|my|our|their|your"
    "|von|nach|auf|de|la|le|el|en|à|an?"
)
_LOOKED_BACK: Final = 40


def find_addresses(text: str) -> list[Stretch]:
    """Where IPv4 and IPv6 addresses stand, without port, mask length or brackets."""
    found: list[Stretch] = []
    if text.count(".") > 2:
        found = [match.span() for match in _V4.finditer(text) if _is_v4(text, match.start(), match.group())]
    if text.count(":") > 1:
        found += [match.span() for match in _V6.finditer(text) if _is_v6(match.group())]
    return found


def _is_v4(text: str, start: int, address: str) -> bool:
    if start and (text[start - 1].isalnum() or text[start - 1] == "." or text[start - 1] == "_"):
        return False
    parts = address.split(".")
    if any(int(part) > 255 or (len(part) > 1 and part[0] == "0") for part in parts):
        return False
    if parts[0] in {"0", "127", "255"}:
        return False
    before = text[max(0, start - _LOOKED_BACK) : start]
    version, machine = _VERSION.search(before), _MACHINE.search(before)
    numbers = [int(part) for part in parts]
    if version and not _is_wide(numbers):
        # Whichever is said nearer to the number: "version on server 10.2.3.4", "server version 10.2.3.4".
        return machine is not None and machine.start() > version.start()
    # Four small numbers are a version: of the addresses that open below 10, one in 500 is made of such alone.
    small = numbers[0] < 10 and max(numbers) < 32
    return machine is not None or not (small or _is_of_a_product(before, numbers[0]))


def _is_wide(numbers: list[int]) -> bool:
    """Whether it has the numbers of an address after "update" too: versions hardly count so far in two places."""
    return sum(number >= 64 for number in numbers) > 1


def _is_of_a_product(before: str, first: int) -> bool:
    """Whether a name stands before that has versions: Firefox 3.6.0.13, OpenSSL/1.1.1.2."""
    named = _PRODUCT.search(before)
    if not named or _SMALL_WORDS.fullmatch(named.group(1).lower()):
        return False
    # Low first numbers are versions after any noun, high ones only after a name and slash.
    return before.endswith("/") or (first < 24 and named.group(1)[0].isupper() and first != 10)


def _is_v6(address: str) -> bool:
    try:
        value = ipaddress.IPv6Address(address)
    except ValueError:
        return False
    if value.is_loopback or value.is_unspecified or not any(c.isdigit() for c in address):
        return False
    # Times, slices and paths such as 1::2 parse as well: only ranges that are in use count.
    return any(value in net for net in _V6_RANGES)
