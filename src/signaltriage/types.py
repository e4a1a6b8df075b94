"""The records that travel between stages: frozen, typed, free of behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Outcome = Literal["routed", "needs_human"]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A team that was considered and not chosen."""

    team: str
    probability: float
    """Calibrated, 0-1."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where one signal goes, how sure we are, and why."""

    team: str | None
    """The team it is routed to; None when a person must look."""
    outcome: Outcome
    probability: float
    """Calibrated probability of `best_guess`, 0-1."""
    best_guess: str
    """The most probable team, whatever the outcome."""
    runners_up: tuple[RunnerUp, ...]
    """The next most probable teams, best first."""
    reason: str
    """In words: why this outcome, which words and which known examples spoke for the best guess."""
    model_version: str
    rule: str = ""
    """Id of the rule that decided; empty when none did."""
    none_probability: float = 0.0
    """Probability that it is none of the known teams', 0-1."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled signal that is like another."""

    text: str
    """One line, shortened."""
    team: str
    """Its label, whatever the best guess of the other is."""
    similarity: float
    """Cosine, -1 to 1."""


@dataclass(frozen=True, slots=True)
class WordWeight:
    """What one word is to a decision."""

    word: str
    """As typed where it first stands."""
    drop: float
    """What the probability of the best guess loses when every occurrence is deleted; negative where it gains."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What carried a decision, measured by deleting words and asking again."""

    text: str
    """As the model sees it, cleaned."""
    prediction: Prediction
    words: tuple[WordWeight, ...]
    """Words deleted one at a time, in the order of the text; of a long text, the ones most likely to matter."""
    carried_by: tuple[str, ...]
    """The words that together carry the decision most, as typed; found one after the other, so that words which stand
    in for each other are found too."""
    drop: float
    """What the probability of the best guess loses without `carried_by`."""
    random_drop: float | None
    """The same for as many other words, mean of random draws; None where there are no others."""
    beaten: float | None
    """Share of the random draws that cost less than `drop`, 0-1."""
    carried: bool
    """Whether `carried_by` really carry it: without them the probability falls, and by more than at random."""
    neighbours: tuple[Neighbour, ...]
    """The nearest labelled signals, of any team, nearest first."""
    summary: str
    """In words."""


@dataclass(frozen=True, slots=True)
class GroupPrediction:
    """Where a group of signals goes as one."""

    team: str | None
    """The team it is routed to; None when a person must look."""
    outcome: Outcome
    probability: float
    """Calibrated probability that `best_guess` is the team of most of its signals, 0-1."""
    best_guess: str
    """The most probable team, whatever the outcome."""
    runners_up: tuple[RunnerUp, ...]
    """The next most probable teams, best first."""
    n: int
    """Signals that say something: empty ones are not counted."""
    agreement: float
    """Share of the different texts whose own best guess is the group's, 0-1."""
    dissent: tuple[tuple[str, int], ...]
    """Other teams that texts were guessed to be of, and how many different texts; most first."""
    reason: str
    """In words: why this outcome, who agrees and who does not."""
    model_version: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input row that could not be read, kept with its place and the reason."""

    line: int
    """1-based line of the file (record number where the format has no lines)."""
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that somebody said."""

    id: str
    """Unique among the signals it is handed over with, and the same whenever it is handed over again."""
    text: str
    created_at: datetime | None = None
    """When it was said; None where that is not known."""
    audience: str = ""
    """`customer` or `employee`; empty where that is not known."""
    source: str = ""
    """Where it came from, such as zendesk or slack."""
    title: str = ""
    """What stood above it, such as the subject of a mail; not repeated in `text`."""
    author: str = ""
    """Who said it, as the source names them, or their pseudonym."""
    link: str = ""
    """Where it can be opened in the source."""
    status: str = ""
    """In the words of the source, such as open."""
    team: str = ""
    """Whose it is there; empty where the source does not say."""
    assignee: str = ""
    """Who works on it there, like `author`."""
    tags: tuple[str, ...] = ()
    thread: str = ""
    """Id of the signal that opened the conversation it is part of; empty where it opened one itself."""
    updated_at: datetime | None = None
    """When the source last changed it; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an article under one heading."""

    heading: str
    """Empty: what stands before the first heading."""
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article of a knowledge base, as its readers see it."""

    id: str
    title: str
    body: str
    """All its text, headings too, without mark-up."""
    sections: tuple[Section, ...] = ()
    """The body by headings; empty: it was not told apart."""
    language: str = ""
    updated: date | None = None
    link: str = ""
    draft: bool = False  # not published: nobody can find it
