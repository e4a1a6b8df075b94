"""`themes`: a file of signals in, a folder of themes out, every row accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.capture.atomic import atomic_file
from signaltriage.capture.rejects import RejectedWriter
from signaltriage.capture.writer import TableWriter
from signaltriage.encode import Encoder, load_encoder
from signaltriage.errors import InputError, UsageError
from signaltriage.model.theme_folder import STATE, edited_by_people, state_folder
from signaltriage.model.theme_map import layout_of
from signaltriage.model.theme_reading import Asked, Read, read_signals
from signaltriage.model.theme_tables import assignments_frame, changes_frame, themes_frame, workarounds_frame
from signaltriage.model.themes import ThemeSet
from signaltriage.report.themes import Found, themes_page
from signaltriage.report.themes_page import render_themes
from signaltriage.settings import ThemeSettings
from signaltriage.store.folder import THEMES, check_target

if TYPE_CHECKING:
    import pandas as pd

    from signaltriage.model.triage import TriageModel

PAGE = "themes.html"
TABLES = ("assignments.csv", "themes.csv", "events.csv", "workarounds.csv")
REJECTED = "rejected.csv"


@dataclass(frozen=True)
class With:
    """What themes are found with."""

    previous: ThemeSet | None = None
    model: TriageModel | None = None
    settings: ThemeSettings | None = None
    threads: int | None = None
    seed: int = 0
    previous_folder: Path | None = None
    """Where `previous` was loaded from: that folder may be written to, whatever people said in it."""


@dataclass(frozen=True)
class ThemesRun:
    """What a run did: read = assigned + left_over + rejected."""

    read: int
    assigned: int
    left_over: int
    """Rows in no theme, those without text among them."""
    rejected: int
    without_text: int
    themes: int
    areas: int
    known: int
    """Signals that themes were found in, those of earlier runs too."""
    run: int
    events: dict[str, int]
    """What happened to themes in this run, by kind."""
    trends: dict[str, int]
    """Themes by their trend."""
    bursts: int
    """Steady themes that had a burst, now over."""
    owned: int
    """Themes with an owner."""
    workarounds: int
    outputs: dict[str, str]
    """Paths by what they hold."""


def themes_from_file(
    source: str | Path, out: Path, asked: Asked, made: With, say: Callable[[str], None] = lambda _: None
) -> ThemesRun:
    """Find the themes of a table of signals and write all there is to say of them to a folder.

    Raises:
        UsageError: a column is not there, the place cannot be written, or holds something else.
        InputError: the file cannot be read, holds no rows, or its time column holds no times.
    """
    if out.is_file():
        raise UsageError(f"{out} is a file.", remedy="Name a folder for --out.")
    check_target(out / STATE, THEMES)
    here = made.previous_folder is not None and state_folder(made.previous_folder).resolve() == (out / STATE).resolve()
    if not here and edited_by_people(out / STATE):
        raise UsageError(
            f"{out} holds themes that people have edited.",
            remedy=f"Go on from them with --previous {out}, or write to another folder.",
        )
    for name in (*TABLES, REJECTED, PAGE):
        if Path(source).exists() and (out / name).exists() and Path(source).samefile(out / name):
            raise UsageError(f"The input is {out / name} itself.", remedy="Write to another folder.")
    read = read_signals(source, asked)
    for remark in read.remarks:
        say(remark)
    if not read.signals and made.previous is None:
        raise InputError(f"There are no rows to read in {source}.", remedy="Give a table with signals.")
    model = made.model
    themes = ThemeSet.discover(
        read.signals, made.previous, model=model, settings=made.settings, encoder=_encoder(made), seed=made.seed
    )
    out.mkdir(parents=True, exist_ok=True)
    outputs = write_outputs(
        themes,
        out,
        [signal.id for signal in read.signals],
        title="standard input" if str(source) == "-" else Path(source).name,
    )
    with RejectedWriter(out / REJECTED) as rejects:
        rejects.write(read.rejected)
    outputs |= {"rejected": str(out / REJECTED)} if read.rejected else {}
    return _told(themes, read, outputs)


def write_outputs(themes: ThemeSet, out: Path, ids: Sequence[str], title: str) -> dict[str, str]:
    """Write the tables, the page and the state; `assignments.csv` has the signals of these ids, in their order."""
    outputs = write_report(themes, out, ids, title)
    themes.save(out / STATE)
    return {**outputs, "state": str(out / STATE)}


def write_report(themes: ThemeSet, out: Path, ids: Sequence[str], title: str) -> dict[str, str]:
    """Write the tables and the page: all that a person looks at."""
    placed = {assignment.id: assignment for assignment in themes.assignments}
    frames = (
        assignments_frame(placed[id] for id in ids),
        themes_frame(themes.themes),
        changes_frame(themes.changes),
        workarounds_frame(themes.workarounds),
    )
    for name, frame in zip(TABLES, frames, strict=True):
        _write(out / name, frame)
    write_page(themes, out / PAGE, title)
    names = (*(Path(name).stem for name in TABLES), "page")
    return {name: str(out / file) for name, file in zip(names, (*TABLES, PAGE), strict=True)}


def write_page(themes: ThemeSet, path: Path, title: str) -> None:
    """Write the page: one file that needs nothing else."""
    from signaltriage import __version__

    # That signals join, and that everything is new in the first run, is no news.
    usual = {"join"} if themes.state.run > 1 else {"join", "birth"}
    changes = [change for change in themes.changes if change.kind not in usual]
    found = Found(themes.themes, themes.signals, themes.assignments, layout_of(themes), changes, themes.workarounds)
    made = f"Run {themes.state.run} of signaltriage {__version__}."
    with atomic_file(path) as stream:
        stream.write(render_themes(themes_page(found), title, made).encode("utf-8", "replace"))


def _write(path: Path, frame: pd.DataFrame) -> None:
    with TableWriter(path) as writer:
        writer.write(frame)


def _encoder(made: With) -> Encoder:
    known = made.previous or made.model
    return known.encoder if known else load_encoder(threads=made.threads)


def _told(themes: ThemeSet, read: Read, outputs: dict[str, str]) -> ThemesRun:
    in_theme = {a.id for a in themes.assignments if a.theme_id is not None}
    assigned = sum(signal.id in in_theme for signal in read.signals)
    said = {signal.id for signal in themes.signals if signal.text}
    trends = Counter(theme.trend.kind for theme in themes.themes)
    return ThemesRun(
        read=len(read.signals) + len(read.rejected),
        assigned=assigned,
        left_over=len(read.signals) - assigned,
        rejected=len(read.rejected),
        without_text=sum(signal.id not in said for signal in read.signals),
        themes=len(themes.themes),
        areas=len({theme.area for theme in themes.themes}),
        known=len(themes.signals),
        run=themes.state.run,
        events=dict(sorted(Counter(change.kind for change in themes.changes).items())),
        trends=dict(sorted(trends.items())),
        bursts=sum(theme.trend.burst is not None for theme in themes.themes),
        owned=sum(theme.owner is not None and theme.owner.team is not None for theme in themes.themes),
        workarounds=len(themes.workarounds),
        outputs=outputs,
    )
