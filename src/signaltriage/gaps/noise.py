"""Searches that ask for nothing a knowledge base could hold: probes, tests, pasted texts, ways to somewhere else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Set
from typing import Final

from signaltriage.gaps.folding import fold_case, words_of

_PROBE: Final = re.compile(
    r"(?:'|\")\s{0,3}(?:or|and)\s{0,3}[(\"']?\s{0,3}[\w\"']{0,20}\s{0,3}[\"']?\s{0,3}(?:=|like\b)|"
    r"\b\w{1,20}'\s{0,3}(?:--|#)|\bunion\s+(?:all\s+)?select\b|;\s{0,3}drop\s+table\b|\bwaitfor\s+delay\b|"
    r"\bselect\b.{1,80}\bfrom\s+(?:users|information_schema|dual)\b|\bxp_cmdshell\b|(?:%2e%2e%2f){2,}|"
    r"/etc/(?:passwd|shadow)\b|\$\{\s{0,3}jndi:|\{\{\s{0,3}\d{1,6}\s{0,3}[*+]\s{0,3}\d|%00|\x00",
    re.IGNORECASE,
)
_PROBE_ALONE: Final = re.compile(
    r"(?:\.\./|\.\.\\){2,}|<\s{0,3}/?\s{0,3}(?:script|svg|iframe|img)\b[^<]{0,80}(?:>|=)|javascript:|onerror\s{0,2}=|"
    r"\$\{\s{0,3}(?:env|7\*7|\w{1,20}:)|<%=|#\{\d|\bwp-(?:admin|login|config)\b|/\.(?:env|git|aws|ssh|htaccess)\b|"
    r"^\.(?:env|git)\b|\bphp(?:myadmin|info)\b|\bcmd\.exe\b|\b(?:sleep|benchmark|pg_sleep|load_file)\s{0,2}\(\d",
    re.IGNORECASE,
)
"""Signs of a probe where nothing else is asked; among words of a sentence they are what a question is about."""
_WORDS_OF_A_QUESTION: Final = 3
_TEST: Final = re.compile(
    r"(?:tests?|testing|prueba|essai|teste|foo|bar|foobar|hello|hi|hey|hallo|hola|bonjour|hi there|hello world|"
    r"hi hello|lorem ipsum|abc|abcd|xyz|123|1234|12345|123456|blah|qwerty|asdf|just testing|ping|xxx)[\s\d!?.]{0,6}",
    re.IGNORECASE,
)
_TESTING: Final = re.compile(
    r"^(?:just )?test(?:ing)? (?:the )?(?:this|search|box|1\b|123\b)|"
    r"^does this (?:search )?(?:even )?(?:find|work)\b.{0,12}$",
    re.IGNORECASE,
)
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "1234567890")
_MAIL: Final = re.compile(r"^(?:(?:re|fw|fwd|aw|wg|tr|rv|sv)\s{0,2}:\s{0,2}){1,6}", re.IGNORECASE)
_SALUTATION: Final = re.compile(
    r"^(?:(?i:hi|hello|hey|dear|hallo|liebe[r]?|hola|estimad[oa]|ol[aá]|car[oa]|bonjour|ch[eè]re?)\s+"
    r"(?:[A-ZÀ-Þ][a-zà-ÿ'-]+|(?i:madame|monsieur|sir|madam)\b)|(?i:fao|f\.a\.o\.|attn|sehr geehrte|kind regards)\b)"
)
_ASKS: Final = re.compile(r"\?|\b(?:how|what|why|can|could|i|i'm|i've|my)\b", re.IGNORECASE)
"""What a letter's first line seldom holds, and a question begun with a greeting does."""
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_STREET: Final = re.compile(
    r"^\d{1,5}\w?\s+(?:[\w'-]+\s+){1,3}(?:st|street|rd|road|ave|avenue|lane|ln|drive|dr|row|terrace|blvd)\b",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"(?=(?:\w*\d){7})[A-Za-z]{0,4}\d[\dA-Za-z]{8,30}")
_ELSEWHERE: Final = re.compile(
    r"(?:(?:www\.)?(?:google|facebook|youtube|gmail|hotmail|outlook|yahoo|instagram|twitter|tiktok|netflix|amazon|"
    r"whatsapp|ebay|bing|chatgpt|linkedin|wikipedia)(?:\.com)?(?: (?:translate|maps|login|mail|search))?|"
    r"weather(?: [\w-]+){0,2}|"
    r"(?:log ?in|sign ?in|login page|home|homepage|home page|start|jobs?|careers?|vacancies|impressum|imprint|menu|"
    r"search|website|opening hours|near me|[\w-]+(?: [\w-]+)? near me))",
    re.IGNORECASE,
)


def is_probe(query: str) -> bool:
    """Whether it is an attempt to break something: injected SQL, script, template or path."""
    text = query[:2000]
    short = len(text.split()) <= _WORDS_OF_A_QUESTION
    return bool(_PROBE.search(text) or (short and _PROBE_ALONE.search(text)))


def why_noise(query: str, known: Set[str], is_known: Callable[[str], bool] | None = None) -> str:
    """Why a query asks for nothing, in words; empty where it may ask for something.

    Args:
        query: as typed.
        known: words of the knowledge base and the log: what is among them is no gibberish.
        is_known: the same as a question, where more is known than a set can say.
    """
    folded, text = fold_case(query), query.strip()
    letters = [sign for sign in folded if sign.isalnum()]
    if not letters:
        return "nothing but signs" if text else "empty"
    for found, why in (
        (is_probe(text), "an attempt to break in"),
        (_TEST.fullmatch(folded) or _TESTING.search(folded), "a test of the search box"),
        (_MAIL.match(text) or _is_letter(text), "pasted from a letter"),
        (_ADDRESS.search(text) and not text.rstrip().endswith("?"), "a pasted address"),
        (_STREET.match(text), "a pasted address"),
        (_REFERENCE.fullmatch(text.replace(" ", "")), "a pasted reference number"),
        (_ELSEWHERE.fullmatch(folded), "a way to somewhere else"),
    ):
        if found:
            return why
    asked = is_known or known.__contains__
    return "no word of any language" if _is_mash(folded, letters, asked) else ""


def _is_letter(text: str) -> bool:
    return bool(_SALUTATION.match(text)) and len(text.split()) > 4 and not _ASKS.search(text)


def _is_mash(folded: str, letters: list[str], known: Callable[[str], bool]) -> bool:
    """Keys pressed at random: one letter over and over, a run along the keyboard, or a single letter."""
    distinct = set(letters)
    if len(letters) == 1:
        return not unicodedata.category(letters[0]).startswith("Lo")  # one sign of Chinese is a word
    words = words_of(folded)
    if any(known(word) for word in words):
        return False
    joined = "".join(letters)
    if len(distinct) == 1 or (len(joined) >= 6 and len(distinct) <= 2 and not joined.isdecimal()):
        return True
    return len(joined) >= 4 and any(joined in row * 2 or joined in row[::-1] * 2 for row in _ROWS)
