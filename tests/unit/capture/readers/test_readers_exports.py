"""Every file of the real exports is recognised and read: one line for each, held.

SIGNALTRIAGE_DATA=../shared/data python -m pytest -m real_data tests/unit/capture/readers
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest
from eval.exports import DATA, EXPECTED, folders, line_of, paths

from support_readers import signals_of

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not (DATA / "exports").is_dir(), reason=f"no exports in SIGNALTRIAGE_DATA ({DATA})"),
]


@pytest.mark.parametrize("name", [*EXPECTED, "."])
def test_a_file_is_recognised_and_read_with_the_right_counts(name: str) -> None:
    if name == ".":
        assert sorted(EXPECTED) == sorted([*paths(), *folders()]), "a line for every file, and no other"
        return
    line = line_of(name)
    assert (line.reader, line.signals, dict(line.skipped), line.rejected) == EXPECTED[name]
    assert line.read == line.signals + sum(dict(line.skipped).values()) + line.rejected
    assert line.without_time == 0
    assert line.without_opener == 0


TEXTS = frozenset(
    ("description", "description_text", "body", "body_text", "plain_body", "html_body", "text", "content", "subject")
) | {"summary", "short_description", "cooked", "preview", "comment", "title"}
WHOLE = [
    *("zendesk/tickets.json", "zendesk/search-tickets.json", "zendesk/ticket-comments.json", "freshdesk/tickets.json"),
    *(
        "freshservice/ticket.json",
        "front/conversations.json",
        "gorgias/ticket_messages.json",
        "hubspot/list-tickets.json",
    ),
    *("helpscout/conversation_webhook.json", "jira/issues.json", "jira/get-issue.json", "servicenow/incidents.json"),
    *("servicenow/list-incidents.json", "discourse/create_topic_response.json"),
]
"""Files in which everything is a signal."""


def raw_texts(value: object, name: str = "") -> Iterator[str]:
    """Every text in a file under a name for texts; not the descriptions of kinds and states."""
    if isinstance(value, str) and name in TEXTS:
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            if key not in {"issuetype", "status", "priority", "project", "tags", "actions_summary", "assignee"}:
                yield from raw_texts(held, key)
    elif isinstance(value, list):
        for held in value:
            yield from raw_texts(held, name)


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_but_mark_up_is_lost(name: str) -> None:
    """Every word of every text field stands in a signal; tags are cut off by a pattern, not by what is tested."""
    raw = json.loads((DATA / "exports" / name).read_text(encoding="utf-8"))
    expected: set[str] = set()
    for text in raw_texts(raw):
        expected |= set(re.findall(r"\w+", html.unescape(re.sub(r"<[^<>]+>", " ", text))))
    said = " ".join(f"{signal.title} {signal.text}" for signal in signals_of(DATA / "exports" / name))
    assert expected - set(re.findall(r"\w+", said)) == set()
    assert expected
