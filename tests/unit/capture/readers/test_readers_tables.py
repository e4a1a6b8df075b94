"""Tables of no known tool: columns found or mapped, ids that stay, surveys and search logs told apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from signaltriage.capture.readers import Asked, open_signals
from signaltriage.errors import InputError, SignalTriageError, UsageError
from signaltriage.gap_types import SearchEvent
from signaltriage.log_types import Captured
from support_readers import items_of, reasons_of, signals_of


def mapping(tmp_path: Path, text: str) -> Asked:
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    return Asked(mapping=path)


def test_a_mapping_file_says_what_is_what(tmp_path: Path) -> None:
    table = tmp_path / "crm.csv"
    table.write_text(
        "Case No.,What happened,What else,Opened,Squad,Kind\n7,Door stuck,since May,02.03.2026,Doors,a;b\n"
    )
    asked = mapping(
        tmp_path,
        'id = "Case No."\ntext = ["what happened", "What else"]\ncreated_at = "Opened"\nteam = "Squad"\n'
        'tags = "Kind"\nsource = "=crm"\naudience = "=internal"\n',
    )
    (signal,) = signals_of(table, asked)
    assert (signal.id, signal.text, signal.source, signal.audience) == ("7", "Door stuck\nsince May", "crm", "employee")
    assert (signal.team, signal.tags) == ("Doors", ("a", "b"))
    assert signal.created_at is not None
    assert signal.created_at.isoformat() == "2026-03-02T00:00:00+00:00"


def test_a_mapping_reaches_into_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"k":1,"said":{"body":"Door stuck"},"by":{"mail":"i@example.org"}}\n')
    (signal,) = signals_of(path, mapping(tmp_path, 'id = "k"\ntext = "said.body"\nauthor = "by.mail"\n'))
    assert (signal.id, signal.text, signal.author) == ("1", "Door stuck", "i@example.org")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('text = "Nowhere"', "not there"),
        ('id = "id"', "no column that it is the text"),
        ('txt = "text"', "no field"),
        ("text = 3", "no field"),
        ("text = ", "no TOML"),
    ],
)
def test_a_mapping_that_is_wrong_says_so(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "a.csv"
    table.write_text("id,text\n1,x\n")
    with pytest.raises(UsageError, match=said):
        items_of(table, mapping(tmp_path, text))


def test_a_mapping_that_is_not_there_says_so(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("id,text\n1,x\n")
    with pytest.raises(InputError, match="cannot be read"):
        items_of(table, Asked(mapping=tmp_path / "none.toml"))


def test_an_unknown_shape_is_an_error_that_names_the_way_out(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("colour,price\nred,1\n")
    with pytest.raises(InputError, match="colour, price") as raised:
        items_of(table)
    assert "mapping" in raised.value.remedy


def test_rows_without_an_id_keep_theirs_when_more_come_before_them(tmp_path: Path) -> None:
    first, second = tmp_path / "a-2026-03-02.csv", tmp_path / "a-2026-03-09.csv"
    first.write_text("text,date\nslow,2026-03-01\nslow,2026-03-01\nstuck,2026-03-02\n")
    second.write_text("text,date\nnew,2026-03-08\nstuck,2026-03-02\nslow,2026-03-01\nslow,2026-03-01\n")
    before = {(signal.source, signal.id) for signal in signals_of(first)}
    after = {(signal.source, signal.id) for signal in signals_of(second)}
    assert len(before) == 3
    assert len(after) == 4
    assert before < after


def test_a_column_called_id_that_repeats_is_no_id(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("id,text\n7,one\n7,two\n")
    signals = signals_of(table)
    assert len({signal.id for signal in signals}) == 2
    assert "7" not in {signal.id for signal in signals}


@pytest.mark.parametrize("ending", [".parquet", ".xlsx", ".csv", ".jsonl", ".csv.gz"])
def test_every_format_gives_the_same_signals(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame(
        {"id": [1, 2], "text": ["é\nstuck", "slow"], "created_at": ["2026-03-02T08:00:00Z", ""], "tags": ["a,b", ""]}
    )
    path = tmp_path / f"export{ending}"
    if ending == ".parquet":
        frame.to_parquet(path)
    elif ending == ".xlsx":
        frame.to_excel(path, index=False)
    elif ending == ".jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, index=False)
    signals = signals_of(path)
    assert [(signal.id, signal.text, signal.tags) for signal in signals] == [
        ("1", "é\nstuck", ("a", "b")),
        ("2", "slow", ()),
    ]
    assert {signal.source for signal in signals} == {"export"}


def test_a_survey_of_qualtrics_has_three_header_rows(tmp_path: Path) -> None:
    table = tmp_path / "survey.csv"
    table.write_text(
        "StartDate,EndDate,Progress,ResponseId,Q1,Q2_TEXT,Q3\n"
        "Start Date,End Date,Progress,Response ID,How was it?,What should change about our app?,Pick one\n"
        '"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""p""}","{""ImportId"":""_id""}",'
        '"{""ImportId"":""Q1""}","{""ImportId"":""Q2""}","{""ImportId"":""Q3""}"\n'
        "2026-03-02 08:00:00,2026-03-02 08:01:00,100,R_1,It was rather slow,Make the map load faster,A\n"
        "2026-03-02 09:00:00,2026-03-02 09:01:00,100,R_2,,Let me pay later,B\n"
    )
    signals = signals_of(table)
    assert [(signal.id, signal.title) for signal in signals] == [
        ("R_1/q1", "How was it?"),
        ("R_1/q2_text", "What should change about our app?"),
        ("R_2/q2_text", "What should change about our app?"),
    ]
    assert reasons_of(items_of(table)) == ["second header row"] * 2


def test_a_list_of_tickets_is_no_survey(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("id,question,answer,date\n1,How do I reset my badge?,Go to the desk please now,2026-03-02\n")
    with open_signals(table) as file:
        assert file.reader == "table"


def test_a_search_log_is_read_as_searches(tmp_path: Path) -> None:
    table = tmp_path / "log.csv"
    table.write_text("search term,hits,session id,timestamp\nvpn,0,s1,25/02/2026 08:00\nvpn,0,s1,25/02/2026 08:00\n")
    found = [item.found for item in items_of(table) if isinstance(item, Captured)]
    assert all(isinstance(event, SearchEvent) for event in found)
    assert len({event.id for event in found}) == 2


def test_a_column_of_queries_alone_is_no_search_log(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("query,label\nmy card was eaten,cards\n")
    with open_signals(table) as file:
        assert file.reader == "table"


@pytest.mark.parametrize("reader", ["table", "survey", "searches"])
def test_a_reader_that_is_asked_for_and_cannot_read_says_so(tmp_path: Path, reader: str) -> None:
    table = tmp_path / "a.csv"
    table.write_text("colour,price\nred,1\n")
    with pytest.raises(SignalTriageError) as raised:
        items_of(table, Asked(source=reader))
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("content", "name"), [("[]", "a.json"), ('{"tickets":[],"count":0}', "a.json"), ("id,text\n", "a.csv")]
)
def test_an_export_of_nothing_is_read_as_nothing(tmp_path: Path, content: str, name: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert items_of(path) == []


def test_a_file_without_a_name_is_told_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "piped"
    path.write_text('[{"id":1,"text":"stuck"}]')
    with path.open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        with open_signals("-") as file:
            assert file.name == "standard input"
            (item,) = file.items
    assert isinstance(item, Captured)
    assert item.found.id == "1"


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        items_of(tmp_path / "none.csv")
