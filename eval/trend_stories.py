"""The planted stories of training_data, told week by week: when is each first called new, rising or back again?

`as_planted`   the stories' own signals are the themes, the rest of each team is one: the test alone
`as_found`     the themes that signaltriage finds in all 26 weeks: a story is told by the theme that holds most of it,
               if that one is flagged while the story lasts or in the two weeks after
At the end of the data (30 August) most stories are over, and what is over is no news: `at_the_end` says what is left,
and `past` which stories are told then as a burst that is over, if its days overlap the story's.

Writes eval/results/trend_stories.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.blocks import table
from eval.run import RESULTS
from eval.sets import ROOT
from signaltriage.themes.trend import Trend, past_bursts, trends

FIRST: Final = np.datetime64("2026-03-02", "s")
WEEKS: Final = 26
UP: Final = frozenset({"rising", "new", "recurring"})
AFTER: Final = timedelta(days=14)

IntArray = NDArray[np.int64]
Record = dict[str, Any]


def stories() -> Record:
    """Both ways."""
    told = tomllib.loads((ROOT / "training_data/stories.toml").read_text(encoding="utf-8"))["story"]
    frame = pd.read_csv(ROOT / "training_data/signals.csv", dtype=str, keep_default_na=False)
    times = pd.to_datetime(frame["created_at"], utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    of = {id: k for k, story in enumerate(told) for id in story["signal_ids"]}
    story = np.array([of.get(id, -1) for id in frame["id"]], dtype=np.int64)
    team, _ = pd.factorize(frame["team"], sort=True)
    planted = np.where(story >= 0, story, len(told) + team).astype(np.int64)
    found = _found(frame)
    return {
        "as_planted": _told(told, story, times, planted),
        "as_found": _told(told, story, times, found),
    }


def _found(frame: pd.DataFrame) -> IntArray:
    """The theme of each signal, -1 for none, as `signaltriage themes` finds them."""
    import signaltriage as st

    rows = zip(frame["id"], frame["text"], frame["created_at"], strict=True)
    signals = [st.Signal(id=id, text=text, created_at=pd.Timestamp(at).to_pydatetime()) for id, text, at in rows]
    theme_of = {a.id: a.theme_id for a in st.ThemeSet.discover(signals).assignments}
    codes, _ = pd.factorize(pd.Series([theme_of[id] for id in frame["id"]]), sort=True)
    return codes.astype(np.int64)


def _told(told: list[Record], story: IntArray, times: NDArray[np.datetime64], themes: IntArray) -> Record:
    """Replay the weeks."""
    k = int(themes.max()) + 1
    weekly = []
    for week in range(1, WEEKS + 1):
        seen = times < FIRST + np.timedelta64(7 * week, "D")
        weekly.append(trends(times[seen], themes[seen], k, period="week"))
    bursts = past_bursts(times, themes, k, period="week")
    out: Record = {}
    for s, one in enumerate(told):
        holds = Counter(themes[(story == s) & (themes >= 0)].tolist())
        theme, n = min(holds.items(), key=lambda item: (-item[1], item[0]))
        out[one["id"]] = {
            "signals": int((story == s).sum()),
            "in_its_theme": n,
            "size_of_theme": int((themes == theme).sum()),
            **_first(one, [week[theme] for week in weekly], bursts[theme]),
        }
    last = Counter(trend.kind for trend in weekly[-1])
    return {
        "stories": out,
        "themes": k,
        "at_the_end": dict(sorted(last.items())),
        "bursts_at_the_end": len([b for b in bursts if b]),
    }


def _first(one: Record, weekly: list[Trend], burst: tuple[date, date] | None) -> Record:
    """In which week a story is first flagged, and how many weeks after the one that it began in."""
    first, last = (date.fromisoformat(one[side]) for side in ("first_day", "last_day"))
    start: date = FIRST.astype("datetime64[D]").item()
    began = (first - start).days // 7 + 1
    until = min(WEEKS, (last + AFTER - start).days // 7 + 1)
    flagged = next((week for week in range(began, until + 1) if weekly[week - 1].kind in UP), None)
    trend = weekly[flagged - 1] if flagged else None
    burst = burst if weekly[-1].kind == "steady" else None
    return {
        "began_in_week": began,
        "flagged_in_week": flagged,
        "delay_weeks": flagged - began if flagged else None,
        "as": trend.kind if trend else None,
        "days_off": (trend.since - first).days if trend and trend.since else None,
        "now": weekly[-1].kind,
        "past": [day.isoformat() for day in burst] if burst and burst[0] <= last and burst[1] >= first else None,
    }


def lines(r: Mapping[str, Any]) -> str:
    """One row a story; a table."""
    rows = []
    for id, planted in r["as_planted"]["stories"].items():
        found = r["as_found"]["stories"][id]
        of = f"{found['in_its_theme']} of {found['signals']}, in {found['size_of_theme']}"
        rows.append([id, *_cells(planted), of, *_cells(found)])
    head = [
        "story",
        "its signals alone: flagged",
        "in the end",
        "best theme holds",
        "that theme: flagged",
        "in the end",
    ]
    return table(head, rows)


def _cells(told: Record) -> list[str]:
    flagged = "–" if told["flagged_in_week"] is None else f"{told['as']}, {told['delay_weeks']} weeks late"
    past = "" if told["past"] is None else f"; burst {told['past'][0]} to {told['past'][1]}"
    return [flagged, told["now"] + past]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS / "trend_stories.json")
    options = parser.parse_args(arguments)
    found = stories()
    options.out.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    print(lines(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
