"""Mark-up goes, and nothing else: quoted mails, signatures, code and emoji stay."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from signaltriage.capture.readers.markup import (
    from_document,
    from_html,
    from_jira,
    from_markdown,
    from_slack,
    plain,
    tidy,
)


def test_html_keeps_quotes_and_signatures() -> None:
    text = from_html('<p>Hello</p><div class="gmail_quote">On Monday Kit wrote:<br>call us</div>')
    assert text == "Hello\n\nOn Monday Kit wrote:\ncall us"


def test_plain_text_with_angles_is_left_alone() -> None:
    assert plain("if a < b and b > c & d\r\nthen") == "if a < b and b > c & d\nthen"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("**bold** and [link](https://x.example.org)", "bold and link"),
        ("```\n**kept**\n```\nand *gone*", "```\n**kept**\n```\nand gone"),
        ("<details><summary>Log</summary>\n\nlines</details>", "Log\n\nlines"),
        ("~~~\na\n~~~", "~~~\na\n~~~"),
    ],
)
def test_markdown(raw: str, text: str) -> None:
    assert " ".join(from_markdown(raw).split()) == " ".join(text.split())


def test_slack_keeps_emoji_and_code() -> None:
    assert from_slack("<@U0123456>: *see* <#C0123456|help> :sob: &lt;b&gt;") == "see #help :sob: <b>"
    assert from_slack("```x = a * b * c```") == "```x = a * b * c```"


def test_jira_takes_documents_and_wiki_notation() -> None:
    assert from_jira("h1. Title\n{{code}} [here|https://x.example.org]") == "Title\ncode here"
    assert (
        from_jira({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "a"}]}]})
        == "a"
    )


def test_a_document_that_is_none_gives_what_words_it_has() -> None:
    odd = {
        "type": ["doc"],
        "content": [{"text": 3}, "loose", {"type": "date", "attrs": {"timestamp": "x"}}, None, [[]]],
    }
    assert from_document(odd) == "loose"


@pytest.mark.parametrize("value", [None, 3, [], {}, True])
def test_what_is_no_text_is_none(value: object) -> None:
    assert from_html(value) == from_markdown(value) == from_slack(value) == plain(value) == ""


def test_tidy_keeps_one_blank_line() -> None:
    assert tidy("a  \r\n\r\n\r\n\r\nb \n") == "a\n\nb"


PIECES = [
    " ",
    "\t",
    "\n",
    "<",
    ">",
    "<b ",
    "<!--",
    "&",
    "&lt;",
    "*",
    "_",
    "`",
    "```\n",
    "[",
    "](",
    "{",
    "{{",
    "!",
    "|",
    "~~~",
]


@pytest.mark.parametrize("read", [plain, from_html, from_markdown, from_slack, from_jira, tidy])
@pytest.mark.parametrize("piece", [*PIECES, ":a", "<@U", "<https://", "[~", "h1. ", "- ", "a@", "é", "\u00a0", "\r"])
def test_no_text_takes_more_than_linear_time(read: Callable[[str], str], piece: str) -> None:
    text = f"a\n{piece * (200_000 // len(piece))}x\n"
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 4
