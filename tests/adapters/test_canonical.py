import json
import math
import struct

import numpy as np
import pytest

from lemmata.adapters import canonical, safetensors_file
from lemmata.errors import AdapterRefused
from lemmata.models.safetensors_file import pack

from .conftest import random_tensors


def delta(folder):
    """Layer and part → scale * B @ A, what the adapter does."""
    adapter = canonical.read(folder)
    scale = adapter.alpha / adapter.rank
    return {(p.layer, p.part): scale * p.b @ p.a for p in adapter.weights.projections}


def test_save_then_open_gives_the_same_reference(make):
    ref = make("counting", dtype="BF16")
    assert canonical.open(ref.path) == ref
    assert (ref.name, ref.base, ref.rank, ref.alpha) == ("counting", "some/base", 4, 16.0)
    assert json.loads((ref.path / "lemmata.json").read_text())["sha256"] == ref.sha256


def test_the_hash_is_of_the_function_and_not_of_the_storage(make, foreign):
    ours = make("ours")
    theirs = canonical.open(foreign(inference_mode=False, lora_dropout=0.1))
    assert theirs.sha256 == ours.sha256
    assert make("other", seed=1).sha256 != ours.sha256
    assert make("louder", alpha=32.0).sha256 != ours.sha256


def test_bf16_is_rounded_to_nearest_even():
    values = np.array([1.0, 1 + 2**-8, 1 + 3 * 2**-8, -3.14159], "f4")
    raw = pack(values, "BF16")
    back = safetensors_file.decode(raw, "BF16", (4,))
    assert back.tolist() == [1.0, 1.0, 1 + 2**-6, -3.140625]


def test_rslora_is_folded_into_a_plain_scale(foreign):
    plain, rs = foreign(name="plain"), foreign(name="rs", use_rslora=True)
    for place, value in delta(rs).items():
        np.testing.assert_allclose(value, delta(plain)[place] * math.sqrt(4), rtol=1e-5)
    adapter = canonical.read(rs)
    assert adapter.alpha == adapter.rank


def test_rank_and_alpha_patterns_are_folded(foreign):
    tensors = random_tensors() | {
        name: value for name, value in random_tensors(rank=2).items() if "v_proj" in name
    }
    folder = foreign(tensors, rank_pattern={"v_proj": 2}, alpha_pattern={"v_proj": 8})
    found = delta(folder)
    key = "base_model.model.model.layers.1.self_attn.v_proj"
    wanted = 8 / 2 * tensors[f"{key}.lora_B.weight"] @ tensors[f"{key}.lora_A.weight"]
    np.testing.assert_allclose(found[1, "self_attn.v_proj"], wanted, rtol=1e-5)
    assert {p.rank for p in canonical.read(folder).weights.projections} == {4}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"bias": "all"}, "bias"),
        ({"lora_bias": True}, "bias"),
        ({"init_lora_weights": "pissa"}, "base weights"),
        ({"peft_type": "IA3"}, "IA3"),
        ({"task_type": "SEQ_CLS"}, "SEQ_CLS"),
        ({"trainable_token_indices": [1]}, "trainable_token_indices"),
        ({"some_new_trick": {"on": 1}}, "some_new_trick"),
        ({"r": 8}, "rank 4"),
        ({"r": True}, "rank"),
        ({"r": 100_000}, "rank"),
        ({"lora_alpha": -1}, "lora_alpha"),
        ({"lora_alpha": 1e400}, "lora_alpha"),
        ({"target_modules": ["q_proj"]}, "targets"),
        ({"rank_pattern": {".*": 4}}, "pattern"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_reason(foreign, fields, reason):
    with pytest.raises(AdapterRefused, match=reason):
        canonical.open(foreign(**fields))


@pytest.mark.parametrize("file", ["adapter_model.bin", "adapter_model.pt"])
def test_a_pickle_is_never_opened(foreign, file):
    folder = foreign()
    (folder / canonical.WEIGHTS).rename(folder / file)
    with pytest.raises(AdapterRefused, match="pickle"):
        canonical.open(folder)


@pytest.mark.parametrize("file", [canonical.CONFIG, canonical.WEIGHTS, "lemmata.json"])
def test_links_are_refused(make, tmp_path, file):
    folder = make().path
    (folder / file).rename(tmp_path / "elsewhere")
    (folder / file).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AdapterRefused, match="link"):
        canonical.open(folder)


def bad_tensors():
    whole = random_tensors()
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    yield "only", {key: value for key, value in whole.items() if key != name}
    yield "do not multiply", whole | {name: np.zeros((3, 32), "f4")}
    yield "finite", whole | {name: np.full((4, 32), np.nan, "f4")}
    yield "in one layer", whole | {name: np.zeros((4, 16), "f4")}
    yield "no LoRA weight", whole | {"base_model.model.lm_head.lora_A.weight": whole[name]}
    yield "no LoRA weight", whole | {name.replace("lora_A", "lora_A.default"): whole[name]}
    yield "no LoRA weight", whole | {name.replace("self_attn", "mlp"): whole[name]}
    yield "no weights", {}


@pytest.mark.parametrize(("reason", "tensors"), list(bad_tensors()))
def test_tensors_that_make_no_adapter_are_refused(tmp_path, reason, tensors):
    with pytest.raises(AdapterRefused, match=reason):
        canonical.save(tmp_path / "x", tensors, rank=4, alpha=8, about=canonical.Manifest())
    assert not list(tmp_path.iterdir())


def damaged(raw: bytes):
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    data = raw[8 + length :]

    def packed(fields, body=data):
        text = json.dumps(fields).encode() if isinstance(fields, dict) else fields
        return struct.pack("<Q", len(text)) + text + body

    first = next(name for name in header if name != "__metadata__")
    yield b""
    yield raw[:100]
    yield raw[:-1]
    yield raw + b"\0"
    yield struct.pack("<Q", 2**60) + raw[8:]
    yield packed(b"[" * 100_000)
    yield packed(b'"x"')
    yield packed(header | {first: {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}})
    yield packed(header | {first: header[first] | {"shape": [-4, -32]}})
    yield packed(header | {first: header[first] | {"shape": [2**39, 2**39]}})
    yield packed(header | {first: header[first] | {"data_offsets": [0]}})
    yield packed(header | {"again": header[first]})
    text = json.dumps(header)
    yield packed((text[:-1] + "," + json.dumps({first: header[first]})[1:]).encode())


def test_damaged_weight_files_are_refused(make):
    path = make().path / canonical.WEIGHTS
    for raw in list(damaged(path.read_bytes())):
        path.write_bytes(raw)
        with pytest.raises(AdapterRefused):
            canonical.open(path.parent)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"peft_type": "LORA"}', "[" * 10_000])
def test_damaged_configurations_are_refused(make, text):
    folder = make().path
    (folder / canonical.CONFIG).write_text(text)
    with pytest.raises(AdapterRefused):
        canonical.open(folder)


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a" * 65, ".hidden", "sp ace"])
def test_names_stay_plain(make, name):
    if name:
        with pytest.raises(AdapterRefused, match="name"):
            canonical.open(make().path, name)


def test_a_local_base_path_is_not_believed(foreign):
    assert canonical.open(foreign(base_model_name_or_path="/home/x/model")).base == ""


@pytest.mark.train
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")
def test_peft_writes_what_we_read_and_reads_what_we_write(tmp_path):
    torch = pytest.importorskip("torch")
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=50, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2,
    )  # fmt: skip
    base = LlamaForCausalLM(shape)
    tokens = torch.arange(10)[None]
    targets = ["q_proj", "v_proj", "gate_proj"]
    tuned = get_peft_model(
        base, LoraConfig(r=4, lora_alpha=8, target_modules=targets, use_rslora=True,
                         task_type="CAUSAL_LM", init_lora_weights=False),
    )  # fmt: skip
    tuned.eval()
    with torch.no_grad():
        wanted = tuned(tokens).logits
        tuned.save_pretrained(tmp_path / "theirs")
        plain = tuned.unload()
        canonical.write(canonical.read(tmp_path / "theirs"), tmp_path / "ours")
        found = PeftModel.from_pretrained(plain, tmp_path / "ours").eval()(tokens).logits
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
