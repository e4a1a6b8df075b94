"""If/then rules as frozen records: what is asked of a signal, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

Stage = Literal["before", "after"]
Action = Literal["route", "forbid", "hold"]
Operation = Literal["equals", "contains", "regex"]

TEXT = "text"
"""Stands for the joined text of a signal, also where the table has a column of that name."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question about one column."""

    column: str
    operation: Operation
    """`equals` is exact, `contains` ignores case, `regex` is searched for and minds case unless it begins with (?i)."""
    value: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its part does not."""

    part: Condition


Condition = Leaf | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Rule:
    """When the condition holds: route to the team, never to the team, or a person must look."""

    id: str
    when: Condition
    then: Action
    stage: Stage
    """`before`: the classifier is not asked; `after`: its answer is checked."""
    why: str
    """For a person: it opens the reason of every decision that the rule makes."""
    team: str = ""
    """Empty for `hold`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it asks for, each once, sorted."""
        return tuple(sorted({leaf.column for leaf in leaves(self.when)}))


@dataclass(frozen=True)
class RuleSet:
    """Rules in the order of their file; within a stage the first route or hold that fires decides."""

    rules: tuple[Rule, ...] = ()
    source: str = ""
    """The TOML text they were read from, for a model folder to carry."""

    @classmethod
    def from_toml(cls, path: str | Path, *, teams: Collection[str] | None = None) -> Self:
        """Read rules.toml.

        Args:
            path: the file; its format is told at the head of `parse`.
            teams: the teams there are; None lets any name pass.

        Raises:
            SettingsError: the file cannot be read, or a rule in it does not make sense.
        """
        from signaltriage.routing.rules.parse import read_source

        return cls.from_text(read_source(path), where=str(path), teams=teams)

    @classmethod
    def from_text(cls, text: str, *, where: str = "rules.toml", teams: Collection[str] | None = None) -> Self:
        """The same from the text of such a file; `where` names it in errors."""
        from signaltriage.routing.rules.parse import parse_rules

        return cls(parse_rules(text, where, teams), text)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns that the rules ask for, besides the text, sorted."""
        return tuple(sorted({column for rule in self.rules for column in rule.columns} - {TEXT}))

    def of_stage(self, stage: Stage) -> tuple[Rule, ...]:
        """The rules of one stage, in order."""
        return tuple(rule for rule in self.rules if rule.stage == stage)

    def remarks(self, columns: Iterable[str]) -> list[str]:
        """What a person should know once: which columns the rules ask for are not there, and whom that concerns."""
        there = {*columns, TEXT}
        asked = {
            column: [rule.id for rule in self.rules if column in rule.columns]
            for column in self.columns
            if column not in there
        }
        return [f"no column {column!r}: {', '.join(ids)} cannot fire by what it holds" for column, ids in asked.items()]


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The questions inside a condition, in order."""
    if isinstance(condition, Leaf):
        yield condition
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        for part in condition.parts:
            yield from leaves(part)
