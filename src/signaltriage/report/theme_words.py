"""What the themes page says in words."""

from __future__ import annotations

from datetime import datetime

from signaltriage.report.words import percent
from signaltriage.theme_types import Owner, ThemeTrend, TrendKind

TRENDS: dict[TrendKind, str] = {
    "rising": "rising",
    "new": "new",
    "falling": "falling",
    "recurring": "back again",
    "steady": "steady",
    "unknown": "–",
}
_TOLD: dict[TrendKind, str] = {
    "rising": "Rising",
    "new": "New",
    "falling": "Falling",
    "recurring": "Back again after it had gone",
    "steady": "Steady",
    "unknown": "",
}


def trend_words(trend: ThemeTrend) -> str:
    """What is happening, since when, and how sure that is."""
    told = _TOLD[trend.kind]
    if trend.kind == "unknown":
        return "Too little history to tell a trend." if trend.counts else "No times, so no trend."
    since = f" since {trend.since:%Y-%m-%d}" if trend.since else ""
    past = f" Far more often from {trend.burst[0]:%Y-%m-%d} to {trend.burst[1]:%Y-%m-%d}." if trend.burst else ""
    return (f"{told}{since} (p {_p(trend.p)})." if trend.p is not None else f"{told}{since}.") + past


def owner_words(owner: Owner | None) -> str:
    """Who owns a theme and how that is known, or that a person must look."""
    if owner is None:
        return "No model was asked (--model), so no owner is known."
    if owner.by == "person":
        return f"{owner.team} owns it: a person said so."
    if owner.team is None:
        best = f"; the best guess is {owner.best_guess}" if owner.best_guess else ""
        said = f"A person must look{best}"
    else:
        said = f"{owner.team} owns it"
    if owner.probability is not None:
        said += f", {sure(owner.probability)} sure"
    if owner.dissent:
        said += f"; {percent(owner.dissent)} of its texts point to another team"
    return f"{said}."


def facet_words(kind: str) -> str:
    """A kind of friction as a person says it."""
    return {"exception_approval": "exception or approval"}.get(kind, kind.replace("_", " "))


def span_words(first: datetime | None, last: datetime | None) -> str:
    """From the first day to the last; empty where no times are known."""
    if first is None or last is None:
        return ""
    a, b = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"
    return a if a == b else f"{a} – {b}"


def sure(probability: float) -> str:
    """A probability that is never rounded up to certainty."""
    return percent(min(probability, 0.999) if probability < 1 else 1.0)


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else "> 0.99" if p > 0.99 else f"{p:.2g}"
