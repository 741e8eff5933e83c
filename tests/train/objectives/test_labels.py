"""The file of soft labels: what was written is read, and anything else is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lemmata.errors import BadInput
from lemmata.train.objectives import labels
from lemmata.train.rows import Row

pytestmark = pytest.mark.train

SHA, VOCABULARY = "a" * 64, 50
ROWS = (Row((1, 2, 3, 4), 2, (0, 1)), Row((1, 9, 8), 1, (0, 0)))


def likely(row: Row, k: int = 3):
    rng = np.random.default_rng(row.ids[-1])
    learnt = len(row.ids) - row.start
    tokens = np.stack([rng.choice(VOCABULARY, k, replace=False) for _ in range(learnt)])
    logprobs = np.sort(np.log(rng.dirichlet(np.ones(k + 2), learnt)[:, :k]))[:, ::-1]
    return tokens.astype(np.int32), logprobs.astype(np.float32)


@pytest.fixture
def path(tmp_path):
    writer = labels.Writer("teacher", SHA, 3)
    for row in ROWS:
        writer.add(row, *likely(row))
    assert (writer.rows, writer.tokens) == (2, 4)
    writer.write(tmp_path / "labels.safetensors")
    return tmp_path / "labels.safetensors"


def test_what_was_written_is_read(path):
    read = labels.read(path, SHA, VOCABULARY)
    assert (read.teacher, read.k, read.rows) == ("teacher", 3, ROWS)
    for row in ROWS:
        for ours, theirs in zip(read.of(row), likely(row), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    read.check(ROWS)


def test_rows_of_other_ids_have_no_labels(path):
    read = labels.read(path, SHA, VOCABULARY)
    other = Row((1, 2, 3, 5), 2, (0, 1))
    assert read.of(other) is None
    assert read.of(Row((1, 2, 3, 4), 1, (0, 0, 1))) is None
    with pytest.raises(BadInput, match="no soft labels for 1 of 3 rows"):
        read.check((*ROWS, other))


def test_a_file_of_another_tokenizer_is_refused(path):
    with pytest.raises(BadInput, match="was made with another tokenizer than the base's"):
        labels.read(path, "b" * 64, VOCABULARY)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tokens": lambda a: a + VOCABULARY}, "a token is not in the vocabulary"),
        ({"tokens": lambda a: a - 100}, "a token is not in the vocabulary"),
        ({"logprobs": lambda a: a * np.nan}, "a log-probability is not one"),
        ({"logprobs": lambda a: a - a + 1}, "a log-probability is not one"),
        ({"logprobs": lambda a: a * 0}, "sum to more than 1"),
        ({"logprobs": lambda a: a[:, :2]}, "differ in shape"),
        ({"starts": lambda a: a * 0}, "do not fit together"),
        ({"row_ends": lambda a: a + 1}, "do not fit together"),
        ({"label_ends": lambda a: a[:1]}, ""),
        ({"tokens": lambda a: a[:0], "logprobs": lambda a: a[:0]}, "there is none"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(path, change, says):
    arrays = load_file(path)
    arrays |= {name: np.ascontiguousarray(how(arrays[name])) for name, how in change.items()}
    about = {"format": labels.FORMAT, "teacher": "t", "tokenizer_sha256": SHA, "k": "3"}
    save_file(arrays, path, about)
    with pytest.raises(BadInput, match=says or "holds no soft labels"):
        labels.read(path, SHA, VOCABULARY)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 64, b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "labels.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="holds no soft labels"):
        labels.read(path, SHA, VOCABULARY)


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(BadInput, match="Make it: lemmata train teach"):
        labels.read(tmp_path / "labels.safetensors", SHA, VOCABULARY)
