"""`ThemeSet`: discovered, gone on with, edited, kept."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from signaltriage import EncoderError, ModelRefusedError, Signal, ThemeSet, ThemeSettings, UsageError
from support import WordsEncoder, folder_bytes, without_time
from support_themes import TOPICS, recurring, topic_of

CREATED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def encoder() -> WordsEncoder:
    return WordsEncoder(384)


@pytest.fixture(scope="module")
def signals() -> list[Signal]:
    return recurring()


@pytest.fixture(scope="module")
def themes(signals: list[Signal], encoder: WordsEncoder) -> ThemeSet:
    return ThemeSet.discover(signals, encoder=encoder)


@pytest.fixture(scope="module")
def folder(themes: ThemeSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return themes.save(tmp_path_factory.mktemp("themes") / "state", created_at=CREATED)


def topics_by_theme(themes: ThemeSet) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for assignment in themes.assignments:
        if assignment.theme_id is not None:
            found[assignment.theme_id][topic_of(assignment.id)] += 1
    return found


def test_what_recurs_is_found(themes: ThemeSet) -> None:
    found = topics_by_theme(themes)
    assert set.union(*(set(counts) for counts in found.values())) == set(TOPICS)
    purity = sum(max(counts.values()) for counts in found.values()) / sum(map(Counter.total, found.values()))
    assert purity > 0.9
    assert [theme.id for theme in themes.themes] == sorted(found, key=lambda id: (-found[id].total(), id))


def test_every_signal_is_assigned_or_left_over_and_each_has_a_nearest_theme(
    themes: ThemeSet, signals: list[Signal]
) -> None:
    assert [a.id for a in themes.assignments] == [s.id for s in themes.signals] == sorted(s.id for s in signals)
    assert all(a.nearest is not None and -1 <= a.similarity <= 1 for a in themes.assignments)
    assert all(a.theme_id in (None, a.nearest) for a in themes.assignments)
    sizes = Counter(a.theme_id for a in themes.assignments)
    assert {theme.id: theme.size for theme in themes.themes} == {id: n for id, n in sizes.items() if id is not None}


def test_a_theme_tells_what_it_is(themes: ThemeSet, signals: list[Signal]) -> None:
    by_id = {signal.id: signal for signal in signals}
    theme_of = {a.id: a.theme_id for a in themes.assignments}
    assert len({theme.name for theme in themes.themes}) == len(themes.themes)
    for theme in themes.themes:
        mine = [by_id[id] for id, name in theme_of.items() if name == theme.id]
        assert theme.name
        assert theme.keywords
        assert theme.share == pytest.approx(len(mine) / len(signals), abs=1e-6)
        assert theme.first_seen == min(s.created_at for s in mine)  # type: ignore[type-var]
        assert theme.last_seen == max(s.created_at for s in mine)  # type: ignore[type-var]
        assert 1 <= len(theme.exemplars) <= 3
        assert all(theme_of[quote.id] == theme.id for quote in theme.exemplars)
        assert dict(theme.audiences) == Counter(s.audience for s in mine)
        assert sum(theme.trend.counts) == len(mine)
        assert theme.owner is None


def test_the_order_of_the_signals_changes_nothing(
    themes: ThemeSet, signals: list[Signal], encoder: WordsEncoder, tmp_path: Path, folder: Path
) -> None:
    again = ThemeSet.discover(signals[::-1], encoder=encoder)
    assert (again.themes, again.assignments) == (themes.themes, themes.assignments)
    assert folder_bytes(again.save(tmp_path / "state", created_at=CREATED)) == folder_bytes(folder)


def test_the_same_text_counts_once_for_shape_and_each_time_for_size(
    themes: ThemeSet, signals: list[Signal], encoder: WordsEncoder
) -> None:
    copies = [replace(signals[0], id=f"copy-{i}") for i in range(200)]
    found = ThemeSet.discover([*signals, *copies], encoder=encoder)
    assert len(found.signals) == len(signals) + 200
    theme = {a.id: a.theme_id for a in found.assignments}
    assert {theme[copy.id] for copy in copies} == {theme[signals[0].id]}
    sizes = {t.id: t.size for t in found.themes}
    assert theme[signals[0].id] is None or sizes[theme[signals[0].id] or ""] >= 201


def test_signals_that_say_nothing_are_left_over(signals: list[Signal], encoder: WordsEncoder) -> None:
    found = ThemeSet.discover([*signals, Signal("none", "  "), Signal("nil", "")], encoder=encoder)
    placed = {a.id: a for a in found.assignments}
    assert len(placed) == len(signals) + 2
    assert (placed["none"].theme_id, placed["none"].nearest, placed["none"].similarity) == (None, None, 0.0)


@pytest.mark.parametrize("given", [[], [Signal("a", "only one")], [Signal("a", ""), Signal("b", "")]])
def test_too_few_signals_make_no_themes(given: list[Signal], encoder: WordsEncoder, tmp_path: Path) -> None:
    found = ThemeSet.discover(given, encoder=encoder)
    assert found.themes == ()
    assert [a.theme_id for a in found.assignments] == [None] * len(given)
    loaded = ThemeSet.load(found.save(tmp_path / "state"), encoder=encoder)
    assert loaded.assign(["something"])[0].theme_id is None
    assert len(found.to_frame()) == 0


def test_texts_will_do(encoder: WordsEncoder, signals: list[Signal], themes: ThemeSet) -> None:
    found = ThemeSet.discover([signal.text for signal in signals], encoder=encoder)
    assert len(found.themes) == len(themes.themes)
    assert {theme.trend.kind for theme in found.themes} == {"unknown"}


def test_a_later_run_goes_on_from_the_earlier(themes: ThemeSet, encoder: WordsEncoder) -> None:
    later = ThemeSet.discover(recurring(each=4, seed=1), themes)
    assert later.encoder is encoder
    before = {a.id: a.theme_id for a in themes.assignments}
    now = {a.id: a.theme_id for a in later.assignments}
    assert len(now) == len(before) + 4 * len(TOPICS)
    assert np.mean([now[id] == theme for id, theme in before.items()]) >= 0.98
    assert {t.id for t in themes.themes} <= {t.id for t in later.themes}
    names = {t.id: t.name for t in later.themes}
    assert all(names[t.id] == t.name for t in themes.themes)
    assert later.state.run == 2


def test_a_new_theme_gets_a_new_id(encoder: WordsEncoder) -> None:
    known = tuple(TOPICS)[:5]
    first = ThemeSet.discover(recurring(known), encoder=encoder)
    later = ThemeSet.discover(recurring(("printer",), each=30, seed=1), first)
    old = {t.id for t in first.themes}
    where = Counter(a.theme_id for a in later.assignments if topic_of(a.id) == "printer")
    home, n = where.most_common(1)[0]
    assert home is not None
    assert home not in old
    assert n >= 0.8 * 30
    assert any(change.kind == "birth" and change.theme_id == home for change in later.changes)


def test_new_signals_are_assigned_without_changing_anything(themes: ThemeSet) -> None:
    texts = [signal.text for signal in recurring(each=3, seed=2)]
    found = themes.assign(texts)
    assert len(found) == len(texts)
    topics = topics_by_theme(themes)
    hits = [topics[a.nearest or ""].most_common(1)[0][0] == t.split()[0] for a, t in zip(found, texts, strict=True)]
    assert np.mean(hits) > 0.9
    assert themes.assign([]) == []
    assert themes.assign([""])[0].theme_id is None
    assert themes.assign([Signal("my-id", texts[0])])[0].id == "my-id"


def test_known_signals_are_assigned_where_they_are(themes: ThemeSet) -> None:
    again = themes.assign(list(themes.signals))
    assert [(a.id, a.nearest) for a in again] == [(a.id, a.nearest) for a in themes.assignments]


def test_assigning_takes_milliseconds(themes: ThemeSet) -> None:
    themes.assign(["vpn drops at home"])
    least = min(_seconds(lambda: themes.assign(["vpn drops at home"])) for _ in range(20))
    assert least < 0.02


def _seconds(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


def test_threads_may_share_a_set(themes: ThemeSet) -> None:
    batches = [[signal.text for signal in recurring(each=5, seed=seed)] for seed in range(8)]
    alone = [themes.assign(batch) for batch in batches]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(themes.assign, batches)) == alone
    with pytest.raises(FrozenInstanceError):
        themes.themes = ()  # type: ignore[misc]


def test_what_is_saved_is_loaded(themes: ThemeSet, folder: Path, encoder: WordsEncoder, tmp_path: Path) -> None:
    loaded = ThemeSet.load(folder, encoder=encoder)
    for name in ("themes", "signals", "assignments", "changes", "workarounds", "settings"):
        assert getattr(loaded, name) == getattr(themes, name), name
    texts = [signal.text for signal in recurring(each=3, seed=2)]
    assert loaded.assign(texts) == themes.assign(texts)
    assert folder_bytes(loaded.save(tmp_path / "again", created_at=CREATED)) == folder_bytes(folder)
    later = ThemeSet.discover(recurring(each=4, seed=1), loaded)
    assert later.themes == ThemeSet.discover(recurring(each=4, seed=1), themes).themes


def test_two_savings_differ_in_the_time_alone(themes: ThemeSet, folder: Path, tmp_path: Path) -> None:
    later = themes.save(tmp_path / "later")
    assert without_time(folder_bytes(later)) == without_time(folder_bytes(folder))


def test_the_folder_is_data(folder: Path) -> None:
    assert sorted(folder_bytes(folder)) == ["manifest.json", "signals.jsonl", "state.json", "state.npz", "themes.json"]
    with np.load(folder / "state.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize("name", ["manifest.json", "signals.jsonl", "state.json", "state.npz", "themes.json"])
def test_one_flipped_byte_is_refused_and_the_file_is_named(
    themes: ThemeSet, tmp_path: Path, name: str, encoder: WordsEncoder
) -> None:
    damaged = themes.save(tmp_path / "state", created_at=CREATED)
    content = bytearray((damaged / name).read_bytes())
    for place in (0, len(content) // 2, len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        (damaged / name).write_bytes(bytes(changed))
        with pytest.raises(ModelRefusedError, match=name.replace(".", r"\.")) as refused:
            ThemeSet.load(damaged, encoder=encoder)
        assert refused.value.exit_code == 4


def test_a_folder_of_another_kind_is_refused(model_folder: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelRefusedError, match="not a themes folder"):
        ThemeSet.load(model_folder)
    with pytest.raises(ModelRefusedError, match="is not a folder"):
        ThemeSet.load(tmp_path / "nowhere")
    from signaltriage import TriageModel

    with pytest.raises(ModelRefusedError, match="not a model folder"):
        TriageModel.load(folder)


def test_another_encoder_is_refused(themes: ThemeSet, folder: Path) -> None:
    with pytest.raises(EncoderError, match="another encoder"):
        ThemeSet.discover(["x"], themes, encoder=WordsEncoder(48))
    with pytest.raises(EncoderError, match="not the encoder"):
        ThemeSet.load(folder, encoder=WordsEncoder(48))
    with pytest.raises(EncoderError, match="which is not here"):
        ThemeSet.load(folder)


def test_the_frame_has_a_row_for_each_theme(themes: ThemeSet) -> None:
    frame = themes.to_frame()
    assert frame["theme_id"].tolist() == [theme.id for theme in themes.themes]
    assert frame["size"].tolist() == [theme.size for theme in themes.themes]


def test_settings_are_kept_from_run_to_run(signals: list[Signal], encoder: WordsEncoder) -> None:
    first = ThemeSet.discover(signals, encoder=encoder, settings=ThemeSettings(granularity=2.0))
    assert ThemeSet.discover([], first).settings == first.settings


def test_ids_must_differ(encoder: WordsEncoder) -> None:
    with pytest.raises(UsageError, match="ids stand for several"):
        ThemeSet.discover([Signal("a", "x"), Signal("a", "y")], encoder=encoder)


@pytest.mark.slow
def test_a_model_says_who_owns_each_theme(model) -> None:
    from support import SIGNALS

    signals = [Signal(f"{team}-{i}", text) for team, texts in SIGNALS.items() for i, text in enumerate(texts)]
    found = ThemeSet.discover(signals, model=model)
    assert found.encoder is model.encoder
    assert found.themes
    for theme in found.themes:
        assert theme.owner is not None
        assert theme.owner.by == "model"
        assert theme.owner.best_guess in model.teams
        assert theme.owner.team in (None, theme.owner.best_guess)
        assert 0 <= (theme.owner.dissent or 0) <= 1
        mine = [a.id for a in found.assignments if a.theme_id == theme.id]
        alone = model.predict_group([s.text for s in found.signals if s.id in mine])
        if len(mine) <= 30:
            assert (alone.team, alone.probability) == (theme.owner.team, theme.owner.probability)
