"""An evaluation as one HTML page: self-contained, nothing fetched, every value escaped."""

from __future__ import annotations

from pathlib import Path

from signaltriage.report.evaluation import Evaluation


def evaluation_page(evaluation: Evaluation, title: str, model: str) -> str:
    """Render the page.

    Args:
        evaluation: the numbers; nothing is computed here.
        title: what was evaluated, such as the file's name.
        model: the model's version.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("signaltriage.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["share"] = lambda value: "–" if value is None else f"{value:.1%}"
    return environment.get_template("evaluation.html").render(e=evaluation, title=title, model=model)


def write_page(path: str | Path, evaluation: Evaluation, title: str, model: str) -> None:
    """Write the page as UTF-8, making the folder where there is none."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(evaluation_page(evaluation, title, model), encoding="utf-8", errors="replace")
