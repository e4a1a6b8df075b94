"""Slack: messages of the API (history, replies, search), and of a whole workspace export with its channels joined.

A message is `<channel>/<time stamp>`; the API's pages do not say of which channel they are, so there it is the time
stamp alone, which tells messages of a channel apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from signaltriage.capture.readers.base import BOT, DELETED, SYSTEM, Draft, Known, Reader, Record, captured
from signaltriage.capture.readers.markup import from_slack
from signaltriage.capture.readers.values import first, get, ident, is_true, joined, objects, person, words
from signaltriage.log_types import CaptureItem, Skipped

ROOT_FILES: Final = ("users", "channels", "groups", "dms", "mpims", "org_users", "canvases", "lists")
"""What lies beside the channels in an export; other files there say nothing of messages."""
_JOINS: Final = re.compile(r"(?:channel|group|mpim)_(?:join|leave)")
_SPEAK: Final = frozenset(
    (
        "",
        "me_message",
        "thread_broadcast",
        "file_share",
        "file_comment",
        "message_changed",
        "reply_broadcast",
        "file_mention",
    )
)
"""Kinds of messages in which a person says something."""
_UPLOADED: Final = re.compile(r"<@[A-Z0-9|.\w-]{1,60}> (?:uploaded|shared|mentioned) a file: ")
_NO_WORDS: Final = "file without words"


def _fits(record: Record) -> bool:
    data = record.data
    if "ts" not in data:
        return False
    return data.get("type") == "message" or "text" in data or isinstance(data.get("message"), dict)


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    data = record.data
    channel = first(data, "channel", "channel_id")
    channel = first(channel, "id", "name") if isinstance(channel, dict) else channel
    yield message(record.place, data, ident(channel), known)


def message(place: str, data: dict[str, Any], channel: str, known: Known) -> CaptureItem:
    """A message of a channel; the channel is empty where it is not known."""
    kind = words(data.get("subtype"))
    if _JOINS.fullmatch(kind):
        return Skipped(place, "join or leave message")
    if kind == "message_deleted" or kind == "tombstone" or data.get("hidden") is True:
        return Skipped(place, DELETED)
    if (
        kind == "bot_message"
        or data.get("bot_id")
        or get(data, "user_profile", "is_bot")
        or data.get("user") == "USLACKBOT"
    ):
        return Skipped(place, BOT if kind != "bot_add" else SYSTEM)
    if kind not in _SPEAK:
        return Skipped(place, SYSTEM)
    if kind == "message_changed" and isinstance(data.get("message"), dict):
        data = data["message"]
    stamp = words(data.get("ts"))
    root = words(data.get("thread_ts"))
    who = first(data, "user", "username") or get(data, "comment", "user")
    if is_true(get(known.looked_up("users", who), "is_bot")):
        return Skipped(place, BOT)
    text = from_slack(_said(data, kind))
    if not text and (data.get("files") or data.get("file")):
        return Skipped(place, _NO_WORDS)
    draft = Draft(joined(channel, stamp), text)
    draft.created_at, draft.updated_at = stamp, get(data, "edited", "ts")
    draft.audience, draft.author = known.staff, person(who)
    draft.link = data.get("permalink")
    draft.team = words(get(known.looked_up("channels", channel), "name")) or channel
    draft.thread = joined(channel, root) if root and root != stamp else ""
    return captured(place, draft, known)


def _said(data: dict[str, Any], kind: str) -> str:
    """What the person typed: not what Slack writes when a file is shared."""
    text = words(data.get("text")) if isinstance(data.get("text"), str) else ""
    held = data.get("file")
    if kind == "file_comment" or isinstance(data.get("comment"), dict):
        return words(get(data, "comment", "comment")) or text
    if _UPLOADED.match(text):
        return words(get(held, "initial_comment", "comment"))
    return text or "\n".join(_leaves(data.get("blocks")))


def _leaves(blocks: object) -> Iterator[str]:
    """Texts in blocks, in order; for messages that have no plain text beside them."""
    waiting: list[Any] = list(reversed(objects(blocks)))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        text = node.get("text")
        if isinstance(text, str):
            yield text
        waiting.extend(reversed([text] if isinstance(text, dict) else []))
        waiting.extend(reversed(objects(node.get("elements"))))


def _read_export(record: Record, known: Known) -> Iterator[CaptureItem]:
    if "file" not in known.memory:  # one file alone: the channel is not known
        yield from _read(record, known)
        return
    path = PurePosixPath(words(known.memory["file"]))
    data = record.data
    if "ts" not in data or not re.fullmatch(r"\d{4}-\d\d-\d\d", path.stem):
        table = path.stem.lower()
        table = "channels" if table in {"groups", "dms", "mpims"} else table
        key = ident(data.get("id"))
        if table in ROOT_FILES and key:
            kept = {"name": data.get("name"), "is_bot": data.get("is_bot")}
            known.lookups.setdefault(table, {})[key] = kept
            known.lookups.setdefault("folders", {})[words(data.get("name") or key)] = key
        yield Skipped(record.place, f"lookup table: {path.stem.lower()}"[:60])
        return
    folder = path.parent.name
    yield message(record.place, data, ident(known.looked_up("folders", folder)) or folder, known)


READER = Reader("slack", "Slack", _fits, _read)
EXPORT = Reader("slack_export", "Slack export", lambda _: False, _read_export, source="slack")
