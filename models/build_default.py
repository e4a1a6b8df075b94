"""Train the default model on training_data/ and write models/default, the same bytes every time.

    python models/build_default.py

`created_at` is the time of the newest signal, so that nothing in the folder depends on when it is built.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pandas as pd

import signaltriage as st

ROOT = Path(__file__).resolve().parent.parent
NO_TEAM = "none"


def main(out: Path = ROOT / "models" / "default") -> None:
    """Build the model and say how well it does on held-out rows."""
    signals = pd.read_csv(ROOT / "training_data" / "signals.csv", keep_default_na=False)
    newest = max(datetime.fromisoformat(moment) for moment in signals["created_at"])
    model = st.TriageModel.train(
        signals["text"].tolist(),
        signals["team"].tolist(),
        times=signals["created_at"].tolist(),
        none_label=NO_TEAM,
    )
    model.save(out, created_at=newest)
    held_out = model.facts["held_out"]
    print(
        f"{out.relative_to(ROOT) if out.is_relative_to(ROOT) else out}: version {model.version}, "
        f"held-out accuracy {held_out['accuracy']:.1%} on {held_out['rows']} rows"
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
