"""Generated files against the readers: no stack trace, no unaccounted row, bounded memory and time.

    python -m eval.fuzz_capture [--cases 20000] [--seed 0] [--keep FOLDER]

A case is a file: a fixture mutated, random bytes, random JSON trees, a random table, an archive of such. What is wrong:
an exception other than SignalTriageError; a row of a well-formed table or line of JSON that no item tells of, or two
do; a file that takes more than 5 s; more than 1 GB of memory. A case can be made again from its seed and number.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import resource
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from signaltriage.capture.readers import Asked, open_signals
from signaltriage.capture.readers.registry import READERS
from signaltriage.errors import SignalTriageError
from signaltriage.log_types import CaptureItem

FIXTURES: Final = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "exports"
RESULTS: Final = Path(__file__).resolve().parent / "results" / "fuzz_capture.json"
MAX_SECONDS: Final = 5.0
MAX_MEGABYTES: Final = 1024
_ODD: Final = (
    *(
        "",
        " ",
        "\x00",
        "\ud800",
        "😀",
        "=1+1",
        "-",
        "null",
        "NaN",
        "1e999",
        "9" * 400,
        "<p>",
        "<!--",
        "&lt;",
        "\\",
        '"',
    ),
    *(
        "2026-03-02T08:00:00Z",
        "99999-01-01",
        "12/13/14",
        "`" * 50,
        "[" * 200,
        "<b " * 200,
        "*" * 300,
        "ﷺ" * 20,
        "\r",
        "\n",
    ),
)


@dataclass
class Case:
    """A generated file, and what must be told of where that is known."""

    name: str
    content: bytes
    rows: int | None = None
    """Rows or lines, each of which must be told of exactly once (rows) or at least once (lines)."""
    lines: bool = False
    asked: Asked = field(default_factory=Asked)


def mutated(rng: random.Random) -> Case:
    """A fixture with bytes changed, cut out, doubled or put in."""
    path = rng.choice(_FIXTURES)
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(len(content) + 1)
        size = rng.choice((1, 1, 3, 20, 200))
        odd = rng.choice((*_ODD[:8], *_ODD)).encode("utf-8", "surrogatepass")
        way = rng.randrange(4)
        if way == 0:
            content[at : at + size] = bytes(rng.randrange(256) for _ in range(size))
        elif way == 1:
            del content[at : at + size]
        elif way == 2:
            content[at:at] = content[at : at + size] * rng.choice((1, 2, 50))
        else:
            content[at:at] = odd
    return Case(path.name, bytes(content))


def reshaped(rng: random.Random) -> Case:
    """A fixture of JSON in which values have changed places, types and depth: still JSON."""
    path = rng.choice([path for path in _FIXTURES if path.suffix == ".json"])
    value = json.loads(path.read_text(encoding="utf-8"))
    for _ in range(rng.choice((1, 3, 10))):
        value = _changed(value, rng)
    asked = Asked(source=rng.choice(READERS).name) if rng.random() < 0.2 else Asked()
    return Case(path.name, json.dumps(value).encode(), asked=asked)


def _changed(value: Any, rng: random.Random) -> Any:
    """One place in a tree changed."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        return {name: _changed(held, rng) if name == key else held for name, held in value.items()}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [_changed(held, rng) if number == at else held for number, held in enumerate(value)]
    return rng.choice((None, True, [], {}, [value], {"id": value}, {"value": value}, [[value]], 10**40, *_ODD))


def tree(rng: random.Random) -> Case:
    """Lines of random JSON objects under the names that tools use."""
    records = [_object(rng, 0) for _ in range(rng.randrange(1, 6))]
    texts = [json.dumps(record | {"id": number}) for number, record in enumerate(records)]
    asked = Asked(source=rng.choice(READERS).name) if rng.random() < 0.5 else Asked()
    return Case("a.jsonl", "\n".join(texts).encode(), len(texts), lines=True, asked=asked)


def _object(rng: random.Random, depth: int) -> dict[str, Any]:
    return {rng.choice(_NAMES): _value(rng, depth) for _ in range(rng.randrange(1, 10))}


def _value(rng: random.Random, depth: int) -> Any:
    way = rng.randrange(10)
    if way < 2 and depth < 4:
        return _object(rng, depth + 1)
    if way < 4 and depth < 4:
        return [_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return rng.choice((None, True, False, 0, -1, 1.5, 10**30, rng.randrange(10**13), *_ODD, *_NAMES))


def table(rng: random.Random) -> Case:
    """A well-formed table under random usual headers."""
    headers = [*rng.sample(_HEADERS, rng.randrange(1, 7)), "text", "always"]
    rows = [[_cell(rng) for _ in headers[1:]] + ["x"] for _ in range(rng.randrange(1, 60))]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=rng.choice(",;\t|"), lineterminator=rng.choice(("\n", "\r\n")))
    writer.writerows([headers, *rows])
    return Case("a.csv", text.getvalue().encode("utf-8", "surrogatepass"), len(rows), asked=Asked(source="table"))


def _cell(rng: random.Random) -> str:
    pieces = (*_ODD, "the door", "is stuck", "12", "a@b.org", "why?")
    return "".join(rng.choice(pieces) for _ in range(rng.randrange(4))).replace("\r", " ")


def noise(rng: random.Random) -> Case:
    """Random bytes under any name, some with the first bytes of a format."""
    head = rng.choice((b"", b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08", b"\xff\xfe", b"[{", b'{"tickets":[', b"id,text\n"))
    size = rng.choice((0, 3, 50, 2000))
    name = rng.choice(("a.csv", "a.json", "a.jsonl", "a.xlsx", "a.parquet", "a.zip", "a.csv.gz", "a.tsv", "a"))
    return Case(name, head + bytes(rng.randrange(256) for _ in range(size)))


def archive(rng: random.Random) -> Case:
    """An archive of other cases, some under evil names, some damaged."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as packed:
        for number in range(rng.randrange(4)):
            inner = rng.choice((mutated, tree, noise))(rng)
            folder = rng.choice(("", "../", "/", "help/", "a/b/", "__MACOSX/", "C:\\"))
            packed.writestr(f"{folder}{number}-{inner.name}", inner.content)
    content = bytearray(held.getvalue())
    if rng.random() < 0.4 and content:
        for _ in range(rng.randrange(1, 8)):
            content[rng.randrange(len(content))] = rng.randrange(256)
    return Case("a.zip", bytes(content))


MAKERS: Final[tuple[Callable[[random.Random], Case], ...]] = (mutated, reshaped, tree, table, noise, archive)
_FIXTURES: Final = sorted(path for path in FIXTURES.iterdir() if not path.name.endswith(".expected.json"))
_NAMES: Final = (
    *("id", "key", "fields", "subject", "description", "requester_id", "submitter_id", "comments", "via", "type", "ts"),
    *("text", "thread_ts", "user", "subtype", "source", "conversation_parts", "contacts", "threads", "body", "blocks"),
    *(
        "properties",
        "archived",
        "topic_id",
        "cooked",
        "post_number",
        "number",
        "title",
        "html_url",
        "state",
        "messages",
    ),
    *(
        "short_description",
        "sys_updated_on",
        "created_datetime",
        "_links",
        "is_inbound",
        "fr_escalated",
        "name",
        "author",
    ),
    *(
        "tags",
        "status",
        "created_at",
        "email",
        "profile",
        "file",
        "summary",
        "comment",
        "worklog",
        "reporter",
        "sender",
    ),
)
_HEADERS: Final = (
    *(
        "id",
        "subject",
        "created_at",
        "author",
        "status",
        "team",
        "tags",
        "thread_id",
        "link",
        "query",
        "results",
        "source",
    ),
    *("audience", "Labels", "Labels", "Respondent ID", "What should we change?", "ticket_id", "Updated At", "", "date"),
)


def unaccounted(case: Case, items: list[CaptureItem]) -> int:
    """Rows that no item tells of, or that too many do."""
    if case.rows is None:
        return 0
    if case.lines:
        return abs(case.rows - len({item.place.split(",")[0] for item in items}))
    return abs(case.rows - len(items))


def run(case: Case, folder: Path) -> tuple[str, int, float]:
    """What is wrong with a case (empty: nothing), how many items it gave, and the seconds it took."""
    path = folder / case.name
    path.write_bytes(case.content)
    started = time.perf_counter()
    problem, items = "", []
    try:
        with open_signals(path, asked=case.asked) as file:
            items = list(file.items)
        if count := unaccounted(case, items):
            problem = f"{count} unaccounted rows"
    except SignalTriageError as error:
        known = case.rows is not None and not case.lines  # objects of no tool may be refused, a table with a text not
        problem = f"refused a file that is well formed: {error.message}" if known else ""
    except Exception:
        problem = traceback.format_exc(limit=-3)
    finally:
        path.unlink()
    seconds = time.perf_counter() - started
    return problem or ("too slow" if seconds > MAX_SECONDS else ""), len(items), seconds


def main() -> None:
    """Run the cases, tell what is wrong, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    told = parser.parse_args()
    wrong: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    items, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(told.cases):
            maker = MAKERS[number % len(MAKERS)]
            case = maker(random.Random(f"{told.seed}-{number}"))
            problem, count, seconds = run(case, Path(folder))
            kinds[maker.__name__] += 1
            items, slowest = items + count, max(slowest, seconds)
            if problem:
                wrong[problem] += 1
                print(f"case {told.seed}-{number} ({maker.__name__}, {case.name}): {problem}", flush=True)
                if told.keep:
                    told.keep.mkdir(parents=True, exist_ok=True)
                    (told.keep / f"{number}-{case.name}").write_bytes(case.content)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    figures = {
        "cases": told.cases,
        "seed": told.seed,
        "kinds": dict(kinds),
        "items": items,
        "wrong": sum(wrong.values()),
        "slowest_seconds": round(slowest, 2),
        "peak_megabytes": peak,
    }
    print(json.dumps(figures, indent=1))
    if told.cases >= 10_000:
        RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    raise SystemExit(1 if wrong or peak > MAX_MEGABYTES else 0)


if __name__ == "__main__":
    main()
