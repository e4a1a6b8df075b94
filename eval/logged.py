"""Tables of the friction log, from results/*.json: eval/README.md. What was not measured is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from eval.blocks import sections, table

BLOCK: Final = "log"


def render(folder: Path) -> str:
    """All tables as Markdown."""
    return sections(folder, SECTIONS) or "No results yet."


def exports(r: Sequence[Mapping[str, Any]]) -> str:
    """One row a file: what it was taken for and what became of everything in it."""
    rows = []
    for one in r:
        skipped = ", ".join(f"{reason} {n}" for reason, n in one["skipped"]) or "–"
        counts = (one["read"], one["signals"], one["rejected"], one["threads"])
        rows.append([one["file"], one["reader"], *map(str, counts), skipped])
    return table(["file", "recognised as", "read", "signals", "rejected", "threads", "skipped"], rows)


def privacy(r: Mapping[str, Any]) -> str:
    """One row a group of formats and kind, and the group as a whole."""
    rows = []
    for group in ("dev", "held_out", "fresh"):
        found = r[group]
        for kind, f in found["kinds"].items():
            rows.append([group, kind, f"{f['planted']:,}", f"{f['recall']:.4f}", f"{f['precision']:.4f}", ""])
        traps = f"{found['traps_left_alone']:.4f} of {found['traps']:,}"
        rows.append(
            [group, "all", f"{found['planted']:,}", f"{found['recall']:.4f}", f"{found['precision']:.4f}", traps]
        )
    return table(["formats", "kind", "planted", "recall", "precision", "traps left alone"], rows)


def leaks(r: Mapping[str, Any]) -> str:
    """One row: all formats together."""
    where = ", ".join(f"{name} {n}" for name, n in r["of_formats"].items()) or "–"
    return table(
        ["secrets", "files searched", "found", "of formats"],
        [[f"{r['planted']:,}", str(r["files"]), str(r["leaked"]), where]],
    )


def log_speed(r: Mapping[str, Any]) -> str:
    """One row a size and database; the same file again beside it."""
    rows = []
    for one in r["captures"]:
        first, again = one["first"], one["again"]
        rows.append(
            [
                *(f"{one['rows']:,}", one["database"], f"{first['seconds']:.1f}", f"{first['processor_seconds']:.1f}"),
                *(
                    f"{first['peak_mb']:,}",
                    f"{again['seconds']:.2f}",
                    f"{again['new']:,}",
                    f"{one['load_average']:.1f}",
                ),
            ]
        )
    head = [
        "rows",
        "database",
        "seconds",
        "of this process",
        "peak MB",
        "again: seconds",
        "again: new rows",
        "load before",
    ]
    return table(head, rows)


def soak(r: Mapping[str, Any]) -> str:
    """One row a soak."""
    rows = [
        [
            *(f"{one['rows']:,}", one["database"], " + ".join(one["steps"]), str(one["kills"])),
            *(
                ", ".join(one["differing"]) or "none",
                "nothing found" if one["verify"] == 0 else f"exit {one['verify']}",
            ),
        ]
        for one in r["soaks"]
    ]
    return table(["rows", "database", "steps", "kills", "tables that differ from a clean run's", "log verify"], rows)


def fuzz(r: Mapping[str, Any]) -> str:
    """One row: all kinds of generated files together."""
    head = ["files", "items", "stack traces or items unaccounted", "slowest, seconds", "peak MB"]
    row = [
        f"{r['cases']:,}",
        f"{r['items']:,}",
        str(r["wrong"]),
        f"{r['slowest_seconds']:.2f}",
        f"{r['peak_megabytes']:,}",
    ]
    return table(head, [row])


SECTIONS: Final[Mapping[str, tuple[str, str, Callable[[Any], str]]]] = {
    "exports": (
        "Real exports",
        "Every file of the export sets, read by itself; folders whose tables or days belong together, joined.",
        exports,
    ),
    "privacy": (
        "Redaction",
        "Values planted between the words of real sentences. `dev` was in sight while patterns were made; `held_out`"
        " and `fresh` were not before they were first run, and what they showed to be missed was mended since.",
        privacy,
    ),
    "leak_run": (
        "Leaks",
        "Secrets planted in tickets, searches, authors and broken rows; then the database, pages, tables, logs, vectors"
        " and a model trained on what was exported are searched for each of them.",
        leaks,
    ),
    "log_speed": (
        "Capture",
        "Generated tickets, redacted and stored. Other work was going on: seconds are those of a busy machine of two"
        " processors, and `load before` says how busy.",
        log_speed,
    ),
    "soak": ("Killed and gone on with", "SIGKILL at random moments, the same command again.", soak),
    "fuzz_capture": ("Generated files", "Mutated, reshaped, random and packed files against the readers.", fuzz),
}
