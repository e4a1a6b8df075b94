"""The README is run: its Python as it stands, its commands as far as they are cheap, its links looked up."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer.main

from signaltriage.cli.commands import app
from support import ROOT, python

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
PYTHON = [body for language, body in BLOCKS if language == "python"]
SHELL = [body for language, body in BLOCKS if language in {"console", "sh", "bash", "shell"}]
DATA = ("training_data", "models")


def commands() -> list[list[str]]:
    """The arguments of each `signaltriage …` line; a backslash continues it, `$ ` is the prompt."""
    lines = "\n".join(SHELL).replace("\\\n", " ").splitlines()
    words = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    return [line[1:] for line in words if line and Path(line[0]).name == "signaltriage"]


COMMANDS = commands()


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the repo's root to whoever reads from it; what is written stays in it."""
    folder = tmp_path_factory.mktemp("readme")
    for name in DATA:
        if (ROOT / name).is_dir():
            (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    return folder


def need_files(text: str) -> None:
    """Skip where the README speaks of files of this repo that have not been built."""
    for path in re.findall(rf"\b(?:{'|'.join(DATA)})/[\w./-]*\w", text):
        if not (ROOT / path).exists():
            pytest.skip(f"{path} is not here")


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON, reason="the README has no Python yet")
def test_the_python_blocks_run_in_order(workplace: Path) -> None:
    need_files("\n".join(PYTHON))
    code = "\n".join(f"exec(compile({body!r}, 'README.md block {i}', 'exec'))" for i, body in enumerate(PYTHON))
    done = python(f"import os, sys, warnings; os.chdir({str(workplace)!r}); warnings.simplefilter('error')\n{code}")
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.skipif(not COMMANDS, reason="the README has no commands yet")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_line_parses(words: list[str]) -> None:
    group = typer.main.get_command(app)
    command = group.commands[words[0]]  # type: ignore[attr-defined]
    context = command.make_context(words[0], list(words[1:]), resilient_parsing=False)
    assert context.params


@pytest.mark.slow
@pytest.mark.skipif(not COMMANDS, reason="the README has no commands yet")
@pytest.mark.parametrize("words", [w for w in COMMANDS if w[0] in {"classify", "doctor"}], ids=" ".join)
def test_the_cheap_command_lines_run(words: list[str], workplace: Path) -> None:
    need_files(" ".join(words))
    code = (
        f"import os, sys; os.chdir({str(workplace)!r}); sys.argv = ['signaltriage', *{words!r}]\n"
        "from signaltriage.cli import main; main()"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_the_default_settings_are_those_of_the_table() -> None:
    from dataclasses import asdict

    from signaltriage import Settings

    table = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", README, flags=re.MULTILINE))
    told = {name: table[name] for name in asdict(Settings()) if name in table}
    if not told:
        pytest.skip("the README has no table of settings yet")
    assert told.keys() == asdict(Settings()).keys()
    for name, value in asdict(Settings()).items():
        if value is not None:
            assert ast.literal_eval(told[name].strip("`").replace("true", "True")) == value, name


def test_the_exit_codes_are_those_of_the_errors() -> None:
    from signaltriage import errors

    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", README, flags=re.MULTILINE)}
    if not codes:
        pytest.skip("the README has no table of exit codes yet")
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")]
    assert codes == {0, *(kind.exit_code for kind in classes)}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)\s]+)\)", README))) or ["#"])
def test_links_lead_somewhere(link: str) -> None:
    if link.startswith(("http:", "https:", "mailto:")):
        return
    path, _, anchor = link.partition("#")
    assert (ROOT / path).exists(), link
    if anchor and not path:
        titles = re.findall(r"^#+ (.+)$", README, flags=re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
        assert anchor in anchors, link


def test_there_is_a_readme() -> None:
    assert README.startswith("# signaltriage")
    assert shutil.which("python3") or os.name == "nt"
