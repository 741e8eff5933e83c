"""A damaged or foreign GGUF is refused in one line before libllama, which may abort, sees it."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from lemmata.errors import ModelRefused
from lemmata.models import gguf_header, gguf_read

pytestmark = pytest.mark.train


def _changed(path: Path, target: Path, at: int, bytes_: bytes) -> Path:
    data = bytearray(path.read_bytes())
    data[at : at + len(bytes_)] = bytes_
    target.write_bytes(data)
    return target


def _key(path: Path, key: str) -> int:
    """Where the value of a metadata key begins, after its type."""
    return path.read_bytes().index(key.encode()) + len(key) + 4


def test_a_sound_file_is_read(small_gguf):
    header = gguf_read.validated(small_gguf)
    assert header.architecture == "qwen2"
    assert header.tensors["blk.0.attn_k.weight"].shape == (32, 64)
    assert header.metadata["qwen2.attention.head_count_kv"] == 2
    assert gguf_read.quantisation(header) == "f32"
    assert gguf_read.hub_id(header) == "Org/Small-Qwen"


def test_the_chat_template_comes_with_its_special_tokens(small_gguf):
    source, bos, eos = gguf_read.chat_template(small_gguf)
    assert "<|im_start|>" in source
    assert (bos, eos) == ("", "<|im_end|>")


@pytest.mark.parametrize("content", [b"", b"GG", b"GGUF", b"PK\x03\x04" + b"x" * 100, b"GGUF\x03"])
def test_what_is_no_gguf(content, tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelRefused, match=r"m\.gguf"):
        gguf_read.validated(path)


def test_nothing_there(tmp_path):
    with pytest.raises(ModelRefused, match="no model file"):
        gguf_read.validated(tmp_path / "none.gguf")


@pytest.mark.parametrize("share", [0.001, 0.01, 0.05, 0.3, 0.9, 0.9999])
def test_cut_short(small_gguf, share, tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(small_gguf.read_bytes()[: int(small_gguf.stat().st_size * share)])
    with pytest.raises(ModelRefused, match="damaged"):
        gguf_read.validated(path)


@pytest.mark.parametrize(
    ("at", "layout", "value", "reason"),
    [
        (4, "<I", 1, "version 1"),
        (4, "<I", 0x03000000, "version"),
        (8, "<Q", 2**63, "claims"),
        (8, "<Q", 10**6, "claims"),
        (16, "<Q", 2**40, "claims"),
        (24, "<Q", 2**62, "ends in the middle"),
    ],
)
def test_huge_counts(small_gguf, at, layout, value, reason, tmp_path):
    path = _changed(small_gguf, tmp_path / "m.gguf", at, struct.pack(layout, value))
    with pytest.raises(ModelRefused, match=reason):
        gguf_read.validated(path)


@pytest.mark.parametrize(
    ("key", "layout", "value", "reason"),
    [
        ("qwen2.block_count", "<I", 0, "block_count"),
        ("qwen2.block_count", "<I", 4_000_000, "fewer tensors"),
        ("qwen2.block_count", "<I", 4, "lacks the tensor"),
        ("qwen2.attention.head_count", "<I", 0, "head_count"),
        ("qwen2.attention.head_count_kv", "<I", 3, "4 heads"),
        ("qwen2.embedding_length", "<I", 63, "token_embd"),
        ("qwen2.feed_forward_length", "<I", 7, "ffn_"),
        ("qwen2.rope.freq_base", "<f", float("nan"), "freq_base"),
        ("tokenizer.ggml.eos_token_id", "<I", 999_999, "eos token"),
        ("tokenizer.ggml.token_type", "<IQi", (5, 2_048, 77), "no known type"),
    ],
)
def test_senseless_numbers(small_gguf, key, layout, value, reason, tmp_path):
    packed = struct.pack(layout, *(value if isinstance(value, tuple) else (value,)))
    path = _changed(small_gguf, tmp_path / "m.gguf", _key(small_gguf, key), packed)
    with pytest.raises(ModelRefused, match=reason):
        gguf_read.validated(path)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"\x05\0\0\0\0\0\0\0qwen2", b"\x05\0\0\0\0\0\0\0gemma", "gemma"),
        (b"blk.0.attn_q.weight", b"blk.0.attn_z.weight", "attn_"),
        (b"tokenizer.ggml.merges", b"tokenizer.ggml.mergez", "list of merges"),
    ],
)
def test_another_family_or_other_parts(small_gguf, old, new, reason, tmp_path):
    path = tmp_path / "m.gguf"
    data = small_gguf.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    with pytest.raises(ModelRefused, match=reason):
        gguf_read.validated(path)


_LOAD = """
import sys
from pathlib import Path
from lemmata.errors import ModelRefused
from lemmata.models import gguf_read
from models import libllama
passed = 0
for path in sorted(Path(sys.argv[1]).glob("*.gguf")):
    print(path.name, file=sys.stderr, flush=True)
    try:
        gguf_read.validated(path)
    except ModelRefused:
        continue
    with libllama.opened(path) as model:
        model.ids("What is 2 + 2?")
        model.logits([1, 2, 3])
    passed += 1
print(passed)
"""


def test_libllama_survives_whatever_passes(small_gguf, tmp_path):
    """Random damage to the header: refused, or harmless. An abort would kill the child."""
    original = small_gguf.read_bytes()
    end = min(info.offset for info in gguf_header.read(small_gguf).tensors.values())
    for seed in range(150):
        chance, data = random.Random(seed), bytearray(original)
        for _ in range(chance.choice([1, 1, 2, 8])):
            data[chance.randrange(end)] = chance.choice([0, 1, 255, chance.randrange(256)])
        (tmp_path / f"{seed}.gguf").write_bytes(data)
    child = subprocess.run(
        [sys.executable, "-c", _LOAD, str(tmp_path)],
        env={"PYTHONPATH": "tests", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr[-2_000:]
    assert int(child.stdout) > 10
