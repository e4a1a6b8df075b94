"""Bank accounts: IBANs of their country's length whose check number holds (ISO 13616, ISO 7064 mod 97-10)."""

from __future__ import annotations

import re
from typing import Final

from signaltriage.privacy.spans import Stretch

# The check number; the country before it is looked at afterwards, since digits are faster to find than letters.
_CHECK: Final = re.compile(r"\d\d", re.ASCII)
_MARK: Final = frozenset(" \u00a0\u2009\u202f-‐‑.")
_LENGTHS: Final[dict[str, int]] = {
    country: int(length)
    for length, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FK FI FO GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS",
        "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HN HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for country in countries.split()
}


def find_ibans(text: str) -> list[Stretch]:
    """Where IBANs stand, in one piece or grouped by blanks, hyphens or dots."""
    found: list[Stretch] = []
    done = 0
    for match in _CHECK.finditer(text):
        start = match.start() - 2
        if start >= 0 and text[start + 1] == " ":  # DE 89 3704 …
            start -= 1
        if start < done or not text[start].isalpha() or (start and text[start - 1].isalnum()):
            continue
        end = _end(text, start)
        if end:
            found.append((start, end))
            done = end
    return found


def _end(text: str, start: int) -> int | None:
    """Where the account number that begins here ends; None where it is none."""
    wanted = _LENGTHS.get(text[start : start + 2].upper())
    if wanted is None:
        return None
    number, place = "", start
    while len(number) < wanted and place < len(text):
        char = text[place]
        if char.isascii() and char.isalnum():
            number += char
        elif char not in _MARK or text[place - 1] in _MARK:
            return None
        place += 1
    if len(number) < wanted or (place < len(text) and (text[place].isalnum() or text[place] == "_")):
        return None
    return place if _checks(number.upper()) else None


def _checks(number: str) -> bool:
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1
