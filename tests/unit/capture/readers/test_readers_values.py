"""Values of any shape become short, safe words."""

from __future__ import annotations

from signaltriage.capture.readers.pages import unwrap
from signaltriage.capture.readers.values import (
    address,
    first,
    get,
    ident,
    is_false,
    is_true,
    joined,
    letters,
    named,
    objects,
    person,
    raw_of,
    sane,
    short,
    tags_of,
    text_of,
    words,
)


def test_what_no_database_takes_is_replaced() -> None:
    assert sane("a\x00b") == "a\ufffdb"
    assert sane("é\x00\ud83d") == "é\ufffd\ufffd"
    assert sane("\ud83d\ude00") == "😀"
    assert sane("plain é") == "plain é"


def test_words_of_any_value() -> None:
    assert [words(value) for value in (None, True, 7, "x", {"a": [1]}, 1.5)] == [
        "",
        "true",
        "7",
        "x",
        '{"a":[1]}',
        "1.5",
    ]
    assert text_of([1]) == ""
    assert text_of(3) == "3"


def test_ids_are_one_short_line() -> None:
    assert ident(" a\nb ") == "a b"
    assert len(ident("x" * 5000)) == 40
    assert ident("x" * 5000) != ident("x" * 5001)
    assert joined("7", None, "9") == "7/9"
    assert joined("", 9) == "9"


def test_people_and_names() -> None:
    assert person({"id": 7, "name": "Ines"}) == "7"
    assert person({"name": "Ines"}) == "Ines"
    assert person({"id": {"a": 1}}) == ""
    assert named({"id": 7, "name": "Hardware"}) == "Hardware"
    assert address("javascript:alert(1)") == ""
    assert address("https://x.example.org/1") == "https://x.example.org/1"


def test_tags_are_found_in_any_list() -> None:
    assert tags_of("a, b;a", [{"name": "c"}, "a"]) == ("a", "b", "c")
    assert tags_of({"type": "list", "tags": [{"name": "x"}]}) == ("x",)
    assert len(tags_of([str(n) for n in range(10_000)])) == 100
    assert tags_of(None, 3, []) == ()


def test_reaching_into_what_is_not_there_gives_nothing() -> None:
    assert get({"a": [1]}, "a", "b") is None
    assert first({"a": "", "b": [], "c": 0}, "a", "b", "c") == 0
    assert objects([{"a": 1}, 2]) == [{"a": 1}]
    assert objects("x") == []
    assert is_true("TRUE")
    assert is_false("false")
    assert not is_true(None)
    assert not is_false(None)


def test_letters_see_through_mark_up_and_spaces() -> None:
    assert letters("**Since** Monday!") == letters("Since\nMonday")
    assert letters("Since Monday") != letters("Since Tuesday")
    assert letters(" *") == ""


def test_cut_short() -> None:
    assert short("x" * 999, 10) == "x" * 10
    assert raw_of({"a": "x" * 200_000}).endswith("characters]")


def test_envelopes_are_taken_off_and_records_left_alone() -> None:
    assert list(unwrap({"tickets": [{"id": 1}], "users": [{"id": 2}], "count": 1})) == [
        ("users", {"id": 2}),
        ("tickets", {"id": 1}),
    ]
    assert list(unwrap({"ticket": {"id": 1}})) == [("ticket", {"id": 1})]
    assert list(unwrap({"data": {"repository": {"issues": {"nodes": [{"number": 1}]}}}})) == [("nodes", {"number": 1})]
    assert list(unwrap({"_embedded": {"conversations": [{"id": 1}]}, "page": {"n": 1}})) == [
        ("conversations", {"id": 1})
    ]
    assert list(unwrap({"id": 1, "comments": [{"id": 2}]})) == [("", {"id": 1, "comments": [{"id": 2}]})]
    assert list(unwrap({"text": "said", "comments": [{"id": 2}]})) == [("", {"text": "said", "comments": [{"id": 2}]})]
    assert list(unwrap({"tickets": [3]})) == [("tickets", {"value": 3})]
    assert list(unwrap({"tickets": [], "count": 0})) == []
