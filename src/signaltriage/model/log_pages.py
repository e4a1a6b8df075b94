"""What a person looks at of a friction log: the pages and tables of its themes and gaps, and what lies beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.model.gap_runs import write_report as write_gaps
from signaltriage.model.log_gaps import GapsWith, gaps_now
from signaltriage.model.log_themes import ThemesWith, themes_now
from signaltriage.model.theme_runs import write_report as write_themes
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.reading import theme_changes

if TYPE_CHECKING:
    from signaltriage.model.pipeline import RunWith


def vectors_beside(log: FrictionLog) -> Path | None:
    """Where vectors of a log's texts are kept: a folder beside its file, which may be deleted; None for a server's."""
    place = log.engine.url.database
    return Path(f"{place}.vectors") if log.is_sqlite and place else None


def write_pages(log: FrictionLog, made: RunWith, out: Path, run: int) -> dict[str, str]:
    """Write the pages and tables of all themes and gaps in the log, and what a run changed; paths by what they hold.

    Raises:
        UsageError: the place cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    outputs: dict[str, str] = {}
    title = log.name.rsplit("/", 1)[-1]  # a page is handed on: where the log lies is nobody's business
    themes = themes_now(log, ThemesWith(made.encoder, made.model, made.settings, made.seed))
    if themes is not None:
        themes = replace(themes, changes=tuple(theme_changes(log, run)))
        found = write_themes(themes, out, [signal.id for signal in themes.signals], title)
        outputs |= {f"themes_{name}": path for name, path in found.items()}
    if made.articles is not None:
        report, base = gaps_now(log, GapsWith(made.articles, made.encoder, made.model, made.seed))
        if report is not None:
            found = write_gaps(report, out, (title, base))
            outputs |= {f"gaps_{name}": path for name, path in found.items()}
    return outputs
