"""Why it was not found, synonyms for search engines, what to write."""

from __future__ import annotations

import json

import numpy as np

from signaltriage.encode import load_encoder
from signaltriage.gap_types import Cause
from signaltriage.gaps.causes import Found, causes_of
from signaltriage.gaps.outline import action_missing, action_unfindable, as_written, outline_of, proposed_title
from signaltriage.gaps.synonyms import algolia, elasticsearch, opensearch, synonym_groups, synonym_pairs
from signaltriage.types import Article

ENCODER = load_encoder(threads=1)
CART = Article("A1", "Weigh in a cart", "Push the cart onto the scale and press Weigh. Set the tare in Front Office.")


def _causes(
    *typed: tuple[str, str], helped: tuple[tuple[str, str], ...] = (), article: Article = CART, heading: str = ""
) -> tuple[Cause, ...]:
    return causes_of(Found(typed, helped, article, heading), ENCODER)


def test_other_words_are_learned_from_who_got_through() -> None:
    (first, *_) = _causes(("trolley weight", "trolley weight"), helped=(("trolley weight", "cart weigh"),))
    assert (first.kind, first.asked, first.article) == ("other_words", "trolley", "cart")


def test_a_word_of_one_asker_or_a_code_is_no_synonym() -> None:
    found = _causes(("zebra weigh", "zebra weigh"), helped=(("weigh it", "ts-401"),))
    assert not synonym_pairs([found])
    assert [cause.asked for cause in found if cause.kind == "other_words"] == ["zebra"]


def test_words_that_stand_side_by_side_or_name_nothing_are_no_synonyms() -> None:
    article = Article("A3", "Stop people on facebook", "Set who sees what you post on facebook.")
    asked = ("friends on facebook see my posts", "hide posts from facebook friends", "facebook friends and something")
    found = _causes(*((query, query) for query in asked), ("something on fb", "something on fb"), article=article)
    assert {asked for asked, _ in synonym_pairs([found])}.isdisjoint({"friends", "something"})


def test_what_several_ask_and_the_article_does_not_say() -> None:
    (first, *_) = _causes(("zebra weigh", "zebra weigh"), ("cart zebra", "cart zebra"), ("lion", "lion"))
    assert (first.kind, first.asked, first.article) == ("other_words", "zebra", "")
    assert "say “zebra”" in action_unfindable(CART, (first,), "zebra weigh")
    (scattered,) = _causes(("lion", "lion"), ("tiger", "tiger"))
    assert scattered.kind == "search"
    assert "such as “lion”" in action_unfindable(CART, (scattered,), "lion")
    (there,) = _causes(("weigh cart", "weigh cart"))
    assert "why search leaves it out" in action_unfindable(CART, (there,), "weigh cart")


def test_spelling_burial_title_draft_and_none() -> None:
    assert _causes(("wiegh cart", "weigh cart"))[0].kind == "spelling"
    assert _causes(("tare", "tare"), heading="Tare weights")[0].kind == "buried"
    assert _causes(("tare front office", "tare front office"))[0].kind == "title"
    assert _causes(("weigh cart", "weigh cart"))[0].kind == "search"
    draft = Article("A2", "Weigh", "x", draft=True)
    assert _causes(("weigh", "weigh"), article=draft)[0].kind == "draft"


def test_synonyms_in_three_formats() -> None:
    cause = Cause("other_words", "trolley", "cart", "")
    pairs = synonym_pairs([(cause, cause), (Cause("other_words", "weights", "weight", ""),)])
    assert pairs == [("trolley", "cart")]
    assert algolia(pairs) == [
        {"objectID": "st-trolley", "type": "oneWaySynonym", "input": "trolley", "synonyms": ["cart"]}
    ]
    assert elasticsearch(pairs) == {"synonyms_set": [{"id": "st-trolley", "synonyms": "trolley => trolley, cart"}]}
    assert opensearch(pairs) == "trolley => trolley, cart\n"
    assert synonym_groups([("a", "x"), ("b", "x")]) == {"x": ["a", "b"]}
    json.dumps(algolia(pairs))


def test_what_to_write() -> None:
    assert proposed_title("split cart") == "Split cart"
    assert proposed_title("how do i split a cart") == "How do I split a cart?"
    assert proposed_title("i'd like to split a cart, is this possible") == "Split a cart"
    assert proposed_title("is it possible to export mail to html") == "Export mail to html"
    assert proposed_title("i boxer di lino") == "I boxer di lino"
    written = as_written(
        ["export Gmail mails", "put Gmail mails in HTML", "EXPORT GMAIL", "gmail to html", "all to HTML"]
    )
    assert proposed_title("export gmail to html", written) == "Export Gmail to HTML"
    vectors = np.array([[1, 0], [0.99, 0.14], [0, 1]], dtype=np.float32)
    assert outline_of(["split cart", "splitting a cart", "cart billing client"], [3, 2, 1], vectors) == (
        "Split cart",
        "Cart billing client",
    )
    rambling = [
        "a cart for two customers of one street and I do not know how",
        "share a cart",
        "cart for two customers",
    ]
    near = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    assert outline_of(rambling, [1, 1, 1], near) == ("Cart for two customers", "Share a cart")
    assert "“dispute” and “form”" in action_missing("Dispute", CART, ("dispute", "form"))
    assert "empty" in action_missing("Dispute", None, ())


def test_what_to_change() -> None:
    words = Cause("other_words", "trolley", "cart", "")
    assert "trolley = cart" in action_unfindable(CART, (words,), "trolley weight")
    assert "Publish" in action_unfindable(CART, (Cause("draft", "", "", ""),), "x")
    assert "retitle" in action_unfindable(CART, (Cause("title", "", "", ""),), "tare")
    assert "Tare" in action_unfindable(CART, (Cause("buried", "tare", "Tare", ""),), "tare")
