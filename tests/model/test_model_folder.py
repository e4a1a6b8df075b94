"""TriageModel ↔ model folder: the same bytes for the same rows, verified before use, with or without its encoder."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st_

import signaltriage as st
from signaltriage.encode import default_folder, load_encoder, locate
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.model import folder as folder_module
from signaltriage.store import folder as store
from support import FRESH, TEAMS, TEXTS, WordsEncoder, folder_bytes, without_time

WORDS = WordsEncoder()
QUICK = st.Settings(folds=3)
CREATED = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def self_contained(model: st.TriageModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model.save(tmp_path_factory.mktemp("whole") / "model", created_at=CREATED, self_contained=True)


@pytest.fixture
def no_shipped_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a machine whose signaltriage ships another encoder."""
    monkeypatch.setattr(locate, "_ROOTS", (tmp_path / "none",))
    locate._shared.cache_clear()
    yield
    locate._shared.cache_clear()


def reseal(folder: Path, **changes: object) -> None:
    record = {**json.loads((folder / store.MANIFEST).read_text(encoding="utf-8")), **changes}
    record = {key: value for key, value in record.items() if value is not None}
    (folder / store.MANIFEST).write_bytes(store._dump({**record, "seal": store._seal(record)}))


def replace_file(folder: Path, name: str, body: bytes) -> None:
    """A folder whose manifest vouches for other content: every hash is right, the content is not."""
    found = store.read_folder(folder)
    manifest = {k: v for k, v in found.manifest.items() if k not in {"files", "seal", "created_at", "format_version"}}
    store.write_folder(folder, {**found.files, name: body}, manifest, store.stamped(CREATED))


def test_a_loaded_model_predicts_the_same(model: st.TriageModel, model_folder: Path) -> None:
    loaded = st.TriageModel.load(model_folder)
    assert loaded.predict(TEXTS + FRESH) == model.predict(TEXTS + FRESH)
    assert (loaded.version, loaded.teams) == (model.version, model.teams)
    assert loaded.settings == model.settings
    assert {key: loaded.facts[key] for key in model.facts} == json.loads(json.dumps(model.facts))


def test_threads_change_no_prediction(model: st.TriageModel, model_folder: Path) -> None:
    assert st.TriageModel.load(model_folder, threads=1).predict(TEXTS) == model.predict(TEXTS)
    assert st.TriageModel.load(model_folder, threads=2).settings.threads == 2
    with pytest.raises(st.SettingsError, match="threads"):
        st.TriageModel.load(model_folder, threads=0)


def test_the_folder_is_data_only(model_folder: Path) -> None:
    assert sorted(folder_bytes(model_folder)) == [
        *("CARD.md", "card.html", "card.json", "drift.safetensors"),
        *("manifest.json", "router.json", "router.safetensors"),
    ]
    manifest = json.loads((model_folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.keys() >= {
        *("format_version", "files", "labels", "encoder", "training_data", "split", "held_out"),
        *("min_probability", "libraries", "created_at", "model_version", "settings", "teams", "choice"),
    }
    assert manifest["labels"] == sorted(set(TEAMS))
    assert manifest["encoder"].keys() == {"name", "digest", "dimension", "source"}
    assert manifest["training_data"]["sha256"]
    assert set(manifest["min_probability"]) == set(TEAMS)
    assert manifest["created_at"].startswith("2026-11-02T09:30:00+00:00")
    assert str(Path.home()) not in json.dumps(manifest)


def test_two_trainings_and_shuffled_rows_give_the_same_bytes(
    model: st.TriageModel, model_folder: Path, tmp_path: Path
) -> None:
    order = np.random.default_rng(3).permutation(len(TEXTS))
    shuffled = st.TriageModel.train([TEXTS[i] for i in order], [TEAMS[i] for i in order])
    assert without_time(folder_bytes(shuffled.save(tmp_path / "shuffled"))) == without_time(folder_bytes(model_folder))
    assert shuffled.version == model.version


@pytest.mark.parametrize("timed", [False, True], ids=["stratified", "forward"])
def test_shuffled_rows_with_repetitions_conflicts_times_and_groups_give_the_same_bytes(
    tmp_path: Path, timed: bool
) -> None:
    # The same words in another order have the same vector here: ties that must not be settled by the row's place.
    texts = [
        *TEXTS,
        *TEXTS[:9],
        TEXTS[0],
        "",
        "only text",
        "door lamp",
        "lamp door",
        "lamp door lamp",
        "lamp lamp door",
    ]
    teams = [*TEAMS, *TEAMS[:9], "network", "app", "", *["office"] * 4]
    times = [float(i * 7919 % 41) for i in range(len(texts))] if timed else None
    groups = [f"thread {i % 40}" if i % 3 else None for i in range(len(texts))]

    def bytes_of(order: list[int]) -> dict[str, object]:
        columns = {"times": times and [times[i] for i in order], "groups": [groups[i] for i in order]}
        found = st.TriageModel.train(
            [texts[i] for i in order], [teams[i] for i in order], encoder=WORDS, settings=QUICK, **columns
        )
        return without_time(folder_bytes(found.save(tmp_path / "m")))

    first = bytes_of(list(range(len(texts))))
    for seed in range(2):
        assert bytes_of(np.random.default_rng(seed).permutation(len(texts)).tolist()) == first


def test_the_card_can_be_done_without_and_one_that_was_altered_is_refused(
    own_folder: Path, model: st.TriageModel, tmp_path: Path
) -> None:
    (own_folder / "card.html").write_bytes((own_folder / "card.html").read_bytes() + b" ")
    with pytest.raises(st.ModelRefusedError, match=r"card\.html"):
        st.TriageModel.load(own_folder)
    model.save(own_folder, created_at=CREATED)
    found = store.read_folder(own_folder)
    manifest = {k: v for k, v in found.manifest.items() if k not in {"files", "seal", "created_at", "format_version"}}
    bare = {name: body for name, body in found.files.items() if not name.lower().startswith("card.")}
    store.write_folder(own_folder, bare, manifest, store.stamped(CREATED))
    loaded = st.TriageModel.load(own_folder)
    assert loaded.predict(FRESH) == model.predict(FRESH)
    kept = ["drift.safetensors", "manifest.json", "router.json", "router.safetensors"]
    assert sorted(folder_bytes(loaded.save(tmp_path / "m"))) == kept


def test_the_card_says_what_the_manifest_says(model: st.TriageModel, model_folder: Path) -> None:
    card = json.loads((model_folder / "card.json").read_text(encoding="utf-8"))
    facts = model.facts
    assert (card["model_version"], card["held_out_rows"]) == (model.version, facts["held_out"]["rows"])
    assert card["accuracy"]["value"] == pytest.approx(facts["held_out"]["accuracy"], abs=1e-4)
    assert card["macro_f1"] == pytest.approx(facts["held_out"]["macro_f1"], abs=1e-4)
    assert {team["team"]: team["training_rows"] for team in card["teams"]} == facts["teams"]
    routed = sum(team["routed"] for team in card["teams"])
    assert routed == facts["promise"]["routed"] == card["promise"]["routed"]["hits"]
    assert "2026" not in (model_folder / "CARD.md").read_text(encoding="utf-8")  # nothing of when it was made


def test_times_give_the_card_a_time_span(tmp_path: Path) -> None:
    times = [f"2026-01-{1 + i % 28:02}T08:00:00+02:00" for i in range(len(TEXTS))]
    found = st.TriageModel.train(TEXTS, TEAMS, times=times, encoder=WORDS, settings=QUICK)
    assert found.facts["training_data"]["oldest"] == "2026-01-01T06:00:00Z"
    assert found.facts["training_data"]["newest"] == "2026-01-28T06:00:00Z"
    page = (found.save(tmp_path / "m") / "card.html").read_text(encoding="utf-8")
    assert "no signal later than 2026-01-28" in page


def test_rows_of_one_text_promise_nothing_and_show_no_figure(tmp_path: Path) -> None:
    found = st.TriageModel.train(["help"] * 6, ["a", "b"] * 3, encoder=WORDS, settings=QUICK)
    page = (found.save(tmp_path / "m") / "card.html").read_text(encoding="utf-8")
    assert "Nothing could be held out" in page
    assert "<svg" not in page
    assert "Accuracy" not in page


def test_saving_twice_differs_in_the_time_only(model: st.TriageModel, tmp_path: Path) -> None:
    one = model.save(tmp_path / "one", created_at=CREATED)
    two = model.save(tmp_path / "two")
    assert folder_bytes(model.save(tmp_path / "again", created_at=CREATED)) == folder_bytes(one)
    assert without_time(folder_bytes(one)) == without_time(folder_bytes(two))
    assert json.loads((two / "manifest.json").read_text())["created_at"] > "2026"


def test_a_loaded_model_saves_the_same_bytes(model_folder: Path, tmp_path: Path) -> None:
    again = st.TriageModel.load(model_folder).save(tmp_path / "again")
    assert without_time(folder_bytes(again)) == without_time(folder_bytes(model_folder))


def test_a_model_folder_is_replaced_and_no_other_folder(
    model: st.TriageModel, own_folder: Path, tmp_path: Path
) -> None:
    model.save(own_folder, self_contained=False)
    assert st.TriageModel.load(own_folder).version == model.version
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notes.txt").write_text("keep me")
    with pytest.raises(st.UsageError, match="not a model folder"):
        model.save(tmp_path / "work")
    assert (tmp_path / "work" / "notes.txt").read_text() == "keep me"


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st_.data(), bit=st_.integers(0, 7))
def test_a_flipped_bit_anywhere_is_refused_before_anything_is_built(
    own_folder: Path, data: st_.DataObject, bit: int
) -> None:
    name = data.draw(st_.sampled_from(["manifest.json", "router.json", "router.safetensors"]))
    content = (own_folder / name).read_bytes()
    place = data.draw(st_.integers(0, len(content) - 1))
    body = bytearray(content)
    body[place] ^= 1 << bit
    (own_folder / name).write_bytes(bytes(body))
    try:
        with pytest.raises(st.ModelRefusedError) as refused:
            st.TriageModel.load(own_folder)
        assert name in refused.value.message
    finally:
        (own_folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("router.json", b"{}"),
        ("router.json", b"[1, 2]"),
        ("router.json", b"not json"),
        ("router.json", b"\xff"),
        ("router.safetensors", b""),
        ("router.safetensors", b"\xff" * 64),
        ("router.safetensors", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "),
    ],
)
def test_parts_that_make_no_model_are_refused_though_every_hash_is_right(
    own_folder: Path, name: str, body: bytes
) -> None:
    replace_file(own_folder, name, body)
    with pytest.raises(st.ModelRefusedError, match="do not make a model"):
        st.TriageModel.load(own_folder)


@pytest.mark.parametrize("key", ["encoder", "teams", "settings", "min_probability", "model_version"])
def test_a_manifest_without_a_needed_part_is_refused(own_folder: Path, key: str) -> None:
    reseal(own_folder, **{key: None})
    with pytest.raises(st.ModelRefusedError, match="do not make a model"):
        st.TriageModel.load(own_folder)


def test_settings_of_a_later_version_are_passed_over(own_folder: Path, model: st.TriageModel) -> None:
    reseal(own_folder, settings={**model.facts["settings"], "not_yet_invented": 3})
    assert st.TriageModel.load(own_folder).settings == model.settings


def test_a_self_contained_folder_loads_where_the_encoder_does_not_ship(
    model: st.TriageModel, self_contained: Path, no_shipped_encoder: None, tmp_path: Path
) -> None:
    assert (self_contained / "encoder" / "model.onnx").is_file()
    loaded = st.TriageModel.load(self_contained)
    assert isinstance(loaded.encoder, OnnxEncoder)
    assert loaded.encoder.folder == (self_contained / "encoder").resolve()
    assert loaded.predict(FRESH) == model.predict(FRESH)
    # Saved there again it takes its encoder along, asked or not: nothing else would find it.
    again = loaded.save(tmp_path / "again")
    assert without_time(folder_bytes(again)) == without_time(folder_bytes(self_contained))


def test_self_contained_saves_the_same_router(model_folder: Path, self_contained: Path) -> None:
    plain, whole = folder_bytes(model_folder), folder_bytes(self_contained)
    assert {name for name in whole if name.startswith("encoder/")} == {
        f"encoder/{file.name}" for file in default_folder().iterdir() if file.is_file()
    }
    assert all(whole[name] == plain[name] for name in ("router.json", "router.safetensors"))


def test_without_its_encoder_a_model_says_which_it_needs(model_folder: Path, no_shipped_encoder: None) -> None:
    with pytest.raises(st.EncoderError, match="all-MiniLM-L6-v2-int8") as missing:
        st.TriageModel.load(model_folder)
    assert missing.value.exit_code == 5
    assert "--self-contained" in missing.value.remedy


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
def test_a_flipped_byte_of_the_encoder_in_the_folder_is_refused(
    self_contained: Path, tmp_path: Path, name: str
) -> None:
    folder = Path(shutil.copytree(self_contained, tmp_path / "model"))
    victim = folder / "encoder" / name
    body = bytearray(victim.read_bytes())
    body[len(body) // 2] ^= 1
    victim.write_bytes(bytes(body))
    with pytest.raises(st.ModelRefusedError, match=f"encoder/{name}"):
        st.TriageModel.load(folder)


def test_an_encoder_of_ones_own_may_be_handed_in_if_it_is_the_same(model_folder: Path, model: st.TriageModel) -> None:
    assert st.TriageModel.load(model_folder, encoder=load_encoder()).predict(FRESH) == model.predict(FRESH)
    with pytest.raises(st.EncoderError, match="not the encoder"):
        st.TriageModel.load(model_folder, encoder=WORDS)


def test_an_encoder_that_is_no_folder_cannot_be_copied(tmp_path: Path) -> None:
    served = st.TriageModel.train(TEXTS, TEAMS, encoder=WORDS)
    with pytest.raises(st.EncoderError, match="cannot be copied"):
        served.save(tmp_path / "m", self_contained=True)
    assert not (tmp_path / "m").exists()


def test_a_model_in_memory_is_untouched_by_what_happens_to_its_folder(own_folder: Path) -> None:
    loaded = st.TriageModel.load(own_folder)
    expected = loaded.predict(FRESH)
    shutil.rmtree(own_folder)
    assert loaded.predict(FRESH) == expected


def test_an_encoder_of_sentence_transformers_is_found_again_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = st.TriageModel.train(TEXTS, TEAMS, encoder=WORDS, settings=st.Settings(encoder="st:words", folds=2))
    path = served.save(tmp_path / "m")
    assert json.loads((path / "manifest.json").read_text(encoding="utf-8"))["encoder"]["source"] == "st:words"
    asked: list[object] = []

    def found(source: object, **options: object) -> WordsEncoder:
        asked.append(source)
        return WORDS if len(asked) == 1 else WordsEncoder(16)

    monkeypatch.setattr(folder_module, "load_encoder", found)
    assert st.TriageModel.load(path).predict(FRESH) == served.predict(FRESH)
    assert asked == ["st:words"]
    with pytest.raises(st.EncoderError, match="not the encoder"):
        st.TriageModel.load(path)
