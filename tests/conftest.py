"""Fixtures that many tests share. One model is trained for all of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import support_postgres
from support import TEAMS, TEXTS, WordsEncoder

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything that may import huggingface_hub

if TYPE_CHECKING:
    from signaltriage import TriageModel
    from signaltriage.store.log.engine import FrictionLog

# No deadline, for the machine may be busy; the same examples every time, for a red run must stay red.
settings.register_profile("signaltriage", deadline=None, derandomize=True)
settings.load_profile("signaltriage")

CREATED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def model() -> TriageModel:
    """A model with the shipped encoder; it routes some signals and holds others."""
    from signaltriage import TriageModel

    return TriageModel.train(TEXTS, TEAMS)


@pytest.fixture(scope="session")
def model_folder(model: TriageModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a folder. Not to be changed: see `own_folder`."""
    return model.save(tmp_path_factory.mktemp("models") / "shared", created_at=CREATED)


@pytest.fixture
def own_folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model folder that a test may damage."""
    return Path(shutil.copytree(model_folder, tmp_path / "model"))


@pytest.fixture
def words_encoder() -> WordsEncoder:
    return WordsEncoder()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a database on a PostgreSQL server, of this session's own; skips where there is none."""
    why = support_postgres.unavailable()
    if why:
        pytest.skip(why)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(support_postgres.server())
        except support_postgres.NoServerError as error:
            pytest.skip(str(error))
        yield stack.enter_context(support_postgres.database(url, f"signaltriage_{os.getpid()}"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a friction log may be made: the same test on both databases."""
    if request.param == "sqlite":
        yield str(tmp_path / "friction.db")
        return
    url = request.getfixturevalue("postgres")
    support_postgres.clear(url)
    yield url


@pytest.fixture
def log(log_url: str) -> Iterator[FrictionLog]:
    """An empty friction log, on both databases."""
    from signaltriage.store.log.engine import FrictionLog

    with FrictionLog.open(log_url) as opened:
        yield opened
