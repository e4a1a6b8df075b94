"""The key of pseudonyms: made once, kept to oneself, told of by its fingerprint only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from signaltriage.errors import UsageError
from signaltriage.model.log_keys import key_place, read_key, ready_key
from support import environment


def test_a_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    place = tmp_path / "new" / "pseudonym.key"
    assert read_key(place) is None
    made, again = ready_key(place), ready_key(place)
    assert (made.made, again.made) == (True, False)
    assert made.secret == again.secret
    assert len(made.secret) == 32
    assert made.fingerprint == again.fingerprint
    assert [path.name for path in place.parent.iterdir()] == ["pseudonym.key"]


def test_nothing_shows_the_key(tmp_path: Path) -> None:
    key = ready_key(tmp_path / "k")
    assert key.secret.hex() not in repr(key) + repr(key.privacy)
    assert repr(key.secret) not in repr(key) + repr(key.privacy)
    assert key.fingerprint not in key.secret.hex()


@pytest.mark.skipif(os.name != "posix", reason="no modes of files here")
def test_others_may_not_read_it(tmp_path: Path) -> None:
    key = ready_key(tmp_path / "k")
    assert key.path.stat().st_mode & 0o777 == 0o600
    key.path.chmod(0o644)
    with pytest.raises(UsageError, match="Others may read") as caught:
        ready_key(tmp_path / "k")
    assert "chmod 600" in caught.value.remedy


def test_something_else_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"secret")
    with pytest.raises(UsageError, match="no key: it has 6 bytes"):
        read_key(tmp_path / "k")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="No key could be made"):
        ready_key(tmp_path / "file" / "k")


def test_where_it_is_looked_for(tmp_path: Path) -> None:
    assert key_place(tmp_path / "k", {"SIGNALTRIAGE_KEY_FILE": "/elsewhere"}) == tmp_path / "k"
    assert key_place(None, {"SIGNALTRIAGE_KEY_FILE": "/elsewhere"}) == Path("/elsewhere")
    if sys.platform != "win32":
        assert key_place(None, {"XDG_CONFIG_HOME": "/c"}) == Path("/c/signaltriage/pseudonym.key")
        assert key_place(None, {}).parts[-3:] == (".config", "signaltriage", "pseudonym.key")


def test_processes_that_need_one_at_once_get_the_same(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from signaltriage.model.log_keys import ready_key\n"
    code += "print(ready_key(Path(sys.argv[1])).fingerprint)"
    command = [sys.executable, "-c", code, str(tmp_path / "k")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in processes}) == 1
