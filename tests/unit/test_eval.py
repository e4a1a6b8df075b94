"""The evaluation's plumbing: sets are read and split as told, absent ones skipped, results become tables."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # `eval` is no part of the package

from eval import run, sets, tables  # noqa: E402
from eval.memory import watch  # noqa: E402
from eval.methods import BASE, METHODS, OWN, Guesses  # noqa: E402
from eval.peers import majority, sentence_lr, tfidf_svc  # noqa: E402

TEXTS = ["card lost", "card stolen", "card blocked", "refund late", "refund missing", "refund please"]
LABELS = ["card", "card", "card", "money", "money", "money"]


def make_set(**changes) -> sets.RoutingSet:
    plain = {
        "name": "made_up",
        "root": "data",
        "train": "train.csv",
        "test": "test.csv",
        "text": ("title", "body"),
        "label": "team",
        "title": "Made up",
        "citation": "nobody",
        "licence": "none",
        "synthetic": False,
        "published": (sets.Published("accuracy", 0.9, "somebody", recalled=True),),
    }
    return sets.RoutingSet(**{**plain, **changes})


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SIGNALTRIAGE_DATA", str(tmp_path))
    (tmp_path / "train.csv").write_text(
        "title,body,team,when,hard\n"
        "null,it broke,a,2025-03-30 01:00:00 +0100,easy\n"
        "second,,b,2025-03-30 00:30:00 -0800,hard\n"
        "third,gone,none,2025-03-31 00:00:00 +0000,easy\n"
        "fourth,here,b,2025-04-02 00:00:00 +0000,hard\n"
        "fifth,here,c,2025-04-01 00:00:00 +0000,hard\n"
    )
    (tmp_path / "test.csv").write_text("title,body,team,when\nsixth,NA,a,2026-01-01\n")
    return tmp_path


def test_every_set_of_the_file_is_described() -> None:
    found = sets.read_sets()
    assert {"banking77", "clinc150", "hwu64", "it_service_tickets", "sumo_firefox"} <= found.keys()
    assert found["clinc150"].drop_labels == ("oos",)
    assert found["sumo_firefox"].text == ("title", "content")
    own = found["signaltriage-training-data"]
    assert (own.synthetic, own.root, own.newest_share, own.report_by) == (True, "repo", 0.25, "difficulty")
    assert [name for name, entry in found.items() if entry.synthetic] == ["signaltriage-training-data"]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"root": "here"}, "root is"), ({"test": None}, "either"), ({"test": None, "newest_share": 0.2}, "time column")],
)
def test_a_set_that_makes_no_sense_is_refused(change, said) -> None:
    with pytest.raises(ValueError, match=said):
        make_set(**change)


def test_an_unknown_key_is_refused(tmp_path) -> None:
    path = tmp_path / "sets.toml"
    path.write_text('[a]\nlabels = "team"\npublished = []\n')
    with pytest.raises(ValueError, match="unknown keys"):
        sets.read_sets(path)


def test_texts_are_joined_and_words_like_null_stay_words(data) -> None:
    rows = sets.load(make_set(drop_labels=("none",)))
    assert rows.train.texts == ["null\nit broke", "second", "fourth\nhere", "fifth\nhere"]
    assert rows.train.labels == ["a", "b", "b", "c"]
    assert rows.test.texts == ["sixth\nNA"]
    assert rows.train.times is None
    assert rows.train.groups is None


def test_times_of_mixed_offsets_become_seconds_since_the_epoch(data) -> None:
    times = sets.load(make_set(time="when")).train.times
    assert times is not None
    assert times[0] == 1743292800  # 2025-03-30 00:00 UTC
    assert times[1] - times[0] == 8.5 * 3600


def test_without_a_test_file_the_newest_rows_are_the_test(data) -> None:
    rows = sets.load(make_set(test=None, newest_share=0.25, time="when", report_by="hard", drop_labels=("none",)))
    assert rows.test.texts == ["fourth\nhere"]
    assert rows.test.groups == ["hard"]
    assert len(rows.train.texts) == 3
    assert "newest 25%" in rows.split


def test_the_split_by_time_does_not_depend_on_the_order_of_the_file_or_cut_an_instant(data) -> None:
    entry = make_set(test=None, newest_share=0.5, time="when")
    lines = [f"t{i},,a,2025-01-0{1 + i // 3}\n" for i in range(9)]
    sides = []
    for order in (range(9), reversed(range(9))):
        (data / "train.csv").write_text("title,body,team,when\n" + "".join(lines[i] for i in order))
        sides.append(set(sets.load(entry).test.texts))
    assert sides[0] == sides[1] == {f"t{i}" for i in range(3, 9)}


def test_a_test_that_is_older_than_training_is_refused(data) -> None:
    (data / "test.csv").write_text("title,body,team,when\nold,,a,2024-01-01\n")
    with pytest.raises(ValueError, match="not older"):
        sets.load(make_set(time="when"))


def test_absent_sets_are_named_and_skipped(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("SIGNALTRIAGE_DATA", str(tmp_path))
    assert run.main(["--only", "hwu64", "banking77", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "hwu64: absent, skipped" in said
    assert "banking77: absent, skipped" in said
    assert str(tmp_path) not in said
    assert not (tmp_path / "out").exists()


def test_a_method_that_fails_is_told_and_its_set_is_not_written(tmp_path, monkeypatch, capsys) -> None:
    def fail(*_, **__):
        raise run.MethodFailedError("the end of its log")

    part = sets.Part(["u"], ["a"], None, None)
    monkeypatch.setattr(run, "run_method", fail)
    monkeypatch.setattr(run, "load", lambda *_, **__: sets.Rows(part, part))
    assert run.main(["--only", "hwu64", "--out", str(tmp_path)]) == 1
    assert "the end of its log" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_ends_badly_gives_the_end_of_its_log() -> None:
    with pytest.raises(run.MethodFailedError, match="KeyError: 'no such set'"):
        run.run_method(make_set(name="no such set"), "majority", seed=0, quick=True)


def test_the_majority_peer_says_its_share() -> None:
    labels, probabilities = majority.fit(TEXTS, ["b", "a", "b", "a", "c", "c"], 0)(["x", "y"])
    assert labels == ["a", "a"]
    assert probabilities.tolist() == [1 / 3, 1 / 3]


@pytest.mark.parametrize("labels", [LABELS, ["card", "card", "other", "money", "money", "money"]])
def test_the_tfidf_peer_learns_two_labels_and_more(labels) -> None:
    guesses, probabilities = tfidf_svc.fit(TEXTS, labels, 0)(["<p>my card</p>", "my refund"])
    assert guesses == ["card", "money"]
    assert ((probabilities > 1 / len(set(labels))) & (probabilities <= 1)).all()


@pytest.mark.teachers
def test_the_model_of_the_sentence_peer_is_found_without_running_its_package() -> None:
    pytest.importorskip(sentence_lr.PACKAGE)
    code = (
        "import sys; from eval.peers import sentence_lr as s; print(s.model_folder()); print(s.PACKAGE in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    folder, imported = done.stdout.split()
    assert (Path(folder) / "model.safetensors").exists()
    assert imported == "False"


def test_scores_count_unseen_labels_as_wrong_and_tell_what_was_routed() -> None:
    guesses = Guesses(["a", "b", "b", "b"], np.array([0.9, 0.8, 0.7, 0.4]), [True, True, True, False])
    figures = run.score(["a", "b", "new", "b"], guesses, seed=0)
    assert figures["accuracy"]["value"] == 0.75
    assert figures["accuracy"]["low"] <= 0.75 <= figures["accuracy"]["high"]
    assert figures["macro_f1"]["value"] == pytest.approx((1 + 0.8 + 0) / 3, abs=1e-6)
    assert figures["routing"] == {
        "target_error": 0.1,
        "routed": 3,
        "routed_share": 0.75,
        "realised_error": pytest.approx(1 / 3, abs=1e-6),
    }


def test_routing_nothing_has_no_error() -> None:
    figures = run.score(["a", "b"], Guesses(["a", "b"], np.array([0.5, 0.5]), [False, False]), seed=0)
    assert figures["routing"]["realised_error"] is None


def test_groups_are_scored_apart() -> None:
    part = sets.Part(["w", "x", "y"], ["a", "b", "a"], None, ["easy", "hard", "hard"])
    found = run.score_by_group(part, Guesses(["a", "a", "a"], np.array([0.9, 0.5, 0.5])), seed=0)
    assert (found["easy"]["n"], found["easy"]["accuracy"]["value"]) == (1, 1.0)
    assert (found["hard"]["n"], found["hard"]["accuracy"]["value"]) == (2, 0.5)
    assert "routing" not in found["hard"]


def make_result(name: str = "hwu64", *, synthetic: bool = False, methods=METHODS) -> dict:
    entry = make_set(name=name, synthetic=synthetic, report_by="hard" if synthetic else None)
    groups = ["easy", "hard"] if synthetic else None
    rows = sets.Rows(sets.Part(["u"], ["a"], None, None), sets.Part(["v", "w"], ["a", "b"], None, groups))
    runs = {}
    for place, method in enumerate(methods):
        routed = [True, False] if method == OWN else None
        guesses = Guesses(["a", "b" if method == OWN else "a"], np.array([0.9, 0.6]), routed)
        runs[method] = run.Run(guesses, 2.0 * (place + 1), 1.0 / (place + 1), 300 + place)
    return run.summarise(entry, rows, runs, seed=0, quick=False)


def test_a_result_is_sorted_says_how_it_was_made_and_names_no_place(tmp_path) -> None:
    path = run.write(make_result(), tmp_path)
    text = path.read_text()
    found = json.loads(text)
    assert list(found) == sorted(found)
    assert list(found)[-1] == "run"
    assert found["dataset"]["test_rows_of_unseen_labels"] == 1
    assert found["protocol"]["seed"] == 0
    assert found["run"]["versions"]["numpy"] == np.__version__
    assert found["run"]["methods"][BASE]["train_seconds_to_base"] == 1.0
    assert str(ROOT) not in text
    assert str(Path.home()) not in text


@pytest.fixture
def repo(tmp_path) -> Path:
    """A repo with one real and one synthetic result, and documents with markers."""
    (tmp_path / "eval").mkdir()
    for path in (tmp_path / "README.md", tmp_path / "eval" / "README.md"):
        path.write_text(f"# Before\n\n{tables.BEGIN}\nold\n{tables.END}\n\nafter\n")
    run.write(make_result(), tmp_path / "eval" / "results")
    run.write(make_result("signaltriage-training-data", synthetic=True), tmp_path / "eval" / "results")
    return tmp_path


def test_tables_are_written_between_the_markers_and_checked(repo) -> None:
    assert tables.main(["--check"], root=repo) == 1
    assert tables.main([], root=repo) == 0
    assert tables.main(["--check"], root=repo) == 0
    for path in (repo / "README.md", repo / "eval" / "README.md"):
        text = path.read_text()
        assert text.startswith("# Before\n\n" + tables.BEGIN)
        assert text.endswith(tables.END + "\n\nafter\n")
        assert "\nold\n" not in text
    readme = repo / "README.md"
    readme.write_text(readme.read_text().replace("1.000 / 1.000", "1.000 / 0.999"))
    assert tables.main(["--check"], root=repo) == 1


def test_the_small_table_cites_what_is_published_and_keeps_synthetic_rows_apart(repo) -> None:
    tables.main([], root=repo)
    text = (repo / "README.md").read_text()
    real, synthetic = text.split("**Synthetic**")
    assert "| hwu64 (1, 2) | 1.000 / 1.000 / 0.250 |" in real
    assert "recalled, not checked" in real
    assert "published" in real
    assert "signaltriage-training-data" not in real
    assert [line.split("|")[1].strip() for line in synthetic.splitlines() if line.startswith("| ")][2:] == [
        "all",
        "easy",
        "hard",
    ]


def test_the_full_tables_tell_times_as_ratios(repo) -> None:
    tables.main([], root=repo)
    text = (repo / "eval" / "README.md").read_text()
    assert f"| {BASE} | 1.00 | 1.00 | 302 |" in text
    assert f"| **{OWN}** | 0.33 | 0.33 | 300 |" in text
    assert "### signaltriage-training-data (synthetic)" in text
    assert "1 test row has a label that training never saw" in text
    assert "routes 50.0% of the test, 0.0% of it to the wrong label" in text
    assert "Not measured: banking77" in text


@pytest.mark.parametrize("text", ["no markers", f"{tables.END} {tables.BEGIN}", f"{tables.BEGIN}{tables.BEGIN}"])
def test_a_document_without_its_markers_fails(repo, text, capsys) -> None:
    (repo / "README.md").write_text(text)
    assert tables.main([], root=repo) == 1
    assert "README.md needs one line" in capsys.readouterr().err
    assert (repo / "README.md").read_text() == text


def test_a_trial_run_never_reaches_the_tables(repo, capsys) -> None:
    run.write(make_result(methods=(BASE, "majority")), repo / "eval" / "results")
    assert tables.main([], root=repo) == 1
    assert "hwu64.json is a trial run" in capsys.readouterr().err


def test_without_results_the_tables_say_so() -> None:
    assert tables.render_small({}, {}) == tables.render_full({}, {}) == "No results yet: run `make eval`."


def test_the_tables_of_this_repo_are_up_to_date() -> None:
    assert tables.main(["--check"]) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_memory_of_worker_processes_is_counted() -> None:
    hold = "import time; x = b'x' * 80_000_000; time.sleep(1.5)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    assert 80 < watch(subprocess.Popen([sys.executable, "-c", code])) < 400


@pytest.mark.real_data
@pytest.mark.slow
def test_cheap_peers_run_on_real_rows_in_processes_of_their_own(tmp_path) -> None:
    if not (sets.data_root() / "routing" / "hwu64").exists():
        pytest.skip("SIGNALTRIAGE_DATA has no hwu64")
    asked = ["--only", "hwu64", "--quick", "--methods", "majority", BASE, "--out", str(tmp_path)]
    assert run.main(asked) == 0
    found = json.loads((tmp_path / "hwu64.json").read_text())
    assert found["dataset"]["test_rows"] == sets.QUICK_TEST == 300
    assert found["methods"][BASE]["accuracy"]["value"] > 2 * found["methods"]["majority"]["accuracy"]["value"]
    assert 30 < found["run"]["methods"]["majority"]["peak_memory_mb"] < 1500


def test_figures_of_methods_left_out_are_kept_only_from_a_run_on_the_same_rows(tmp_path) -> None:
    def result(rows, methods):
        return {
            "dataset": {"name": "toy", "train_rows": rows},
            "protocol": {"seed": 0},
            "methods": methods,
            "run": {"methods": methods},
        }

    run.write(result(10, {"ours": 0.1, "theirs": 0.2}), tmp_path)
    assert run.joined(result(10, {"ours": 0.3}), tmp_path)["methods"] == {"ours": 0.3, "theirs": 0.2}
    assert run.joined(result(10, {"ours": 0.3}), tmp_path)["run"]["methods"] == {"ours": 0.3, "theirs": 0.2}
    assert run.joined(result(11, {"ours": 0.3}), tmp_path)["methods"] == {"ours": 0.3}
