"""Adapters come and go while the server runs, and none of them can do harm."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest

from lemmata.adapters import canonical
from lemmata.adapters.manifest import Manifest
from lemmata.adapters.registry import Registry
from lemmata.errors import AdapterRefused
from lemmata.server.routes import adapters as routes
from lemmata.types import AdapterRef
from scripted import ScriptedEngine

BASE = "some/base"


class Engine(ScriptedEngine):
    """Knows its base, as real engines do, and answers with the adapter's name."""

    def __init__(self) -> None:
        super().__init__(lambda request: request.adapter or "base")

    async def load_adapter(self, ref: AdapterRef) -> None:
        if ref.base != BASE:
            raise AdapterRefused(f"{ref.name} is for {ref.base}")
        await super().load_adapter(ref)


def adapter(folder: Path, base: str = BASE, seed: int = 0) -> Path:
    draw = np.random.default_rng(seed)
    key = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = {
        f"{key}.lora_A.weight": draw.normal(size=(4, 32)).astype("f4"),
        f"{key}.lora_B.weight": draw.normal(size=(32, 4)).astype("f4"),
    }
    canonical.save(folder, tensors, rank=4, alpha=16, about=Manifest(base=base))
    return folder


def zipped(folder: Path, prefix: str = "", **replaced: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.writestr(prefix + path.name, replaced.pop(path.name, path.read_bytes()))
        for name, content in replaced.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def put(server: Any, name: str, body: bytes, kind: str = "application/zip") -> Any:
    return server.http.put(f"/api/adapters/{name}", content=body, headers={"content-type": kind})


def ask(server: Any, model: str) -> str:
    answer = server.client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "who?"}]
    )
    content: str = answer.choices[0].message.content
    return content


def test_an_uploaded_adapter_answers_at_once_and_is_kept(
    serving: Callable[..., Any], tmp_path: Path
) -> None:
    server = serving(Engine())
    answer = put(server, "counting", zipped(adapter(tmp_path / "a"), prefix="folder/"))
    assert answer.status_code == 200
    assert ask(server, "counting") == "counting"
    kept = Registry(server.service.settings.adapters_dir).get("counting")
    assert answer.json()["sha256"] == kept.sha256
    assert server.service.engine.adapters() == (kept,)
    assert not list(server.service.settings.home.glob(".upload-*"))


def test_alias_and_remove(serving: Callable[..., Any], tmp_path: Path) -> None:
    server = serving(Engine())
    put(server, "counting", zipped(adapter(tmp_path / "a")))
    assert server.http.put("/api/adapters/best/alias", json={"adapter": "counting"}).is_success
    assert server.http.delete("/api/adapters/counting").status_code == 204
    assert ask(server, "best") == "best"
    with pytest.raises(openai.NotFoundError):
        ask(server, "counting")
    assert server.http.delete("/api/adapters/counting").status_code == 404
    assert server.http.put("/api/adapters/x/alias", json={"adapter": "no"}).status_code == 404


def test_a_name_moves_to_a_new_adapter(serving: Callable[..., Any], tmp_path: Path) -> None:
    server = serving(Engine())
    first = put(server, "counting", zipped(adapter(tmp_path / "a"))).json()
    second = put(server, "counting", zipped(adapter(tmp_path / "b", seed=1))).json()
    assert first["sha256"] != second["sha256"]
    (listed,) = server.http.get("/api/adapters").json()["adapters"]
    assert listed == second


def lying(folder: Path) -> bytes:
    return zipped(folder, **{"../../escaped.txt": b"x", "/etc/escaped": b"x", "a/../b": b"x"})


def link(folder: Path) -> bytes:
    buffer = io.BytesIO()
    entry = zipfile.ZipInfo(canonical.WEIGHTS)
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
        archive.write(folder / canonical.CONFIG, canonical.CONFIG)
    return buffer.getvalue()


def pickle(folder: Path) -> bytes:
    (folder / canonical.WEIGHTS).rename(folder / "adapter_model.bin")
    return zipped(folder)


def bomb(folder: Path) -> bytes:
    return zipped(folder, **{canonical.WEIGHTS: b"\0" * (9 * 2**20)})


def huge_header(folder: Path) -> bytes:
    header = (2**62).to_bytes(8, "little") + b"{}"
    return zipped(folder, **{canonical.WEIGHTS: header})


def dora(folder: Path) -> bytes:
    fields = json.loads((folder / canonical.CONFIG).read_text()) | {"use_dora": True}
    return zipped(folder, **{canonical.CONFIG: json.dumps(fields).encode()})


def no_zip(folder: Path) -> bytes:
    return os.urandom(4096)


def cut(folder: Path) -> bytes:
    return zipped(folder)[:-40]


@pytest.mark.parametrize("bad", [link, pickle, bomb, huge_header, dora, no_zip, cut])
def test_what_is_no_safe_adapter_is_refused_and_leaves_nothing(
    serving: Callable[..., Any],
    tmp_path: Path,
    bad: Callable[[Path], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes, "UNPACKED", 8 * 2**20)
    server = serving(Engine())
    answer = put(server, "bad", bad(adapter(tmp_path / "a")))
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert server.service.engine.adapters() == ()
    home = server.service.settings.home
    assert Registry(server.service.settings.adapters_dir).list() == ()
    assert not list(home.glob(".upload-*"))
    assert server.http.get("/healthz").is_success


def test_names_that_leave_the_folder_never_reach_the_disk(
    serving: Callable[..., Any], tmp_path: Path
) -> None:
    server = serving(Engine())
    put(server, "counting", lying(adapter(tmp_path / "a")))
    assert not [path for path in tmp_path.rglob("*") if "escaped" in path.name]


def test_an_adapter_for_another_base_does_not_displace_the_one_there(
    serving: Callable[..., Any], tmp_path: Path
) -> None:
    server = serving(Engine())
    first = put(server, "counting", zipped(adapter(tmp_path / "a"))).json()
    other = put(server, "counting", zipped(adapter(tmp_path / "b", base="other/base")))
    assert other.status_code == 400
    assert "other/base" in other.json()["error"]["message"]
    assert server.http.get("/api/adapters").json()["adapters"] == [first]
    registered = Registry(server.service.settings.adapters_dir).get("counting")
    assert registered.sha256 == first["sha256"]


@pytest.mark.parametrize("name", ["scripted", "-x", "a b", ".hidden", "x" * 65, "%2e%2e"])
def test_bad_names(serving: Callable[..., Any], tmp_path: Path, name: str) -> None:
    answer = put(serving(Engine()), name, zipped(adapter(tmp_path / "a")))
    assert answer.status_code in {400, 404, 405}


def test_only_a_zip_is_read(serving: Callable[..., Any], tmp_path: Path) -> None:
    body = zipped(adapter(tmp_path / "a"))
    assert put(serving(Engine()), "counting", body, "text/plain").status_code == 400


def spoilt(good: bytes) -> dict[str, bytes]:
    """Zips that name the right files and cannot be read to their end."""
    content = good.find(canonical.CONFIG.encode()) + len(canonical.CONFIG)
    entry, end = good.rfind(b"PK\x01\x02"), good.rfind(b"PK\x05\x06")
    changes = {
        "deflated nonsense": (content, b"\xff" * 20),
        "a name that is no UTF-8": (
            entry + 8,
            b"\x00\x08" + good[entry + 10 : entry + 46] + b"\xff",
        ),
        "a directory behind the end": (end + 16, b"\xff\xff\xff\xfe"),
        "an entry behind the end": (entry + 42, b"\xff\xff\xff\x7f"),
        "another way of packing": (entry + 10, b"\x0e\x00"),
    }
    return {
        name: good[:at] + new + good[at + len(new) :] for name, (at, new) in changes.items()
    } | {"half of it": good[: len(good) // 2]}


def test_spoilt_zips_are_refused(serving: Callable[..., Any], tmp_path: Path) -> None:
    server, good = serving(Engine()), zipped(adapter(tmp_path / "a"))
    for name, body in spoilt(good).items():
        answer = put(server, "spoilt", body)
        assert (name, answer.status_code) == (name, 400), answer.text
    assert put(server, "good", good).status_code == 200
    assert [ref["name"] for ref in server.http.get("/api/adapters").json()["adapters"]] == ["good"]
