"""rules.toml → rules.

    [[rule]]
    id = "hold-legal"                                      # its name in st_reason
    when = { any = [                                       # all = […], any = […], not = {…}, nested as needed
      { column = "text", contains = "breach of contract" },  # or equals, or regex
      { column = "plan", equals = "Estate" },
    ] }
    then = "hold"                                          # route | forbid (both with team = "…") | hold
    stage = "before"                                       # before | after
    why = "Legal words go to the duty manager."

Anything else is refused: a rule that is silently half understood would be worse than none.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, NoReturn, cast, get_args

from signaltriage.errors import SettingsError
from signaltriage.routing.rules.patterns import PatternError, compiled
from signaltriage.routing.rules.records import Action, AllOf, AnyOf, Condition, Leaf, Not, Operation, Rule, Stage

MAX_DEPTH = 20
"""Levels of all, any and not inside one another."""
_NEEDED = ("id", "when", "then", "stage", "why")
_KEYS = (*_NEEDED, "team")
_FORMS = 'Write { column = "…", equals | contains | regex = "…" }, { all = […] }, { any = […] } or { not = {…} }.'

Refuse = Callable[[str, str], NoReturn]
"""Raises a SettingsError from what is wrong and its remedy; it knows the file and the rule."""


def read_source(path: str | Path) -> str:
    """The text of a rules file, without a byte order mark."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{path}: {error}", remedy="Give a readable TOML file in UTF-8.") from error


def parse_rules(text: str, where: str, teams: Collection[str] | None) -> tuple[Rule, ...]:
    """Read the rules of a TOML text; `where` names it in errors, `teams` None lets any team pass."""
    import tomllib

    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{where}: {error}", remedy="Mend the TOML there.") from error
    unknown = sorted(set(content) - {"rule"})
    if unknown:
        raise SettingsError(f"{where}: unknown key {unknown[0]!r}.", remedy="Every rule begins with a line [[rule]].")
    tables = content.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"{where}: `rule` is not a list of tables.", remedy="Begin every rule with [[rule]].")
    rules = tuple(_rule(table, f"{where}: rule {i}", teams) for i, table in enumerate(tables, 1))
    seen: dict[str, int] = {}
    for i, rule in enumerate(rules, 1):
        if rule.id in seen:
            raise SettingsError(
                f"{where}: rules {seen[rule.id]} and {i} are both called {rule.id!r}.",
                remedy="Give each an id of its own: decisions are explained by it.",
            )
        seen[rule.id] = i
    return rules


def _rule(table: dict[str, Any], where: str, teams: Collection[str] | None) -> Rule:
    if isinstance(table.get("id"), str):
        where += f" ({table['id']})"

    def refuse(what: str, remedy: str) -> NoReturn:
        raise SettingsError(f"{where}: {what}.", remedy=remedy)

    for key in table:
        if key not in _KEYS:
            refuse(f"unknown key {key!r}", _known(key, _KEYS))
    for key in _NEEDED:
        if key not in table:
            refuse(f"there is no {key!r}", f"Every rule needs {', '.join(_NEEDED)}.")
    for key, value in table.items():
        if key != "when" and (not isinstance(value, str) or not value.strip()):
            refuse(f"{key} = {value!r} is not a text", f'Write {key} = "…".')
    then, stage = _one_of(table, "then", get_args(Action), refuse), _one_of(table, "stage", get_args(Stage), refuse)
    team = table.get("team", "")
    if (then == "hold") != (not team):
        refuse(
            f"{then!r} {'takes no' if team else 'needs a'} team",
            "A held signal goes to a person: leave team out." if team else 'Say which: team = "…".',
        )
    if team and teams is not None and team not in teams:
        refuse(f"there is no team {team!r}", _known(team, sorted(teams)))
    return Rule(
        id=" ".join(table["id"].split()),
        when=_condition(table["when"], refuse, MAX_DEPTH),
        then=cast("Action", then),
        stage=cast("Stage", stage),
        why=" ".join(table["why"].split()),
        team=team,
    )


def _condition(table: object, refuse: Refuse, depth: int) -> Condition:
    if depth < 0:
        refuse(f"conditions are nested more than {MAX_DEPTH} deep", "Split it into several rules.")
    if not isinstance(table, dict):
        refuse(f"{table!r} is no condition", _FORMS)
    keys = set(table)
    if keys == {"not"}:
        return Not(_condition(table["not"], refuse, depth - 1))
    if keys in ({"all"}, {"any"}):
        (name,) = keys
        parts = table[name]
        if not isinstance(parts, list) or not parts:
            refuse(f"{name} = {parts!r} is not a list of conditions", f"Write {name} = [{{…}}, {{…}}].")
        kind = AllOf if name == "all" else AnyOf
        return kind(tuple(_condition(part, refuse, depth - 1) for part in parts))
    return _leaf(table, refuse)


def _leaf(table: dict[str, Any], refuse: Refuse) -> Leaf:
    operations = [name for name in get_args(Operation) if name in table]
    if len(operations) != 1 or set(table) != {"column", *operations}:
        refuse(f"a condition cannot be made of {', '.join(map(repr, table)) or 'nothing'}", _FORMS)
    operation = operations[0]
    column, value = table["column"], table[operation]
    for key, given in (("column", column), (operation, value)):
        if not isinstance(given, str):
            refuse(f"{key} = {given!r} is not a text", f'Cells are compared as text: write {key} = "{given}".')
    if not column or (not value and operation != "equals"):
        refuse(f"a condition with an empty {operation if column else 'column'}", 'For an empty cell: equals = "".')
    if operation == "regex":
        try:
            compiled(value)
        except PatternError as error:
            refuse(f"regex {value!r}: {error}", error.remedy)
    return Leaf(column, cast("Operation", operation), value)


def _one_of(table: dict[str, Any], key: str, known: tuple[str, ...], refuse: Refuse) -> str:
    if table[key] not in known:
        refuse(f"{key} = {table[key]!r}", _known(table[key], known))
    return str(table[key])


def _known(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return (f"Did you mean {close[0]!r}? " if close else "") + f"Known are: {', '.join(names)}."
