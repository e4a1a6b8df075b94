"""The README's table of what the encoder and a service cost, from results/encoder.json and results/serving.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.blocks import result

BLOCK = "encoder"
_STEADY = 1.5
"""Turns whose ratios differ by more than this factor say nothing about speed."""
_NONE_YET = "No results yet: run `make eval`."


def render(folder: Path) -> str:
    """The table as Markdown."""
    rows = _encoder_rows(result(folder / "encoder.json")) + _serving_rows(result(folder / "serving.json"))
    if not rows:
        return _NONE_YET
    return "\n".join(["| what | measured |", "|---|---|", *(f"| {what} | {value} |" for what, value in rows)])


def _encoder_rows(r: dict[str, Any] | None) -> list[tuple[str, str]]:
    if r is None:
        return []
    return [
        (
            f"rows per second, beside `SentenceTransformer.encode` at its defaults ({r['texts']['source']})",
            _speed(r["speed"]),
        ),
        ("cosine to the original in torch fp32", f"mean {r['cosine']['mean']:.4f}, least {r['cosine']['min']:.4f}"),
        ("a text's vector alone, in a batch, shuffled: greatest difference", f"{max(r['max_difference'].values()):g}"),
    ]


def _speed(r: dict[str, Any]) -> str:
    if max(r["ratios"]) > _STEADY * min(r["ratios"]):
        return (
            "not quoted: the turns differ too much, the machine was busy; run `python -m eval.encoder` on a quiet one"
        )
    return f"{r['ratio']:.1f}× (best of each), {r['ratio_lowest_turn']:.1f}× (least of the turns)"


def _serving_rows(r: dict[str, Any] | None) -> list[tuple[str, str]]:
    if r is None:
        return []
    same = "the same" if r["same_with_8_threads"] and r["same_alone_and_in_batch"] else "NOT the same"
    return [
        ("`import signaltriage` / `signaltriage --help`", f"{r['import_s']} s / {r['help_s']} s"),
        ("load a model and predict once", f"{r['load_and_first_prediction_s']} s"),
        ("one prediction, p50 / p99", f"{r['one_prediction_p50_ms']} ms / {r['one_prediction_p99_ms']} ms"),
        ("torch or transformers loaded after a prediction", "yes" if r["heavy_modules_after_prediction"] else "no"),
        ("predictions in 8 threads, alone and in a batch", same),
        (
            f"`classify` of {r['rows']:,} short rows, as a ratio to encoding them alone",
            f"{r['classify_time_over_encoding_time']:.2f}",
        ),
        (
            f"peak memory of `classify`, {r['rows']:,} / {r['large_rows']:,} rows",
            f"{r['peak_mb']:.0f} MB / {r['peak_mb_large']:.0f} MB",
        ),
    ]
