"""Rules over whole tables: what `signaltriage rules` does, and the records that rules ask of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.capture.columns import pick_text_columns
from signaltriage.capture.fields import join_text, to_text
from signaltriage.capture.tables import read_chunks
from signaltriage.routing.rules import Coverage, Finding, RuleSet, coverage, lint, remarkable
from signaltriage.routing.rules.records import TEXT

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RuleReport:
    """One rule, what it did on the signals of a table, and what was found about it."""

    rule: str
    stage: str
    action: str
    """Such as "route to billing", "never billing", "hold"."""
    fired: int | None
    """Signals on which its condition held; None without a table."""
    decided: int | None
    """… and on which no earlier route or hold of its stage had fired."""
    timed_out: int | None
    """Signals on which its regex ran out of time."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class RulesReport:
    """A rules file checked. read = signals judged + rejected."""

    path: str
    rules: tuple[RuleReport, ...]
    findings: int
    data: str | None
    read: int
    rejected: int


def records_of(frame: pd.DataFrame, texts: Sequence[str], rules: RuleSet) -> list[dict[str, str]]:
    """What the rules may ask of each row: the columns they name, as far as there, and its text as "text"."""
    asked = {TEXT: list(texts)}
    asked |= {name: [to_text(cell) for cell in frame[name].tolist()] for name in rules.columns if name in frame.columns}
    return [dict(zip(asked, cells, strict=True)) for cells in zip(*asked.values(), strict=True)]


def check_rules(
    path: str | Path,
    data: str | Path | None = None,
    *,
    text: str | None = None,
    tell: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> RulesReport:
    """Read rules, look for those that cannot work, and with a table for those that do nothing there.

    Args:
        path: rules.toml.
        data: a table of signals.
        text: its text columns, comma separated; None recognises the usual ones.
        tell: called with the number of rows done since the last call.
        say: called with remarks for a person.

    Raises:
        SettingsError: the rules cannot be read.
        InputError: the table cannot be read.
        UsageError: the table has no such text column.
    """
    rules = RuleSet.from_toml(path)
    findings = lint(rules)
    if data is None:
        return RulesReport(str(path), _reports(rules, None, findings), len(findings), None, 0, 0)
    total, read, rejected = coverage(rules, []), 0, 0
    names: tuple[str, ...] = ()
    for number, chunk in enumerate(read_chunks(data)):
        columns = list(chunk.frame.columns)
        if number == 0:
            picked = pick_text_columns(columns, text)
            names = picked.names
            say(f"{data}: {chunk.how}; {picked.how}")
        total = _sum(total, coverage(rules, records_of(chunk.frame, join_text(chunk.frame, names), rules)))
        rejected += len(chunk.rejected)
        read += len(chunk.frame) + len(chunk.rejected)
        tell(len(chunk.frame) + len(chunk.rejected))
    findings += remarkable(rules, total, columns)
    return RulesReport(str(path), _reports(rules, total, findings), len(findings), str(data), read, rejected)


def _sum(total: Sequence[Coverage], more: Sequence[Coverage]) -> list[Coverage]:
    return [
        Coverage(a.rule, a.fired + b.fired, a.decided + b.decided, a.timed_out + b.timed_out)
        for a, b in zip(total, more, strict=True)
    ]


def _reports(rules: RuleSet, covers: Sequence[Coverage] | None, findings: Sequence[Finding]) -> tuple[RuleReport, ...]:
    actions = {"route": "route to {}", "forbid": "never {}", "hold": "hold"}
    return tuple(
        RuleReport(
            rule.id,
            rule.stage,
            actions[rule.then].format(rule.team),
            covers[i].fired if covers else None,
            covers[i].decided if covers else None,
            covers[i].timed_out if covers else None,
            tuple(finding for finding in findings if finding.rule == rule.id),
        )
        for i, rule in enumerate(rules.rules)
    )
