from __future__ import annotations

import copy
import logging
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signaltriage.encode import Encoder
from signaltriage.encode.cache import CachedEncoder
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.errors import UsageError

TEXTS = [f"text {i}" for i in range(40)]

WORKER = """
import hashlib, sys
import numpy as np
from signaltriage.encode.cache import CachedEncoder
from signaltriage.errors import UsageError

class Numbers:
    name, digest, dimension = "numbers", "0" * 64, 4
    def encode(self, texts):
        return np.array([[float(t)] * 4 for t in texts], dtype=np.float32).reshape(len(texts), 4)

cached = CachedEncoder(Numbers(), sys.argv[1])
start, stop, rounds = map(int, sys.argv[2:])
print("ready", flush=True)
for turn in range(rounds):
    texts = [str(i) for i in range(start, stop)]
    vectors = cached.encode(texts)
    assert vectors[:, 0].tolist() == [float(t) for t in texts], "wrong vectors"
    start, stop = start + 50, stop + 50
print("done", flush=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "worker.py"
    path.write_text(textwrap.dedent(WORKER))
    return path


def rows(folder: Path) -> int:
    database = sqlite3.connect(folder / "vectors.sqlite3")
    try:
        return int(database.execute("SELECT COUNT(*) FROM vectors").fetchone()[0])
    finally:
        database.close()


def test_second_time_nothing_is_encoded(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    fake = make_fake()
    cached = CachedEncoder(fake, tmp_path)
    first = cached.encode(TEXTS)
    second = cached.encode(TEXTS[::-1])
    assert np.array_equal(first, make_fake().encode(TEXTS))
    assert np.array_equal(second, first[::-1])
    assert fake.asked == TEXTS
    assert (cached.hits, cached.misses) == (40, 40)


def test_another_process_later_finds_them(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    CachedEncoder(make_fake(), tmp_path).encode(TEXTS)
    fake = make_fake()
    again = CachedEncoder(fake, tmp_path)
    assert np.array_equal(again.encode(TEXTS), make_fake().encode(TEXTS))
    assert (fake.asked, again.hits, again.misses) == ([], 40, 0)


def test_it_is_an_encoder(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    fake = make_fake("one")
    cached = CachedEncoder(fake, tmp_path)
    assert isinstance(cached, Encoder)
    assert (cached.name, cached.digest, cached.dimension) == (fake.name, fake.digest, 8)


def test_another_encoder_gets_its_own_vectors(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    CachedEncoder(make_fake("one"), tmp_path).encode(TEXTS)
    other = CachedEncoder(make_fake("two"), tmp_path)
    assert np.array_equal(other.encode(TEXTS), make_fake("two").encode(TEXTS))
    assert other.hits == 0


def test_duplicates_empty_and_odd_texts(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    texts = ["a", "", "a", "\ud800", "a\x00b", "漢", ""]
    fake = make_fake()
    cached = CachedEncoder(fake, tmp_path)
    for _ in range(2):
        assert np.array_equal(cached.encode(texts), make_fake().encode(texts))
    assert fake.asked == ["a", "", "\ud800", "a\x00b", "漢"]
    assert cached.encode([]).shape == (0, 8)
    with pytest.raises(UsageError):
        cached.encode("bare")


def test_real_vectors_come_back_bit_by_bit(tiny_encoder: OnnxEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(tiny_encoder, tmp_path)
    cached.encode(TEXTS[:20])
    assert np.array_equal(cached.encode(TEXTS), tiny_encoder.encode(TEXTS))
    assert (cached.hits, cached.misses) == (20, 40)


@pytest.mark.parametrize("damage", ["garbage", "cut", "empty", "other schema"])
def test_a_damaged_file_is_begun_again(
    make_fake: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    many = [f"text {i}" for i in range(2000)]
    CachedEncoder(make_fake(), tmp_path).encode(many)
    path = tmp_path / "vectors.sqlite3"
    data = path.read_bytes()
    if damage == "garbage":
        path.write_bytes(b"\x00garbage" * 5000)
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2 + 17])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE vectors (something TEXT)")
        database.close()
    with caplog.at_level(logging.WARNING):
        cached = CachedEncoder(make_fake(), tmp_path)
        for _ in range(2):
            assert np.array_equal(cached.encode(many), make_fake().encode(many))
    if damage != "empty":
        assert "begun again" in caplog.text
    hits = cached.hits
    cached.encode(many)
    assert cached.hits == hits + 2000


def test_a_changed_vector_is_noticed(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    CachedEncoder(make_fake(), tmp_path).encode(TEXTS)
    database = sqlite3.connect(tmp_path / "vectors.sqlite3")
    with database:
        database.execute("UPDATE vectors SET vector = zeroblob(32) WHERE age = 3")
        database.execute("UPDATE vectors SET vector = x'00' WHERE age = 4")
    database.close()
    again = CachedEncoder(make_fake(), tmp_path)
    assert np.array_equal(again.encode(TEXTS), make_fake().encode(TEXTS))
    assert again.misses == 2
    assert np.array_equal(again.encode(TEXTS), make_fake().encode(TEXTS))
    assert again.misses == 2


def test_the_oldest_go_first_and_the_file_stays_small(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    bound = 400_000
    cached = CachedEncoder(make_fake(dimension=64), tmp_path, max_bytes=bound)
    for start in range(0, 6000, 500):
        cached.encode([str(i) for i in range(start, start + 500)])
    assert (tmp_path / "vectors.sqlite3").stat().st_size < 2 * bound
    assert 100 < rows(tmp_path) < 3000
    newest, oldest = CachedEncoder(make_fake(dimension=64), tmp_path), CachedEncoder(make_fake(dimension=64), tmp_path)
    newest.encode([str(i) for i in range(5900, 6000)])
    oldest.encode([str(i) for i in range(100)])
    assert (newest.hits, oldest.hits) == (100, 0)


def test_a_bound_of_nothing_keeps_nothing_and_still_works(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    cached = CachedEncoder(make_fake(), tmp_path, max_bytes=0)
    assert np.array_equal(cached.encode(TEXTS), make_fake().encode(TEXTS))
    assert rows(tmp_path) == 0


def test_a_folder_that_cannot_be_is_done_without(
    make_fake: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cached = CachedEncoder(make_fake(), tmp_path / "file" / "cache")
    assert np.array_equal(cached.encode(TEXTS), make_fake().encode(TEXTS))
    assert "not used" in caplog.text


def test_a_busy_file_is_done_without(
    make_fake: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("signaltriage.encode.cache._WAIT_SECONDS", 0.05)
    cached = CachedEncoder(make_fake(), tmp_path)
    cached.encode(["first"])
    holder = sqlite3.connect(tmp_path / "vectors.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert np.array_equal(cached.encode(TEXTS), make_fake().encode(TEXTS))
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert "not used" in caplog.text
    assert rows(tmp_path) == 1


def test_threads_share_it(make_fake: Callable[..., Any], tmp_path: Path) -> None:
    cached = CachedEncoder(make_fake(), tmp_path)
    expected = make_fake().encode(TEXTS)

    def work(seed: int) -> bool:
        order = np.random.default_rng(seed).permutation(len(TEXTS))
        return np.array_equal(cached.encode([TEXTS[i] for i in order]), expected[order])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(24)))
    assert cached.hits + cached.misses == 24 * len(TEXTS)
    assert rows(tmp_path) == len(TEXTS)


def test_processes_share_it(script: Path, tmp_path: Path) -> None:
    commands = [
        [sys.executable, str(script), str(tmp_path / "cache"), str(i * 25), str(i * 25 + 200), "8"] for i in range(3)
    ]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    for process in running:
        assert "done" in process.communicate(timeout=60)[0]
        assert process.returncode == 0
    assert rows(tmp_path / "cache") == 50 + 7 * 50 + 200


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_kill_leaves_a_sound_cache(script: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    for pause in (0.05, 0.15, 0.3):
        command = [sys.executable, str(script), str(folder), "0", "400", "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(pause)
            os.kill(process.pid, signal.SIGKILL)
    after = subprocess.run(
        [sys.executable, str(script), str(folder), "0", "400", "3"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "done" in after.stdout
    assert "damaged" not in after.stderr
    database = sqlite3.connect(folder / "vectors.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_pickled_and_copied(tiny_encoder: OnnxEncoder, tmp_path: Path) -> None:
    cached = CachedEncoder(tiny_encoder, tmp_path, max_bytes=12345)
    assert copy.deepcopy(cached) is cached
    again = pickle.loads(pickle.dumps(cached))  # noqa: S301
    assert (again.path, again.max_bytes, again.digest) == (cached.path, 12345, cached.digest)
    assert "hits=0" in repr(again)
