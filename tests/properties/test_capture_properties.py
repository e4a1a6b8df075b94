"""Laws of capture: nothing is lost on the way through a file, cleaning never fails and never grows out of hand."""

import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from signaltriage.capture import (
    MAX_CHARACTERS,
    RejectedWriter,
    TableWriter,
    clean_text,
    guard_cell,
    join_text,
    read_chunks,
    unguard,
    unique_names,
)
from signaltriage.errors import InputError

# Any character that UTF-8 can hold; line ends and quotes often, as they are what breaks tables.
# Not U+FEFF: at the start of a file it is the byte order mark, and goes.
CHARACTERS = st.one_of(
    st.sampled_from("\"',;|\t\n\r=+-@ a1"), st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff")
)
CELLS = st.text(CHARACTERS, max_size=12)
NAMES = st.lists(st.text(CHARACTERS, min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=5, unique=True)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    names = draw(NAMES)
    rows = draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=6))
    return pd.DataFrame(rows, columns=pd.Index(names, dtype=object), dtype=object)


def read(path: Path, chunk_rows: int = 2) -> tuple[pd.DataFrame, list[int], list[int]]:
    chunks = list(read_chunks(path, chunk_rows=chunk_rows))
    frame = pd.concat([chunk.frame for chunk in chunks], ignore_index=True)
    rejected = [row.line for chunk in chunks for row in chunk.rejected]
    return frame, [line for chunk in chunks for line in chunk.lines], rejected


@settings(deadline=None, max_examples=60)
@given(frames(), st.sampled_from([".csv", ".tsv", ".csv.gz"]))
def test_a_frame_comes_back_from_a_file_as_it_was(frame: pd.DataFrame, extension: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"out{extension}"
        with TableWriter(path) as writer:
            writer.write(frame)
        back, lines, rejected = read(path)
    assert [unguard(name) for name in back.columns] == frame.columns.tolist()
    assert [[unguard(cell) for cell in row] for row in back.to_numpy().tolist()] == frame.to_numpy().tolist()
    assert not rejected
    assert lines == sorted(set(lines))


@settings(deadline=None, max_examples=25)
@given(frames())
def test_a_frame_comes_back_from_json_lines_as_it_was(frame: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.jsonl"
        with TableWriter(path) as writer:
            writer.write(frame)
        if len(frame):
            back, _, rejected = read(path)
            assert back.columns.tolist() == frame.columns.tolist()
            assert back.to_numpy().tolist() == frame.to_numpy().tolist()
            assert not rejected


@given(st.text(st.one_of(st.sampled_from("'=+-@\t\r\n１＝1.,e% "), st.characters()), max_size=8))
def test_the_guard_can_always_be_taken_back(text: str) -> None:
    guarded = guard_cell(text)
    assert unguard(guarded) == text
    assert guarded[:1] not in set("=@\t\r\n") or not text


@given(st.lists(st.text("ab.1", max_size=3), max_size=8))
def test_unique_names_are_unique_and_keep_the_first(names: list[str]) -> None:
    unique = unique_names(names)
    assert len(set(unique)) == len(names) == len(unique)
    assert all(u == n or u.startswith(f"{n}.") for u, n in zip(unique, names, strict=True))


ROWS = [f'{i},"text, {i}",team {i % 3}' for i in range(40)]


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_no_row_is_lost_when_bytes_are_corrupted(data: st.DataObject) -> None:
    """Damage one line: the others survive untouched, and each filled line is read or rejected, once."""
    victim = data.draw(st.integers(0, len(ROWS) - 1))
    line = bytearray(ROWS[victim].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(line)))
        line[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=3).filter(lambda b: b"\n" not in b and b"\r" not in b)
        )
    body = [row.encode() for row in ROWS]
    body[victim] = bytes(line)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.csv"
        path.write_bytes(b"\n".join([b"id,text,team", *body, b""]))
        frame, lines, rejected = read(path, chunk_rows=7)
    kept = dict(zip(lines, frame.to_numpy().tolist(), strict=True))
    for i in range(len(ROWS)):
        if i != victim:
            assert kept[i + 2] == [str(i), f"text, {i}", f"team {i % 3}"]
    accounted = [*lines, *rejected]
    assert len(accounted) == len(set(accounted))
    assert set(accounted) - {victim + 2} == {i + 2 for i in range(len(ROWS)) if i != victim}
    assert victim + 2 in accounted or not body[victim].decode("cp1252", "replace").strip(" \t\ufeff")


@settings(deadline=None, max_examples=120)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl", "a.txt", "a.csv.gz"]))
def test_any_bytes_are_read_or_refused_with_a_reason(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        refusal = ""
        try:
            frame, lines, rejected = read(path)
        except InputError as error:
            refusal = error.remedy
        if refusal:
            return
        assert len(frame) == len(lines)
        with RejectedWriter(Path(folder) / "rejected.csv") as writer:
            for chunk in read_chunks(path):
                writer.write(chunk.rejected)
        assert writer.count == len(rejected)


@settings(deadline=None)
@given(st.lists(st.text("ab,;|\t ", max_size=9), min_size=1, max_size=12))
def test_without_quotes_each_filled_line_is_one_row(rows: list[str]) -> None:
    """The oracle: with neither quotes nor blank lines, rows read = lines."""
    filled = [row for row in rows if row.strip()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.csv"
        path.write_text("\n".join(["h,i", *filled]) + "\n")
        frame, _, rejected = read(path)
    assert len(frame) + len(rejected) == len(filled)


MARKUP = st.sampled_from(
    (
        *("<p>", "</p>", "<b>", "<br>", "<!--", "-->", "<style>", "&amp;", "&lt;", "<@U123456>", ":smile:", "{code}"),
        *("```", "**", "_", "[a](b)", "> ", "\n", "-- \n", "h1. ", "Re: ", "\x00", "\ud800", "\u200b"),
        *("On 3 May 2025, A wrote:\n", "From: a\n", "Subject: b\n", "Thanks,\n", "https://example.com/a/b"),
        *("\tat a.b(c)\n", "##- x -##\n", "Sent from my iPhone"),
    )
)
TICKETS = st.lists(st.one_of(MARKUP, st.text(max_size=8), st.sampled_from(["vpn", "drops", " "])), max_size=25).map(
    "".join
)


@settings(max_examples=300, deadline=None)
@given(TICKETS)
def test_cleaning_never_fails_is_bounded_and_leaves_no_debris(raw: str) -> None:
    text = clean_text(raw)
    assert text == clean_text(raw)
    assert len(text) <= min(MAX_CHARACTERS, 4 * len(raw) + 4)
    assert text == "\n".join(" ".join(line.split()) for line in text.split("\n"))
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    text.encode()  # no lone surrogates
    if text:
        assert raw.strip()


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("abcXYZ 0123456789.,?!()%$é日ß'\n"), max_size=60))
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    text = clean_text(raw)
    assert clean_text(text) == text


@given(st.text(st.sampled_from("abcxyz "), max_size=80))
def test_lower_case_words_pass_unchanged(raw: str) -> None:
    assert clean_text(raw) == " ".join(raw.split())


@given(st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_joined_texts_are_one_per_row(rows: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(rows, columns=pd.Index(["a", "b"], dtype=object), dtype=object)
    joined = join_text(frame, ["a", "b"])
    assert joined == ["\n".join(cell for cell in row if cell.strip()) for row in rows]
