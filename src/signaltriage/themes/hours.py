"""Hours that a signal says were lost: "took me 3 hours", "half a day every week", "20 minutes each shift".

Only a time that was spent counts: not deadlines ("within 24 hours"), ages ("has 3 years of experience"), times of the
day, opening hours, or how long somebody has waited in days, weeks or months of calendar time. A time that recurs counts
once: how often it has recurred is not said. A working day is eight hours, a week five days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import regex

_TIMEOUT: Final = 2.0
MOST_CHARACTERS: Final = 20_000
_WORDS: Final[dict[str, float]] = {
    "half a": 0.5, "half an": 0.5, "a half": 0.5, "a quarter of an": 0.25, "a": 1.0, "an": 1.0, "one": 1.0,
    "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0,
    "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0,
    "forty-five": 45.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0, "a couple of": 2.0, "a few": 3.0,
    "several": 3.0, "another": 1.0, "whole": 1.0, "a whole": 1.0, "the whole": 1.0, "an entire": 1.0, "a full":
    1.0, "half the": 0.5, "half my": 0.5, "my whole": 1.0, "all": 1.0, "the entire": 1.0, "most of the": 0.75,
    "most of a": 0.75, "most of my": 0.75,
}  # fmt: skip
_UNITS: Final = {
    "minute": 1 / 60,
    "min": 1 / 60,
    "hour": 1.0,
    "hr": 1.0,
    "h": 1.0,
    "day": 8.0,
    "morning": 4.0,
    "afternoon": 4.0,
    "week": 40.0,
}
_NUMBER: Final = (
    r"(?P<number>\d+(?:[.,]\d+)?(?:\s?(?:-|–|to|or)\s?\d+(?:[.,]\d+)?)?|"
    + "|".join(sorted(_WORDS, key=len, reverse=True))
    + r")(?P<half>\s(?:and a half|½))?"
)
_TIME: Final = (
    _NUMBER + r"[\s-]?(?:(?:good|long|solid|extra|full|whole|more|working|man)[\s-])?"
    r"(?P<unit>minute|min|hour|hr|h|day|morning|afternoon|week)s?(?:\sand\sa\shalf)?\b"
)
_GAP: Final = r"(?:\s(?!than\b|ago\b)[\w']+(?:\sthan)?){0,4}?\s"
"""A few words within the clause."""
_TAKEN: Final = (
    r"took|takes?|taking|taken|costs?|costing|lost|los(?:e|es|ing)|wast(?:e|ed|es|ing)|spen(?:t|d|ds|ding)|burn(?:ed|t)"
)
_WAITED: Final = (
    r"gave up after|wait(?:s|ed|ing)?|on hold|hold music|queu(?:e|ed|ing)|on the phone|sat|stood|stuck|standing|held up"
)
_SO_OFTEN: Final = (
    r"of work|of my (?:time|day|morning|evening|life)|of our time|wasted|lost|gone|down the drain|on the phone|"
    r"on hold|waiting|of overtime|"
    r"each(?: time| way| shift| morning| day| week)?|every (?:time|day|week|morning|shift|month|single)|"
    r"for (?:one|a single)|"
    r"(?:a|per) (?:day|week|month|shift|case|ticket|order)|"
    r"to (?:do|fix|get|find|finish|sort|enter|complete|correct|fill|print|load|retype|resolve|"
    r"reconcile|upload|check|clean)"
)
_PATTERNS: Final[tuple[Any, ...]] = (
    regex.compile(rf"\b(?:{_TAKEN}){_GAP}{_TIME}", regex.IGNORECASE),
    regex.compile(rf"\b{_TIME},?\s(?:[\w']+\s)?(?:{_SO_OFTEN})\b", regex.IGNORECASE),
    regex.compile(rf"\b(?:{_WAITED}){_GAP}{_TIME}", regex.IGNORECASE),
)
_WAITING: Final = 2
"""The pattern that speaks of waiting."""
_NOT_SPENT: Final = regex.compile(
    r"\b(?:within|in under|less than|up to|every|next|past|last|notice|by|until|till|before|ago|old|"
    r"age|aged|valid|good for|"
    r"open|opening|promise[ds]?|should|"
    r"supposed to|sla|deadline|contract|plan says|guarantee[ds]?|warranty|trial|expires?|would|"
    r"could|will|may|might|can)\s(?:\w+\s){0,2}\Z",
    regex.IGNORECASE,
)
_NOT_AFTER: Final = regex.compile(
    r"\s?(?:ago|old|earlier|later|before|in advance|notice|from now|deadline|window|warranty|trial|"
    r"of (?:age|experience|service)|working week|shift|contract|"
    r"ahead|left|to go|format|clock|per cent|after (?:that|the))\b",
    regex.IGNORECASE,
)
_CALENDAR: Final = {"day", "week"}
"""Units that count only where work is spoken of, not waiting: three days without an answer are not lost hours."""


@dataclass(frozen=True)
class HoursLost:
    """A time that was lost, as the text states it."""

    hours: float
    """Of all the places in the text, summed."""
    start: int
    """First character of the first place that says so."""
    end: int
    """One past its last character."""


def hours_lost(text: str) -> HoursLost | None:
    """The hours a text says were lost; None where it says nothing of the kind."""
    seen = text[:MOST_CHARACTERS].replace("’", "'")
    found: dict[int, tuple[int, int, float]] = {}
    for place, pattern in enumerate(_PATTERNS):
        try:
            for match in pattern.finditer(seen, timeout=_TIMEOUT):
                if hours := _hours(match, seen, waiting=place == _WAITING):
                    found.setdefault(match.end("unit"), (match.start(), match.end(), hours))
        except TimeoutError:
            continue
    if not found:
        return None
    start, end, _ = min(found.values())
    return HoursLost(round(sum(hours for _, _, hours in found.values()), 3), start, end)


def _hours(match: Any, seen: str, *, waiting: bool) -> float:
    """Hours that a match states; 0 where it is not a time that was lost."""
    unit = match["unit"].lower()
    if waiting and unit in _CALENDAR:
        return 0.0
    before = seen[max(0, match.start() - 30) : match.start()]
    if _NOT_SPENT.search(before) or _NOT_AFTER.match(seen, match.end()):
        return 0.0
    number = " ".join(match["number"].lower().split())
    if number in _WORDS:
        value = _WORDS[number]
    else:
        parts = [float(part.replace(",", ".")) for part in regex.findall(r"\d+(?:[.,]\d+)?", number)]
        value = sum(parts) / len(parts)
    if match["half"] or match.group().lower().rstrip().endswith("and a half"):
        value += 0.5
    return value * float(_UNITS[unit])
