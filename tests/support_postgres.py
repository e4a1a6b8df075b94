"""A throw-away PostgreSQL server for tests, or the one that SIGNALTRIAGE_TEST_POSTGRES names."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

URL = "SIGNALTRIAGE_TEST_POSTGRES"
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


def unavailable() -> str:
    """Why there is no PostgreSQL to test on; empty: there is."""
    try:
        import pg8000  # noqa: F401
    except ImportError:
        return "pg8000 is not installed"
    if os.environ.get(URL) or binaries() is not None:
        return "" if os.environ.get(URL) or os.name == "posix" else "no throw-away server on this system"
    return f"no PostgreSQL here: install it (Debian: apt-get install postgresql), or name a server in {URL}"


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    return folders[-1].parent if folders else None


class NoServerError(RuntimeError):
    """PostgreSQL is installed here, but no server can be started."""


@contextmanager
def server() -> Iterator[str]:
    """URL of a server on which databases can be made, without the name of one. Raises NoServerError."""
    given = os.environ.get(URL)
    if given:
        yield given.rsplit("/", 1)[0] if urlsplit(given).path.strip("/") else given.rstrip("/")
        return
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    data, program = folder / "data", binaries()
    assert program is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        try:
            if getpass.getuser() == "root":  # the server refuses to run as root
                shutil.chown(folder, "postgres")
            _run(program / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N")
            options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {_QUICK}"
            _run(program / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        except (RuntimeError, OSError, LookupError, subprocess.TimeoutExpired) as error:
            raise NoServerError(f"PostgreSQL is here, but no server could be started: {error}") from error
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        if (data / "postmaster.pid").exists():
            _run(program / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """URL of a new, empty database on a server."""
    _statement(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _statement(url, f'CREATE DATABASE "{name}"')
    try:
        yield f"{url}/{name}"
    finally:
        _statement(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def clear(url: str) -> None:
    """Remove everything from a database: much faster than to make another."""
    _statement(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def _statement(url: str, statement: str) -> None:
    import pg8000.dbapi

    parts = urlsplit(url)
    name = parts.path.strip("/") or "postgres"
    host, port = parts.hostname or "localhost", parts.port or 5432
    connection = pg8000.dbapi.connect(parts.username or "postgres", host, name, port, parts.password)
    try:
        connection.autocommit = True
        connection.cursor().execute(statement)
    finally:
        connection.close()


def _run(*command: object) -> None:
    as_postgres = ["runuser", "-u", "postgres", "--"] if getpass.getuser() == "root" else []
    for attempt in (1, 2):
        done = subprocess.run(
            [*as_postgres, *map(str, command)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
        if done.returncode == 0:
            return
        time.sleep(attempt)
    raise RuntimeError(done.stderr.decode(errors="replace"))
