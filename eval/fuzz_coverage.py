"""Files that a fuzzer makes by watching which lines they reach, against the readers (atheris: libFuzzer).

    python -m eval.fuzz_coverage [-runs=20000] [-max_total_time=300] [CORPUS …]

Begins from the fixtures of the readers. The first byte of an input says what the file is called, the rest is what is in
it. Whatever is no SignalTriageError ends the run with a stack trace, and so does a file that takes more than 5 s; the
input lies in `crash-…` then. Options with one dash are libFuzzer's own. Writes nothing else.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["signaltriage.capture"]):
    from signaltriage.capture.readers import open_signals

from eval.fuzz_capture import FIXTURES, MAX_MEGABYTES, MAX_SECONDS
from signaltriage.errors import SignalTriageError

NAMES: Final = ("a.json", "a.jsonl", "a.csv", "a.tsv", "a.zip", "a.xlsx", "a.parquet", "a.csv.gz", "a")


def one(folder: Path, data: bytes) -> None:
    """Read one file to its end."""
    path = folder / NAMES[data[0] % len(NAMES) if data else 0]
    path.write_bytes(data[1:])
    try:
        with contextlib.suppress(SignalTriageError), open_signals(path) as file:
            for _ in file.items:
                pass
    finally:
        path.unlink()


def seeds(folder: Path) -> None:
    """Every fixture as an input of its own name."""
    for path in sorted(FIXTURES.iterdir()):
        if path.is_file() and not path.name.endswith(".expected.json"):
            ending = NAMES.index(f"a{path.suffix}") if f"a{path.suffix}" in NAMES else len(NAMES) - 1
            (folder / path.name).write_bytes(bytes([ending]) + path.read_bytes())


def main() -> None:
    """Fuzz until an input is found that should not have ended so, or the runs are spent."""
    with tempfile.TemporaryDirectory() as place:
        corpus, work = Path(place) / "corpus", Path(place) / "work"
        corpus.mkdir()
        work.mkdir()
        seeds(corpus)
        limits = [f"-timeout={MAX_SECONDS:.0f}", f"-rss_limit_mb={MAX_MEGABYTES}", "-max_len=20000"]
        atheris.Setup([sys.argv[0], *limits, *sys.argv[1:], str(corpus)], lambda data: one(work, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
