"""Folders and archives: each file on its own, what belongs together joined."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from signaltriage.capture.readers import Asked, open_signals
from signaltriage.capture.readers.values import raw_of
from signaltriage.log_types import Captured, CaptureItem, Skipped, Unreadable
from signaltriage.types import Signal
from support import ROOT
from support_readers import items_of, reasons_of, signals_of

FIXTURES = ROOT / "tests" / "fixtures" / "exports"


def message(stamp: str, text: str, **more: object) -> dict[str, object]:
    return {"type": "message", "user": "U1", "ts": stamp, "text": text, **more}


def slack_export(root: Path) -> Path:
    """A workspace of two channels; a thread goes on the next day; a message has the same time in both channels."""
    days = {
        "help/2026-03-02": [
            message("1772438400.000100", "VPN is down"),
            message("1772438401.000100", "joined", subtype="channel_join"),
        ],
        "help/2026-03-03": [message("1772524800.000100", "for me too", thread_ts="1772438400.000100", user="U2")],
        "random/2026-03-02": [message("1772438400.000100", "cake?"), message("1772438402.000100", "robot", user="U9")],
    }
    users = [{"id": "U1", "name": "ines", "profile": {}}, {"id": "U9", "name": "deploy", "is_bot": True, "profile": {}}]
    channels = [
        {"id": "C1", "name": "help", "creator": "U1", "members": []},
        {"id": "C2", "name": "random", "members": []},
    ]
    for name, held in {**days, "users": users, "channels": channels, "integration_logs": []}.items():
        path = root / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(held))
    return root


def pack(folder: Path, prefix: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"{prefix}{file.relative_to(folder).as_posix()}")
    return path


@pytest.mark.parametrize("shape", ["folder", "zip", "zip with a folder in it"])
def test_a_slack_export_is_joined_whatever_it_comes_in(tmp_path: Path, shape: str) -> None:
    folder = slack_export(tmp_path / "export")
    path = {"folder": folder}.get(shape) or pack(folder, "acme/" if "with" in shape else "")
    with open_signals(path) as file:
        items = list(file.items)
    assert file.reader == "slack_export"
    signals = [item.found for item in items if isinstance(item, Captured) and isinstance(item.found, Signal)]
    assert [(signal.id, signal.thread, signal.team) for signal in signals] == [
        ("C1/1772438400.000100", "", "help"),
        ("C1/1772524800.000100", "C1/1772438400.000100", "help"),
        ("C2/1772438400.000100", "", "random"),
    ]
    assert {signal.source for signal in signals} == {"slack"}
    assert sorted(reasons_of(items)) == [
        "bot message",
        "join or leave message",
        *["lookup table: channels"] * 2,
        *["lookup table: users"] * 2,
    ]
    assert any(item.place.endswith("help/2026-03-03.json record 1") for item in items)


def test_a_folder_of_many_tools_is_read_file_by_file(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "zendesk.json", tmp_path / "tickets.json")
    shutil.copy(FIXTURES / "survey.csv", tmp_path / "survey.csv")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    slack_export(tmp_path / "slack")
    with open_signals(tmp_path) as file:
        items = list(file.items)
    assert file.reader == "folder"
    found = {item.found.source for item in items if isinstance(item, Captured) and isinstance(item.found, Signal)}
    assert found == {"zendesk", "survey", "slack"}
    refused = [(item.place, item.reason.split(",")[0]) for item in items if isinstance(item, Unreadable)]
    assert refused == [
        ("notes.pdf", "not a kind of file that is read: .pdf"),
        ("odd.csv", "odd.csv is of no kind that is known"),
    ]
    assert Skipped(".DS_Store", "system file") in items
    assert any(remark.startswith("tickets.json: Zendesk") for remark in file.remarks)


def test_what_a_folder_holds_is_what_its_files_hold(tmp_path: Path) -> None:
    """The items of a folder are those of its files, one by one: nothing is lost in between."""
    names = [path.name for path in FIXTURES.iterdir() if not path.name.endswith(".expected.json")]
    for name in names:
        shutil.copy(FIXTURES / name, tmp_path / name)

    def without_place(item: CaptureItem) -> str:
        return raw_of({"what": type(item).__name__, "held": repr(item).partition(", ")[2]})

    together = sorted(map(without_place, items_of(tmp_path)))
    alone = sorted(without_place(item) for name in names for item in items_of(FIXTURES / name))
    assert together == alone


def warehouse(folder: Path) -> Path:
    tables = {
        "user.csv": "id,_fivetran_synced,role,email,name,chat_only\n501,x,end-user,i@example.org,Ines,false\n"
        "601,x,agent,k@example.org,Kit,false\n",
        "group.csv": "id,_fivetran_synced,name,url,created_at\n901,x,Hardware,u,2026-01-01\n",
        "ticket_tag.csv": "ticket_id,tag,_fivetran_synced\n7101,printer,x\n7101,labels,x\n",
        "ticket_comment.csv": "id,_fivetran_synced,body,created,public,ticket_id,user_id\n"
        "1,x,Blank   pages,2026-03-02 08:00:00,true,7101,501\n2,x,Which driver?,2026-03-02 09:00:00,true,7101,601\n"
        "3,x,Orphan,2026-03-02 09:00:00,true,9999,777\n",
        "ticket.csv": "id,_fivetran_synced,_fivetran_deleted,description,group_id,requester_id,subject,status,"
        "submitter_id,url\n7101,x,false,Blank pages,901,501,Printer,open,501,https://p.zendesk.com/api/v2/tickets/7101.json\n",
        "brand.csv": "id,_fivetran_synced,name\n1,x,Pellucid\n",
    }
    folder.mkdir()
    for name, text in tables.items():
        (folder / name).write_text(text)
    return folder


def test_the_tables_of_a_warehouse_are_joined(tmp_path: Path) -> None:
    signals = {signal.id: signal for signal in signals_of(warehouse(tmp_path / "zendesk"))}
    ticket = signals["7101"]
    assert (ticket.team, ticket.tags, ticket.source) == ("Hardware", ("printer", "labels"), "zendesk")
    assert ticket.link == "https://p.zendesk.com/agent/tickets/7101"
    assert signals["comment/2"].audience == "employee"
    assert signals["comment/2"].thread == "7101"
    assert signals["comment/3"].thread == "9999"
    assert set(signals) == {"7101", "comment/2", "comment/3"}  # comment/1 repeats the description


def test_one_table_of_a_warehouse_says_what_it_can(tmp_path: Path) -> None:
    folder = warehouse(tmp_path / "zendesk")
    assert len(signals_of(folder / "ticket_comment.csv")) == 3
    assert set(reasons_of(items_of(folder / "user.csv"))) == {"lookup table: user"}
    assert set(reasons_of(items_of(folder / "brand.csv"))) <= {"lookup table: other", "lookup table: tag"}


def test_tables_of_jira_intercom_and_servicenow_are_joined(tmp_path: Path) -> None:
    part = "id,_fivetran_synced,_fivetran_active,part_type,conversation_id,body,author_id,author_type\n"
    conversation = (
        "id,_fivetran_synced,_fivetran_active,source_body,source_type,source_subject,source_author_id,"
        "source_author_type,state,assignee_id,assignee_type,created_at\n"
    )
    issue = "id,_fivetran_synced,key,summary,description,issue_type,status,project,reporter\n"
    task = "sys_id,_fivetran_synced,number,short_description,description,sys_class_name,opened_at,state\n"
    day = "2026-03-02 08:00:00"
    tables = {
        "jira/issue.csv": f"{issue}20,x,SHOP-1,Slow,Very slow,1,3,5,acc1\n",
        "jira/status.csv": "id,_fivetran_synced,name,status_category_id\n3,x,To Do,2\n",
        "jira/project.csv": "id,_fivetran_synced,name,key,project_type_key\n5,x,Shop,SHOP,software\n",
        "jira/comment.csv": f"id,_fivetran_synced,issue_id,body,author_id,created\n7,x,20,me too,acc2,{day}\n",
        "intercom/tag.csv": "id,_fivetran_deleted,_fivetran_synced,name\n1,false,x,maps\n",
        "intercom/conversation_tag_history.csv": "tag_id,conversation_id,_fivetran_synced\n1,880,x\n",
        "intercom/conversation_history.csv": f"{conversation}"
        f"880,x,false,<p>old</p>,conversation,,u1,user,open,7,admin,{day}\n"
        f"880,x,true,<p>Map is empty</p>,conversation,,u1,user,open,7,admin,{day}\n",
        "intercom/conversation_part_history.csv": f"{part}"
        "9,x,true,comment,880,<p>which map</p>,7,admin\n10,x,true,close,880,,7,admin\n",
        "servicenow/task.csv": f"{task}s1,x,INC1,Door,Stuck,incident,{day},2\n",
        "servicenow/incident.csv": "sys_id,_fivetran_synced,incident_state,caller_id_value\ns1,x,2,u5\n",
    }
    for name, text in tables.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    signals = {signal.id: signal for signal in signals_of(tmp_path)}
    assert set(signals) == {"SHOP-1", "SHOP-1/7", "880", "880/9", "INC1"}
    assert (signals["SHOP-1"].status, signals["SHOP-1"].team) == ("To Do", "Shop")
    assert (signals["880"].tags, signals["880"].assignee, signals["880/9"].audience) == (("maps",), "7", "employee")
    assert (signals["INC1"].author, signals["INC1"].status) == ("u5", "In Progress")


def test_places_in_a_folder_begin_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,x\n2\n")
    assert [item.place for item in items_of(tmp_path)] == ["a.csv line 2", "a.csv line 3"]


def test_an_empty_folder_and_an_empty_archive_hold_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert items_of(empty) == []
    assert items_of(pack(empty)) == []


def test_what_the_user_says_holds_for_every_file(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "zendesk-view.csv", tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("id,text\n1,x\n")
    signals = signals_of(tmp_path, Asked(source="desk", audience="employee"))
    assert {(signal.source, signal.audience) for signal in signals} == {("desk", "employee")}


def test_a_day_of_an_export_alone_is_read_without_its_channel(tmp_path: Path) -> None:
    day = slack_export(tmp_path) / "help" / "2026-03-03.json"
    for asked in (Asked(), Asked(source="slack"), Asked(source="slack_export")):
        (signal,) = signals_of(day, asked)
        assert (signal.id, signal.thread, signal.source) == ("1772524800.000100", "1772438400.000100", "slack")


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are Linux's")
def test_a_name_that_is_no_text_is_told_in_text(tmp_path: Path) -> None:
    for name in (b"odd-\xff.csv", b"odd-\xff.exe"):
        (tmp_path / os.fsdecode(name)).write_text("id,text\n1,x\n")
    items = items_of(tmp_path)
    assert [type(item) for item in items] == [Unreadable, Captured]
    assert all(item.place.encode() for item in items)
