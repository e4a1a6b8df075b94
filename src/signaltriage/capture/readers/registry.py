"""All readers, and how a file is told to be of one: by its records, not by its name."""

from __future__ import annotations

from typing import Final

from signaltriage.capture.readers import (
    articles,
    discourse,
    freshdesk,
    front,
    github,
    gorgias,
    helpscout,
    hubspot,
    intercom,
    jira,
    lookups,
    searches,
    servicenow,
    slack,
    survey,
    table,
    warehouse,
    zendesk,
)
from signaltriage.capture.readers.base import Known, Reader, Record
from signaltriage.errors import InputError

READERS: Final[tuple[Reader, ...]] = (
    articles.READER,
    warehouse.READER,
    zendesk.READER,
    jira.READER,
    servicenow.READER,
    intercom.READER,
    freshdesk.FRESHSERVICE,
    freshdesk.READER,
    helpscout.READER,
    front.READER,
    gorgias.READER,
    hubspot.READER,
    discourse.READER,
    github.READER,
    slack.READER,
    lookups.READER,
    searches.READER,
    survey.READER,
    table.READER,
)
"""In the order in which they are asked: the first of those that most of the first records fit wins."""


def reader_named(name: str | None) -> Reader | None:
    """The reader of a name; None where there is none."""
    wanted = (name or "").strip().lower()
    return next((reader for reader in (*READERS, slack.EXPORT) if reader.name == wanted), None)


def recognise(known: Known, name: str) -> Reader:
    """The reader that the first records of `known` are for.

    Raises:
        InputError: no reader is.
    """
    if known.asked.mapping is not None:
        return table.READER
    forced = reader_named(known.asked.source)
    if forced is not None and (forced.able is None or forced.able(known)):
        return forced
    if forced is not None:
        raise _unknown(known, name)
    best, most = None, 0
    for reader in READERS:
        fitting = sum(_fits(reader, record) for record in known.sample)
        # What only looks things up never speaks for a file that holds anything else.
        if fitting > most and (best is None or reader is not lookups.READER):
            best, most = reader, fitting
    if best is not None:
        return best
    for reader in READERS:
        if reader.suits is not None and reader.suits(known):
            return reader
    raise _unknown(known, name)


def _unknown(known: Known, name: str) -> InputError:
    seen = ", ".join(list(known.header.values() or _keys(known))[:30]) or "no records"
    return InputError(
        f"{name} is of no kind that is known, and no column looks like the text of a signal; there is: {seen[:600]}",
        remedy="Name the tool with --source, or say what is what in a mapping file (--mapping): "
        'text = "Column", and if you can id, created_at, author, title, status, team, tags = "Column".',
    )


def _fits(reader: Reader, record: Record) -> bool:
    """Whether a record is of a reader's tool; one of a shape that the reader did not think of is not."""
    try:
        return reader.fits(record)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        return False


def _keys(known: Known) -> list[str]:
    return list(dict.fromkeys(key for record in known.sample[:20] for key in record.data))
