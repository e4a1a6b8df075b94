"""`signaltriage evaluate` and its page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from support import TEAMS, TEXTS, write_csv

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Checks that every tag is closed in order, and keeps the text and the attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Rows of known teams, of an unseen one, of none, and without a label; one line cannot be read."""
    rows = [{"text": text, "team": team} for text, team in zip(TEXTS, TEAMS, strict=True)]
    rows += [{"text": "the lift is stuck", "team": "<b>facilities</b> & co"}] * 2
    rows += [{"text": "help", "team": "none"}, {"text": "buy my pills", "team": " none "}]
    rows += [{"text": "who knows", "team": ""}]
    path = write_csv(tmp_path / "a <i>b & c.csv", rows)
    path.write_text(path.read_text(encoding="utf-8") + "too,many,fields\n", encoding="utf-8")
    return path


def test_the_counts_add_up(cli, judged: Path, model_folder) -> None:
    done = cli("evaluate", judged, "--model", model_folder, "--label", "team", "--none-label", "none", "--json")
    assert done.code == 0
    r = done.record
    n = len(TEXTS)
    assert (r["rows"], r["labelled"], r["unlabelled"], r["none_rows"], r["rejected"]) == (n + 5, n + 2, 1, 2, 1)
    assert r["unknown_labels"] == ["<b>facilities</b> & co"]
    assert sum(team["support"] for team in r["teams"]) == r["labelled"]
    assert sum(row["n"] for row in r["reliability"]) == r["labelled"]
    assert r["none_held"] in (0.0, 0.5, 1.0)
    assert r["report"] is None
    unseen = next(team for team in r["teams"] if not team["known"])
    assert (unseen["support"], unseen["recall"], unseen["f1"], unseen["routed"]) == (2, 0.0, 0.0, 0)
    assert r["accuracy"] < n / (n + 2) + 1e-9


def test_the_words_name_what_matters(cli, judged: Path, model_folder) -> None:
    done = cli("evaluate", judged, "--model", model_folder, "--label", "team", "--none-label", "none")
    assert done.code == 0
    for said in ("98 labelled rows", "of no team: 2 rows", "left out: 1 without label, 1 unreadable", "facilities"):
        assert said in done.stdout


def test_without_a_none_label_none_is_a_label_like_any_other(cli, judged: Path, model_folder) -> None:
    done = cli("evaluate", judged, "--model", model_folder, "--label", "team", "--json")
    assert done.record["none_rows"] == 0
    assert "none" in done.record["unknown_labels"]


def test_the_page_is_whole_escaped_and_fetches_nothing(cli, judged: Path, model_folder, tmp_path: Path) -> None:
    report = tmp_path / "deep" / "report.html"
    done = cli(
        *("evaluate", judged, "--model", model_folder, "--label", "team"),
        *("--none-label", "none", "--report", report, "--json"),
    )
    assert (done.code, done.record["report"]) == (0, str(report))
    raw = report.read_text(encoding="utf-8")
    page = Page(raw)
    assert "http" not in raw
    assert not {"script", "link", "img", "iframe", "i", "b"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in {"src", "href", "onload", "onclick"}]
    assert "Evaluation of a <i>b & c.csv" in page.text
    assert "<b>facilities</b> & co (unknown to the model)" in page.text
    assert f"{done.record['accuracy']:.1%}" in page.text
    for heading in ("Teams", "Do the probabilities mean what they say?", "What is taken for what"):
        assert heading in page.text


def test_the_page_is_the_same_twice(cli, judged: Path, model_folder, tmp_path: Path) -> None:
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for page in pages:
        assert cli("evaluate", judged, "--model", model_folder, "--label", "team", "--report", page).code == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_all_labels_unseen_or_missing_is_no_crash(cli, tmp_path: Path, model_folder) -> None:
    for labels in (["x", "y"], ["", ""], ["none", ""]):
        rows = [{"text": "vpn", "team": label} for label in labels]
        source, report = write_csv(tmp_path / "in.csv", rows), tmp_path / "r.html"
        options = ("--model", model_folder, "--label", "team", "--none-label", "none", "--report", report)
        assert cli("evaluate", source, *options).code == 0
        record = cli("evaluate", source, *options, "--json").record
        assert record["accuracy"] == 0
        Page(report.read_text(encoding="utf-8"))


def test_standard_input(cli, model_folder, tmp_path: Path) -> None:
    data = b"text,team\nthe vpn drops at home,network\n"
    done = cli("evaluate", "-", "--model", model_folder, "--label", "team", "--json", stdin=data)
    assert (done.code, done.record["labelled"], done.record["accuracy"]) == (0, 1, 1.0)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--label", "owner"], 2, "no column 'owner'"),
        (["--label", "team", "--text", "body"], 2, "no column 'body'"),
        ([], 2, "--label"),
        (["--label", "team", "--model", "nowhere"], 4, "nowhere"),
    ],
)
def test_what_does_not_make_sense(cli, judged: Path, model_folder, args: list[str], code: int, said: str) -> None:
    model = [] if "--model" in args else ["--model", str(model_folder)]
    done = cli("evaluate", judged, *model, *args)
    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr


def test_input_that_cannot_be_used_is_exit_3(cli, tmp_path: Path, model_folder) -> None:
    (tmp_path / "in.csv").write_text("text,team\n")
    for source in (tmp_path / "in.csv", tmp_path / "no.csv", tmp_path):
        assert cli("evaluate", source, "--model", model_folder, "--label", "team").code == 3


def test_a_report_that_cannot_be_written_is_an_error_not_a_trace(cli, judged: Path, model_folder, tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    report = tmp_path / "file" / "r.html"
    done = cli("evaluate", judged, "--model", model_folder, "--label", "team", "--report", report)
    assert done.code == 3
    assert "file" in done.stderr


def test_a_report_onto_a_folder_is_refused_before_any_work(cli, model_folder: Path, labelled: Path, tmp_path) -> None:
    done = cli("evaluate", labelled, "--model", model_folder, "--label", "team", "--report", tmp_path)
    assert done.code == 2
    assert "is a folder" in done.stderr
