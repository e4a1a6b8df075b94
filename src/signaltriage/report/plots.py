"""Figures as SVG text to be inlined in a page: the only place that imports matplotlib.

Text stays text (`svg.fonttype` none): it is set in the page's own font, can be selected and read aloud, and follows the
page's colours, light or dark. Names never pass through matplotlib, which would take `$` for mathematics and complain of
letters its fonts lack: it draws placeholders, and the escaped names take their place.
"""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from signaltriage.metrics import ReliabilityBin, RiskPoint
from signaltriage.report.card import ConfusionMatrix
from signaltriage.report.certainty import share_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

NAME_WIDTH = 18
"""Letters of a name in a figure; the table beside it has more of it."""
_INK, _SOFT, _LINE, _GOOD, _BAD = "#1b2430", "#5b6878", "#d9dfe6", "#2463b4", "#b3402a"
"""Blue and vermilion can be told apart by colour-blind eyes; marks and dashes tell them apart too."""
_VARIABLES = {_INK: "--ink", _SOFT: "--soft", _LINE: "--line", _GOOD: "--good", _BAD: "--bad"}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 11,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _SOFT,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": _LINE,
    "grid.linewidth": 0.7,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
}
_SIZE = (5.6, 4.8)
"""In inches of 72 points: about as wide as a phone, so that letters of 10 points can be read there."""
_CELL = (0.36, 0.32)
_ONE_AT_A_TIME = Lock()
"""matplotlib keeps its style in one place for all threads."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a model stands on its risk-coverage curve. Shares and probabilities 0-1."""

    coverage: float
    error: float
    min_probability: float | None
    """The least at which it routes; None where it is not known."""


def reliability_svg(bins: Sequence[ReliabilityBin]) -> str:
    """How often guesses were right against how sure the model was, with 95 % intervals, and the rows behind each point.

    Points on too few rows are hollow.
    """
    return _svg("reliability", _SIZE, lambda figure: _reliability(figure, bins))


def risk_coverage_svg(
    points: Sequence[RiskPoint], rows: int, routed: Standing | None, target_error: float | None
) -> str:
    """The share of wrong ones among what is routed, the more of it is routed, with 95 % intervals.

    Args:
        points: the most certain rows first.
        rows: behind the last point.
        routed: where the model in use stands; None: it routes nothing.
        target_error: the largest share of wrong ones asked for, 0-1.
    """

    def draw(figure: Figure) -> None:
        heights = [*(point.error for point in points), (target_error or 0) * 1.15, routed.error if routed else 0, 0.02]
        axes = figure.subplots()
        axes.set(xlim=(-0.02, 1.02), ylim=(0, min(1.0, max(heights) * 1.25)))
        axes.set(xlabel="Routed without a person (% of rows)", ylabel="Wrong among those (%)")
        _curve(axes, points, rows)
        if target_error is not None:
            said = f"asked for: at most {100 * target_error:.3g}% wrong"
            axes.axhline(target_error, color=_BAD, linestyle=(0, (5, 3)), linewidth=1.5, label=said)
        if routed is not None:
            axes.plot([routed.coverage], [routed.error], "D", color=_INK, markersize=8, label=_standing(routed))
        _legend(axes)

    return _svg("risk-coverage", _SIZE, draw)


def confusion_svg(matrix: ConfusionMatrix) -> str:
    """Which of these teams' rows are taken for whose: the darker, the larger the share of the team's rows."""
    k = len(matrix.teams)
    left, top, (width, height) = 2.0, 0.6, _CELL
    size = (left + k * width + 0.1, top + k * height + 0.1)

    def draw(figure: Figure) -> None:
        from matplotlib.patches import Rectangle

        axes = figure.add_axes((left / size[0], 0.1 / size[1], k * width / size[0], k * height / size[1]))
        axes.set(xlim=(-0.5, k - 0.5), ylim=(k - 0.5, -0.5))
        for t, row in enumerate(matrix.rows):
            for g, n in enumerate(row):
                share = n / matrix.support[t] if t != g and n else 0.0
                cell = Rectangle((g - 0.48, t - 0.48), 0.96, 0.96, linewidth=0.5)
                cell.set(facecolor=(_GOOD, 0.75 * share**0.5), edgecolor=_LINE)
                axes.add_patch(cell)
                if n:
                    axes.text(g, t, f"{n}", ha="center", va="center", fontsize=9.5, color=_SOFT if t == g else _INK)
        axes.set_xticks(range(k), [str(g + 1) for g in range(k)])
        axes.set_yticks(range(k), [f"name-{t}-name" for t in range(k)])
        axes.set_xlabel("was guessed to be team", labelpad=6, loc="right")
        axes.tick_params(length=0)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.spines[:].set_visible(False)

    svg = _svg("confusion", size, draw)
    for t, team in enumerate(matrix.teams):
        svg = svg.replace(f">name-{t}-name<", f">{html.escape(_fitting(team))} · {t + 1}<")
    return svg


def _reliability(figure: Figure, bins: Sequence[ReliabilityBin]) -> None:
    above, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (3.4, 1), "hspace": 0.1})
    above.set(ylabel="Was right (%)", xlim=(-0.02, 1.02), ylim=(-0.03, 1.05))
    above.grid()
    above.plot([0, 1], [0, 1], color=_SOFT, linestyle=(0, (4, 3)), linewidth=1.2, label="as often right as sure")
    above.plot([], [], "o-", color=_GOOD, linewidth=1.3, label="how often right, with its 95 % interval")
    most = max((b.n for b in bins), default=0) or 1
    for b in bins:
        if b.accuracy is None:
            continue
        share = share_of(round(b.accuracy * b.n), b.n)
        above.plot([b.mean_probability] * 2, [share.low, share.high], color=_GOOD, linewidth=1.3, alpha=0.7)
        fill = _GOOD if share.enough else "none"
        above.plot([b.mean_probability], [b.accuracy], "o", color=_GOOD, markerfacecolor=fill)
        below.bar((b.low + b.high) / 2, b.n, width=(b.high - b.low) * 0.82, color=_GOOD, alpha=0.5)
        below.text((b.low + b.high) / 2, b.n + most * 0.1, _in_few_letters(b.n), ha="center", fontsize=9)
    below.set(xlabel="Probability of the best guess (%)", ylabel="Rows", ylim=(0, most * 1.5), yticks=[])
    _in_percent(above.yaxis, below.xaxis)
    figure.align_ylabels()
    _legend(above)


def _curve(axes: Axes, points: Sequence[RiskPoint], rows: int) -> None:
    axes.grid()
    _in_percent(axes.xaxis, axes.yaxis)
    coverage = [point.coverage for point in points]
    shares = [share_of(round(p.error * p.coverage * rows), round(p.coverage * rows)) for p in points]
    axes.fill_between(coverage, [s.low for s in shares], [s.high for s in shares], color=_GOOD, alpha=0.18, linewidth=0)
    label, alone = "share of wrong ones, with its 95 % interval", "o" if len(points) == 1 else None
    axes.plot(coverage, [point.error for point in points], color=_GOOD, linewidth=2, marker=alone, label=label)


def _standing(routed: Standing) -> str:
    since = "" if routed.min_probability is None else f"from {100 * routed.min_probability:.3g}% sure on: "
    return f"{since}{100 * routed.coverage:.1f}% routed, {100 * routed.error:.1f}% of it wrong"


def _legend(axes: Axes) -> None:
    """Above the figure, where no line can run through it."""
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), frameon=False, fontsize=10, labelspacing=0.2)


def _in_percent(*axes: Axis) -> None:
    for axis in axes:
        axis.set_major_formatter(lambda share, _: f"{100 * share:.3g}")


def _in_few_letters(rows: int) -> str:
    return f"{rows}" if rows < 1000 else f"{rows / 1000:.2g}k" if rows < 9950 else f"{rows / 1000:.0f}k"


def _fitting(name: str) -> str:
    """As much of a name as fits; letters of East Asian width count twice."""
    line, width = " ".join(name.split()), 0
    for i, letter in enumerate(line):
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > NAME_WIDTH:
            return line[: max(1, i - 1)] + "…"
    return line


def _svg(name: str, size: tuple[float, float], draw: Callable[[Figure], None]) -> str:
    """Draw on a figure of this size in inches; whatever the user's own style, the same figure gives the same text."""
    with _ONE_AT_A_TIME, _quiet():
        import matplotlib
        from matplotlib.figure import Figure as NewFigure

        style: dict[Any, Any] = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}
        with matplotlib.rc_context(style | _STYLE | {"svg.hashsalt": name}):
            figure = NewFigure(figsize=size)
            figure.subplots_adjust(left=0.125, right=0.985, bottom=0.125, top=0.84)
            draw(figure)
            written = StringIO()
            unstamped = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            figure.savefig(written, format="svg", metadata=unstamped)
    return _inlined(written.getvalue(), name)


@contextmanager
def _quiet() -> Iterator[None]:
    """Nobody needs to hear that a list of fonts is being made, or that it cannot be kept."""
    log = logging.getLogger("matplotlib")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _inlined(svg: str, name: str) -> str:
    """As part of a page: without a head, names of groups and fonts of its own, in the page's colours."""
    svg = svg[svg.index("<svg") :]
    opening = rf'<svg class="{name}" role="img" width="\1pt" \2>'
    svg = re.sub(r'<svg [^>]*?width="([^"]*)pt"[^>]*?(viewBox="[^"]*")[^>]*>', opening, svg, count=1)
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'(<g) id="[^"]*"', r"\1", svg)
    svg = re.sub(r" font-family: [^;\"]*;?", "", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg
