"""`drift`: have incoming signals moved since training?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import Json, Model, Text, Threads

Record = dict[str, Any]
_SAID = {
    "text": "what the signals are about",
    "words": "the words in them",
    "teams": "the mix of teams",
    "certainty": "how sure the model is of them",
    "calibration": "how true its probabilities are",
}


@app.command()
def drift(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A table of signals that came in since training.")],
    model: Model,
    text: Text = None,
    label: Annotated[
        str | None, typer.Option(help="Column with the owning team, where known: tests the probabilities too.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="Column with the time of filing: rows no newer than training are left out.")
    ] = None,
    false_alarm_rate: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Probability of a false alarm, all tests together.")
    ] = 0.05,
    seed: Annotated[int, typer.Option(help="Seed of the permutations.")] = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Tell whether incoming signals have moved away from what a model was trained on, and how."""
    from signaltriage.capture.sources import require_file
    from signaltriage.errors import QualityGateError
    from signaltriage.model.drift import Watched, watch
    from signaltriage.model.triage import TriageModel
    from signaltriage.routing.samples import Alarm

    require_file(source)
    loaded = TriageModel.load(model, threads=threads)
    with working("comparing"):
        done = watch(loaded, Watched(source, text, label, time), Alarm(false_alarm_rate, seed=seed))
    say(done.how)
    record = asdict(done)
    emit({**record.pop("drift"), **record}, as_json, words)
    if done.drift.moved:
        what = ", ".join(_SAID[test.name] for test in done.drift.tests if test.moved)
        raise QualityGateError(
            f"These signals have moved since training: {what}.",
            remedy="Look at the words and teams above, label some of these signals, and train again with them.",
        )


def words(r: Record) -> Iterator[str]:
    """Each test, then what moved, most first."""
    left = f" ({r['without_text']:,} without text, {r['older']:,} older, {r['rejected']:,} unreadable left out)"
    yield f"{r['rows']:,} signals against {r['reference_rows']:,} held-out rows of model {r['model_version']}{left}"
    for test in r["tests"]:
        verdict = "moved" if test["moved"] else "as before"
        p = f"p {test['p_value']:.3g}, over all tests {test['adjusted_p']:.3g}"
        yield f"  {_SAID[test['name']]:<32} {verdict:<10} {p}"
    yield f"  false alarms: at most {r['rate']:.1%} of such comparisons"
    if r["calibration"]:
        c = r["calibration"]
        yield (
            f"  right {c['right_now']:.1%} of the time, said {c['said_now']:.1%}; "
            f"at training {c['right_before']:.1%}, said {c['said_before']:.1%}"
        )
    for word in r["words"]:
        yield f"  word {word['word'][:30]:<30} {word['before']:>7.2%} → {word['now']:>7.2%} of signals"
    for team in r["teams"]:
        yield (
            f"  team {team['team'][:30]:<30} {team['before']:>7.2%} → {team['now']:>7.2%} of guesses, "
            f"about {team['estimated']:.2%} of signals"
        )
    if not any(test["moved"] for test in r["tests"]):
        yield "no drift found"
