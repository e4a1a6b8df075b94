"""What users and other programs rely on. A change here is a change of the contract."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

import signaltriage as st
from signaltriage import errors
from support import python

PUBLIC = [
    "Article",
    "Assignment",
    "EncoderError",
    "Explanation",
    "GroupPrediction",
    "InputError",
    "KnowledgeBase",
    "KnowledgeGap",
    "ModelRefusedError",
    "Prediction",
    "QualityGateError",
    "Rejected",
    "RunnerUp",
    "SearchEvent",
    "Settings",
    "SettingsError",
    "Signal",
    "SignalTriageError",
    "Theme",
    "ThemeSet",
    "ThemeSettings",
    "TriageModel",
    "UsageError",
    "__version__",
    "find_gaps",
]


def test_the_public_names() -> None:
    assert sorted(st.__all__) == PUBLIC
    assert dir(st) == PUBLIC
    for name in PUBLIC:
        assert getattr(st, name) is not None
    assert len(set(st.__all__)) == len(st.__all__)


def test_every_public_name_comes_from_the_package_and_has_a_docstring() -> None:
    for name in set(PUBLIC) - {"__version__"}:
        found = getattr(st, name)
        assert found.__module__.startswith("signaltriage.")
        assert found.__name__ == name
        assert inspect.getdoc(found)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Themes'"):
        st.Themes  # noqa: B018
    assert not hasattr(st, "train")


def test_the_version_is_that_of_the_installed_package() -> None:
    from importlib.metadata import version

    assert version("signaltriage") == st.__version__


def test_the_errors_are_one_tree_with_one_exit_code_each() -> None:
    found = {
        name: error.exit_code
        for name, error in vars(errors).items()
        if inspect.isclass(error) and issubclass(error, errors.SignalTriageError)
    }
    assert found == {
        "SignalTriageError": 1,
        "UsageError": 2,
        "SettingsError": 2,
        "InputError": 3,
        "LogError": 3,
        "ModelRefusedError": 4,
        "EncoderError": 5,
        "QualityGateError": 6,
        "InterruptedRunError": 130,
    }
    assert issubclass(errors.SettingsError, errors.UsageError)
    assert issubclass(errors.SignalTriageError, Exception)
    for name, code in found.items():
        assert name == "SignalTriageError" or f"{name} " in errors.__doc__
        assert str(code) in errors.__doc__ or code == 1


def test_an_error_says_what_and_what_to_do() -> None:
    error = errors.InputError("The file is empty.", remedy="Export it again.")
    assert str(error) == "The file is empty.\n  → Export it again."
    assert (error.message, error.remedy) == ("The file is empty.", "Export it again.")
    assert str(errors.InputError("Bare.")) == "Bare."


def signature(function: object) -> str:
    return str(inspect.signature(function))  # type: ignore[arg-type]


def test_the_signatures_of_the_main_calls() -> None:
    model = st.TriageModel
    assert list(inspect.signature(model.train).parameters) == [
        "texts",
        "teams",
        "times",
        "groups",
        "profiles",
        "settings",
        "encoder",
        "none_label",
    ]
    assert all(
        parameter.kind is parameter.KEYWORD_ONLY and parameter.default in (None, ())
        for parameter in list(inspect.signature(model.train).parameters.values())[2:]
    )
    assert signature(model.load) == (
        "(path: 'str | Path', *, threads: 'int | None' = None, encoder: 'Encoder | None' = None) -> 'Self'"
    )
    assert signature(model.save) == (
        "(self, path: 'str | Path', *, created_at: 'datetime | None' = None, self_contained: 'bool' = False) -> 'Path'"
    )
    assert signature(model.predict) == (
        "(self, texts: 'Sequence[object]', ids: 'Sequence[object] | None' = None, "
        "records: 'Records | None' = None) -> 'list[Prediction]'"
    )
    assert signature(model.predict_one) == "(self, text: 'object') -> 'Prediction'"
    assert signature(model.predict_frame) == (
        "(self, frame: 'pd.DataFrame', text: 'str | Sequence[str] | None' = None) -> 'pd.DataFrame'"
    )


def test_the_signatures_of_themes() -> None:
    discover = inspect.signature(st.ThemeSet.discover).parameters
    assert list(discover) == ["signals", "previous", "model", "settings", "encoder", "clean", "seed"]
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in list(discover.values())[2:])
    assert signature(st.ThemeSet.load) == (
        "(path: 'str | Path', *, threads: 'int | None' = None, encoder: 'Encoder | None' = None) -> 'Self'"
    )
    assert (
        signature(st.ThemeSet.save) == "(self, path: 'str | Path', *, created_at: 'datetime | None' = None) -> 'Path'"
    )
    assert signature(st.ThemeSet.assign) == (
        "(self, new: 'Sequence[Signal] | Sequence[str]', *, clean: 'bool' = True) -> 'list[Assignment]'"
    )
    assert signature(st.ThemeSet.to_frame) == "(self) -> 'pd.DataFrame'"


def test_the_records() -> None:
    records = {
        st.Prediction: [
            *("team", "outcome", "probability", "best_guess", "runners_up", "reason", "model_version"),
            *("rule", "none_probability"),
        ],
        st.RunnerUp: ["team", "probability"],
        st.Rejected: ["line", "reason", "raw"],
        st.Signal: [
            *("id", "text", "created_at", "audience", "source", "title", "author", "link", "status", "team"),
            *("assignee", "tags", "thread", "updated_at"),
        ],
        st.Assignment: ["id", "theme_id", "nearest", "similarity"],
        st.Theme: [
            *("id", "name", "keywords", "description", "size", "share", "area", "first_seen", "last_seen", "trend"),
            *("owner", "exemplars", "edge", "facets", "hours_lost", "hours_signals", "audiences"),
        ],
        st.ThemeSettings: ["granularity", "method", "min_size"],
        st.Settings: [
            *("target_error", "folds", "seed", "encoder", "threads", "clean", "examples_per_team"),
            *("per_team", "team_target_error"),
        ],
    }
    for record, names in records.items():
        assert is_dataclass(record)
        assert [field.name for field in fields(record)] == names
        assert not hasattr(record, "__dict__") or "__slots__" in vars(record)
    runner_up = st.RunnerUp("a", 0.5)
    with pytest.raises(FrozenInstanceError):
        runner_up.team = "b"  # type: ignore[misc]
    assert runner_up == st.RunnerUp("a", 0.5)
    assert hash(runner_up) == hash(st.RunnerUp("a", 0.5))


def test_the_routing_package_gives_its_classifier() -> None:
    from signaltriage.routing import RoutingClassifier

    assert signature(RoutingClassifier) == (
        "(encoder: 'Encoder | str | None' = None, preprocessor: 'Callable[[str], str] | None' = None, "
        "folds: 'int' = 5, seed: 'int' = 0) -> 'None'"
    )
    import signaltriage.routing as routing

    with pytest.raises(AttributeError, match="no attribute"):
        routing.Nothing  # noqa: B018
    for name in routing.__all__:
        assert getattr(routing, name) is not None


def test_importing_the_package_imports_nothing_heavy_and_prints_nothing() -> None:
    done = python(
        "import sys\n"
        "before = set(sys.modules)\n"
        "import signaltriage, signaltriage.routing, signaltriage.capture, signaltriage.cli\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)\n"
        "assert new == {'signaltriage'}, new\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_importing_changes_no_global_state() -> None:
    done = python(
        "import logging, os, signal, warnings, random\n"
        "import numpy, scipy.sparse, typer\n"  # what these change is theirs to answer for
        "state = lambda: (list(warnings.filters), logging.root.handlers[:], dict(os.environ), random.getstate(),\n"
        "                 signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT))\n"
        "before = state()\n"
        "import signaltriage as st\n"
        "for name in st.__all__: getattr(st, name)\n"
        "import signaltriage.cli.commands\n"
        "assert state() == before\n"
    )
    assert done.returncode == 0, done.stderr
