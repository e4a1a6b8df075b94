"""Peak memory of a process and its children, honestly.

`resource.getrusage(...).ru_maxrss` is not used where there is /proc: on Linux a new process inherits the figure of the
one that started it (its old memory counts until exec), so every child of a 600 MB parent would report 600 MB.
VmHWM of /proc/PID/status starts anew. It leaves out the worker processes of joblib, so those are sampled from outside.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

PAUSE = 0.2
"""Seconds between two looks at the process tree."""


def own_peak_mb() -> float:
    """The most resident memory this process has had, in MB of 2**20 bytes."""
    try:
        return _field(Path("/proc/self/status"), "VmHWM:")
    except OSError:  # no /proc: macOS counts in bytes, others in kB
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def watch(process: subprocess.Popen[bytes]) -> float:
    """Wait for a process; the most memory it had together with its children, in MB. 0 where there is no /proc.

    A look while there are no children would only repeat what the process says of itself (`own_peak_mb`).
    """
    most = 0.0
    while process.poll() is None:
        children = _descendants(process.pid)
        if children:
            # Proportional set size: pages shared by several processes are counted once.
            most = max(most, sum(_proportional_mb(pid) for pid in (process.pid, *children)))
        time.sleep(PAUSE)
    return most


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(child) for child in task.read_text().split()]
            except OSError:  # ended meanwhile
                continue
            found += children
            waiting += children
    return found


def _proportional_mb(pid: int) -> float:
    try:
        return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")
    except OSError:
        return 0.0


def _field(path: Path, name: str) -> float:
    """A field of a /proc file, given in kB there, in MB; 0 where it is not."""
    line = next((line for line in path.read_text().splitlines() if line.startswith(name)), f"{name} 0 kB")
    return int(line.split()[1]) / 1024
