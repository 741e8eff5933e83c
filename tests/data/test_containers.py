from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from lemmata.data import containers, encoding
from lemmata.data.containers import array
from lemmata.data.row import Raw
from lemmata.errors import BadData

ROWS = [{"question": f"What is {n} + {n}?", "answer": f"{n} + {n} = {2 * n}"} for n in range(7)]


def read(path: Path) -> list[Raw]:
    container, encoding = containers.detect(path)
    return list(containers.READERS[container](path, encoding))


def fields(path: Path) -> list[dict[str, Any]]:
    found = read(path)
    assert not any(row.fault for row in found)
    return [dict(row.fields) for row in found]


def test_goes_by_content_and_not_by_name(tmp_path: Path) -> None:
    texts = {
        "array.jsonl": (json.dumps(ROWS), "JSON"),
        "pretty.json": (json.dumps(ROWS, indent=2), "JSON"),
        "wrapped.json": (json.dumps({"version": 1, "data": ROWS}, indent=1), "JSON"),
        "minified.json": (json.dumps({"version": 1, "data": ROWS}), "JSON"),
        "lines.json": ("".join(json.dumps(row) + "\n" for row in ROWS), "JSONL"),
        "lines.txt": ("\n\n".join(map(json.dumps, ROWS)), "JSONL"),
    }
    for name, (text, container) in texts.items():
        path = tmp_path / name
        path.write_text(text)
        assert containers.detect(path)[0] == container, name
        assert fields(path) == ROWS, name


def test_a_document_on_one_line_of_any_length_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "LONGEST", 200)
    for document in (ROWS, {"version": 1, "data": ROWS}):
        path = tmp_path / "minified.json"
        path.write_text(json.dumps(document, separators=(",", ":")))
        assert path.stat().st_size > 300
        assert fields(path) == ROWS


def test_csv_with_quotes_newlines_and_other_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes('\ufeffquestion,answer\r\n"a, ""b""\r\nc",1\r\nd,2\r\n'.encode())
    assert fields(path) == [
        {"question": 'a, "b"\nc', "answer": "1"},
        {"question": "d", "answer": "2"},
    ]
    for delimiter in ";\t":
        path.write_text(f"question{delimiter}answer\na,b{delimiter}c\n")
        assert fields(path) == [{"question": "a,b", "answer": "c"}]


def test_csv_rows_of_the_wrong_width_are_faults_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,answer\na,b\nonly one\nc,d,e\n")
    found = read(path)
    assert [row.line for row in found] == [2, 3, 4]
    assert found[1].fault == "1 columns where the header has 2"
    assert found[2].fault == "3 columns where the header has 2"


def test_csv_quote_that_never_closes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('question,answer\na,b\n"open,c\n')
    with pytest.raises(BadData, match="unexpected end of data"):
        read(path)


def test_csv_with_two_columns_of_one_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,question\na,b\n")
    with pytest.raises(BadData, match="two columns named 'question'"):
        read(path)


def test_parquet_with_nested_messages(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = [{"messages": [{"role": "user", "content": "a"}], "id": n} for n in range(3000)]
    parquet.write_table(arrow.Table.from_pylist(rows), path)
    assert fields(path) == rows


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    parquet.write_table(arrow.Table.from_pylist(ROWS), path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadData, match="breaks after row 0"):
        read(path)


def test_broken_lines_are_faults_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [
        '{"question": "a", "answer": "b"}',
        '{"question": "a", "answer": ',
        "[1, 2]",
        '{"question": NaN, "answer": 1}',
        "[" * 100_000,
        '{"n": ' + "9" * 5000 + "}",
        '{"question": "c", "answer": "d"}',
    ]
    path.write_text("\n".join(lines))
    found = read(path)
    assert [row.line for row in found if row.fault] == [2, 3, 4, 5, 6]
    assert [row.fields["question"] for row in found if not row.fault] == ["a", "c"]
    assert "nested too deeply" in found[4].fault


@pytest.mark.parametrize("cut", [10, 60, 200])
def test_a_broken_document_names_its_line(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(ROWS, indent=1)[:-cut])
    with pytest.raises(BadData, match=r"rows.json breaks at line \d+"):
        read(path)


def test_text_after_a_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(ROWS, indent=1) + "\n[]")
    with pytest.raises(BadData, match="more text after"):
        read(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"\x1f\x8b\x08\x00rest", "gzip-compressed"),
        (b"PK\x03\x04rest", "zip-compressed"),
        (b"\x7fELF\x02\x00\x00\x00\x00", "not a text file"),
        (b"Dear Sir or Madam,\nI write to you", "neither JSON"),
    ],
)
def test_what_is_no_data_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "rows.bin"
    path.write_bytes(content)
    with pytest.raises(BadData, match=reason):
        containers.detect(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.text("abc", min_size=1), JSON, min_size=1), min_size=1))
def test_any_array_is_read_as_json_reads_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "rows.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array, "_PIECE", random.Random(len(rows)).randint(1, 7))
        assert [dict(row.fields) for row in array.rows(path, "utf-8")] == rows
