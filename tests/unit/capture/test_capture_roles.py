"""Which columns say who a signal is."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.capture.roles import Roles, pick_roles
from signaltriage.capture.times import seconds_or_nan
from signaltriage.errors import UsageError


@pytest.mark.parametrize(
    ("columns", "roles"),
    [
        (["id", "created_at", "text"], Roles("id", "created_at")),
        (["Id", "Created at", "Subject", "Description"], Roles("Id", "Created at")),
        (["Issue key", "Created", "Summary"], Roles("Issue key", "Created")),
        (["ticketId", "createdAt", "body"], Roles("ticketId", "createdAt")),
        (["id", "audience", "channel", "text"], Roles("id", None, "audience", "channel")),
        (["text"], Roles()),
        (["user_id", "updated_at", "text"], Roles()),
        (["date", "timestamp", "text"], Roles(None, "timestamp")),
    ],
)
def test_usual_names_are_recognised(columns: list[str], roles: Roles) -> None:
    assert pick_roles(columns) == roles


def test_what_is_named_goes_first() -> None:
    found = pick_roles(["id", "ref", "created_at", "when_it_was"], id="ref", time="when_it_was")
    assert found == Roles("ref", "when_it_was")
    assert found.how == "id from ref, time from when_it_was"
    assert Roles().how == ""


@pytest.mark.parametrize("name", ["id", "time"])
def test_a_named_column_that_is_not_there_is_usage(name: str) -> None:
    with pytest.raises(UsageError, match="no column 'reference'"):
        pick_roles(["id", "text"], **{name: "reference"})


def test_times_that_cannot_be_read_are_nan() -> None:
    found = seconds_or_nan(["2026-03-02T00:00:00Z", "soon", "", "1772409600", None])
    assert np.isnan(found).tolist() == [False, True, True, False, True]
    assert found[0] == found[3] == 1772409600
