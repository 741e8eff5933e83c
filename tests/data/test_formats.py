from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lemmata.data import formats
from lemmata.data.examples import load, to_line
from lemmata.data.row import BROKEN, EMPTY, WRONG_STEP, Raw, RowRefused
from lemmata.errors import BadData
from lemmata.types import Example, Message

TURNS = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "2+2?"},
    {"role": "assistant", "content": "2 + 2 = 4"},
]
SHAREGPT = [
    {"from": "human", "value": "Hi"},
    {"from": "gpt", "value": "Hello"},
    {"from": "human", "value": "2+2?"},
    {"from": "gpt", "value": "2 + 2 = 4"},
]
USER = (Message("user", "2+2?"),)
DONE = "2 + 2 = 4"


def convert(fields: dict[str, Any]) -> list[Example]:
    raw = Raw("rows.jsonl", 1, fields)
    return [sample.example for sample in formats.convert(formats.guess([raw]), raw)]


def refused(fields: dict[str, Any], like: dict[str, Any]) -> RowRefused:
    form = formats.guess([Raw("rows.jsonl", 1, like)])
    with pytest.raises(RowRefused) as caught:
        formats.convert(form, Raw("rows.jsonl", 1, fields))
    return caught.value


@pytest.mark.parametrize(
    "fields",
    [
        {"instruction": "2+2?", "output": DONE},
        {"instruction": "2+2?", "input": "", "output": DONE, "history": []},
        {"prompt": "2+2?", "completion": DONE},
        {"prompt": "2+2?", "response": f" {DONE}\r\n"},
        {"prompt": TURNS[2:3], "completion": TURNS[3:]},
        {"question": "2+2?", "answer": DONE},
        {"problem": "2+2?", "solution": DONE},
        {"query": "2+2?", "response": DONE},
        {"messages": TURNS[2:]},
        {"conversations": SHAREGPT[2:]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "2+2?"}]}, TURNS[3]]},
        {"messages": TURNS[2:3], "completion": DONE},
    ],
    ids=lambda fields: "+".join(fields),
)
def test_every_format_ends_in_the_same_example(fields: dict[str, Any]) -> None:
    assert convert(fields) == [Example(USER, DONE, {})]


@pytest.mark.parametrize("fields", [{"messages": TURNS}, {"conversations": SHAREGPT}])
def test_every_assistant_turn_is_learnt(fields: dict[str, Any]) -> None:
    first, second = convert(fields | {"answer": "4"})
    assert (first.completion, second.completion) == ("Hello", DONE)
    assert [turn.content for turn in second.messages] == ["Hi", "Hello", "2+2?"]
    assert "gold" not in first.meta, "the gold answer is that of the last turn"
    assert second.meta == {"gold": "4"}


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thinking"])
def test_reasoning_is_learnt_before_its_text_and_never_sent_back(name: str) -> None:
    turns = [turn | {name: f"Let me see {at}."} for at, turn in enumerate(TURNS)]
    first, last = convert({"messages": turns, "system": "Think."})
    assert first.completion == "<think>\nLet me see 1.\n</think>\n\nHello"
    assert last.completion == f"<think>\nLet me see 3.\n</think>\n\n{DONE}"
    assert last.messages == (Message("system", "Think."), *_messages(TURNS[:3]))
    (alone,) = convert({"prompt": turns[2:3], "completion": turns[3:]})
    assert alone.completion == last.completion
    assert "'reasoning'" in refused({"messages": [TURNS[2], TURNS[3] | {"reasoning": [1]}]},
                                    {"messages": TURNS}).detail  # fmt: skip


def _messages(turns: list[dict[str, str]]) -> tuple[Message, ...]:
    return tuple(Message(turn["role"], turn["content"]) for turn in turns)


def test_alpaca_with_input_system_and_history() -> None:
    row = {
        "instruction": "Add", "input": "2, 2", "output": DONE, "system": "Be brief.",
        "history": [["Hi", "Hello"]],
    }  # fmt: skip
    (example,) = convert(row)
    assert example.messages == (
        Message("system", "Be brief."),
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "Add\n\n2, 2"),
    )


def test_a_solution_is_learnt_and_its_answer_is_gold() -> None:
    (example,) = convert({"problem": "2+2?", "solution": DONE, "answer": 4})
    assert example.completion == DONE
    assert example.meta == {"gold": "4"}


def test_gsm8k_marks_are_checked_and_stripped() -> None:
    answer = "She sold 48/2 = <<48/2=24>>24.\nIn all 48+24 = <<48+24=72>>72.\n#### 1,072"
    (example,) = convert({"question": "How many?", "answer": answer})
    assert example.completion == (
        "She sold 48/2 = 24.\nIn all 48+24 = 72.\nThe answer is \\boxed{1072}."
    )
    assert example.meta == {"gold": "1072"}


def test_a_chinese_derivation_ends_in_chinese() -> None:
    (example,) = convert({"question": "几个？", "answer": "她卖了 48/2 = 24 个。\n#### 24"})
    assert example.completion.endswith("答案是 \\boxed{24}。")


@pytest.mark.parametrize(
    "mark",
    ["48/2=24", "1/3=.33", "20%*50=10", "$5*3=15", "05+7=12", "2*(3+4)=14", "1,000*2=2000", "x=1"],
)
def test_right_and_unreadable_marks_pass(mark: str) -> None:
    (example,) = convert({"question": "?", "answer": f"So <<{mark}>>it is done."})
    assert "<<" not in example.completion


@pytest.mark.parametrize("mark", ["48/2=25", "2*3=5", "50%*8=5", "10-3=-7"])
def test_wrong_marks_drop_the_row(mark: str) -> None:
    row = {"question": "?", "answer": f"So <<{mark}>>it is done."}
    assert refused(row, row).reason == WRONG_STEP


@pytest.mark.parametrize(
    "mark", ["9**9**9=1", "1/0=1", "__import__('os')=1", "(" * 150 + "1=1", "1e400=1"]
)
def test_hostile_marks_are_never_evaluated(mark: str) -> None:
    (example,) = convert({"question": "?", "answer": f"So <<{mark}>>it is done."})
    assert example.completion == "So it is done."


GOOD = {"question": "a", "answer": "b"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"question": "", "answer": "b"}, EMPTY),
        ({"question": "a", "answer": "  \n"}, EMPTY),
        ({"question": "a", "answer": None}, EMPTY),
        ({"question": "a"}, EMPTY),
        ({"question": ["a"], "answer": "b"}, BROKEN),
        ({"question": "a", "answer": 4}, BROKEN),
        ({"question": "a\0", "answer": "b"}, BROKEN),
        ({"question": "a", "answer": "\ud800"}, BROKEN),
        ({"question": "a", "answer": "b", "more": {"deep": ["\ufffd"]}}, BROKEN),
    ],
)
def test_bad_fields_are_refused_with_their_reason(fields: dict[str, Any], reason: str) -> None:
    assert refused(fields, GOOD).reason == reason


@pytest.mark.parametrize(
    ("turns", "detail"),
    [
        (TURNS[:3], "does not end with the assistant"),
        (TURNS[1:], "out of order"),
        ([TURNS[0], TURNS[2], TURNS[1]], "out of order"),
        ([{"role": "tool", "content": "x"}], "role 'tool'"),
        ([{"role": "user", "content": ""}, TURNS[1]], "empty user message"),
        ([{"role": "user", "content": "x", "tool_calls": [1]}, TURNS[1]], "tool calls"),
        ([{"role": "user", "content": {"a": 1}}, TURNS[1]], "without text content"),
        (["hello"], "a turn of type str"),
    ],
)
def test_bad_conversations_are_refused(turns: list[Any], detail: str) -> None:
    assert detail in refused({"messages": turns}, {"messages": TURNS}).detail


@pytest.mark.parametrize("history", [5, True, 1.5, "hello", {"a": 1}, [["alone"]], [[1, 2]]])
def test_a_history_that_is_no_list_of_pairs_is_refused(history: Any) -> None:
    row = {"instruction": "2+2?", "output": DONE, "history": history}
    assert "list of pairs" in refused(row, {"instruction": "a", "output": "b"}).detail


@pytest.mark.parametrize("printed", [json.dumps, str])
def test_lists_in_the_cells_of_a_table_are_read(printed: Callable[[Any], str]) -> None:
    wanted = convert({"messages": TURNS})
    assert convert({"messages": printed(TURNS)}) == wanted
    assert convert({"prompt": printed(TURNS[:-1]), "completion": printed(TURNS[-1:])})
    pairs = {"instruction": "and 2+2?", "output": DONE, "history": [["How are you?", "Fine"]]}
    assert convert(pairs | {"history": printed(pairs["history"])}) == convert(pairs)
    assert convert(pairs | {"history": "[]"})[0].messages == (Message("user", "and 2+2?"),)


@pytest.mark.parametrize("text", ["[1, 2, 3]", "[[1, 2], [3, 4]]", "[", "[" * 5000, "[{'a': 1}]"])
def test_a_text_that_looks_like_a_list_stays_a_text(text: str) -> None:
    (example,) = convert({"prompt": text, "completion": DONE})
    assert example.messages == (Message("user", text),)


def test_damage_that_a_cell_hides_is_found() -> None:
    turns = [{"role": "user", "content": "a\0b"}, {"role": "assistant", "content": DONE}]
    assert refused({"messages": json.dumps(turns)}, {"messages": TURNS}).detail == "NUL byte"


def test_a_row_of_another_format_than_its_file_s_says_so() -> None:
    found = refused({"instruction": "2+2?", "output": DONE}, {"messages": TURNS})
    assert found.reason == BROKEN
    assert found.detail.startswith("a row of Alpaca")


def test_chinese_column_names_are_known() -> None:
    for question, answer in (
        ("问题", "答案"),
        ("题目", "解答"),
        ("指令", "输出"),
        ("问题", "回答"),
    ):
        (found,) = convert({question: "2+2?", answer: DONE})
        assert (found.messages, found.completion) == (USER, DONE)


def test_unknown_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="columns body, title"):
        formats.guess([Raw("x", 1, {"title": "a", "body": "b"})])


def test_the_documented_form_can_be_written_and_read_again(tmp_path: Path) -> None:
    example = Example((Message("system", "系统"), *USER), "4 \u2028\n\\boxed{4}", {"gold": "4"})
    path = tmp_path / "train.jsonl"
    path.write_text(to_line(example), encoding="utf-8")
    assert list(load(path)) == [example]
    assert list(json.loads(path.read_text("utf-8"))) == ["messages", "completion", "meta"]


def test_a_broken_prepared_file_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(to_line(Example(USER, "4")) + '{"messages": []}\n')
    with pytest.raises(BadData, match=r"train.jsonl:2"):
        list(load(path))


@pytest.mark.parametrize(
    "line",
    [
        to_line(Example((Message("user", "二加二？"),), DONE)).encode("gbk"),
        b'{"messages": [{"role": "user", "content": "2+2?"}], "completion": "4 \\ud800"}',
        b'{"messages": [{"role": "user", "content": "2+2?\\u0000"}], "completion": "4"}',
        b"[" * 100_000,
        b"[1]",
    ],
    ids=["gbk", "surrogate", "NUL", "deep", "list"],
)
def test_a_prepared_file_that_was_damaged_is_bad_data(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(line)
    with pytest.raises(BadData, match=r"train.jsonl:1"):
        list(load(path))
