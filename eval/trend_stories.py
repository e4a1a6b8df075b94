"""The planted stories of training_data, told week by week: when is each first called new, rising or back again?

`as_planted`   the stories' own signals are the themes, the rest of each team is one: the test alone
`as_found`     the themes that signaltriage finds in all 26 weeks: a story is told by the theme that holds most of it,
               if that one is flagged while the story lasts or in the two weeks after
At the end of the data (30 August) most stories are over, and what is over is no news: `at_the_end` says what is left.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.sets import ROOT
from signaltriage.themes.trend import Trend, trends

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
    out: Record = {}
    for s, one in enumerate(told):
        holds = Counter(themes[(story == s) & (themes >= 0)].tolist())
        theme, n = min(holds.items(), key=lambda item: (-item[1], item[0]))
        out[one["id"]] = {
            "signals": int((story == s).sum()),
            "in_its_theme": n,
            "size_of_theme": int((themes == theme).sum()),
            **_first(one, [week[theme] for week in weekly]),
        }
    last = Counter(trend.kind for trend in weekly[-1])
    return {"stories": out, "themes": k, "at_the_end": dict(sorted(last.items()))}


def _first(one: Record, weekly: list[Trend]) -> Record:
    """In which week a story is first flagged, and how many whole weeks after the week that it began in."""
    first, last = (date.fromisoformat(one[side]) for side in ("first_day", "last_day"))
    began = (first - FIRST.astype("datetime64[D]").item()).days // 7 + 1
    kinds = [trend.kind for trend in weekly]
    for week in range(began, WEEKS + 1):
        ends = FIRST.astype("datetime64[D]").item() + timedelta(days=7 * week - 7)
        if ends > last + AFTER:
            break
        if kinds[week - 1] in UP:
            since = weekly[week - 1].since
            off = None if since is None else (since - first).days
            return {
                "began_in_week": began, "flagged_in_week": week, "delay_weeks": week - began, "as": kinds[week - 1],
                "days_off": off, "now": kinds[-1],
            }  # fmt: skip
    return {"began_in_week": began, "flagged_in_week": None, "delay_weeks": None, "as": None, "now": kinds[-1]}
