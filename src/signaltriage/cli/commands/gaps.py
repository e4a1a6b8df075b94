"""`gaps`: a search log and a knowledge base → what to write, what to retitle, which words are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import DrawnSeed, Json, Threads

Record = dict[str, Any]
_UPKEEP_WORDS = {
    "contradiction": "pairs that contradict one another",
    "near_duplicate": "near-duplicate pairs",
    "outdated": "older than a rise in their need",
    "untouched": "that no search needed",
}


@app.command()
def gaps(
    source: Annotated[str, typer.Argument(metavar="SEARCHES", help="A search log, or - for standard input.")],
    articles: Annotated[Path, typer.Option(help="Folder of .md or .html, help-centre JSON export, or a table.")],
    out: Annotated[Path, typer.Option(help="Folder to write the tables, the page and the synonyms to.")],
    query: Annotated[str | None, typer.Option(help="Column with what was typed; recognised if left out.")] = None,
    results: Annotated[str | None, typer.Option(help="Column with how many results were shown.")] = None,
    user: Annotated[str | None, typer.Option(help="Column with who asked.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with when.")] = None,
    session: Annotated[str | None, typer.Option(help="Column with the session.")] = None,
    clicked: Annotated[str | None, typer.Option(help="Column with the article opened from the results.")] = None,
    signals: Annotated[
        str | None, typer.Option(help="Tickets, or a folder of `themes`: what no article answers joins.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder: says who owns each gap.")] = None,
    seed: DrawnSeed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Find what people search for and nothing answers, and what an article answers that search does not show."""
    from signaltriage.capture.searches import SearchColumns
    from signaltriage.capture.sources import require_file
    from signaltriage.model.gap_runs import GapInput, GapsWith, gaps_from_files
    from signaltriage.model.triage import TriageModel

    require_file(source)
    owner = TriageModel.load(model, threads=threads) if model is not None else None
    columns = SearchColumns(query, results, user, time, session, clicked)
    with working("finding gaps"):
        done = gaps_from_files(GapInput(source, articles, columns, signals), out, GapsWith(owner, threads, seed), say)
    emit(asdict(done), as_json, words)


def words(r: Record) -> Iterator[str]:
    """How many gaps there are, where the searches went, and where to look."""
    gaps, articles = "gap" if r["gaps"] == 1 else "gaps", "article" if r["to_write"] == 1 else "articles"
    yield f"{r['gaps']:,} {gaps}: {r['to_write']:,} {articles} to write, {r['to_fix']:,} to make findable"
    yield (
        f"read {r['read']:,} = missing {r['missing']:,} + unfindable {r['unfindable']:,} + served {r['served']:,}"
        f" + not a need {r['not_a_need']:,} + rejected {r['rejected']:,}"
    )
    refused = f" ({r['articles_rejected']:,} could not be read)" if r["articles_rejected"] else ""
    queries, held = "query" if r["queries"] == 1 else "queries", "article" if r["articles"] == 1 else "articles"
    yield f"{r['queries']:,} different {queries} against {r['articles']:,} {held}{refused}"
    if r["tickets"]:
        yield f"tickets that no article answers: {r['tickets']:,}"
    if r["synonyms"]:
        yield f"synonyms: {r['synonyms']:,}"
    if r["owned"]:
        yield f"with an owner: {r['owned']:,}; for the others a person must look"
    if r["upkeep"]:
        yield "articles: " + ", ".join(f"{n:,} {_UPKEEP_WORDS.get(kind, kind)}" for kind, n in r["upkeep"].items())
    for path in r["outputs"].values():
        yield f"→ {path}"
