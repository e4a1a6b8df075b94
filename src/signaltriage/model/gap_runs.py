"""`gaps`: a search log and a knowledge base in, a folder of gaps out, every search accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.capture.atomic import atomic_file
from signaltriage.capture.rejects import RejectedWriter
from signaltriage.capture.searches import SearchColumns, SearchesRead, read_searches
from signaltriage.capture.writer import TableWriter
from signaltriage.encode import load_encoder
from signaltriage.errors import InputError, UsageError
from signaltriage.model.gap_signals import Tickets, tickets_of
from signaltriage.model.gap_tables import gaps_frame, queries_frame, searches_frame, synonym_files, upkeep_frame
from signaltriage.model.gaps import GapReport, find_all
from signaltriage.model.knowledge import KnowledgeBase
from signaltriage.report.gaps import Extra, gaps_page, render_gaps
from signaltriage.types import Rejected

if TYPE_CHECKING:
    from signaltriage.model.triage import TriageModel

PAGE = "gaps.html"
TABLES = ("queries.csv", "gaps.csv", "searches.csv", "upkeep.csv")
REJECTED = "rejected.csv"


@dataclass(frozen=True)
class GapInput:
    """What gaps are looked for in."""

    searches: str
    """A table, or - for standard input."""
    articles: Path
    columns: SearchColumns
    signals: str | None = None


@dataclass(frozen=True)
class GapsWith:
    """What they are looked for with."""

    model: TriageModel | None = None
    threads: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class GapsRun:
    """What a run did: read = missing + unfindable + served + not_a_need + rejected."""

    read: int
    missing: int
    unfindable: int
    served: int
    not_a_need: int
    rejected: int
    """Rows of the log that could not be read."""
    queries: int
    """Different ones, as typed."""
    gaps: int
    to_write: int
    to_fix: int
    articles: int
    articles_rejected: int
    tickets: int
    """Signals that no article answers, of those given."""
    synonyms: int
    upkeep: dict[str, int]
    owned: int
    remarks: tuple[str, ...]
    """How the files were read, what is not known of them, and what that was taken for."""
    outputs: dict[str, str]
    """Paths by what they hold."""


def gaps_from_files(given: GapInput, out: Path, made: GapsWith, say: Callable[[str], None] = lambda _: None) -> GapsRun:
    """Find the gaps of a search log and write all there is to say of them to a folder.

    Raises:
        InputError: the log or the articles cannot be read, or the log holds no rows.
        UsageError: a column is not there, or the place cannot be written.
    """
    _check(given, out)
    read = read_searches(given.searches, given.columns)
    if not read.events:
        raise InputError(f"There are no searches in {given.searches}.", remedy="Give a table with one search a row.")
    base = KnowledgeBase.from_path(given.articles, encoder=load_encoder(threads=made.threads), seed=made.seed)
    empty = () if len(base) else ("there is no article at all: everything that is asked for is missing",)
    remarks = (*read.remarks, *base.remarks, *empty)
    for remark in remarks:
        say(remark)
    tickets = tickets_of(given.signals, say) if given.signals is not None else Tickets([], [], {})
    report = find_all(read.events, base, signals=tickets.signals, theme_of=tickets.theme_of, model=made.model)
    out.mkdir(parents=True, exist_ok=True)
    outputs = write_report(report, out, (Path(given.searches).name, base), (*read.cautions, *empty))
    outputs |= _write_rejected((*read.rejected, *base.rejected, *tickets.rejected), out)
    return _told(report, read, base, outputs, remarks)


def _check(given: GapInput, out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file.", remedy="Name a folder for --out.")
    for name in (*TABLES, REJECTED, PAGE):
        source = Path(given.searches)
        if source.exists() and (out / name).exists() and source.samefile(out / name):
            raise UsageError(f"The input is {out / name} itself.", remedy="Write to another folder.")


def write_report(
    report: GapReport, out: Path, of: tuple[str, KnowledgeBase], cautions: Sequence[str] = ()
) -> dict[str, str]:
    """Write the tables, the synonyms and the page of gaps; paths by what they hold.

    Args:
        report: what was found.
        out: a folder that is there.
        of: what the page is called after, and the knowledge base.
        cautions: what a reader of the page should know of the searches.
    """
    title, base = of
    frames = (
        queries_frame(report.queries),
        gaps_frame(report.gaps),
        searches_frame(report.searches),
        upkeep_frame(report.upkeep),
    )
    for name, frame in zip(TABLES, frames, strict=True):
        with TableWriter(out / name) as writer:
            writer.write(frame)
    for name, content in synonym_files(report.synonyms).items():
        with atomic_file(out / name) as stream:
            stream.write(content.encode("utf-8", "replace"))
    from signaltriage import __version__

    counts = {kind: report.count(kind) for kind in ("missing", "unfindable", "served", "not_a_need")}
    named = any(search.event.user for search in report.searches)
    extra = Extra(report.synonyms, report.searches, named, tuple(cautions))
    page = gaps_page(report.gaps, counts, report.upkeep, {a.id: a for a in base.articles}, extra)
    with atomic_file(out / PAGE) as stream:
        text = render_gaps(page, title, f"signaltriage {__version__}.")
        stream.write(text.encode("utf-8", "replace"))
    files = (*TABLES, *synonym_files(()), PAGE)
    return {"page" if name == PAGE else Path(name).stem.replace(".", "_"): str(out / name) for name in files}


def _write_rejected(rejected: Sequence[Rejected], out: Path) -> dict[str, str]:
    with RejectedWriter(out / REJECTED) as rejects:
        rejects.write(rejected)
    return {"rejected": str(out / REJECTED)} if rejected else {}


def _told(
    report: GapReport, read: SearchesRead, base: KnowledgeBase, outputs: dict[str, str], remarks: tuple[str, ...]
) -> GapsRun:
    kinds = Counter(gap.kind for gap in report.gaps)
    return GapsRun(
        read=len(read.events) + len(read.rejected),
        missing=report.count("missing"),
        unfindable=report.count("unfindable"),
        served=report.count("served"),
        not_a_need=report.count("not_a_need"),
        rejected=len(read.rejected),
        queries=len(report.queries),
        gaps=len(report.gaps),
        to_write=kinds["missing"],
        to_fix=kinds["unfindable"],
        articles=len(base),
        articles_rejected=len(base.rejected),
        tickets=report.tickets,
        synonyms=len(report.synonyms),
        upkeep=dict(sorted(Counter(item.kind for item in report.upkeep).items())),
        owned=sum(gap.owner is not None and gap.owner.team is not None for gap in report.gaps),
        remarks=remarks,
        outputs=outputs,
    )
