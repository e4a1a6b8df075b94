"""The shape of the code, as checks that fail: one direction, small files, nothing that runs what it reads."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT

SOURCE = ROOT / "src" / "signaltriage"
FILES = sorted(SOURCE.rglob("*.py"))
MAX_LINES = 300
MAX_FUNCTION_LINES = 45
"""Without the signature and the docstring."""
MAX_PARAMETERS = 6
TORCH = {"torch", "transformers", "sentence_transformers"}


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def imports(path: Path) -> set[str]:
    """Top-level packages that a file imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_layers_hold(tmp_path: Path) -> None:
    pytest.importorskip("importlinter")
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_small_documented_and_safe(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert ast.get_docstring(ast.parse(text)), "a module says what it is for"
    modules = imports(path)
    unsafe = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"} & {m.split(".")[0] for m in modules}
    assert not unsafe
    for pattern in (
        r"joblib\.load",
        r"torch\.load",
        r"allow_pickle\s*=\s*True",
        r"trust_remote_code\s*=\s*True",
        r"yaml\.load\(",
        r"(?<![\w.])(?:eval|exec)\(",
        r"shell\s*=\s*True",
        r"\|\s*safe\b",
    ):
        assert not re.search(pattern, text), pattern


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_functions_are_short_and_take_few_parameters(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
        assert lines <= MAX_FUNCTION_LINES, f"{node.name}: {lines} lines"
        if path.parent.name == "commands":
            continue  # the parameters of a command are its options
        positional = [a.arg for a in node.args.args if a.arg not in {"self", "cls"}]
        assert len(positional) <= MAX_PARAMETERS, f"{node.name}: {len(positional)} parameters"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_heavy_libraries_have_one_place(path: Path) -> None:
    modules = {module.split(".")[0] for module in imports(path)}
    if modules & TORCH:
        assert name_of(path) == "encode/sentence.py"
    if "onnxruntime" in modules:
        assert path.parent.name == "encode"
    if "typer" in modules or "rich" in modules:
        assert name_of(path).startswith("cli/")
    if "matplotlib" in modules:
        assert name_of(path) == "report/plots.py"
    if "jinja2" in modules:
        assert name_of(path) == "report/page.py"
    if "sqlite3" in modules:
        assert path.parent.name in {"store", "encode"}
    if modules & {"sqlalchemy", "alembic", "pg8000"}:
        assert name_of(path).startswith("store/log/")


def test_nothing_stands_in_for_randomness_or_the_clock_behind_the_callers_back() -> None:
    """Clocks and ids are passed in: the same input gives the same bytes."""
    allowed = {"model/folder.py", "cli/clock.py"}  # created_at, unless given; the clock that is passed in
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if name_of(path) not in allowed:
            assert not re.search(r"datetime\.now|time\.time\(|uuid|date\.today|utcnow", text), name_of(path)
        assert not re.search(r"np\.random\.(?!default_rng|Generator)\w+\(|import random\b|random\.seed", text), path


def test_templates_fetch_nothing_and_escape_everything() -> None:
    templates = sorted((SOURCE / "report" / "templates").glob("*.html"))
    assert templates
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|src\s*=|@import|url\(|\|\s*safe|autoescape", text), path.name


def test_every_package_is_a_package() -> None:
    for folder in {path.parent for path in FILES}:
        assert (folder / "__init__.py").is_file(), folder
    assert (SOURCE / "py.typed").is_file()
