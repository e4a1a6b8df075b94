"""Every file of the real exports is recognised and read: one line for each, held.

SIGNALTRIAGE_DATA=../shared/data python -m pytest -m real_data tests/unit/capture/readers
"""

from __future__ import annotations

import pytest
from eval.exports import DATA, EXPECTED, folders, line_of, paths

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not (DATA / "exports").is_dir(), reason=f"no exports in SIGNALTRIAGE_DATA ({DATA})"),
]


@pytest.mark.parametrize("name", [*EXPECTED, "."])
def test_a_file_is_recognised_and_read_with_the_right_counts(name: str) -> None:
    if name == ".":
        assert sorted(EXPECTED) == sorted([*paths(), *folders()]), "a line for every file, and no other"
        return
    line = line_of(name)
    assert (line.reader, line.signals, dict(line.skipped), line.rejected) == EXPECTED[name]
    assert line.read == line.signals + sum(dict(line.skipped).values()) + line.rejected
    assert line.without_time == 0
    assert line.without_opener == 0
