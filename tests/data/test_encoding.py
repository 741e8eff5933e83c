from __future__ import annotations

from pathlib import Path

import pytest

from lemmata.data import encoding

ENGLISH, CHINESE = "How many?", "方程 x + y = 10 有多少个非负整数解？"


@pytest.mark.parametrize(
    ("codec", "guessed"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
    ],
)
def test_reads_what_editors_write(tmp_path: Path, codec: str, guessed: str) -> None:
    path = tmp_path / "rows.txt"
    path.write_bytes(f"{ENGLISH}\r\n{CHINESE}\n".encode(codec))
    assert encoding.guess(path) == guessed
    assert [line.text for line in encoding.lines(path, guessed)] == [ENGLISH, CHINESE]


def test_one_bad_byte_costs_one_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_bytes(CHINESE.encode() + b"\n\xff\xfe broken\n" + CHINESE.encode() + b"\n")
    assert encoding.guess(path) == "utf-8"
    found = list(encoding.lines(path, "utf-8"))
    assert [bool(line.fault) for line in found] == [False, True, False]
    assert found[1].number == 2


def test_a_nul_and_a_replacement_character_are_faults() -> None:
    assert encoding.unusable("a\0b") == "NUL byte"
    assert encoding.unusable("a\ufffdb")
    assert not encoding.unusable(CHINESE)


def test_a_huge_line_is_skipped_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "LONGEST", 1000)
    path = tmp_path / "rows.txt"
    path.write_text("short\n" + "x" * 5_500 + "\nafter\n" + "y" * 3_000)
    found = list(encoding.lines(path, "utf-8"))
    assert [line.number for line in found] == [1, 2, 3, 4]
    assert [line.text for line in found] == ["short", "", "after", ""]
    assert "longer than" in found[1].fault
    assert "longer than" in found[3].fault
