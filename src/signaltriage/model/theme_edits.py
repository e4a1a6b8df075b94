"""What people know better about themes: read, checked, applied to a folder of themes and kept in its state."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from signaltriage.capture.guard import unguard
from signaltriage.capture.tables import read_chunks
from signaltriage.errors import SettingsError, UsageError
from signaltriage.theme_types import Theme, ThemeChange
from signaltriage.themes import edits as by_hand
from signaltriage.themes.state import ThemeState

if TYPE_CHECKING:
    from signaltriage.model.themes import ThemeSet
    from signaltriage.model.triage import TriageModel

_KEYS = ("name", "owner", "merge", "split", "not_a_theme")


@dataclass(frozen=True)
class ThemeEdits:
    """What is to be changed, by theme id."""

    rename: Mapping[str, str] = field(default_factory=dict)
    merge: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The theme that stays, and those it takes in."""
    split: tuple[str, ...] = ()
    not_a_theme: tuple[str, ...] = ()
    owner: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.rename, self.merge, self.split, self.not_a_theme, self.owner))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every theme that is spoken of, sorted."""
        taken_in = (id for ids in self.merge.values() for id in ids)
        return tuple(sorted({*self.rename, *self.merge, *taken_in, *self.split, *self.not_a_theme, *self.owner}))

    @property
    def regrouped(self) -> frozenset[str]:
        """Themes whose signals change."""
        taken_in = (id for ids in self.merge.values() for id in ids)
        return frozenset((*self.merge, *taken_in, *self.split, *self.not_a_theme))

    def and_then(self, more: Self) -> Self:
        """Both; where they speak of the same, `more` wins."""
        return type(self)(
            rename={**self.rename, **more.rename},
            merge={**self.merge, **more.merge},
            split=tuple(dict.fromkeys((*self.split, *more.split))),
            not_a_theme=tuple(dict.fromkeys((*self.not_a_theme, *more.not_a_theme))),
            owner={**self.owner, **more.owner},
        )

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a TOML file with a table for each theme, such as `[T0001]` with `name = "Invite links expire"`.

        Raises:
            SettingsError: it cannot be read, or says something that is not known.
        """
        try:
            tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}", remedy="Give a readable TOML file.") from error
        for id, table in tables.items():
            if not isinstance(table, dict) or not table.keys() <= set(_KEYS):
                raise SettingsError(f"{path}: [{id}] is not an edit.", remedy=f"Known are: {', '.join(_KEYS)}.")
            for key, value in table.items():
                _check_kind(f"{path}: [{id}] {key}", key, value)
        return cls(
            rename={id: table["name"] for id, table in tables.items() if "name" in table},
            merge={id: tuple(table["merge"]) for id, table in tables.items() if table.get("merge")},
            split=tuple(id for id, table in tables.items() if table.get("split")),
            not_a_theme=tuple(id for id, table in tables.items() if table.get("not_a_theme")),
            owner={id: table["owner"] for id, table in tables.items() if "owner" in table},
        )

    def check(self, themes: tuple[Theme, ...]) -> None:
        """See to it that these edits make sense for these themes.

        Raises:
            UsageError: a theme is not there, is to be two things at once, or a name is another theme's.
        """
        there = {theme.id: theme.name for theme in themes}
        unknown = [id for id in self.ids if id not in there]
        if unknown:
            listed = ", ".join(sorted(there)[:12]) + (" …" if len(there) > 12 else "")
            raise UsageError(f"There is no theme {unknown[0]}.", remedy=f"There is: {listed}.")
        taken_in = [id for ids in self.merge.values() for id in ids]
        uses = [*self.merge, *taken_in, *self.split, *self.not_a_theme]
        twice = sorted({id for id in uses if uses.count(id) > 1})
        if twice:
            raise UsageError(f"{twice[0]} is to be two things at once.", remedy="Do one after the other.")
        gone = {*taken_in, *self.not_a_theme}
        lost = sorted(gone & {*self.rename, *self.owner})
        if lost:
            raise UsageError(f"{lost[0]} is to go, and to be changed.", remedy="Change the theme that stays.")
        names = [self.rename.get(id, name).casefold() for id, name in there.items() if id not in gone]
        for id, name in self.rename.items():
            if not name.strip() or names.count(name.casefold()) > 1:
                raise UsageError(f"{name!r} cannot be the name of {id}.", remedy="Give a name that no other has.")


@dataclass(frozen=True)
class EditRun:
    """What `themes-edit` did."""

    changes: tuple[ThemeChange, ...]
    themes: int
    assigned: int
    """Signals in a theme, of all that are known."""
    left_over: int
    outputs: dict[str, str]


def edit_folder(
    folder: Path, edits: ThemeEdits, model: TriageModel | None = None, *, threads: int | None = None, seed: int = 0
) -> EditRun:
    """Apply edits to the output of `signaltriage themes` and write all of it anew.

    Raises:
        UsageError: see `ThemeEdits.check`.
        ModelRefusedError: the folder is not one of themes, or was altered.
    """
    from signaltriage.model.theme_folder import state_folder
    from signaltriage.model.theme_runs import write_outputs
    from signaltriage.model.themes import ThemeSet

    before = ThemeSet.load(folder, threads=threads)
    where = folder if state_folder(folder) != folder else folder.parent
    after = before.edit(edits, model=model, seed=seed)
    outputs = write_outputs(after, where, _ids_written(before, where), _title(where))
    assigned = sum(assignment.theme_id is not None for assignment in after.assignments)
    return EditRun(
        changes=after.changes[len(before.changes) :],
        themes=len(after.themes),
        assigned=assigned,
        left_over=len(after.assignments) - assigned,
        outputs=outputs,
    )


def edited(state: ThemeState, edits: ThemeEdits) -> ThemeState:
    """A state in which the edits hold, each told as an event; merges and splits first, then what they are called."""
    for id in sorted(edits.merge):
        state = by_hand.merge(state, id, sorted(edits.merge[id]))
    for id in sorted(edits.split):
        state = by_hand.split(state, id)
    for id in sorted(edits.not_a_theme):
        state = by_hand.not_a_theme(state, id)
    for id in sorted(edits.rename):
        state = by_hand.rename(state, id, edits.rename[id].strip())
    for id in sorted(edits.owner):
        state = by_hand.owner(state, id, edits.owner[id].strip())
    return state


def _ids_written(themes: ThemeSet, folder: Path) -> list[str]:
    """The signals that the last run wrote, in their order; all that are known where that cannot be read."""
    known = {signal.id for signal in themes.signals}
    path = folder / "assignments.csv"
    if not path.is_file():
        return sorted(known)
    found = [unguard(str(id)) for chunk in read_chunks(path) for id in chunk.frame.get("id", ())]
    return found if set(found) <= known else sorted(known)


def _title(folder: Path) -> str:
    """What the page of the last run is of."""
    page = folder / "themes.html"
    begin = page.read_text(encoding="utf-8", errors="replace")[:5000] if page.is_file() else ""
    found = re.search(r"<title>Themes of (.*?)</title>", begin, flags=re.DOTALL)
    return html.unescape(found.group(1)) if found else folder.name


def _check_kind(where: str, key: str, value: Any) -> None:
    good = {
        "name": isinstance(value, str),
        "owner": isinstance(value, str) and bool(value.strip()),
        "merge": isinstance(value, list) and all(isinstance(id, str) for id in value),
        "split": isinstance(value, bool),
        "not_a_theme": isinstance(value, bool),
    }
    if not good[key]:
        raise SettingsError(
            f"{where} = {value!r} is of the wrong kind.", remedy="See `signaltriage themes-edit --help`."
        )
