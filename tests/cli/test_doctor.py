from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def test_a_fresh_machine_lacks_the_model_and_is_told_how_to_get_it(
    lemmata: Callable[..., Any],
) -> None:
    done = lemmata("doctor")
    assert done.returncode == 3
    assert "lemmata pull smollm2-135m" in done.stdout
    assert done.stderr == ""


def test_json_is_one_document(lemmata: Callable[..., Any]) -> None:
    done = lemmata("doctor", "--json")
    document = json.loads(done.stdout)
    assert document["ok"] is False
    names = [finding["name"] for finding in document["findings"]]
    assert {"cpu", "memory", "disk", "gpu", "compiler", "model", "ip_forward"} <= set(names)
    assert all(f["mend"] for f in document["findings"] if f["state"] != "ok")


def test_it_writes_nothing(lemmata: Callable[..., Any], environment: dict[str, str]) -> None:
    import pathlib

    lemmata("doctor")
    assert not pathlib.Path(environment["LEMMATA_HOME"]).exists()
