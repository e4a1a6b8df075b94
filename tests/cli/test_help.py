"""Every command explains itself, and takes what every command takes."""

from __future__ import annotations

import inspect

import pytest
import typer.main

from signaltriage.cli.commands import app
from support import python, signaltriage

TOP = typer.main.get_command(app).commands  # type: ignore[attr-defined]
COMMANDS = {
    f"{name} {sub}".strip(): command
    for name, found in TOP.items()
    for sub, command in getattr(found, "commands", {"": found}).items()
}
"""By the words that call them, such as `log verify`."""


def test_the_commands_are_those_of_the_contract() -> None:
    assert COMMANDS.keys() >= {"train", "classify", "evaluate", "doctor"}


def test_help_of_the_program_names_every_command(cli) -> None:
    done = cli("--help")
    assert done.code == 0
    assert all(name in done.stdout for name in TOP)
    bare = cli()
    assert bare.code == 2
    assert "Usage" in bare.stdout + bare.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_names_every_option(cli, name: str) -> None:
    done = cli(*name.split(), "--help")
    assert done.code == 0
    assert done.stderr == ""
    for param in COMMANDS[name].params:
        for option in param.opts:
            if option.startswith("--"):
                assert option in done.stdout, option


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_is_documented(name: str) -> None:
    command = COMMANDS[name]
    assert inspect.cleandoc(command.help or "").endswith(".")
    for param in command.params:
        said = getattr(param, "help", None)
        assert said, f"{name} {param.name}"
        assert said[0].isupper(), said
        assert said.rstrip().endswith("."), said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json_and_seed(name: str) -> None:
    options = {option: param for param in COMMANDS[name].params for option in param.opts}
    assert options["--json"].is_flag
    assert "--seed" in options
    assert options["--seed"].default in (0, None)  # None: that of the settings, which is 0


def test_an_unknown_command_is_usage(cli) -> None:
    done = cli("clasify", "x.csv")
    assert done.code == 2
    assert "clasify" in done.stderr


def test_help_loads_nothing_heavy() -> None:
    done = python(
        "import sys\n"
        "sys.argv = ['signaltriage', 'classify', '--help']\n"
        "from signaltriage.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "found = {'numpy', 'pandas', 'scipy', 'sklearn', 'onnxruntime', 'torch'} & set(sys.modules)\n"
        "assert not found, found\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_help_takes_less_than_0_6_seconds() -> None:
    import time

    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        assert signaltriage("--help").returncode == 0
        best = min(best, time.perf_counter() - start)
        if best < 0.6:
            break
    assert best < 0.6


def test_the_version_is_told(cli) -> None:
    import signaltriage

    done = cli("--version")
    assert done.code == 0
    assert done.stdout.strip() == f"signaltriage {signaltriage.__version__}"
