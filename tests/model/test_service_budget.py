"""What a service pays: imports, first prediction, and what is never loaded. Each in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import python

PLOTS = ["jinja2", "matplotlib"]
HEAVY = ["torch", "transformers", "sentence_transformers", "pandas", "sklearn", "joblib", *PLOTS, "rich", "typer"]


def test_a_prediction_loads_neither_torch_nor_pandas_nor_scikit_learn(model_folder: Path) -> None:
    done = python(
        "import sys, json, signaltriage\n"
        "after_import = set(sys.modules)\n"
        "model = signaltriage.TriageModel.load(sys.argv[1])\n"
        "p = model.predict_one('vpn drops at home')\n"
        "print(json.dumps([p.best_guess, sorted(after_import), sorted(sys.modules)]))",
        model_folder,
    )
    assert done.stderr == ""
    guess, after_import, after_prediction = json.loads(done.stdout)
    assert guess == "network"
    assert not {"numpy", "scipy", "onnxruntime", "tokenizers", *HEAVY} & set(after_import)
    assert not set(HEAVY) & set(after_prediction)


def test_a_service_process_writes_nothing_and_leaves_the_network_alone(model_folder: Path) -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*args, **kwargs): raise AssertionError('network')\n"
        "socket.socket.connect = refuse\n"
        "socket.getaddrinfo = refuse\n"
        "import signaltriage as st\n"
        "st.TriageModel.load(sys.argv[1]).predict(['vpn', 'refund'])\n"
    )
    done = python(code, model_folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def seconds(code: str, *args: object, tries: int = 5, enough: float) -> float:
    """The best of some runs; no further run once one was quick enough, for this machine is shared."""
    best = float("inf")
    for _ in range(tries):
        best = min(best, float(python(f"import time; t = time.perf_counter()\n{code}", *args).stdout))
        if best < enough:
            break
    return best


@pytest.mark.slow
def test_importing_takes_less_than_0_3_seconds() -> None:
    assert seconds("import signaltriage; print(time.perf_counter() - t)", enough=0.3) < 0.3


@pytest.mark.slow
def test_loading_and_the_first_prediction_take_less_than_1_5_seconds(model_folder: Path) -> None:
    code = (
        "import sys, signaltriage\n"
        "signaltriage.TriageModel.load(sys.argv[1]).predict_one('vpn drops')\n"
        "print(time.perf_counter() - t)"
    )
    assert seconds(code, model_folder, enough=1.5) < 1.5


@pytest.mark.slow
def test_one_prediction_takes_less_than_6_milliseconds_at_the_median(model_folder: Path) -> None:
    code = (
        "import sys, statistics, signaltriage\n"
        "model = signaltriage.TriageModel.load(sys.argv[1])\n"
        "def one(i):\n"
        "    t = time.perf_counter()\n"
        "    model.predict_one(f'the vpn drops {i} times an hour when I work from home')\n"
        "    return time.perf_counter() - t\n"
        "for i in range(20): one(i)\n"
        "print(statistics.median(one(i) for i in range(200)))"
    )
    assert seconds(code, model_folder, enough=0.006) < 0.006
