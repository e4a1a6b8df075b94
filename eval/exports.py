"""Every file of the real exports: what it is taken for, and what becomes of each thing in it.

    SIGNALTRIAGE_DATA=../shared/data python -m eval.exports        writes eval/results/exports.json

`EXPECTED` is what a person counted in the files; tests/unit/capture/readers/test_readers_exports.py holds each line.
Counts only: no text of these files enters the repo.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from signaltriage.capture.readers import open_signals
from signaltriage.errors import SignalTriageError
from signaltriage.log_types import Captured, Skipped, Unreadable
from signaltriage.types import Signal

ROOT: Final = Path(__file__).resolve().parents[1]
DATA: Final = Path(os.environ.get("SIGNALTRIAGE_DATA", ROOT.parent / "shared" / "data"))
RESULTS: Final = ROOT / "eval" / "results" / "exports.json"
Expected = tuple[str, int, dict[str, int], int]


@dataclass(frozen=True)
class Line:
    """A file, and what became of what is in it."""

    file: str
    reader: str
    """What it was taken for."""
    how: str
    read: int
    signals: int
    skipped: tuple[tuple[str, int], ...]
    """Reason and how many, most first."""
    rejected: int
    threads: int
    """Signals that answer another."""
    without_time: int
    without_opener: int
    """Signals whose thread is their own id."""


def paths() -> list[str]:
    """All files, relative to the folder of exports."""
    folder = DATA / "exports"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def folders() -> list[str]:
    """Folders whose files are joined."""
    joined = ["slack_export", *(f"fivetran_schema/{tool}" for tool in ("intercom", "jira", "servicenow", "zendesk"))]
    return [name for name in joined if (DATA / "exports" / name).is_dir()]


def line_of(name: str) -> Line:
    """The line of a file or folder; one that no reader knows is rejected as a whole."""
    try:
        with open_signals(DATA / "exports" / name) as file:
            items = list(file.items)
    except SignalTriageError as error:
        return Line(name, "none", error.message.split(";")[0], 1, 0, (), 1, 0, 0, 0)
    signals = [item.found for item in items if isinstance(item, Captured) and isinstance(item.found, Signal)]
    skipped = Counter(item.reason for item in items if isinstance(item, Skipped))
    return Line(
        file=name,
        reader=file.reader,
        how=file.how,
        read=len(items),
        signals=sum(isinstance(item, Captured) for item in items),
        skipped=tuple(sorted(skipped.items(), key=lambda one: (-one[1], one[0]))),
        rejected=sum(isinstance(item, Unreadable) for item in items),
        threads=sum(bool(signal.thread) for signal in signals),
        without_time=sum(signal.created_at is None for signal in signals),
        without_opener=sum(signal.thread == signal.id for signal in signals),
    )


def _written(line: Line) -> str:
    skipped = ", ".join(f"{reason} {count}" for reason, count in line.skipped)
    return f"| {line.file} | {line.reader} | {line.read} | {line.signals} | {skipped} | {line.rejected} |"


def main() -> None:
    """Print the table, and write it."""
    lines = [line_of(name) for name in [*paths(), *folders()]]
    print("| file | recognised as | read | signals | skipped | rejected |\n|---|---|---|---|---|---|")
    print("\n".join(map(_written, lines)))
    RESULTS.write_text(
        json.dumps([asdict(line) for line in lines], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


EXPECTED: Final[dict[str, Expected]] = {
    "README.md": ("none", 0, {}, 1),
    "discourse/create_topic_response.json": ("discourse", 1, {}, 0),
    "fivetran_schema/intercom/company_tag_history_data.csv": ("warehouse", 0, {"lookup table: other": 9}, 0),
    "fivetran_schema/intercom/contact_tag_history_data.csv": ("warehouse", 0, {"lookup table: other": 10}, 0),
    "fivetran_schema/intercom/conversation_contact_history_data.csv": ("warehouse", 0, {"lookup table: other": 9}, 0),
    "fivetran_schema/intercom/conversation_history_data.csv": ("warehouse", 2, {"superseded version": 7}, 0),
    "fivetran_schema/intercom/conversation_part_history_data.csv": ("warehouse", 1, {"system note": 8}, 0),
    "fivetran_schema/intercom/conversation_tag_history_data.csv": (
        "warehouse",
        0,
        {"lookup table: conversation_tag": 9},
        0,
    ),
    "fivetran_schema/intercom/tag_data.csv": ("warehouse", 0, {"lookup table: tag": 22, "deleted": 3}, 0),
    "fivetran_schema/jira/component.csv": ("warehouse", 0, {"lookup table: other": 4}, 0),
    "fivetran_schema/jira/issue.csv": ("warehouse", 4, {}, 0),
    "fivetran_schema/jira/issue_field_history.csv": ("warehouse", 0, {"lookup table: other": 10}, 0),
    "fivetran_schema/jira/issue_link.csv": ("warehouse", 0, {"lookup table: other": 3}, 0),
    "fivetran_schema/jira/issue_multiselect_history.csv": ("warehouse", 0, {"lookup table: other": 8}, 0),
    "fivetran_schema/jira/issue_type.csv": ("warehouse", 0, {"lookup table: other": 3}, 0),
    "fivetran_schema/servicenow/change_task_data.csv": ("warehouse", 0, {"lookup table: other": 1}, 0),
    "fivetran_schema/servicenow/incident_data.csv": ("warehouse", 0, {"lookup table: incident": 1}, 0),
    "fivetran_schema/servicenow/problem_task_data.csv": ("warehouse", 0, {"lookup table: other": 1}, 0),
    "fivetran_schema/servicenow/sys_user_data.csv": ("warehouse", 0, {"lookup table: user": 1}, 0),
    "fivetran_schema/servicenow/sys_user_group_data.csv": ("warehouse", 0, {"lookup table: group": 1}, 0),
    "fivetran_schema/servicenow/task_data.csv": ("warehouse", 1, {}, 0),
    "fivetran_schema/zendesk/group_data.csv": ("warehouse", 0, {"lookup table: group": 8}, 0),
    "fivetran_schema/zendesk/organization_tag_data.csv": ("warehouse", 0, {"lookup table: other": 12}, 0),
    "fivetran_schema/zendesk/ticket_comment_data.csv": ("warehouse", 20, {}, 0),
    "fivetran_schema/zendesk/ticket_data.csv": ("warehouse", 8, {"deleted": 2}, 0),
    "fivetran_schema/zendesk/ticket_tag_data.csv": ("warehouse", 0, {"lookup table: ticket_tag": 10}, 0),
    "fivetran_schema/zendesk/user_data.csv": ("warehouse", 0, {"lookup table: user": 10}, 0),
    "fivetran_schema/zendesk/user_tag_data.csv": ("warehouse", 0, {"lookup table: other": 10}, 0),
    "freshdesk/solution_articles.json": ("articles", 0, {"knowledge article": 2}, 0),
    "freshdesk/tickets.json": ("freshdesk", 2, {}, 0),
    "freshservice/ticket.json": ("freshservice", 1, {}, 0),
    "front/conversations.json": ("front", 34, {}, 0),
    "gorgias/ticket_messages.json": ("gorgias", 6, {}, 0),
    "helpscout/conversation_webhook.json": ("helpscout", 2, {}, 0),
    "hubspot/list-tickets.json": ("hubspot", 22, {}, 0),
    "intercom/articles.json": ("articles", 0, {"knowledge article": 4}, 0),
    "intercom/conversation-parts.json": ("intercom", 14, {"system note": 22, "empty": 2, "a query, no record": 1}, 0),
    "intercom/conversations.json": ("intercom", 14, {"system note": 22, "empty": 2, "a query, no record": 1}, 0),
    "jira/get-issue.json": ("jira", 9, {}, 0),
    "jira/issues.json": ("jira", 16, {}, 0),
    "jira_csv/jira_cloud_all_fields_bom_crlf.csv": ("jira", 3, {}, 0),
    "servicenow/incident_export.csv": ("servicenow", 2, {}, 0),
    "servicenow/incidents.json": ("servicenow", 73, {}, 0),
    "servicenow/knowledge-articles.json": ("articles", 0, {"knowledge article": 42}, 0),
    "servicenow/list-incidents.json": ("servicenow", 2, {}, 0),
    "slack/get-conversation-history.json": ("slack", 0, {"bot message": 10}, 0),
    "slack/get-thread-replies.json": ("slack", 0, {"bot message": 3}, 0),
    "slack/messages-received.json": (
        "slack",
        0,
        {"lookup table: channels": 16, "bot message": 7, "join or leave message": 2, "system note": 2},
        0,
    ),
    "slack_export/channels.json": ("lookups", 0, {"lookup table: channels": 2}, 0),
    "slack_export/enrique/2016-01-14.json": ("slack", 2, {"join or leave message": 4}, 0),
    "slack_export/enrique/2016-01-15.json": ("slack", 6, {}, 0),
    "slack_export/enrique/2016-01-16.json": ("slack", 1, {"system note": 1}, 0),
    "slack_export/enrique/2016-02-07.json": ("slack", 8, {"bot message": 12}, 0),
    "slack_export/enrique/2016-02-08.json": ("slack", 0, {"bot message": 9}, 0),
    "slack_export/enrique/2016-03-17.json": ("slack", 12, {}, 0),
    "slack_export/enrique/2016-03-25.json": ("slack", 0, {"bot message": 9, "system note": 1}, 0),
    "slack_export/enrique/2016-03-26.json": ("slack", 1, {"bot message": 17}, 0),
    "slack_export/enrique/2016-03-28.json": ("slack", 0, {"bot message": 19}, 0),
    "slack_export/traveling-sailor/2016-01-16.json": ("slack", 0, {"join or leave message": 4, "system note": 1}, 0),
    "slack_export/traveling-sailor/2016-02-07.json": ("slack", 0, {"bot message": 3}, 0),
    "slack_export/traveling-sailor/2016-02-08.json": ("slack", 0, {"bot message": 14}, 0),
    "slack_export/traveling-sailor/2016-03-25.json": ("slack", 6, {"bot message": 3}, 0),
    "slack_export/traveling-sailor/2016-03-26.json": ("slack", 9, {"bot message": 4, "file without words": 1}, 0),
    "slack_export/traveling-sailor/2016-03-27.json": ("slack", 5, {"bot message": 2, "file without words": 1}, 0),
    "slack_export/traveling-sailor/2016-03-28.json": ("slack", 0, {"bot message": 1, "file without words": 1}, 0),
    "slack_export/traveling-sailor/2016-03-29.json": ("slack", 0, {"bot message": 1}, 0),
    "slack_export/users.json": ("lookups", 0, {"lookup table: users": 4}, 0),
    "zendesk/articles.json": ("articles", 0, {"knowledge article": 13}, 0),
    "zendesk/search-tickets.json": ("zendesk", 4, {}, 0),
    "zendesk/ticket-comments.json": ("zendesk", 9, {}, 0),
    "zendesk/tickets.json": ("zendesk", 4, {}, 0),
    "slack_export": (
        "slack_export",
        50,
        {
            "bot message": 94,
            "join or leave message": 8,
            "lookup table: users": 4,
            "file without words": 3,
            "system note": 3,
            "lookup table: channels": 2,
        },
        0,
    ),
    "fivetran_schema/intercom": (
        "warehouse",
        3,
        {
            "lookup table: other": 28,
            "lookup table: tag": 22,
            "lookup table: conversation_tag": 9,
            "system note": 8,
            "superseded version": 7,
            "deleted": 3,
        },
        0,
    ),
    "fivetran_schema/jira": ("warehouse", 4, {"lookup table: other": 28}, 0),
    "fivetran_schema/servicenow": (
        "warehouse",
        1,
        {"lookup table: other": 2, "lookup table: group": 1, "lookup table: incident": 1, "lookup table: user": 1},
        0,
    ),
    "fivetran_schema/zendesk": (
        "warehouse",
        28,
        {
            "lookup table: other": 22,
            "lookup table: ticket_tag": 10,
            "lookup table: user": 10,
            "lookup table: group": 8,
            "deleted": 2,
        },
        0,
    ),
}

if __name__ == "__main__":
    main()
