"""The metadata of a GGUF that we write."""

from __future__ import annotations

from typing import NamedTuple

import gguf
from gguf.constants import LlamaFileType

from lemmata.models.architecture import Architecture
from lemmata.models.vocabulary import Vocabulary
from lemmata.models.vocabulary_gguf import NORMAL_FORM

FILE_TYPES = {
    "f32": LlamaFileType.ALL_F32,
    "f16": LlamaFileType.MOSTLY_F16,
    "bf16": LlamaFileType.MOSTLY_BF16,
    "q8_0": LlamaFileType.MOSTLY_Q8_0,
}


class About(NamedTuple):
    """Whose weights these are."""

    name: str
    id: str
    licence: str = ""


def add(
    writer: gguf.GGUFWriter,
    about: About,
    shape: Architecture,
    vocabulary: Vocabulary,
    precision: str,
) -> None:
    """Add everything but the tensors."""
    writer.add_type("model")
    writer.add_name(about.name)
    if "/" in about.id:
        writer.add_source_repo_url(f"https://huggingface.co/{about.id}")
    if about.licence:
        writer.add_license(about.licence)
    writer.add_file_type(FILE_TYPES[precision])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_shape(writer, shape)
    _tokenizer(writer, vocabulary)


def add_shape(writer: gguf.GGUFWriter, shape: Architecture) -> None:
    """Add the hyperparameters alone."""
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_layer_norm_rms_eps(shape.norm_eps)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_theta)
    scaling = shape.rope_scaling
    if scaling is None or scaling.type == "llama3":  # llama3 goes as the tensor rope_freqs
        return
    writer.add_rope_scaling_type(gguf.RopeScalingType(scaling.type))
    writer.add_rope_scaling_factor(scaling.factor)
    if scaling.original_context:
        writer.add_rope_scaling_orig_ctx_len(scaling.original_context)


def _tokenizer(writer: gguf.GGUFWriter, vocabulary: Vocabulary) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.rule.names[0])
    writer.add_string(NORMAL_FORM, vocabulary.normal_form or "")
    writer.add_token_list(list(vocabulary.tokens))
    writer.add_token_types(list(vocabulary.types))
    writer.add_token_merges(list(vocabulary.merges))
    writer.add_add_bos_token(vocabulary.adds_bos)
    writer.add_add_space_prefix(False)
    for name, index in vocabulary.special.items():
        getattr(writer, f"add_{name}_token_id")(index)
    if vocabulary.chat_template:
        writer.add_chat_template(vocabulary.chat_template)
