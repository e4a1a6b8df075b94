"""`rules`: a rules file checked, by itself and on a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import Json, Seed, Text

Record = dict[str, Any]


@app.command()
def rules(
    path: Annotated[Path, typer.Argument(metavar="RULES", help="Rules file, such as rules.toml.")],
    data: Annotated[str | None, typer.Option(help="A table of signals to try the rules on.")] = None,
    text: Text = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 6 if anything is found.")] = False,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Check rules: which cannot work, and which do nothing on a table of signals."""
    from signaltriage.capture.sources import require_file
    from signaltriage.errors import QualityGateError
    from signaltriage.model.rules import check_rules

    if data is not None:
        require_file(data)
    with working("checking rules") as tell:
        report = check_rules(path, data, text=text, tell=tell, say=say)
    emit(asdict(report), as_json, words)
    if strict and report.findings:
        raise QualityGateError(f"{path}: {report.findings} findings.", remedy="Mend or remove the rules named above.")


def words(r: Record) -> Iterator[str]:
    """A line for each rule, and below it what was found."""
    width = max([4, *(len(rule["rule"]) for rule in r["rules"])])
    does = max([4, *(len(rule["action"]) for rule in r["rules"])])
    yield f"{'rule':<{width}}  {'stage':<6}  {'then':<{does}}  {'fired':>7}  finding"
    for rule in r["rules"]:
        fired = "–" if rule["fired"] is None else f"{rule['fired']:,}"
        found = "; ".join(f"{finding['kind']}: {finding['detail']}" for finding in rule["findings"]) or "–"
        yield f"{rule['rule']:<{width}}  {rule['stage']:<6}  {rule['action']:<{does}}  {fired:>7}  {found}"
    yield f"{len(r['rules'])} rules, {r['findings']} findings"
    if r["data"]:
        yield f"read {r['read']:,} = judged {r['read'] - r['rejected']:,} + rejected {r['rejected']:,}"
