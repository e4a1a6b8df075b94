"""What is polite and tells nothing goes; what sounds like it and is a complaint stays."""

from __future__ import annotations

import time

import pytest

from signaltriage.themes.courtesies import without_courtesies
from signaltriage.themes.phrases import is_content, runs_of

POLITE = """
Hi team|Hello everyone|Dear Sir|Dear customer service team|Good morning|To whom it may concern|Thanks in advance
Thank you so much for your help|Many thanks|Please help me|Can someone please help|Any help would be greatly appreciated
Kind regards|With best regards|Best wishes|Yours sincerely|Have a nice day|Looking forward to hearing from you
Mit freundlichen Grüßen|Mit freundlichen Gruessen|MIT FREUNDLICHEN GRÜSSEN|Viele Grüße|Sehr geehrte Damen und Herren
Guten Tag|Vielen Dank im Voraus|Bien cordialement|Merci d'avance|Bonjour Madame|Bonne journée|Un cordial saludo
Muchas gracias de antemano|Buenos días|Atentamente|Com os melhores cumprimentos|Muito obrigada|Cordiali saluti
Grazie mille|Met vriendelijke groet|Alvast bedankt|Med vänliga hälsningar|Med venlig hilsen|Med vennlig hilsen
Pozdrawiam|Dzień dobry|Děkuji předem|С уважением
"""
SUBJECTS = [
    "help desk is slow",
    "the thank you page is blank",
    "nobody could help me",
    "my dear friend's account is locked",
    "best price is not shown",
    "greeting card lost",
    "please cancel my order",
    "the day pass has expired",
]


@pytest.mark.parametrize("line", [line for row in POLITE.split("\n") for line in row.split("|") if line])
def test_polite_lines_hold_no_word_of_content(line: str) -> None:
    assert not [word for run in runs_of(f"{line}!") for word in run if is_content(word)]


@pytest.mark.parametrize("line", SUBJECTS)
def test_a_subject_stays(line: str) -> None:
    said = without_courtesies(line)
    assert [word for word in line.split() if is_content(word) and word not in said] in ([], ["dear"])


def test_case_and_length_of_the_rest_are_kept() -> None:
    assert without_courtesies("Hi, the VPN at İzmir is down. Thanks!") == " . , the VPN at İzmir is down.  . !"
    assert without_courtesies("the VPN is down") == "the VPN is down"


@pytest.mark.parametrize("text", ["hi all " * 20_000, "best " * 40_000, "please " * 30_000, "thank you for " * 10_000])
def test_hostile_texts_take_linear_time(text: str) -> None:
    begin = time.perf_counter()
    without_courtesies(text)
    assert time.perf_counter() - begin < 5
