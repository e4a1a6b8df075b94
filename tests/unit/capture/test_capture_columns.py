"""Which columns hold the text, and how cells become one text."""

import pandas as pd
import pytest

from signaltriage.capture import join_text, pick_text_columns, to_text
from signaltriage.errors import UsageError

ZENDESK = [
    "id",
    "created_at",
    "description",
    "raw_subject",
    "requester_id",
    "status",
    "subject",
    "submitter_id",
    "tags",
]
JIRA_CSV = ["Summary", "Issue key", "Issue id", "Issue Type", "Status", "Created", "Labels", "Labels.1", "Description"]
SERVICENOW = ["number", "opened_at", "short_description", "caller_id", "state", "assignment_group", "sys_updated_on"]


@pytest.mark.parametrize(
    ("columns", "names", "said"),
    [
        (ZENDESK, ("subject", "description"), "Zendesk"),
        (JIRA_CSV, ("Summary", "Description"), "Jira"),
        (SERVICENOW, ("short_description",), "ServiceNow"),
        (
            ["id", "subject", "description", "description_text", "responder_id"],
            ("subject", "description_text"),
            "Freshdesk",
        ),
        (["expand", "id", "self", "key", "fields"], ("fields.summary", "fields.description"), "Jira API"),
        (["id", "properties", "createdAt", "archived"], ("properties.subject", "properties.content"), "HubSpot"),
        (["type", "id", "source", "contacts", "state"], ("source.subject", "source.body"), "Intercom"),
        (["id", "subject", "messages", "customer"], ("subject", "messages.0.body_text"), "Gorgias"),
        (["_links", "id", "subject", "status", "is_private", "waiting_since"], ("subject",), "Front"),
        (["id", "name", "cooked", "raw", "topic_id", "created_at"], ("raw",), "Discourse"),
        (["id", "number", "subject", "preview", "threads"], ("subject", "preview"), "Help Scout"),
        (["user", "type", "comment", "text", "ts"], ("text",), "Slack"),
        (
            ["number", "summary", "short_description", "text", "sys_updated_on"],
            ("short_description", "text"),
            "ServiceNow",
        ),
        (["Job Title", "user_title", "Customer Message"], ("Customer Message",), ""),
        (["text", "label"], ("text",), "usual names"),
        (["id", "created", "title", "content", "topic"], ("title", "content"), "usual names"),
        (["question", "answer", "link"], ("question",), "usual names"),
        (
            ["Ticket ID", "Ticket Subject", "Ticket Description", "Ticket Type"],
            ("Ticket Subject", "Ticket Description"),
            "",
        ),
        (["messageId", "messageBody", "message_created_at"], ("messageBody",), ""),
        (["Document", "Topic_group"], ("Document",), ""),
        (["SUBJECT ", "Body"], ("SUBJECT ", "Body"), ""),
    ],
)
def test_known_exports_and_usual_names(columns: list[str], names: tuple[str, ...], said: str) -> None:
    picked = pick_text_columns(columns, None)
    assert picked.names == names
    assert said in picked.how
    assert all(name in picked.how for name in names)


@pytest.mark.parametrize(
    "columns",
    [
        ["id", "label", "created_at"],
        ["text_label", "message_id", "comment_count", "subject_id", "body_hash", "description_url"],
        ["like", "dislike"],
        ["question_1", "st_reason", "answer"],
        [],
    ],
)
def test_labels_ids_and_dates_are_never_picked(columns: list[str]) -> None:
    with pytest.raises(UsageError, match="no column looks like") as caught:
        pick_text_columns(columns, None)
    assert "--text" in caught.value.remedy


@pytest.mark.parametrize(
    ("columns", "requested", "names"),
    [
        (["a", "b"], "b,a", ("b", "a")),
        (["a", "b"], " B , a", ("b", "a")),
        (["a", "b"], "a,,b,", ("a", "b")),
        (["a", "b"], "a,a", ("a",)),
        (["note, with comma", "b"], "note, with comma", ("note, with comma",)),
        (["note, with comma", "b"], "b,note, with comma", ("b", "note, with comma")),
        (["x", "y", "x,y"], "x,y", ("x,y",)),
        (["a", "A"], "A", ("A",)),
        (["fields", "key"], "fields.summary,key", ("fields.summary", "key")),
        (["a.b", "a"], "a.b", ("a.b",)),
        (["a, b", "c"], ["c", "a, b"], ("c", "a, b")),
    ],
)
def test_requested_columns(columns: list[str], requested: str | list[str], names: tuple[str, ...]) -> None:
    picked = pick_text_columns(columns, requested)
    assert picked.names == names
    assert "as asked for" in picked.how


def test_an_unknown_column_is_refused_with_the_list_and_the_nearest() -> None:
    with pytest.raises(UsageError, match="no column 'descripton'") as caught:
        pick_text_columns(["Subject", "Description"], "Subject,descripton")
    assert "Did you mean 'Description'?" in caught.value.remedy
    assert "Subject, Description" in caught.value.remedy
    for nothing in ("", " , ", []):
        with pytest.raises(UsageError, match="No text column is named"):
            pick_text_columns(["a"], nothing)
    with pytest.raises(UsageError) as caught:
        pick_text_columns([f"c{i}" for i in range(90)], "zzz")
    assert "and 50 more" in caught.value.remedy


def test_join_text_skips_blank_cells_and_keeps_the_order() -> None:
    frame = pd.DataFrame({"s": ["Hello", "", "  ", None], "b": ["World", "only", "b", float("nan")]}, dtype=object)
    assert join_text(frame, ["s", "b"]) == ["Hello\nWorld", "only", "b", ""]
    assert join_text(frame, ["b"]) == ["World", "only", "b", ""]
    with pytest.raises(UsageError, match="no column 'x'"):
        join_text(frame, ["x"])


def test_join_text_reaches_into_json_cells() -> None:
    document = '{"description":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"Line "},'
    document += '{"type":"text","text":"one"}]},{"type":"paragraph","content":[{"type":"text","text":"two"}]}]}}'
    cells = ['{"summary":"Printer","n":5}', document, '{"summary":null}', "not json", "{broken", "", '["x"]']
    frame = pd.DataFrame({"fields": cells}, dtype=object)
    assert join_text(frame, ["fields.summary", "fields.description"]) == [
        "Printer",
        "Line one\ntwo",
        "",
        "",
        "",
        "",
        "",
    ]
    assert join_text(frame, ["fields.n", "fields.0"]) == ["5", "", "", "", "", "", "x"]
    deep = '{"content":[' * 5000 + "]}" * 5000
    assert join_text(pd.DataFrame({"fields": [f'{{"d":{deep}}}']}), ["fields.d"]) == [""]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        ("x", "x"),
        (b"caf\xc3\xa9", "café"),
        (b"\xef\xbb\xbfcaf\xe9", "ï»¿café"),
        (5, "5"),
        (1.5, "1.5"),
        (True, "True"),
        (["a"], "['a']"),
    ],
)
def test_to_text(value: object, text: str) -> None:
    assert to_text(value) == text
