"""Is what identifies found, and nothing else?

    python -m eval.privacy [--group dev|held_out|fresh] [--each 40] [--seed 0]

Values of every kind and format (`eval.privacy_sets`, `privacy_secrets`, `privacy_phones`) are put between the words of
real sentences from SIGNALTRIAGE_DATA (read at run time, never stored) and of sentences written for this; likewise
things that look like them and must stay (`eval.privacy_traps`). A sentence with a digit or an @ of its own is not
taken, so that all there is to find is known.

- recall: values of which nothing is left, every letter and digit inside a span of the right kind;
- precision: spans that are a planted value, and take no more than one character beside it;
- in untouched real texts: how many spans of each kind (what they are, a person must look: --show N prints some);
- time for a text of 300 characters in which nothing is found, beside libphonenumber's own search: medians of five runs.

Patterns were made with the group `dev` in sight. `held_out` was then run once, and showed mistakes that were corrected;
`fresh` was written after that and run once. Writes eval/results/privacy.json when all groups are run.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import phonenumbers

from eval.privacy_fresh import fresh_formats
from eval.privacy_phones import phone_formats
from eval.privacy_secrets import secret_formats
from eval.privacy_sets import Format, formats
from eval.privacy_traps import traps
from eval.sets import ROOT, data_root
from signaltriage.privacy import KINDS, Redactor, Span

COLUMNS: Final = {
    "employee/slack_racket_general_2019.csv": ("text",),
    "employee/glassdoor_reviews.csv": ("like", "dislike"),
    "themes/stackoverflow_short.csv": ("text",),
    "themes/twitter_us_airline.csv": ("text",),
    "themes/dstc11_insurance.csv": ("utterance",),
    "routing/sumo_firefox/test.csv": ("title", "content"),
    "routing/it_service_tickets/test.csv": ("Document",),
    "routing/banking77/test.csv": ("text",),
    "routing/clinc150/test.csv": ("text",),
    "routing/hwu64/test.csv": ("text",),
}
GROUPS: Final = ("dev", "held_out", "fresh")
OWN: Final = (
    "The invoice page shows nothing after the last update",
    "Since this morning nobody in our office can log in",
    "Please look at this and tell me what went wrong",
    "I tried it twice and then gave up",
    "It worked last week and now it does not",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence with one thing in it: of a kind, or a trap."""

    text: str
    start: int
    end: int
    format: Format


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group", choices=GROUPS, help="one group only; nothing is written")
    parser.add_argument("--each", type=int, default=40, help="sentences of each format (default 40)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes of each format, and real spans")
    options = parser.parse_args()
    real = dict(_real())
    if not real:
        print("SIGNALTRIAGE_DATA has none of the sets", file=sys.stderr)
        return 3
    sentences = [*OWN, *(text for texts in real.values() for text in texts if _usable(text))]
    every = [
        f
        for f in (*formats(), *secret_formats(), *phone_formats(), *traps(), *fresh_formats())
        if options.group in {None, f.group}
    ]
    planted = list(plant(every, sentences, options.each, random.Random(options.seed)))
    redactor = Redactor()
    figures: dict[str, Any] = {}
    for group in GROUPS if options.group is None else (options.group,):
        figures[group] = _measure([p for p in planted if p.format.group == group], redactor, options.show)
    result = {
        "protocol": {
            "each_format": options.each,
            "seed": options.seed,
            "sentences": len(sentences),
            "formats": len(every),
        },
        **figures,
        "untouched": _untouched(real, redactor, options.show),
        "speed": _speed(real, redactor),
    }
    print(json.dumps(result, indent=1, ensure_ascii=False))
    if options.group is None:
        path = ROOT / "eval" / "results" / "privacy.json"
        path.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _real() -> Iterator[tuple[str, list[str]]]:
    csv.field_size_limit(10**8)
    for name, columns in COLUMNS.items():
        path = data_root() / name
        if path.exists():
            with path.open(encoding="utf-8", errors="replace", newline="") as stream:
                yield name, [row[column] or "" for row in csv.DictReader(stream) for column in columns]


def _usable(text: str) -> bool:
    return 40 <= len(text) <= 240 and not any(c.isdecimal() or c in "@\n\0" for c in text)


def plant(every: Sequence[Format], sentences: Sequence[str], each: int, rng: random.Random) -> Iterator[Planted]:
    """`each` sentences for each format, the value between two words, or before or behind them all."""
    for format_ in every:
        for _ in range(each):
            words = rng.choice(sentences).split(" ")
            template, value = format_.make(rng)
            place = rng.randint(0, len(words))
            head, tail = " ".join(words[:place]), " ".join(words[place:])
            before, _, after = template.partition("{}")
            opening = f"{head} {before}" if head else before
            yield Planted(f"{opening}{value}{after} {tail}".rstrip(), len(opening), len(opening) + len(value), format_)


def found(planted: Planted, spans: Sequence[Span]) -> bool:
    """Whether no letter or digit of the planted value is left, and all was taken for what it is."""
    covered = {i for span in spans if span.kind == planted.format.kind for i in range(span.start, span.end)}
    return all(i in covered for i in range(planted.start, planted.end) if planted.text[i].isalnum())


def right(planted: Planted, span: Span) -> bool:
    """Whether a span is the planted value, of the right kind, with at most one character beside it on each side."""
    if span.kind != planted.format.kind:
        return False
    value = planted.text[planted.start : planted.end]
    start = planted.text.find(value)
    while start >= 0:  # some formats hold it twice, such as <mailto:x|x>
        end = start + len(value)
        if start - 1 <= span.start < end and start < span.end <= end + 1:
            return True
        start = planted.text.find(value, end)
    return False


def _measure(planted: Sequence[Planted], redactor: Redactor, show: int) -> dict[str, Any]:
    hits: dict[str, Counter[str]] = defaultdict(Counter)
    spans_of: dict[str, Counter[bool]] = defaultdict(Counter)
    shown: Counter[str] = Counter()
    trapped = 0
    for item in planted:
        spans = redactor.spans(item.text)
        good = found(item, spans) if item.format.kind != "trap" else not spans
        trapped += item.format.kind == "trap"
        hits[item.format.kind][f"{item.format.name}"] += good
        hits[item.format.kind]["all"] += good
        for span in spans:
            spans_of[span.kind][right(item, span)] += 1
        wrong = not good or not all(right(item, span) for span in spans)
        if wrong and shown[f"{item.format.kind} {item.format.name}"] < show:
            shown[f"{item.format.kind} {item.format.name}"] += 1
            print(
                f"{item.format.kind} {item.format.name}: {item.text!r}\n   -> {redactor.text(item.text).text!r}",
                file=sys.stderr,
            )
    sizes = Counter(item.format.kind for item in planted)
    each: dict[tuple[str, str], int] = Counter((item.format.kind, item.format.name) for item in planted)
    kinds = {
        kind: {
            "planted": sizes[kind],
            "recall": round(hits[kind]["all"] / sizes[kind], 4),
            "spans": sum(spans_of[kind].values()),
            "precision": round(spans_of[kind][True] / max(1, sum(spans_of[kind].values())), 4),
            "formats_below_1": {
                n: round(hits[kind][n] / each[kind, n], 3)
                for k, n in each
                if k == kind and hits[kind][n] < each[kind, n]
            },
        }
        for kind in KINDS
        if sizes[kind]
    }
    spans_all = sum(sum(c.values()) for c in spans_of.values())
    positives = len(planted) - trapped
    return {
        "planted": positives,
        "traps": trapped,
        "recall": round(sum(hits[k]["all"] for k in KINDS) / max(1, positives), 4),
        "precision": round(sum(c[True] for c in spans_of.values()) / max(1, spans_all), 4),
        "traps_left_alone": round(hits["trap"]["all"] / max(1, trapped), 4),
        "traps_below_1": {
            n: round(hits["trap"][n] / each["trap", n], 3)
            for k, n in each
            if k == "trap" and hits["trap"][n] < each["trap", n]
        },
        "kinds": kinds,
    }


def _untouched(real: dict[str, list[str]], redactor: Redactor, show: int) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    texts = 0
    for rows in real.values():
        for text in rows:
            texts += 1
            for span in redactor.spans(text):
                counts[span.kind] += 1
                if show and random.Random(texts).random() < 0.2:
                    near = text[max(0, span.start - 40) : span.end + 20]
                    print(f"real {span.kind}: {text[span.start : span.end]!r} in {near!r}", file=sys.stderr)
    return {"texts": texts, "spans": dict(sorted(counts.items()))}


def _speed(real: dict[str, list[str]], redactor: Redactor) -> dict[str, Any]:
    """Beside libphonenumber's own search for phones alone, in turns, because machines differ and this may be busy."""
    texts = [text[:300] for rows in real.values() for text in rows if len(text) >= 300][:1000]
    texts = [text for text in texts if not redactor.spans(text)]

    def microseconds(do: Callable[[str], object]) -> float:
        started = time.perf_counter()
        for text in texts:
            do(text)
        return (time.perf_counter() - started) / max(1, len(texts)) * 1e6

    turns = [(microseconds(redactor.text), microseconds(_search_phones)) for _ in range(5)]
    ours, theirs = (statistics.median(times) for times in zip(*turns, strict=True))
    return {
        "texts_of_300_characters": len(texts),
        "microseconds_each": round(ours, 1),
        "phone_number_matcher": round(theirs, 1),
        "ratio": round(statistics.median(a / b for a, b in turns), 2),
    }


def _search_phones(text: str) -> list[object]:
    return list(phonenumbers.PhoneNumberMatcher(text, "US"))


if __name__ == "__main__":
    sys.exit(main())
