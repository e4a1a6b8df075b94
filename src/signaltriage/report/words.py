"""A model card's sentences: what the figures mean, in plain words, without mark-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signaltriage.report.card import Card, TeamCard

NAME_LETTERS = 60
"""A team's name is shortened to so many letters where it is shown."""
MOST_ROWS = 10_000
"""An estimate beyond this says no more than that it is far off."""
_NAMES = 12


@dataclass(frozen=True)
class CardWords:
    """What the card says beside its tables."""

    intended_use: str
    limits: str
    held_out: str
    promise: tuple[str, ...]
    team_promise: dict[str, str]
    """What is promised of each team by itself, in a few words."""
    advice: dict[str, str]
    """What to do about each of the thinnest teams."""


def card_words(card: Card) -> CardWords:
    """The sentences that follow from the figures."""
    teams = {team.team: team for team in card.teams}
    return CardWords(
        intended_use=_intended_use(card),
        limits=_limits(card),
        held_out=_held_out(card),
        promise=(*_promise(card), *_promise_of_teams(card)),
        team_promise={team.team: _of_team(team) for team in card.teams},
        advice={team: _advice(teams[team]) for team in card.thinnest},
    )


def short(name: str, letters: int = NAME_LETTERS) -> str:
    """A name on one line, at most so many letters long."""
    line = " ".join(name.split())
    return line if len(line) <= letters else line[: letters - 1] + "…"


def percent(share: float) -> str:
    """As much of a share as anybody needs: 10%, 6.3%, 0.25%."""
    return f"{100 * share:.2g}%" if share < 0.01 else f"{round(100 * share, 1):g}%"


def _intended_use(card: Card) -> str:
    like = f"signals like the {card.data['used']:,} labelled rows it learnt from"
    teams = f"{len(card.teams)} teams"
    if not card.promise.routed.hits:
        known = "how often it is right is not known"
        if card.accuracy.enough:
            known = f"it was right on {percent(card.accuracy.value or 0)} of the held-out rows"
        return f"To suggest one of {teams} for {like}, to a person who decides: it routes none alone, and {known}."
    wrong = card.promise.wrong
    mistaken = f"{percent(wrong.value or 0)} of those to a wrong team" if wrong.enough else "too few to say how rightly"
    routed = card.promise.routed
    if routed.hits == routed.rows:
        return f"To send {like} to {teams}: it routes all of them without a person, {mistaken}."
    return (
        f"To send {like} to {teams}: it routes about {percent(routed.value or 0)} of them without a person, "
        f"{mistaken}, and hands the others to a person with its best guess."
    )


def _limits(card: Card) -> str:
    unsure = len(card.teams) - len(card.promise.teams_that_hold)
    newest = card.data.get("newest")
    parts = [f"It can name no other team than these {len(card.teams)}"]
    if newest:
        parts.append(f"has seen no signal later than {newest[:10]}")
    if unsure:
        parts.append(f"gives no promise for {'any' if unsure == len(card.teams) else unsure} of them by itself")
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{listed}: judge it on fresh labelled rows before you rely on it, and again when what comes in changes."


def _held_out(card: Card) -> str:
    n = card.held_out_rows
    if not n:
        return "Nothing could be held out, all rows being of one text or group: how good the model is, nobody knows."
    how = {
        "stratified": f"Each row was guessed once by a model that had not seen it, in {card.split['folds']} rounds.",
        "forward in time": "Newer rows were guessed by models that had seen older ones only.",
    }.get(card.split["kind"], "")
    if not card.accuracy.enough:
        return f"{how} Only {_rows(n, 'row was', 'rows were')} held out, too few for figures to mean anything."
    return f"{how} All figures below are over these {n:,} held-out rows."


def _promise(card: Card) -> list[str]:
    p = card.promise
    target = f"at most {percent(p.target_error)}"
    others = p.routed.rows - card.held_out_rows  # rows marked as nobody's: wrong wherever they go
    rows = f"{card.held_out_rows:,} held-out rows" + (f" and {others:,} of no team" if others > 0 else "")
    seen = (
        f"Of {rows} it routed {p.routed.hits:,} ({percent(p.routed.value or 0)}), "
        f"{p.wrong.hits:,} of them to a wrong team{_rate(card)}."
    )
    if not p.routed.hits:
        return [f"From these rows it cannot be promised that {target} goes wrong: everything goes to a person."]
    if not p.holds:
        return [f"That {target} of what it routes alone goes wrong is not backed by enough rows.", seen]
    return [
        f"Of what it routes alone, {target} goes to a wrong team, with {percent(p.confidence)} confidence, in a batch "
        "of signals like the held-out ones. Nothing is promised of signals unlike them.",
        f"{seen} A batch to come may show up to {percent(p.error_limit or 0)}.",
    ]


def _rate(card: Card) -> str:
    return f" ({percent(card.promise.wrong.value or 0)})" if card.promise.wrong.enough else ""


def _promise_of_teams(card: Card) -> list[str]:
    hold, k = card.promise.teams_that_hold, len(card.teams)
    if not card.promise.routed.hits:
        return []
    held_back = [team.team for team in card.teams if team.own_target and team.min_probability is None]
    if not hold:
        said = "For no team by itself do these rows back it: one may see more go wrong than another."
    elif len(hold) == k:
        said = "It holds for every team by itself too."
    else:
        said = (
            f"It holds by itself for {len(hold)} of {k} teams: {listed(hold)}. The other {k - len(hold)} may see more "
            "go wrong; the table says how many more labelled rows each needs."
        )
    if not held_back:
        return [said]
    because = "were to be promised something by themselves, which too few rows back"
    return [said, f"Held for people, since they {because}: {listed(sorted(held_back))}."]


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(short(name) for name in names[:_NAMES])
    return shown if len(names) <= _NAMES else f"{shown} and {len(names) - _NAMES} more"


def _of_team(team: TeamCard) -> str:
    if team.holds:
        return f"holds (at most {percent(team.target_error)})"
    if team.more_rows is None:
        return "not by more rows alone"
    return _more(team.more_rows, bool(team.routed))


def _advice(team: TeamCard) -> str:
    if team.training_rows == 1:
        return "One example, so hardly learnt: label more, or merge it with another team."
    if team.holds:
        return "Enough as it is: the promise holds for it by itself."
    mistaken = f" It is mostly mistaken for “{short(team.taken_for)}”." if team.taken_for else ""
    if team.more_rows is None:
        return f"More rows alone will not do: see whether its labels can be told apart.{mistaken}"
    return f"Label {_more(team.more_rows, bool(team.routed))} of its own.{mistaken}"


def _more(rows: int, some_routed: bool) -> str:
    """An estimate, to two digits."""
    if rows > MOST_ROWS:
        return f"more than {MOST_ROWS:,} more rows"
    scale = 10 ** max(0, len(str(rows)) - 2)
    return f"{'about' if some_routed else 'at least'} {_rows(-(-rows // scale) * scale, 'more row', 'more rows')}"


def _rows(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
