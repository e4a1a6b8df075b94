"""Which files of a folder or archive belong together: a Slack export, the tables of a warehouse, or each on its own."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from signaltriage.capture.readers import slack, warehouse
from signaltriage.capture.readers.base import Reader
from signaltriage.capture.readers.bundles import Bundle, Member
from signaltriage.capture.readers.streams import column_name
from signaltriage.errors import InputError

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\.json")
_HEAD: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are read one after another, what is known going from one to the next."""

    members: list[Member]
    reader: Reader | None = None
    """None: each file is recognised on its own."""


def groups_of(bundle: Bundle) -> list[Group]:
    """The groups of the files that are not refused, each file in one of them."""
    left = [member for member in bundle.members if not member.refused and not member.system]
    groups: list[Group] = []
    for root in _slack_roots(left):
        inside = [member for member in left if _within(member.name, root)]
        groups.append(Group(sorted(inside, key=_slack_order), slack.EXPORT))
        left = [member for member in left if not _within(member.name, root)]
    tables = _warehouses(bundle, left)
    taken = {member.name for group in tables for member in group.members}
    left = [member for member in left if member.name not in taken]
    return [*groups, *tables, *([Group(left)] if left else [])]


def _slack_roots(members: list[Member]) -> list[str]:
    """Folders that hold channels.json or its like, and folders of days beside it."""
    days = {str(path.parent.parent) for path in _paths(members) if _DAY.fullmatch(path.name) and len(path.parts) > 1}
    beside = {str(path.parent) for path in _paths(members) if path.stem.lower() in slack.ROOT_FILES}
    return sorted(days & beside)


def _within(name: str, root: str) -> bool:
    return root == "." or name.startswith(f"{root}/")


def _slack_order(member: Member) -> tuple[bool, str]:
    return bool(_DAY.fullmatch(PurePosixPath(member.name).name)), member.name


def _warehouses(bundle: Bundle, members: list[Member]) -> list[Group]:
    """The tables of each folder that holds at least two of a warehouse, in the order in which they build on another."""
    ranked: dict[str, list[tuple[int, str, Member]]] = defaultdict(list)
    for member in members:
        if member.name.lower().endswith((".csv", ".tsv")):
            table = warehouse.table_of(_header(bundle, member))
            if table is not None:
                ranked[str(PurePosixPath(member.name).parent)].append((table.rank, member.name, member))
    return [
        Group([member for _, _, member in sorted(found, key=lambda one: one[:2])], warehouse.READER)
        for _, found in sorted(ranked.items())
        if len(found) > 1
    ]


def _header(bundle: Bundle, member: Member) -> frozenset[str]:
    try:
        line = bundle.head(member, _HEAD).decode("utf-8-sig", errors="replace").split("\n", 1)[0].rstrip("\r")
        cells = next(csv.reader(io.StringIO(line)), [])
    except (InputError, OSError, csv.Error):
        return frozenset()  # reading it says why
    return frozenset(column_name(cell, position) for position, cell in enumerate(cells))


def _paths(members: list[Member]) -> list[PurePosixPath]:
    return [PurePosixPath(member.name) for member in members]
