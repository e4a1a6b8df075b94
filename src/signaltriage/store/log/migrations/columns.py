"""What the migrations spell columns with. Frozen like them: nothing here may change what a migration makes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Text

from signaltriage.store.log.columns import Moment


def metadata() -> MetaData:
    """A set of tables of its own: a migration is loaded anew each time that it runs."""
    return MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


def number(name: str = "id") -> Column[int]:
    """A primary key that the writer counts up."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def reference(name: str, to: str, *, nullable: bool = False, key: bool = False) -> Column[int]:
    """A column that points to the id of another table."""
    return Column(name, Integer, ForeignKey(f"{to}.id"), nullable=nullable, primary_key=key, autoincrement=False)


def words(name: str) -> Column[str]:
    """A text that is always there, if only empty."""
    return Column(name, Text, nullable=False)


def count(name: str) -> Column[int]:
    """How many."""
    return Column(name, Integer, nullable=False)


def moment(name: str, *, nullable: bool = False) -> Column[Any]:
    """A moment in UTC."""
    return Column(name, Moment, nullable=nullable)
