"""The strength an adapter is set to outlives the server, and belongs to that adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lemmata.adapters.registry import Registry
from lemmata.errors import BadData
from lemmata.server.strengths import Strengths
from server.test_adapters import Engine, adapter, zipped

ZIP = {"content-type": "application/zip"}


def test_a_strength_is_kept_over_a_restart(serving: Callable[..., Any], tmp_path: Path) -> None:
    first = serving(Engine())
    content = zipped(adapter(tmp_path / "one"))
    assert first.http.put("/api/adapters/x", content=content, headers=ZIP).status_code == 200
    set_to = first.http.put("/api/adapters/x/strength", json={"strength": 0.4})
    assert set_to.status_code == 204
    engine = Engine()
    again = serving(engine)
    asyncio.run(engine.load_adapter(Registry(again.service.settings.adapters_dir).get("x")))
    assert again.http.get("/api/adapters/x").json()["strength"] == 0.4
    again.http.put("/api/adapters/x", content=content, headers=ZIP)  # the same one
    assert again.http.get("/api/adapters/x").json()["strength"] == 0.4


def test_another_adapter_of_that_name_starts_as_trained(
    serving: Callable[..., Any], tmp_path: Path
) -> None:
    http = serving(Engine()).http
    for seed in (0, 0, 1):
        content = zipped(adapter(tmp_path / f"{seed}", seed=seed))
        http.put("/api/adapters/x", content=content, headers=ZIP)
        if http.get("/api/adapters/x").json()["strength"] == 1.0:
            http.put("/api/adapters/x/strength", json={"strength": 0.4})
            changed = seed
    assert changed == 1
    assert http.delete("/api/adapters/x").status_code == 204
    http.put("/api/adapters/x", content=content, headers=ZIP)
    assert http.get("/api/adapters/x").json()["strength"] == 1.0


@pytest.mark.parametrize("text", ["{", "[]", '{"x": "strong"}', '{"x": true}'])
def test_a_file_that_was_not_written_here_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "strengths.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadData, match=r"strengths\.json holds no strengths"):
        Strengths(path)
