"""Articles of folders, tables and help-centre exports: all are read or rejected, with title, sections and date."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from signaltriage.capture.article_text import html_sections, markdown_sections, page_language, page_title
from signaltriage.capture.articles import read_articles, unique_articles
from signaltriage.errors import InputError, UsageError
from signaltriage.types import Article, Section


def test_markdown_is_cut_at_its_headings() -> None:
    text = (
        "Lead with **bold**.\n\n## Step one\n\n1. Press *Save*.\n2. Wait\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n### Codes\n\n```\nERR-1\n```"
    )
    found = markdown_sections(text)
    assert [section.heading for section in found] == ["", "Step one", "Codes"]
    assert found[0].text == "Lead with bold."
    assert "Press Save." in found[1].text
    assert "1  2" in found[1].text
    assert "ERR-1" in found[2].text


def test_html_is_cut_at_its_headings_and_at_bold_lines() -> None:
    page = (
        "<html lang='de'><head><title>Konto &amp; Zugang</title></head><body><nav><a href='#'>Menu</a></nav>"
        "<p>Vorab.</p><h2>Passwort <em>neu</em></h2><p>Drücken.</p><p><strong>Und dann</strong></p><p>Warten.</p>"
        "<footer>Copyright</footer></body></html>"
    )
    assert html_sections(page) == [
        Section("", "Vorab."),
        Section("Passwort neu", "Drücken."),
        Section("Und dann", "Warten."),
    ]
    assert page_title(page) == "Konto & Zugang"
    assert page_language(page) == "de"


def test_a_header_with_the_headline_is_kept_and_unclosed_furniture_loses_nothing() -> None:
    assert html_sections("<article><header><h1>T</h1></header><p>text</p></article>")[0].heading == "T"
    assert "text" in str(html_sections("<div><nav>menu<p>text</p></div>"))


def test_a_folder_gives_an_article_a_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.md").write_text(
        "---\nid: A1\ntitle: Reset\nupdated: 2026-02-11\nlanguage: en\n---\nPress it.\n\n## More\n\nx"
    )
    (tmp_path / "deep" / "b.html").write_text("<h1>Swap a tag</h1><p>Cut it off.</p>")
    (tmp_path / "no-front-matter.md").write_text("# A headline\n\nText.")
    (tmp_path / "broken.md").write_text("---\n: [broken\n---\nStill here.")
    (tmp_path / "empty.md").write_text("---\ntitle:\n---\n")
    (tmp_path / ".hidden.md").write_text("# secret")
    read = read_articles(tmp_path)
    by_id = {article.id: article for article in read.articles}
    assert by_id["A1"].title == "Reset"
    assert by_id["A1"].updated == date(2026, 2, 11)
    assert [section.heading for section in by_id["A1"].sections] == ["", "More"]
    assert by_id["deep/b"].title == "Swap a tag"
    assert by_id["deep/b"].body == "Cut it off."
    assert by_id["no-front-matter"].title == "A headline"
    assert (by_id["broken"].title, by_id["broken"].body) == ("broken", "Still here.")
    assert len(read.articles) + len(read.rejected) == 5
    assert not any("secret" in article.title for article in read.articles)


@pytest.mark.parametrize(
    ("name", "content", "id", "title", "draft", "updated"),
    [
        (
            "zendesk.json",
            {
                "count": 1,
                "articles": [
                    {
                        "id": 4,
                        "title": "T",
                        "body": "<p>b</p>",
                        "draft": True,
                        "locale": "en-us",
                        "edited_at": "2026-05-06T07:46:27Z",
                    }
                ],
            },
            "4",
            "T",
            True,
            date(2026, 5, 6),
        ),
        (
            "intercom.json",
            {
                "type": "list",
                "data": [
                    {"id": "15", "title": "T", "body": "<p>b</p>", "state": "published", "updated_at": 1778133435}
                ],
            },
            "15",
            "T",
            False,
            date(2026, 5, 7),
        ),
        (
            "freshdesk.json",
            [
                {
                    "id": 50,
                    "folder_id": 1,
                    "agent_id": 2,
                    "status": 1,
                    "title": "T",
                    "description": "<p>b</p>",
                    "updated_at": "2024-10-01T09:04:30Z",
                }
            ],
            "50",
            "T",
            True,
            date(2024, 10, 1),
        ),
        (
            "servicenow.json",
            {
                "result": [
                    {
                        "number": "KB1",
                        "short_description": "T",
                        "text": "<p>b</p>",
                        "workflow_state": "retired",
                        "sys_updated_on": "2014-12-19 15:54:36",
                    }
                ]
            },
            "KB1",
            "T",
            True,
            date(2014, 12, 19),
        ),
    ],
)
def test_exports_of_help_centres(
    tmp_path: Path, name: str, content: object, id: str, title: str, draft: bool, updated: date
) -> None:
    (tmp_path / name).write_text(json.dumps(content))
    (article,) = read_articles(tmp_path / name).articles
    assert (article.id, article.title, article.body, article.draft, article.updated) == (id, title, "b", draft, updated)


def test_a_table_of_questions_and_answers_wins_over_other_columns(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text(
        "name,question,answer,link\nFAQ,How?,So.,https://x.example\nFAQ,Why?,Because.,https://x.example\n"
    )
    found = read_articles(tmp_path / "faq.csv").articles
    assert {article.title for article in found} == {"How?", "Why?"}
    assert len({article.id for article in found}) == 2


def test_ids_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    rows = ["x,Alpha,one", "x,Beta,two", ",Gamma,three"]
    (tmp_path / "a.csv").write_text("\n".join(["id,title,body", *rows]))
    (tmp_path / "b.csv").write_text("\n".join(["id,title,body", *rows[::-1]]))
    assert read_articles(tmp_path / "a.csv").articles == read_articles(tmp_path / "b.csv").articles
    assert [a.id for a in unique_articles([Article("x", "b", ""), Article("x", "a", "")])] == ["x", "x#2"]


def test_what_is_no_knowledge_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_articles(tmp_path)
    (tmp_path / "t.csv").write_text("n,m\n1,2\n")
    with pytest.raises(UsageError):
        read_articles(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("text", "title", "body", "problem"),
    [
        ("---\ntitle: [unclosed : : :\n---\n# Real title\n\nBody.", "Real title", "Body.", "no YAML"),
        ("---\ntitle: Reset\nid: 7\n\nBody without an end.", "Reset", "Body without an end.", "not closed"),
        ("---\ntitle: Reset\n# Heading\n\nBody.", "Reset", "Heading\nBody.", "not closed"),
        ("+++\ntitle = 'Reset'\n+++\nBody.", "Reset", "Body.", ""),
        ("+++\ntitle = \n+++\nBody.", "a", "Body.", "no TOML"),
        ('{\n"title": "Reset"\n}\nBody.', "Reset", "Body.", ""),
        ("---\nProse below a rule.\n\n---\n\nMore of it.", "a", "Prose below a rule.", ""),
        ("---\r\ntitle: Windows\r\n---\r\nBody.", "Windows", "Body.", ""),
        ("---\na: &a [x,x]\nb: &b [*a,*a]\ntitle: *b\n---\nBody.", "a", "Body.", "aliases"),
        (f"---\ntitle: {'[' * 5000}\n---\nBody.", "a", "Body.", "front matter is no YAML"),
    ],
)
def test_front_matter_never_becomes_text(tmp_path: Path, text: str, title: str, body: str, problem: str) -> None:
    (tmp_path / "a.md").write_bytes(text.encode())
    read = read_articles(tmp_path)
    (article,) = read.articles
    assert article.title == title
    assert article.body.startswith(body)
    told = [remark for remark in read.remarks if "front matter" in remark]
    assert bool(told) == bool(problem)
    assert all(problem in remark and "a.md" in remark for remark in told)


def test_what_is_no_article_is_rejected_with_its_file_and_reason(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# VPN\n\nInstall it.")
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "blank.md").write_text("\ufeff \n\n", encoding="utf-8")
    (tmp_path / "photo.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    (tmp_path / "noise.html").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "notes.txt").write_text("not read")
    read = read_articles(tmp_path)
    assert [article.title for article in read.articles] == ["VPN"]
    reasons = [row.reason for row in read.rejected]
    assert reasons == [
        "blank.md: an empty file",
        "empty.md: an empty file",
        "noise.html: a binary file of an unsupported type, no text",
        "photo.md: a picture (PNG), no text",
    ]
    told = "\n".join(read.remarks)
    assert "5 files = read 1 + rejected 4" in told
    assert "empty.md: an empty file" in told
    assert "1 .txt" in told


def test_what_is_renamed_or_has_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "kb.csv").write_text("id,title\nA1,Reset\nA1,Swap\nA2,Wash\n")
    read = read_articles(tmp_path / "kb.csv")
    assert [article.id for article in read.articles] == ["A1", "A1#2", "A2"]
    told = "\n".join(read.remarks)
    assert "told apart as X, X#2, …: 1 (A1)" in told
    assert "no column holds the texts of articles" in told
    assert "title alone, without a text: 3" in told


def test_broken_rows_of_a_table_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "kb.csv").write_text("id,title,body\nA1,Reset,Press it.\n,,\na,b,c,d\n")
    read = read_articles(tmp_path / "kb.csv")
    assert len(read.articles) == 1
    assert [row.reason.split(":")[0] for row in read.rejected] == ["kb.csv, 3", "kb.csv, 4"]
    assert any("not read as an article: 2" in remark for remark in read.remarks)
