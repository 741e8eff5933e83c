"""libllama, as much of it as the engine needs, with Python's types and errors.

One thread may decode; `Vocabulary` is read-only and may be used from any. Every pointer lives in
one object with one `close`.
"""

from __future__ import annotations

import ctypes
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as lib
import numpy as np
import numpy.typing as npt

from lemmata.engines.llama.options import Options
from lemmata.errors import AdapterRefused, EngineDied, ModelRefused

_KV_TYPES = {"f16": lib.GGML_TYPE_F16, "q8_0": lib.GGML_TYPE_Q8_0}
_BYTES = ctypes.POINTER(ctypes.c_uint8)

State = npt.NDArray[np.uint8]
"""What libllama computed of a sequence, as bytes."""
_LOUDEST_KEPT = 20
_COMPLAINTS = {3, 4}
"""ggml's levels of warnings and errors. 5 goes on with a line: the dots of its progress."""
_said: list[str] = []
_one_stderr = threading.Lock()


@lib.llama_log_callback  # type: ignore[untyped-decorator]
def _listen(level: int, text: bytes, _: object) -> None:
    """Keep the last warnings and errors: libllama gives its reasons nowhere else."""
    if level in _COMPLAINTS:
        _said.append(text.decode(errors="replace").strip())
        del _said[:-_LOUDEST_KEPT]


def start() -> None:
    """Once in a process, before anything else here."""
    lib.llama_log_set(_listen, None)
    lib.llama_backend_init()


def last_complaint() -> str:
    """The first warning or error of libllama since `listen_anew`: the others follow from it."""
    return next((line for line in _said if line), "it gives no reason")


def listen_anew() -> None:
    _said.clear()


@contextmanager
def overheard() -> Iterator[list[str]]:
    """What native code writes to stderr meanwhile: kept here instead, at most 4 KiB of it. One
    thread at a time: there is one stderr."""
    lines: list[str] = []
    with _one_stderr, tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines += file.read(4096).decode(errors="replace").splitlines()


class Model:
    """The weights. Raises ModelRefused where libllama cannot read them."""

    def __init__(self, gguf: Path, options: Options) -> None:
        settings = lib.llama_model_default_params()
        gpu = options.gpu_layers if lib.llama_supports_gpu_offload() else 0
        settings.n_gpu_layers, self.on_gpu = gpu, gpu != 0
        settings.check_tensors = True
        listen_anew()
        self.pointer: Any = lib.llama_model_load_from_file(str(gguf).encode(), settings)
        if not self.pointer:
            raise ModelRefused(
                f"libllama refuses {gguf.name}: {last_complaint()}", "Fetch it again."
            )
        self.trained_context = int(lib.llama_model_n_ctx_train(self.pointer))
        self.vocabulary = Vocabulary(lib.llama_model_get_vocab(self.pointer))

    def close(self) -> None:
        lib.llama_model_free(self.pointer)


class Vocabulary:
    """Text to tokens and back."""

    def __init__(self, pointer: Any) -> None:
        self.pointer = pointer
        self.size = int(lib.llama_vocab_n_tokens(pointer))
        self.piece = lru_cache(maxsize=None)(self._piece)
        self.ends = frozenset(
            token for token in range(self.size) if lib.llama_vocab_is_eog(pointer, token)
        )

    def tokenize(self, text: str) -> list[int]:
        """Special tokens parsed, nothing added."""
        raw = text.encode()
        room = len(raw) + 8
        while True:
            out = (lib.llama_token * room)()
            count = lib.llama_tokenize(self.pointer, raw, len(raw), out, room, False, True)
            if count >= 0:
                return list(out[:count])
            room = -count

    def ends_in_thought(self, tokens: Sequence[int]) -> bool:
        """Whether a prompt leaves <think> open for the model."""
        return b"".join(map(self.piece, tokens[-8:])).rstrip().endswith(b"<think>")

    def _piece(self, token: int) -> bytes:
        """The bytes of a token; b"" for control tokens."""
        room = 64
        while True:
            out = ctypes.create_string_buffer(room)
            count = lib.llama_token_to_piece(self.pointer, token, out, room, 0, False)
            if count >= 0:
                return out.raw[:count]
            room = -count


class Adapter:
    """A GGUF LoRA in memory. Raises AdapterRefused where libllama cannot use it."""

    def __init__(self, model: Model, path: Path) -> None:
        listen_anew()
        self.pointer: Any = lib.llama_adapter_lora_init(model.pointer, str(path).encode())
        if not self.pointer:
            raise AdapterRefused(f"libllama refuses the adapter: {last_complaint()}")

    def close(self) -> None:
        """It must be in force nowhere: libllama knows adapters by address, and the next one may
        lie where this one did."""
        lib.llama_adapter_lora_free(self.pointer)


class Context:
    """The decoding state of one model: key-value cache, adapter in force, logits."""

    def __init__(self, model: Model, options: Options) -> None:
        settings = lib.llama_context_default_params()
        settings.n_ctx = options.cells
        settings.n_batch = settings.n_ubatch = options.chunk
        settings.n_seq_max = options.sequences
        settings.n_outputs_max = max(options.sequences, min(options.chunk, 64))
        settings.n_threads = settings.n_threads_batch = options.threads
        settings.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_ENABLED
        settings.type_k = settings.type_v = _KV_TYPES[options.kv]
        settings.kv_unified = True
        settings.no_perf = True
        self.outputs = int(settings.n_outputs_max)
        listen_anew()
        self.pointer: Any = lib.llama_init_from_model(model.pointer, settings)
        if not self.pointer:
            raise EngineDied(
                f"libllama cannot make a context: {last_complaint()}", "Ask for fewer cells."
            )
        self._memory = lib.llama_get_memory(self.pointer)
        self._batch = lib.llama_batch_init(options.chunk, 0, 1)
        self._vocabulary = model.vocabulary.size
        self._in_force: tuple[Any, float] | None = None

    def close(self) -> None:
        lib.llama_batch_free(self._batch)
        lib.llama_free(self.pointer)

    def copy(self, source: int, target: int, tokens: int) -> None:
        """Let `target` share the first `tokens` of `source`; costs nothing."""
        lib.llama_memory_seq_cp(self._memory, source, target, 0, tokens)

    def state_size(self, sequence: int) -> int:
        """Bytes of what a sequence holds: about 20 KiB a token."""
        return int(lib.llama_state_seq_get_size(self.pointer, sequence))

    def save(self, sequence: int, room: State) -> State:
        """The cells of a sequence, copied into `room`, which is as large as `state_size` says."""
        size = lib.llama_state_seq_get_data(
            self.pointer, room.ctypes.data_as(_BYTES), len(room), sequence
        )
        return room[: int(size)]

    def restore(self, sequence: int, state: State) -> bool:
        """Copy them back into the empty `sequence`. False: libllama has no place for them."""
        taken = lib.llama_state_seq_set_data(
            self.pointer, state.ctypes.data_as(_BYTES), len(state), sequence
        )
        return int(taken) == len(state)

    def trim(self, sequence: int, tokens: int) -> None:
        """Forget all but the first `tokens` of a sequence."""
        lib.llama_memory_seq_rm(self._memory, sequence, tokens, -1)

    def use(self, adapter: Adapter | None, strength: float) -> bool:
        """Put an adapter (None: the base alone) in force for the next decode calls. Says whether
        anything changed: a change costs libllama a new plan of its graph."""
        wanted = (adapter.pointer, strength) if adapter else None
        if wanted == self._in_force:
            return False
        if adapter is None:
            lib.llama_set_adapters_lora(self.pointer, None, 0, None)
        else:
            pointers = (lib.llama_adapter_lora_p_ctypes * 1)(adapter.pointer)
            lib.llama_set_adapters_lora(self.pointer, pointers, 1, (ctypes.c_float * 1)(strength))
        self._in_force = wanted
        return True

    def use_threads(self, threads: int) -> None:
        """For the next decode calls. What they compute depends on it only where a single row looks
        at more than about 256 cells of f16: libllama adds those up in as many parts."""
        lib.llama_set_n_threads(self.pointer, threads, threads)

    def decode(self, rows: Sequence[tuple[int, int, int, bool]]) -> bool:
        """Run rows of (token, position, sequence, wants logits), and wait for the result. False: no
        cells are free.

        Raises EngineDied where libllama fails.
        """
        batch = self._batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, output) in enumerate(rows):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = output
        status = lib.llama_decode(self.pointer, batch)
        if status not in {0, 1}:
            raise EngineDied(f"libllama failed to decode ({status}): {last_complaint()}")
        lib.llama_synchronize(self.pointer)
        return bool(status == 0)

    def logits(self, row: int) -> npt.NDArray[np.float32]:
        """A view, valid until the next decode, on the logits of batch row `row`: [vocabulary]."""
        pointer = lib.llama_get_logits_ith(self.pointer, row)
        return np.ctypeslib.as_array(pointer, (self._vocabulary,))

    def block(self, row: int, rows: int) -> npt.NDArray[np.float32]:
        """The same of `rows` batch rows from `row` on, all of which wanted logits: [rows,
        vocabulary]. libllama keeps them one after the other in the order of the batch."""
        pointer = lib.llama_get_logits_ith(self.pointer, row)
        return np.ctypeslib.as_array(pointer, (rows, self._vocabulary))
