"""Figures as pages: self-contained, nothing fetched, every value escaped; the templates compute nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signaltriage.report.card import CARD_JSON, CARD_PAGE, CARD_TEXT, Card
from signaltriage.report.certainty import Share
from signaltriage.report.evaluation import Evaluation
from signaltriage.report.plots import Standing, confusion_svg, reliability_svg, risk_coverage_svg
from signaltriage.report.theme_words import sure
from signaltriage.report.words import card_words, percent, short

if TYPE_CHECKING:
    from jinja2 import Environment

_STEPS = 10


def evaluation_page(evaluation: Evaluation, title: str, model: str, target_error: float | None = None) -> str:
    """Render the page.

    Args:
        evaluation: the numbers; nothing is computed here.
        title: what was evaluated, such as the file's name.
        model: the model's version.
        target_error: the largest share of wrong ones asked for, 0-1; drawn into the figure.
    """
    from markupsafe import Markup

    pictures = {}
    if evaluation.risk_coverage:
        e, wrong = evaluation, evaluation.error_among_routed
        routed = None if wrong is None else Standing(e.share_routed, wrong, None)
        curve = risk_coverage_svg(e.risk_coverage, e.labelled, routed, target_error)
        pictures = {"reliability": Markup(reliability_svg(e.reliability)), "risk_coverage": Markup(curve)}
    template = environment().get_template("evaluation.html")
    return template.render(e=evaluation, title=title, model=model, pictures=pictures)


def write_page(
    path: str | Path, evaluation: Evaluation, title: str, model: str, target_error: float | None = None
) -> None:
    """Write the page as UTF-8, making the folder where there is none."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    page = evaluation_page(evaluation, title, model, target_error)
    target.write_text(page, encoding="utf-8", errors="replace")


def card_files(card: Card) -> dict[str, bytes]:
    """A model card as its three files: the same card, the same bytes."""
    from markupsafe import Markup

    content = {
        "c": card,
        "w": card_words(card),
        "plots": {name: Markup(svg) for name, svg in _pictures(card).items()},
        "steps": card.risk_coverage[-1 :: -max(1, len(card.risk_coverage) // _STEPS)][::-1],
        "thinnest": [next(team for team in card.teams if team.team == name) for name in card.thinnest],
        "data": _data(card.data),
        "made": {"split": card.split["kind"], "encoder": card.encoder, "chosen by training": card.choice},
    }
    templates = environment()
    rendered = {name: templates.get_template(name.lower()).render(content) for name in (CARD_PAGE, CARD_TEXT)}
    record = json.dumps(_rounded(asdict(card)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return {name: text.encode("utf-8", "replace") for name, text in {CARD_JSON: record, **rendered}.items()}


def _pictures(card: Card) -> dict[str, str]:
    """The figures there are rows enough for."""
    if not card.reliability:
        return {}
    p = card.promise
    routed = None
    if p.routed.value and p.wrong.value is not None:
        routed = Standing(p.routed.value, p.wrong.value, p.min_probability)
    found = {
        "reliability": reliability_svg(card.reliability),
        "risk_coverage": risk_coverage_svg(card.risk_coverage, card.held_out_rows, routed, p.target_error),
    }
    return found if card.matrix is None else {**found, "confusion": confusion_svg(card.matrix)}


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The rows, as they are called on the card; without a time span where there are no times."""
    named = {
        "rows": "rows given",
        "used": "used",
        "without_text": "left out, without a text",
        "without_team": "left out, without a team or marked as of none",
        "distinct_texts": "distinct texts",
        "texts_with_conflicting_teams": "texts with more than one team",
        "oldest": "oldest filed",
        "newest": "newest filed",
        "sha256": "sha256 of the rows used",
    }
    return {name: data[key] for key, name in named.items() if key in data}


def environment() -> Environment:
    """Templates of this package: escaping by default, an undefined name is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("signaltriage.report", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {
        "percent": percent,
        "share": lambda value: "–" if value is None else f"{value:.1%}",
        "sure": sure,
        "hours": lambda value: f"{value:,.0f}" if value >= 100 else f"{value:.3g}",
        "whole": lambda value: f"{value:,}",
        "between": _between,
        "short": short,
        "plain": _plain,
        "words": lambda name: str(name).replace("_", " "),
        "md": _markdown,
    }
    return made


def _between(share: Share) -> str:
    return f"{100 * share.low:.0f}–{100 * share.high:.0f}"


def _plain(value: Any) -> str:
    """A setting's value as a person writes it."""
    if value is None or value == {}:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return "; ".join(f"{str(name).replace('_', ' ')} {_plain(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plain, value))
    return str(value)


def _markdown(text: str) -> str:
    """Text that stays text in Markdown, also within a table."""
    from markupsafe import Markup

    line = " ".join(str(text).split())
    line = re.sub(r"([\\`*\[\]|#~]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", line)
    return Markup(escape(line, quote=False))


def _rounded(value: Any) -> Any:
    """Six decimals: more than any figure here is good for."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, Mapping):
        return {name: _rounded(part) for name, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, (list, tuple)) else value
