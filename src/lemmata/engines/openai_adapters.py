"""The adapters that a remote server runs for us, and how it gets them.

vLLM loads them through its runtime API (https://docs.vllm.ai/en/latest/features/lora.html) under a
name made of the content hash, from an immutable folder, so that it can never answer from the prefix
cache of an older adapter of the same name. Ray Serve LLM fetches them itself, replica by replica,
from the folder of its configuration: ours only have to be there.
"""

from __future__ import annotations

import httpx

from lemmata.adapters import config
from lemmata.adapters.canonical import CONFIG
from lemmata.engines.openai_server import Server, card_of, served_as
from lemmata.engines.openai_wire import explain, message, unreachable
from lemmata.engines.requests import adapter_of
from lemmata.errors import AdapterRefused, EngineDied, LemmataError
from lemmata.types import AdapterRef

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""What `--max-lora-rank` may be; an adapter's own rank is any number up to that."""
LARGEST_RANK = 64
"""Which of them we tell people to start vLLM with; its own default is 16."""


def rank_for(refs: tuple[AdapterRef, ...]) -> int:
    """The smallest `--max-lora-rank` that takes them all, at least 16. Raises AdapterRefused."""
    wanted = max((ref.rank for ref in refs), default=16)
    fitting = [rank for rank in RANKS if rank >= max(wanted, 16)]
    if not fitting:
        raise AdapterRefused(f"rank {wanted} is more than vLLM serves ({RANKS[-1]})")
    return fitting[0]


class Adapters:
    """By the names that our people use. `largest` is the server's --max-lora-rank."""

    def __init__(self, server: Server, largest: int = LARGEST_RANK) -> None:
        self.server, self._largest = server, largest
        self._loaded: dict[str, AdapterRef] = {}

    def model_of(self, name: str | None) -> str:
        """The model id to ask for. Raises UnknownAdapter."""
        if name is None:
            return self.server.model
        if name in self.server.served and name not in self._loaded:
            return self.server.served[name]
        return self.server.model_of(adapter_of(name, self._loaded))

    def all(self) -> tuple[AdapterRef, ...]:
        """Sorted by name."""
        return tuple(ref for _, ref in sorted(self._loaded.items()))

    def get(self, name: str) -> AdapterRef:
        return adapter_of(name, self._loaded)

    def missing(self, client: httpx.Client) -> bool:
        """Load again what the server lost when it was started anew; whether all is there."""
        try:
            for ref in dict(self._loaded).values():
                self.load_now(client, ref)
        except (httpx.HTTPError, LemmataError):
            return False
        return True

    def load_now(self, client: httpx.Client, ref: AdapterRef) -> None:
        """Raises AdapterRefused, httpx.HTTPError."""
        if self.server.kind == "ray":
            self._find(client, ref)
            return
        body = {"lora_name": served_as(ref), "lora_path": str(ref.path)}
        _judge(client.post("/v1/load_lora_adapter", json=body), done="already")

    def _find(self, client: httpx.Client, ref: AdapterRef) -> None:
        """Ray reads the adapter's configuration out of its folder when it is asked for the card."""
        answer = client.get(f"/v1/models/{card_of(self.server.model_of(ref))}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise AdapterRefused(
                f"Ray Serve does not find adapter {ref.name}",
                f"Copy {ref.path} to {served_as(ref)}/ in its dynamic_lora_loading_path.",
            )
        if not answer.is_success:
            raise explain(answer)

    def load(self, client: httpx.Client, ref: AdapterRef) -> None:
        """Make `ref.name` mean `ref`. Raises AdapterRefused, EngineDied."""
        self._check(ref)
        former = self._loaded.get(ref.name)
        try:
            if not self._holds(ref):
                self.load_now(client, ref)
            self._loaded[ref.name] = ref
            if former is not None:
                self._drop(client, former)
        except httpx.HTTPError as error:
            raise unreachable(error) from error

    def _check(self, ref: AdapterRef) -> None:
        """What vLLM refuses, refused before it is asked: its config is read by our own rules, which
        know no bias, DoRA or modules_to_save."""
        if ref.rank > self._largest:
            raise AdapterRefused(
                f"adapter {ref.name} has rank {ref.rank}; the server takes {self._largest}",
                "Start vLLM with a larger --max-lora-rank.",
            )
        if (ref.path / CONFIG).is_file():
            config.read(ref.path / CONFIG)

    def unload(self, client: httpx.Client, name: str) -> None:
        """Raises UnknownAdapter, EngineDied."""
        ref = self.get(name)
        del self._loaded[name]
        try:
            self._drop(client, ref)
        except httpx.HTTPError as error:
            raise unreachable(error) from error

    def _holds(self, ref: AdapterRef) -> bool:
        return any(other.sha256 == ref.sha256 for other in self._loaded.values())

    def _drop(self, client: httpx.Client, ref: AdapterRef) -> None:
        """Tell the server to forget weights that no name means any more."""
        if self.server.kind == "ray" or self._holds(ref):
            return
        body = {"lora_name": served_as(ref)}
        _judge(client.post("/v1/unload_lora_adapter", json=body), done="cannot be found")


def _judge(answer: httpx.Response, done: str) -> None:
    """`done` is in the refusal that means: it is so already."""
    if answer.is_success or (answer.status_code != 405 and done in answer.text):
        return
    if answer.status_code in {404, 405} and "error" not in answer.text:
        raise AdapterRefused(
            "this server takes no adapters while it runs",
            "Start vLLM with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=1.",
        )
    if answer.status_code in {502, 503, 504}:
        raise EngineDied(f"the model server failed ({answer.status_code})", "Try again.")
    raise AdapterRefused(f"the server refuses the adapter: {message(answer)}")
