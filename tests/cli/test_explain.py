"""`signaltriage explain`."""

from __future__ import annotations

import signaltriage as st


def test_it_says_what_carried_a_decision(cli, model: st.TriageModel, model_folder) -> None:
    text = "the VPN will not connect from my hotel"
    done = cli("explain", text, "--model", model_folder, "--json")
    assert done.code == 0
    e = model.explain(text)
    assert done.record["carried_by"] == list(e.carried_by)
    assert done.record["prediction"]["best_guess"] == "network"
    assert done.record["neighbours"][0] == {
        "text": e.neighbours[0].text,
        "team": e.neighbours[0].team,
        "similarity": e.neighbours[0].similarity,
    }
    words = cli("explain", text, "--model", model_folder)
    assert words.code == 0
    for said in ("network", "VPN", "carry it", "nearest known signals", e.neighbours[0].text):
        assert said in words.stdout


def test_a_text_without_words_and_a_folder_that_is_none(cli, model_folder, tmp_path) -> None:
    done = cli("explain", "", "--model", model_folder)
    assert (done.code, "no words" in done.stdout) == (0, True)
    assert cli("explain", "vpn", "--model", tmp_path / "none").code == 4
    assert cli("explain").code == 2
