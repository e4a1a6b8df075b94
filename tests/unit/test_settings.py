"""Settings: frozen, checked, and never silently something else."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict
from pathlib import Path

import pytest

from signaltriage.errors import SettingsError, UsageError
from signaltriage.settings import Settings


def test_the_defaults() -> None:
    assert asdict(Settings()) == {
        "target_error": 0.10,
        "per_team": False,
        "team_target_error": {},
        "folds": 5,
        "seed": 0,
        "encoder": None,
        "threads": None,
        "clean": True,
        "examples_per_team": 200,
    }
    with pytest.raises(FrozenInstanceError):
        Settings().seed = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("target_error", value) for value in (0, 1, -0.1, 1.5, float("nan"), float("inf"))],
        *[("folds", value) for value in (1, 0, -3)],
        *[("team_target_error", value) for value in ({"billing": 0}, {"billing": 0.1, "identity": 1})],
        ("seed", -1),
        ("threads", 0),
        ("examples_per_team", -1),
    ],
)
def test_values_out_of_range_are_refused_with_a_remedy(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"{name} = .* out of range") as refused:
        Settings(**{name: value})
    assert refused.value.remedy.startswith("Give")
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("target_error", value) for value in ("0.1", True, None)],
        *[("per_team", value) for value in ("yes", 1, None)],
        *[("team_target_error", value) for value in (0.1, "billing", None)],
        *[("folds", value) for value in (2.5, "5", True, None)],
        *[("seed", value) for value in (1.0, False, "0", None)],
        *[("encoder", value) for value in (5, Path("encoder"), ["x"])],
        *[("threads", value) for value in (2.0, "2", True)],
        *[("clean", value) for value in ("no", 0, None)],
        *[("examples_per_team", value) for value in (1.5, True, None)],
    ],
)
def test_values_of_another_type_are_refused_with_a_remedy(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"{name} = .* wrong type") as refused:
        Settings(**{name: value})
    assert refused.value.remedy.startswith("Give")


def test_values_that_are_just_right() -> None:
    edge = {"target_error": 1e-9, "folds": 2, "seed": 10**9, "threads": 1, "examples_per_team": 0}
    kept = asdict(Settings(**edge, encoder="st:x", clean=False))
    assert {name: kept[name] for name in edge} == edge
    assert (kept["encoder"], kept["clean"]) == ("st:x", False)


def test_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('# mine\ntarget_error = 0.05\nfolds = 3\nclean = false\nencoder = "st:all-MiniLM-L6-v2"\n')
    assert Settings.from_toml(path) == Settings(0.05, 3, encoder="st:all-MiniLM-L6-v2", clean=False)
    path.write_text("")
    assert Settings.from_toml(str(path)) == Settings()


def test_unknown_keys_are_refused_and_the_known_ones_named(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("seeds = 3\nfold = 2\n")
    with pytest.raises(SettingsError, match="'fold', 'seeds'") as refused:
        Settings.from_toml(path)
    assert str(path) in refused.value.message
    assert "folds" in refused.value.remedy
    assert isinstance(refused.value, UsageError)


@pytest.mark.parametrize("content", [b"seed = ", b"seed = 1\nseed = 2", b"\xff\xfe", None], ids=range(4))
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "s.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"s\.toml"):
        Settings.from_toml(path)
