"""The weekly routine over a friction log: what is new is seen to, what was stopped is finished, replies go along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from eval.soak import canonical

import signaltriage as st
from signaltriage.errors import EncoderError, LogError
from signaltriage.model import pipeline
from signaltriage.model.log_pages import write_pages
from signaltriage.model.log_status import status_of
from signaltriage.model.log_themes import ThemesWith, earlier, edit_themes
from signaltriage.model.pipeline import RunSummary, RunWith, run_log
from signaltriage.model.theme_edits import ThemeEdits
from signaltriage.store.log.engine import FrictionLog
from signaltriage.types import Prediction
from support import WordsEncoder, read_csv, write_csv
from support_log import AT, made, put, signal, table, write_lines
from support_themes import recurring

SIGNALS = recurring(("vpn", "invoice", "login"), each=30)


class Router:
    """Routes by a word; stands in for a model where only the way of signals is looked at."""

    version = "m1"
    rules = None

    def __init__(self, encoder: WordsEncoder) -> None:
        self.encoder = encoder
        self.seen: list[str] = []

    def predict(self, texts: list[str], ids: list[str], records: object) -> list[Prediction]:
        self.seen += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prediction:
        team = "network" if "vpn" in text else None
        outcome: Any = "routed" if team else "needs_human"
        return Prediction(team, outcome, 0.8, "network", (), "by a word", self.version)


def row(id: str, text: str) -> dict[str, Any]:
    when = "2026-03-02T08:00:00Z"
    return {"id": id, "text": text, "created_at": when, "source": "desk", "author": "kim"}


def export(path: Path, signals: list[st.Signal]) -> Path:
    names = ("id", "text", "created_at", "audience", "source")
    return write_lines(path, [{name: str(getattr(s, name)) for name in names} for s in signals])


def stages(done: RunSummary) -> dict[str, Any]:
    return {one.stage: one.skipped or one.counts for one in done.stages}


def test_everything_is_captured_routed_and_grouped_and_the_second_run_finds_nothing_new(
    log: FrictionLog, model: st.TriageModel, tmp_path: Path
) -> None:
    source = export(tmp_path / "a.jsonl", SIGNALS)
    given = RunWith(made(), model.encoder, model)
    first = stages(run_log([source], log, given))
    assert (first["capture"]["read"], first["capture"]["new"]) == (90, 90)
    assert first["route"]["decided"] == 90 == first["route"]["routed"] + first["route"]["needs_human"]
    assert first["themes"]["signals"] == 90
    assert first["themes"]["themes"] >= 3
    assert "no --articles" in first["gaps"]
    before = canonical(log)
    second = stages(run_log([source], log, given))
    assert second["capture"]["duplicate"] == 90
    assert second["route"]["decided"] == 0
    assert second["themes"]["unchanged"]
    after = canonical(log)
    assert {name: after[name] for name in ("signals", "decisions", "themes", "assignments")} == {
        name: before[name] for name in ("signals", "decisions", "themes", "assignments")
    }


def test_what_comes_later_joins_the_themes_that_are_there(log: FrictionLog, tmp_path: Path) -> None:
    given = RunWith(made(), WordsEncoder(384))
    run_log([export(tmp_path / "a.jsonl", SIGNALS[:70])], log, given)
    themes = {one["id"] for one in table(log, "themes")}
    placed = {one["id"]: one["theme_id"] for one in table(log, "v_signals")}
    more = run_log([export(tmp_path / "b.jsonl", SIGNALS[70:])], log, given)
    assert stages(more)["themes"]["signals"] == 90
    assert {one["id"] for one in table(log, "themes")} == themes
    later = {one["id"]: one["theme_id"] for one in table(log, "v_signals")}
    assert {id: later[id] for id in placed} == placed
    assert sum(bool(later[id]) for id in later if id not in placed) >= 18


def test_two_weeks_one_after_the_other_are_as_one_clean_run_of_each(tmp_path: Path) -> None:
    """A run that is stopped after any stage leaves the rest to the next one, which ends where a clean run ends."""
    files = [export(tmp_path / "a.jsonl", SIGNALS[:60]), export(tmp_path / "b.jsonl", SIGNALS[60:])]
    given = RunWith(made(), WordsEncoder(384))

    def week(log: FrictionLog, file: Path, stopped_at: str | None) -> None:
        if stopped_at is not None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(pipeline._Stages, stopped_at, _killed)
                with pytest.raises(KeyboardInterrupt):
                    run_log([file], log, given)
        run_log([file], log, given)

    found = []
    for number, stopped in enumerate([None, "capture", "route", "themes"]):
        with FrictionLog.open(tmp_path / f"{number}.db") as log:
            for file in files:
                week(log, file, stopped)
            found.append((canonical(log), [(one["id"], one["command"]) for one in table(log, "runs")]))
    assert all(one == found[0] for one in found[1:])


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_reply_goes_where_its_conversation_goes(log: FrictionLog) -> None:
    put(
        log,
        signal("1", "vpn drops at home"),
        signal("2", "same here", thread="1"),
        signal("3", "no answer", thread="99"),
    )
    router: Any = Router(WordsEncoder())
    counts = pipeline.route(log, router, None)
    assert (counts.decided, counts.routed, counts.with_their_conversation) == (3, 2, 1)
    decided = {one["id"]: one for one in table(log, "v_signals")}
    assert (decided["1"]["team"], decided["2"]["team"], decided["3"]["outcome"]) == (
        "network",
        "network",
        "needs_human",
    )
    assert decided["2"]["reason"] == "with its conversation (1): by a word"
    assert router.seen == ["vpn drops at home", "vpn drops at home", "no answer"]


def test_replies_are_in_the_theme_of_their_conversation(log: FrictionLog) -> None:
    put(log, *SIGNALS, *(signal(f"r-{s.id}", "me too", thread=s.id) for s in SIGNALS[:20]))
    counts = stages(run_log([], log, RunWith(made(), WordsEncoder(384))))["themes"]
    assert (counts["signals"], counts["replies"]) == (90, 20)
    placed = {one["id"]: one["theme_id"] for one in table(log, "v_signals")}
    assert all(placed[f"r-{s.id}"] == placed[s.id] for s in SIGNALS[:20])
    assert sum(bool(placed[s.id]) for s in SIGNALS[:20]) > 15


def test_a_signal_that_changed_is_decided_again_and_one_that_did_not_is_not(log: FrictionLog, tmp_path: Path) -> None:
    router: Any = Router(WordsEncoder())
    given = RunWith(made(), WordsEncoder())
    run_log([write_lines(tmp_path / "a.jsonl", [row("1", "vpn drops"), row("2", "badge is dead")])], log, given)
    assert pipeline.route(log, router, None).decided == 2
    run_log([write_lines(tmp_path / "b.jsonl", [row("1", "vpn drops"), row("2", "vpn badge is dead")])], log, given)
    assert pipeline.route(log, router, None).decided == 1
    assert {one["id"]: one["team"] for one in table(log, "v_signals")} == {"1": "network", "2": "network"}
    router.version = "m2"
    assert pipeline.route(log, router, None).decided == 2


def test_searches_are_held_against_the_articles_once(log: FrictionLog, tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "vpn.md").write_text(
        "# VPN drops\n\nRestart the tunnel when the vpn connection drops.", encoding="utf-8"
    )
    searches = write_csv(
        tmp_path / "searches.csv",
        [
            {"query": q, "result_count": 0, "user": f"u{i}"}
            for i, q in enumerate(["vpn drops", "payslip tax class"] * 3)
        ],
    )
    given = RunWith(made(), WordsEncoder(384), articles=articles)
    counts = stages(run_log([searches], log, given))["gaps"]
    assert counts["searches"] == 6 == sum(counts[kind] for kind in ("missing", "unfindable", "served", "not_a_need"))
    assert not counts["unchanged"]
    again = stages(run_log([], log, given))["gaps"]
    assert again == {**counts, "unchanged": True}
    (articles / "tax.md").write_text("# Payslip tax class\n\nHow the tax class on a payslip is set.", encoding="utf-8")
    changed = stages(run_log([], log, given))["gaps"]
    assert (changed["unchanged"], changed["articles"]) == (False, 2)


def test_what_people_said_of_a_theme_outlives_later_runs(log: FrictionLog, tmp_path: Path) -> None:
    given = RunWith(made(), WordsEncoder(384))
    run_log([export(tmp_path / "a.jsonl", SIGNALS[:60])], log, given)
    first, second, *_ = [one["id"] for one in table(log, "v_themes")]
    edits = ThemeEdits(rename={first: "Tunnel trouble"}, owner={second: "finance"})
    edit_themes(log, edits, ThemesWith(given.encoder), None, AT)
    run_log([export(tmp_path / "b.jsonl", SIGNALS[60:])], log, given)
    now = {one["id"]: one for one in table(log, "v_themes")}
    assert now[first]["name"] == "Tunnel trouble"
    assert now[second]["owner"] == "finance"
    assert len(table(log, "edits")) == 1


def test_themes_cannot_be_edited_before_there_are_any(log: FrictionLog) -> None:
    with pytest.raises(LogError, match="no themes"):
        edit_themes(log, ThemeEdits(rename={"T0001": "x"}), ThemesWith(WordsEncoder()), None, AT)


def test_another_encoder_is_refused_once_there_are_themes(log: FrictionLog, tmp_path: Path) -> None:
    run_log([export(tmp_path / "a.jsonl", SIGNALS)], log, RunWith(made(), WordsEncoder(384)))
    other: Any = WordsEncoder(384)
    other.digest = "another"
    with pytest.raises(EncoderError, match="another encoder"):
        run_log([], log, RunWith(made(), other))
    assert status_of(log).last_run[0].outcome == "failed"
    assert earlier(log, WordsEncoder(384), st_settings()) is not None


def st_settings() -> Any:
    from signaltriage.settings import ThemeSettings

    return ThemeSettings()


def test_status_says_where_signals_are_and_what_waits(log: FrictionLog, tmp_path: Path) -> None:
    assert status_of(log).sources == ()
    run_log(
        [write_lines(tmp_path / "a.jsonl", [row("1", "vpn drops"), row("2", "badge")])],
        log,
        RunWith(made(), WordsEncoder()),
    )
    waiting = status_of(log)
    assert (waiting.undecided, waiting.ledger.read, waiting.themes) == (2, 2, 0)
    assert waiting.oldest_undecided is not None
    assert [one.stage for one in waiting.last_run] == ["", "capture", "themes"]
    router: Any = Router(WordsEncoder())
    pipeline.route(log, router, None)
    (source,) = status_of(log).sources
    assert source.oldest_needs_human is not None
    assert (source.signals, source.routed, source.needs_human, source.undecided) == (2, 1, 1, 0)


def test_the_pages_of_a_log_are_written_without_changing_it(log: FrictionLog, tmp_path: Path) -> None:
    given = RunWith(made(), WordsEncoder(384))
    run = run_log([export(tmp_path / "a.jsonl", SIGNALS)], log, given).run
    before = canonical(log)
    outputs = write_pages(log, given, tmp_path / "out", run)
    births = [row["theme_id"] for row in read_csv(Path(outputs["themes_events"])) if row["event"] == "birth"]
    assert sorted(births) == [one["id"] for one in table(log, "v_themes")]
    assert {"themes_page", "themes_themes", "themes_assignments"} <= set(outputs)
    page = Path(outputs["themes_page"]).read_text(encoding="utf-8")
    assert all(one["name"] in page for one in table(log, "v_themes"))
    assert str(tmp_path) not in page
    assert canonical(log) == before


def test_vectors_are_kept_from_stage_to_stage(tmp_path: Path) -> None:
    encoded: list[str] = []

    class Watched(WordsEncoder):
        def encode(self, texts: Any) -> Any:
            encoded.extend(texts)
            return super().encode(texts)

    given = RunWith(made(), Watched(384), vectors=tmp_path / "vectors")
    for name in ("a.db", "b.db"):
        with FrictionLog.open(tmp_path / name) as log:
            run_log([export(tmp_path / "a.jsonl", SIGNALS)], log, given)
    assert len(encoded) == len(set(encoded))  # signals, and the phrases that may name their themes
    assert {s.text for s in SIGNALS} <= set(encoded)
