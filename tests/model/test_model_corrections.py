"""Corrections in Python: a model that knows more, its folder, the next training."""

from __future__ import annotations

import numpy as np
import pytest

import signaltriage as st
from signaltriage.model.corrections import FILE, carry, from_bytes, remember, to_files, with_corrections
from signaltriage.routing.corrections import Correction, CorrectionMemory
from support import FRESH, TEAMS, TEXTS, WordsEncoder, folder_bytes

WORDS = WordsEncoder()
VPN = Correction("VPN is \x00 down again <b>here</b>", "app", "network", "2026-11-01T00:00:00+00:00", "ann", "7")


@pytest.fixture(scope="module")
def plain() -> st.TriageModel:
    return st.TriageModel.train(TEXTS, TEAMS, settings=st.Settings(folds=2), encoder=WORDS)


def test_correct_gives_a_new_model_and_leaves_the_old_one(plain: st.TriageModel) -> None:
    better = plain.correct([VPN])
    assert better.predict_one(VPN.text).team == "app"
    assert plain.predict_one(VPN.text).team != "app"
    assert better.predict(["edited"], ids=["7"])[0].team == "app"
    assert better.predict(FRESH) == plain.predict(FRESH)
    assert better.version.startswith(f"{plain.version}+")
    assert better.correct([VPN]).corrections == better.corrections


def test_an_explanation_says_that_people_decided(plain: st.TriageModel) -> None:
    by_itself = plain.predict_one(VPN.text).best_guess
    found = plain.correct([VPN]).explain(VPN.text)
    assert found.prediction.team == "app"
    assert found.summary.startswith(f"people's corrections decided for app; by itself the model guesses {by_itself}")
    assert "people" not in plain.explain(VPN.text).summary


@pytest.mark.parametrize(("text", "team", "said"), [("", "app", "without a text"), ("a", "gone", "no team of")])
def test_what_cannot_be_a_correction_is_refused(plain: st.TriageModel, text: str, team: str, said: str) -> None:
    with pytest.raises(st.UsageError, match=said):
        plain.correct([Correction(text, team)])
    with pytest.raises(st.UsageError, match="2 texts but 1 ids"):
        plain.predict(["a", "b"], ids=["1"])


def test_a_folder_keeps_them_and_one_without_has_no_such_file(plain: st.TriageModel, tmp_path) -> None:
    better = plain.correct([VPN, Correction("zweites – “Ärger”\u2028", "", "", "2026-11-02", "", "")])
    again = st.TriageModel.load(better.save(tmp_path / "m"), encoder=WORDS)
    assert again.corrections.corrections == better.corrections.corrections
    np.testing.assert_array_equal(again.corrections.vectors, better.corrections.vectors)
    assert again.predict([*FRESH, VPN.text]) == better.predict([*FRESH, VPN.text])
    assert FILE not in folder_bytes(plain.save(tmp_path / "n"))
    assert len(carry([tmp_path / "m", tmp_path / "n", tmp_path / "gone"], WORDS)) == 2


def test_the_file_gives_back_what_went_in() -> None:
    memory = remember(CorrectionMemory(), [VPN, Correction("line\nbreak", "x")], WORDS)
    assert from_bytes(to_files(memory)[FILE]) == list(memory.corrections)
    with pytest.raises(TypeError):
        from_bytes(b'{"text": "a", "teem": "b"}\n')


def test_training_rows_take_on_what_people_said_last() -> None:
    first = Correction("old text", "b", "a", "2026-01-01")
    memory = remember(
        CorrectionMemory(),
        [Correction("old text", "c", "b", "2026-02-01"), first, Correction("new text", "b", "", "2026-03-01")],
        WORDS,
    )
    rows = {"texts": ["old text", "<p>old text</p>", "else"], "teams": ["a", "a", "a"], "times": ["1", "2", "3"]}
    assert with_corrections(rows, memory, clean=True) == {
        "texts": ["old text", "<p>old text</p>", "else", "new text"],
        "teams": ["c", "c", "a", "b"],
        "times": ["1", "2", "3", "2026-03-01"],
    }
    assert with_corrections(rows, CorrectionMemory(), clean=True) == rows


def test_a_model_from_before_there_was_a_limit_knows_its_words(plain: st.TriageModel) -> None:
    from dataclasses import replace

    facts = {key: value for key, value in plain.facts.items() if key != "min_near_duplicate_similarity"}
    old = replace(plain, facts=facts).correct([VPN])
    assert old.predict_one("Hello, vpn is down agian here").team == "app"
