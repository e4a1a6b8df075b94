"""Surveys with a column for each question: every answer to an open question is a signal, under its question.

Told by headers that are questions and cells that are prose. Ratings and choices are no signals; neither are the extra
header rows that Qualtrics and SurveyMonkey write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from signaltriage.capture.readers.base import Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.columns import row_id, tells_apart, usual_plan
from signaltriage.capture.readers.markup import plain
from signaltriage.capture.readers.values import joined, letters, person, words
from signaltriage.log_types import CaptureItem, Skipped

_IDS: Final = ("response_id", "respondent_id", "responseid", "submission_id", "token", "id", "column_1")
_TIMES: Final = (
    *("submit_date_utc", "submit_date", "end_date", "enddate", "date_submitted", "submitted_at", "recorded_date"),
    *("recordeddate", "completed_at", "timestamp", "start_date_utc", "start_date", "startdate", "date_created", "date"),
)
_AUTHORS: Final = (
    "email_address",
    "email",
    "e_mail",
    "recipientemail",
    "recipient_email",
    *("employee_id",),
    "user_id",
    "customer_id",
    "name",
)
_META: Final = frozenset(
    (
        *("collector_id", "ip_address", "ipaddress", "first_name", "last_name", "custom_data_1", "network_id", "tags"),
        *("status", "progress", "finished", "duration_in_seconds", "externalreference", "external_reference"),
        *("locationlatitude", "locationlongitude", "distributionchannel", "userlanguage", "language", "channel", "url"),
        *(*_IDS, *_TIMES, *_AUTHORS),
    )
)
_SURVEY_SIGNS: Final = frozenset(
    ("respondent_id", "response_id", "responseid", "collector_id", "submission_id", "network_id", "submit_date_utc")
)
_ASKS: Final = re.compile(
    r"(?:what|why|how|where|when|who|which|is there|are there|do you|did you|would you|could you|can you|please|"
    r"tell us|describe|any other|anything|was|wie|was|warum|que|pourquoi|comment|qué|por qué|cómo)\b",
    re.IGNORECASE,
)
_SECOND_HEADER: Final = re.compile(
    r"open-ended response|response|other \(please specify\)|\{\"ImportId\".*", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"[-+]?\d[\d.,:/ %-]*")


@dataclass(frozen=True, slots=True)
class _Plan:
    questions: tuple[tuple[str, str], ...]
    """Column and question."""
    id: str
    time: str
    author: str
    header_rows: frozenset[str]
    """Places of rows that belong to the header."""


def _suits(known: Known) -> bool:
    plan = _plan(known)
    if not plan.questions:
        return False
    asked = sum(_is_question(question) for _, question in plan.questions)
    signs = bool(_SURVEY_SIGNS & known.header.keys()) or bool(plan.header_rows)
    if asked > 0 or (signs and len(plan.questions) > 1):
        return True
    # Columns of prose under names that say nothing ("like", "dislike"): none of them is the text of the row.
    return len(plan.questions) > 1 and usual_plan(list(known.header), known) is None


def _plan(known: Known) -> _Plan:
    plan = known.memory.get("survey")
    if isinstance(plan, _Plan):
        return plan
    extra = _header_rows(known)
    titles = dict(known.header)
    imported = next((row for row in extra if any("ImportId" in words(cell) for cell in row.data.values())), None)
    if imported is not None and extra[0] is not imported:  # Qualtrics: codes, then questions, then ids
        titles.update({column: words(cell) for column, cell in extra[0].data.items() if cell})
    rows = [record for record in known.sample if all(record is not row for row in extra)]
    columns = [column for column in known.header if column not in _META]
    questions = tuple((column, titles[column]) for column in columns if _is_open(column, titles[column], rows))
    plan = known.memory["survey"] = _Plan(
        questions,
        next((name for name in _IDS if name in known.header and tells_apart(name, known)), ""),
        next((name for name in _TIMES if name in known.header), ""),
        next((name for name in _AUTHORS if name in known.header), ""),
        frozenset(row.place for row in extra),
    )
    known.moments.learn(record.data.get(plan.time) for record in rows)
    return plan


def _header_rows(known: Known) -> list[Record]:
    """The first rows, where they go on with the header."""
    first = known.sample[:2]
    for number, record in enumerate(first):
        if any(words(cell).startswith('{"ImportId"') for cell in record.data.values()):
            return first[: number + 1]
    if first:
        cells = [words(cell).strip() for cell in first[0].data.values()]
        filled = [cell for cell in cells if cell]
        if filled and not cells[0] and all(_SECOND_HEADER.fullmatch(cell) for cell in filled):
            return first[:1]
    return []


def _is_question(text: str) -> bool:
    return text.rstrip().endswith("?") or (len(text.split()) >= 4 and bool(_ASKS.match(text.strip())))


def _is_open(column: str, question: str, rows: list[Record]) -> bool:
    """Whether people answer in their own words."""
    cells = [cell for row in rows if isinstance(row.data.get(column), str) and (cell := row.data[column].strip())]
    if not cells:
        return _is_question(question)
    numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in cells)
    lengths = sum(len(cell.split()) for cell in cells) / len(cells)
    varied = len(set(cells)) / len(cells)
    if numbers * 2 > len(cells) or (varied < 0.5 and lengths < 6 and len(cells) > 4):
        return False
    if "@" in cells[0] or cells[0].startswith(("http://", "https://")):
        return lengths >= 4
    return lengths >= (2 if _is_question(question) else 4)


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    plan = _plan(known)
    data, place = record.data, record.place
    if place in plan.header_rows:
        yield Skipped(place, "second header row")
        return
    answers = [(column, question, plain(words(data.get(column)))) for column, question in plan.questions]
    answers = [answer for answer in answers if answer[2]]
    if not answers:
        yield Skipped(place, "no open question answered")
        return
    time = data.get(plan.time) if plan.time else None
    author = person(data.get(plan.author)) if plan.author else ""
    key = words(data.get(plan.id)).strip() if plan.id else ""
    key = key or row_id(known, words(time), author, *(text for _, _, text in answers))
    for column, question, text in answers:
        part = column if len(column) <= 40 else f"{column[:30]}-{letters(column)[:8]}"
        draft = Draft(joined(key, part), text, question, created_at=time, audience=known.customer, author=author)
        yield captured(place if len(answers) == 1 else f"{place}, {known.header[column][:60]}", draft, known)


def _say(known: Known) -> str:
    return f"{len(_plan(known).questions)} open questions"


def _able(known: Known) -> bool:
    return bool(_plan(known).questions)


READER = Reader("survey", "Survey", lambda _: False, _read, suits=_suits, able=_able, say=_say, source="")
