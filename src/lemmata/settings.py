"""Everything read from the environment, in one place; no other module touches `os.environ`.

| variable           | meaning                                                | default            |
|--------------------|--------------------------------------------------------|--------------------|
| LEMMATA_HOME       | models, adapters, caches, runs                         | the user data dir  |
| LEMMATA_MODEL      | catalog id or path of the model to serve               | smollm2-135m       |
| LEMMATA_HOST       | address the server binds                               | 127.0.0.1          |
| LEMMATA_PORT       | port of the server                                     | 8080               |
| LEMMATA_THREADS    | threads of the engine and of training                  | physical cores     |
| LEMMATA_CELLS      | tokens of key-value cache, shared by all requests      | 16384              |
| LEMMATA_KV         | precision of that cache: f16 or q8_0                   | f16                |
| LEMMATA_PREFIX_MB  | MiB for what requests that begin alike share; 0: none  | 512                |
| LEMMATA_CONTEXTS   | decode calls side by side on a CPU, at most            | 2                  |
| LEMMATA_GPU_LAYERS | layers on the GPU, where libllama has one; 0: none     | all                |
| LEMMATA_DATABASE   | SQLAlchemy URL of keys and conversations               | SQLite in the home |
| LEMMATA_ENGINE_KEY | API key of the server that `--engine` or `--url` names | none               |
| LEMMATA_VLLM       | command that starts vLLM, for `--engine vllm`          | vllm               |
| LEMMATA_VLLM_ARGS  | more arguments for `vllm serve`                        | none               |
| HF_ENDPOINT        | mirror of the Hugging Face hub                         | huggingface_hub's  |
| HF_HUB_OFFLINE     | 1: never touch the network                             | off                |
| MODELSCOPE_DOMAIN  | mirror of ModelScope                                   | www.modelscope.cn  |
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import platformdirs
import psutil

from lemmata.errors import BadInput


@dataclass(frozen=True, slots=True)
class Settings:
    """One reading of the environment; `load()` makes it, everything else is handed it."""

    home: Path
    model: str
    host: str
    port: int
    threads: int
    hf_endpoint: str | None
    offline: bool
    modelscope_domain: str
    database: str | None = None
    engine_key: str | None = field(default=None, repr=False)
    vllm: str = "vllm"
    vllm_arguments: str = ""
    cells: int = 16_384
    kv: Literal["f16", "q8_0"] = "f16"
    prefix_mb: int = 512
    contexts: int = 2
    gpu_layers: int = -1

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'lemmata.db'}"

    @property
    def models_dir(self) -> Path:
        return self.home / "models"

    @property
    def adapters_dir(self) -> Path:
        return self.home / "adapters"

    @property
    def cache_dir(self) -> Path:
        return self.home / "cache"

    @property
    def runs_dir(self) -> Path:
        return self.home / "runs"


def load() -> Settings:
    """Read the environment. Raises BadInput where a number is not one."""
    return Settings(
        home=Path(os.environ.get("LEMMATA_HOME") or platformdirs.user_data_dir("lemmata")),
        model=os.environ.get("LEMMATA_MODEL") or "smollm2-135m",
        host=os.environ.get("LEMMATA_HOST") or "127.0.0.1",
        port=_number("LEMMATA_PORT", 8080),
        threads=_number("LEMMATA_THREADS", psutil.cpu_count(logical=False) or os.cpu_count() or 1),
        hf_endpoint=os.environ.get("HF_ENDPOINT"),
        offline=(os.environ.get("HF_HUB_OFFLINE") or "0").lower() in {"1", "true", "yes", "on"},
        modelscope_domain=os.environ.get("MODELSCOPE_DOMAIN") or "www.modelscope.cn",
        database=os.environ.get("LEMMATA_DATABASE") or None,
        engine_key=os.environ.get("LEMMATA_ENGINE_KEY") or None,
        vllm=os.environ.get("LEMMATA_VLLM") or "vllm",
        vllm_arguments=os.environ.get("LEMMATA_VLLM_ARGS") or "",
        cells=_number("LEMMATA_CELLS", 16_384),
        kv=_kv(),
        prefix_mb=_prefix_mb(),
        contexts=_number("LEMMATA_CONTEXTS", 2),
        gpu_layers=_gpu_layers(),
    )


def _kv() -> Literal["f16", "q8_0"]:
    kind = os.environ.get("LEMMATA_KV") or "f16"
    if kind == "f16":
        return "f16"
    if kind == "q8_0":
        return "q8_0"
    raise BadInput(
        f"LEMMATA_KV={kind!r} is no precision of the cache",
        "Set it to f16 or q8_0; q4_0 turns this family's output into garbage.",
    )


def _gpu_layers() -> int:
    asked = os.environ.get("LEMMATA_GPU_LAYERS")
    return 0 if asked == "0" else _number("LEMMATA_GPU_LAYERS", -1)


def _prefix_mb() -> int:
    return 0 if os.environ.get("LEMMATA_PREFIX_MB") == "0" else _number("LEMMATA_PREFIX_MB", 512)


def share_the_cores() -> None:
    """Have OpenMP's threads sleep while they wait for each other; call it before torch or libllama
    is loaded. Spinning, which OpenMP does if nothing is said, brings work to a crawl as soon as
    another program wants the same cores. A policy that the user has set stays."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def child_environment(**changes: str) -> dict[str, str]:
    """The environment of a child process that works for the user: theirs, with these changes."""
    return {**os.environ, **changes}


def _number(name: str, default: int) -> int:
    text = os.environ.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) == 0:
        raise BadInput(f"{name}={text!r} is not a positive number", f"Set {name} to a number.")
    return int(text)
