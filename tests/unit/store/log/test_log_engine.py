"""A log is opened: made once whoever comes first, refused where it is something else, one writer at a time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from signaltriage.errors import LogError, UsageError
from signaltriage.store.log import results
from signaltriage.store.log.engine import FrictionLog, insert, next_id, url_of
from signaltriage.store.log.schema import HEAD, METADATA, RUNS
from support import environment
from support_log import AT, put, signal, table


def test_the_migrations_make_the_tables_that_the_program_speaks_of(log: FrictionLog) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    assert results.DECISIONS.metadata is METADATA
    with log.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_head_is_the_newest_migration() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from signaltriage.store.log.migrating import SCRIPTS

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_what_was_written_is_there_when_the_log_is_opened_again(log_url: str) -> None:
    with FrictionLog.open(log_url) as log:
        put(log, signal("1"))
    with FrictionLog.open(log_url, create=False) as log:
        assert [row["source_id"] for row in table(log, "signals")] == ["1"]


def test_sqlite_writes_ahead_and_keeps_references(tmp_path: Path) -> None:
    with FrictionLog.open(tmp_path / "a.db") as log, log.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1


def test_a_writing_that_fails_leaves_nothing(log: FrictionLog) -> None:
    def add(number: int) -> None:
        with log.writing() as connection:
            row = (number, "run", "{}", "2026-11-02T09:30:00.000000Z")
            insert(connection, RUNS, ("id", "command", "settings", "started_at"), [row])
            if number == 2:
                raise KeyboardInterrupt

    add(1)
    with pytest.raises(KeyboardInterrupt):
        add(2)
    assert [row["id"] for row in table(log, "runs")] == [1]
    with log.writing() as connection:
        assert next_id(connection, RUNS) == 2


def test_moments_come_back_as_they_went_in(log: FrictionLog) -> None:
    with log.writing() as connection:
        row = (1, "run", "{}", "2026-11-02T09:30:00.000000Z")
        insert(connection, RUNS, ("id", "command", "settings", "started_at"), [row])
        assert connection.execute(select(RUNS.c.started_at)).scalar_one() == AT


def test_texts_that_are_hard_to_quote_come_back_as_they_went_in(log: FrictionLog) -> None:
    hard = "'; DROP TABLE signals; -- \" \\ \\u0041 :name %s ? \n\t 𝄞 \u2028"
    put(log, signal("1", hard))
    assert table(log, "signal_versions")[0]["text"] == hard


def test_no_log_where_none_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no friction log at"):
        FrictionLog.open(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(LogError, match="no folder"):
        FrictionLog.open(tmp_path / "nowhere" / "none.db")
    with pytest.raises(LogError, match="is a folder"):
        FrictionLog.open(tmp_path)


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("these are my notes, not a database")
    with pytest.raises(LogError, match="not a friction log"):
        FrictionLog.open(other)
    assert other.read_text() == "these are my notes, not a database"


def test_a_damaged_file_is_said_to_be_one(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\x00" + b"\x07" * 5000)
    with pytest.raises(LogError) as caught:
        FrictionLog.open(broken)
    assert caught.value.remedy


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as other:
        other.execute("CREATE TABLE orders (id INTEGER)")
    other.close()
    with pytest.raises(LogError, match="another program"):
        FrictionLog.open(tmp_path / "shop.db")
    other = sqlite3.connect(tmp_path / "shop.db")
    assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["orders"]
    other.close()


def test_a_log_of_a_newer_version_is_refused(log_url: str) -> None:
    with FrictionLog.open(log_url) as log, log.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LogError, match="newer version"):
        FrictionLog.open(log_url)


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql+asyncpg://a/b", "sqlite://", "://", "oracle://x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        url_of(url)
    assert "friction.db" in caught.value.remedy


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+pg8000"])
def test_a_url_of_postgresql_takes_the_driver_that_is_there(scheme: str) -> None:
    assert url_of(f"{scheme}://me@host/db").drivername == "postgresql+pg8000"


def test_a_password_is_never_shown() -> None:
    pytest.importorskip("pg8000")
    with pytest.raises(LogError) as caught:
        FrictionLog.open("postgresql://me:s3cr3t-word@127.0.0.1:1/db")
    assert "s3cr3t-word" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.slow
def test_eight_processes_that_open_a_new_log_at_once_make_one(log_url: str) -> None:
    code = (
        "import sys; from signaltriage.store.log.engine import FrictionLog\n"
        "with FrictionLog.open(sys.argv[1]) as log, log.writing() as c:\n"
        "    from signaltriage.store.log.engine import insert, next_id\n"
        "    from signaltriage.store.log.schema import RUNS\n"
        "    row = (next_id(c, RUNS), 'run', '{}', '2026-11-02T09:30:00.000000Z')\n"
        "    insert(c, RUNS, ('id', 'command', 'settings', 'started_at'), [row])\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, log_url], env=environment(), stderr=subprocess.PIPE)
        for _ in range(8)
    ]
    said = [process.communicate(timeout=120)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, said
    with FrictionLog.open(log_url) as log:
        assert [row["id"] for row in table(log, "runs")] == list(range(1, 9))
