"""Bring a database to the newest schema, by Alembic's migrations that ship with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from signaltriage.errors import LogError

SCRIPTS: Final = Path(__file__).with_name("migrations")
_RECORD: Final = "alembic_version"


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema; None where there is none.

    Raises:
        LogError: the database holds tables of another program.
    """
    tables = inspect(connection).get_table_names()
    if _RECORD in tables:
        found = connection.execute(text(f"SELECT version_num FROM {_RECORD}")).scalar()
        if found is None or "signal_versions" in tables:
            return found
    if not tables:
        return None
    raise LogError(
        "That database holds the tables of another program.", remedy="Give the friction log a database of its own."
    )


def migrate(connection: Connection, name: str) -> None:
    """Bring the schema up to date, inside the transaction of the connection.

    Raises:
        LogError: it was written by a newer version of this program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    found = revision_of(connection)
    try:
        if found is not None:
            ScriptDirectory.from_config(config).get_revision(found)
    except CommandError as error:
        raise LogError(
            f"{name} was written by a newer version (its schema is {found}).", remedy="Update signaltriage."
        ) from error
    command.upgrade(config, "head")
