"""`log verify`: does the log hold what the files held?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from signaltriage.cli.app import log_app
from signaltriage.cli.clock import now
from signaltriage.cli.console import emit, working
from signaltriage.cli.keys import key_at_hand
from signaltriage.cli.options import Json, KeyFile, Log, Seed

Record = dict[str, Any]


@log_app.command()
def verify(log: Log, key_file: KeyFile = None, seed: Seed = 0, as_json: Json = False) -> None:
    """Count every ledger anew, from the rows of the log and from the files where they still are."""
    from signaltriage.errors import QualityGateError
    from signaltriage.model.capturing import CaptureWith
    from signaltriage.model.log_checks import verify as verified
    from signaltriage.privacy import Privacy
    from signaltriage.store.log.engine import FrictionLog

    key = key_at_hand(key_file)
    made = None if key is None else CaptureWith(Privacy(redact=True, key=key.key), now, key_fingerprint=key.fingerprint)
    with FrictionLog.open(log, create=False) as opened, working("verifying") as tell:
        done = verified(opened, made, tell)
    emit(asdict(done), as_json, words)
    if done.differences:
        raise QualityGateError(
            f"{len(done.differences):,} things in the log do not add up.",
            remedy="Capture the files named above again; where rows are damaged, go back to a copy of the log.",
        )


def words(r: Record) -> Iterator[str]:
    """What was compared, and each difference."""
    yield f"{r['captures']:,} captures, {r['rows']:,} rows read; {r['compared']:,} compared with their files"
    for one in r["not_compared"]:
        yield f"  not compared with its file: {one['name']}: {one['why']}"
    for one in r["differences"]:
        yield f"  {one['name']} (capture {one['capture']}): {one['what']}"
    if not r["differences"]:
        yield "everything adds up"
