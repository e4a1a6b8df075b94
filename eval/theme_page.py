"""Does the themes page open offline without an error or a request, and does its map stay fluid?

    python -m eval.theme_page [--points 20000] [--themes 500] [--browser chromium]

Writes a page with the texts of training_data/, over and over, in random groups; opens a copy in a headless Chromium
that can reach nothing; moves the map by its keys, one step a frame, every point drawn anew, and reports the time
between frames. A browser without a graphics card draws on a plain canvas: the slowest case there is. Then opens it at
several widths and reports what is wider than the box it stands in: "cut_off" should be empty.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from eval.run import RESULTS, versions
from signaltriage.report.layout import Placed, lay_out
from signaltriage.report.themes import Found, themes_page
from signaltriage.report.themes_page import render_themes
from signaltriage.theme_types import Assignment, Owner, Quote, Theme, ThemeTrend
from signaltriage.themes.partition import unit
from signaltriage.types import Signal

ROOT = Path(__file__).resolve().parents[1]
WAIT = 120.0
"""Seconds a browser may take."""
PROBE = """<script>addEventListener("load", () => setTimeout(() => {
  const map = document.getElementById("map"), loaded = performance.now();
  const frames = (steps, act, then) => {
    let last = performance.now(), left = steps;
    const gaps = [];
    const next = (now) => {
      gaps.push(now - last);
      last = now;
      if (left-- > 0) { act(left); requestAnimationFrame(next); return; }
      gaps.sort((a, b) => a - b);
      then({median: gaps[gaps.length >> 1], p95: gaps[Math.floor(gaps.length * 0.95)]});
    };
    requestAnimationFrame(next);
  };
  const key = (name) => map.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true}));
  frames(60, () => {}, (idle_ms) =>
    frames(60, (i) => key(i % 2 ? "ArrowRight" : "ArrowLeft"), (moving_ms) =>
      console.log("PROBE " + JSON.stringify({idle_ms, moving_ms, drawn: map.querySelector("div").childElementCount}))));
}, 1500));</script>"""

WIDTHS = (390, 600, 768, 1024, 1300, 1700)
"""Of the window, in pixels."""
CUT = """<script>addEventListener("load", () => setTimeout(() => {
  const all = [document.documentElement, ...document.querySelectorAll(".wide, td, th, article, dl div")];
  const cut = all.filter((e) => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1);
  const told = cut.map((e) => `${e.tagName} ${e.className} ${e.scrollWidth - e.clientWidth}`);
  console.log("PROBE " + JSON.stringify({cut: told}));
}, 1500));</script>"""


def page(points: int, themes: int, seed: int = 0) -> tuple[str, dict[str, float]]:
    """A page of random groups, and the seconds that layout and rendering took."""
    rng = np.random.default_rng(seed)
    texts = pd.read_csv(ROOT / "training_data" / "signals.csv", keep_default_na=False)["text"].tolist()
    weight = rng.pareto(1.2, size=themes) + 0.3
    nearest = np.sort(rng.choice(themes, size=points, p=weight / weight.sum()))
    centres = unit(rng.normal(size=(themes, 384)))
    vectors = unit(centres[nearest] + rng.normal(size=(points, 384)) * 0.05)
    member = rng.random(points) > 0.05
    ids = tuple(f"S{i:06d}" for i in range(points))
    begin = time.perf_counter()
    layout = lay_out(Placed(vectors, ids, nearest, member, centres))
    laid = time.perf_counter()
    sizes = np.bincount(nearest[member], minlength=themes)
    found = Found(
        themes=[_theme(i, int(size), points, rng) for i, size in enumerate(sizes)],
        signals=[Signal(id, texts[i % len(texts)], datetime(2026, 3, 2, tzinfo=UTC)) for i, id in enumerate(ids)],
        assignments=[
            Assignment(id, f"T{t + 1:04d}" if m else None, f"T{t + 1:04d}", 0.5)
            for id, t, m in zip(ids, nearest.tolist(), member.tolist(), strict=True)
        ],
        layout=layout,
        changes=[],
        workarounds=[],
    )
    told = render_themes(themes_page(found), "random groups", "")
    return told, {"layout_seconds": round(laid - begin, 2), "render_seconds": round(time.perf_counter() - laid, 2)}


def open_page(html: str, browser: str, probe: str = PROBE, width: int = 1280) -> dict[str, object]:
    """What a headless browser that can reach nothing says of the page: the probe's figures, and every console error."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (Path(folder) / "themes.html").write_text(html.replace("</body>", f"{probe}</body>"), encoding="utf-8")
        path = Path(folder) / "frame.html"  # a window cannot be as narrow as a phone, a frame can
        path.write_text(
            '<!doctype html><body style="margin:0">'
            f'<iframe src="themes.html" style="border:0;width:{width}px;height:1000px"></iframe>',
            encoding="utf-8",
        )
        if probe is PROBE:
            path = path.with_name("themes.html")
        command = [browser, "--headless", "--no-sandbox", "--enable-logging=stderr"]
        command += [f"--window-size={max(width, 600)},1000", "--host-resolver-rules=MAP * ~NOTFOUND", "--mute-audio"]
        command += [f"--user-data-dir={folder}/profile", "--remote-debugging-port=0", path.as_uri()]
        return _heard(command)


def _heard(command: list[str]) -> dict[str, object]:
    """The figures that a probe tells the console, and every error there."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    stop = threading.Timer(WAIT, process.kill)
    stop.start()
    errors: list[str] = []
    figures: dict[str, object] = {}
    for line in process.stderr or ():
        if re.search(r"(?:ERROR|SEVERE):CONSOLE|Uncaught|Refused to|Failed to load", line):
            errors.append(line.strip()[:200])
        if found := re.search(r"PROBE (\{.*\})\"", line.replace('\\"', '"')):
            figures = json.loads(found.group(1))
            break
    stop.cancel()
    process.kill()
    process.wait()
    return {**figures, "console_errors": errors}


def _theme(i: int, size: int, points: int, rng: np.random.Generator) -> Theme:
    counts = tuple(rng.poisson(max(size, 1) / 26, size=26).tolist())
    weeks = tuple(date(2026, 3, 2) + timedelta(weeks=w) for w in range(26))
    return Theme(
        id=f"T{i + 1:04d}",
        name=f"Random group number {i + 1}",
        keywords=("random", "group"),
        description="A group of texts drawn at random.",
        size=size,
        share=size / points,
        area=f"Area number {i % 9 + 1} · Another group …",
        first_seen=None,
        last_seen=None,
        trend=ThemeTrend("steady", 0.5, None, weeks, counts),
        owner=Owner(None if i % 3 else f"team number {i % 9}", 0.876, "some team", None, ""),
        exemplars=(Quote("S000000", "a text"),),
        edge=None,
        facets=(),
        hours_lost=1234.5 if i % 2 else None,
        hours_signals=3 * (i % 2),
        audiences=(),
    )


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--themes", type=int, default=500)
    parser.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome") or "")
    parser.add_argument("--out", type=Path, default=RESULTS / "theme_page.json")
    options = parser.parse_args()
    html, seconds = page(options.points, options.themes)
    result: dict[str, object] = {"points": options.points, "themes": options.themes}
    result |= {"megabytes": round(len(html.encode()) / 1e6, 2), **seconds}
    if options.browser:
        result |= open_page(html, options.browser)
        small, _ = page(600, 40)
        cut = {width: open_page(small, options.browser, CUT, width).get("cut", "not opened") for width in WIDTHS}
        result["cut_off"] = {str(width): what for width, what in cut.items() if what}
    else:
        print("There is no Chromium here: the page was written and not opened.")
    result |= {"processors": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "versions": versions()}
    print(json.dumps({name: value for name, value in result.items() if name != "versions"}, indent=1))
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
