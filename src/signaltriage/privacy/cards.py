"""Payment cards: numbers of a network's length and prefix whose check digit holds (ISO/IEC 7812, Luhn).

One in ten numbers passes the check by chance, so that prefix, length and grouping count as well; where all hold, the
number goes, whatever it is called: an order number that is lost costs less than a card that is kept.
"""

from __future__ import annotations

import re
from typing import Final

from signaltriage.privacy.spans import Stretch

# Groups with one kind of separator between them, or none. What stands before is looked at afterwards: a pattern that
# opens with a look back is slow to search.
_RUN: Final = re.compile(r"\d{4,19}(?:([ .\u00a0\u2009\u202f‐‑–-])\d{2,13}(?:\1\d{2,7}){0,4})?(?!\w)")
_BEFORE: Final = re.compile(r"(?:\w|\d[.,-]|[$€£/+])$")
_GROUPS: Final = frozenset(
    {
        (4, 4, 4, 4),
        (4, 6, 5),
        (4, 6, 4),
        (4, 4, 4, 3),
        (4, 4, 4, 4, 3),
        (4, 4, 4, 4, 2),
        (8, 8),
        (6, 10),
        (6, 13),
        (4, 4, 5),
    }
)
_CARD_WORD: Final = re.compile(
    r"(?<!\[)card|visa|master|amex|maestro|debit|credit|karte|carte|tarjeta|cartão|\bpan\b", re.IGNORECASE
)


def find_cards(text: str) -> list[Stretch]:
    """Where payment card numbers stand."""
    found: list[Stretch] = []
    place = 0
    while match := _RUN.search(text, place):
        end = None
        if not _BEFORE.search(text[max(0, match.start() - 2) : match.start()]):
            end = _end(text, match)
        if end:
            found.append((match.start(), end))
        # What was no card may have been a year or the like with a card behind it.
        place = end or match.start() + len(match.group().split(match.group(1))[0])
    return found


def _end(text: str, match: re.Match[str]) -> int | None:
    """Where the card number ends: all groups, or fewer where the next number follows; None where there is none."""
    separator = match.group(1)
    groups = match.group().split(separator) if separator else [match.group()]
    told = bool(_CARD_WORD.search(text, max(0, match.start() - 40), match.start()))
    while groups:
        number = "".join(groups)
        shaped = len(groups) == 1 or tuple(map(len, groups)) in _GROUPS
        known = _of_a_network(number) or (told and _of_a_rarer_network(number))
        if shaped and known and 12 <= len(number) <= 19 and luhn(number):
            return match.start() + len(number) + len(groups) - 1
        groups.pop()
    return None


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    digits = [int(c) for c in reversed(number)]
    doubled = (d * 2 - 9 if d > 4 else d * 2 for d in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0 and any(digits)


def _of_a_network(number: str) -> bool:
    size, two, four = len(number), int(number[:2]), int(number[:4])
    if size == 16:
        return (
            number[0] == "4"
            or 51 <= two <= 55
            or 2221 <= four <= 2720
            or four == 6011
            or two in {62, 65}
            or 644 <= four // 10 <= 649
            or 3528 <= four <= 3589
            or 2200 <= four <= 2204
        )
    if size == 15:
        return two in {34, 37}
    if size == 14:
        return two in {36, 38} or 300 <= four // 10 <= 305
    return False


def _of_a_rarer_network(number: str) -> bool:
    """Maestro and the long and short forms, as long as barcodes and ids: only where a card is meant."""
    return number[0] in "456" or number[:2] in {"34", "35", "36", "37", "38"}
