from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import openai
import pytest

from lemmata.server.admission import Admission
from scripted import ScriptedEngine

ASK: list[Any] = [{"role": "user", "content": "1+1?"}]


def read(server: Any) -> dict[str, float]:
    lines = server.http.get("/metrics").text.splitlines()
    pairs = (re.fullmatch(r"(\S+) (\S+)", line) for line in lines)
    return {found[1]: float(found[2]) for found in pairs if found}


def test_requests_tokens_and_verdicts_are_counted(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine(["\\boxed{2}"]))
    server.client.chat.completions.create(model="scripted", messages=ASK)
    server.http.post("/api/solve", json={"problem": "1+1?", "gold": "2"})
    server.http.post("/api/solve", json={"problem": "1+1?", "stream": True})
    server.http.get("/v1/models/nobody")
    seen = read(server)
    assert seen['lemmata_tokens_total{kind="completion",model="scripted"}'] == 27
    assert seen['lemmata_verdicts_total{state="correct"}'] == 1
    assert seen['lemmata_verdicts_total{state="unverified"}'] == 1
    assert seen["lemmata_first_token_seconds_count"] == 3
    assert seen['lemmata_generation_seconds_count{outcome="done"}'] == 3
    assert seen['lemmata_http_requests_total{route="/api/solve",status="200"}'] == 2
    assert seen['lemmata_http_requests_total{route="/v1/models/{model:path}",status="404"}'] == 1


def test_a_client_cannot_invent_labels(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine(["x"]))
    for path in ("/a", "/b/c", "/page/none.js"):
        server.http.get(path)
    routes = {name for name in read(server) if name.startswith("lemmata_http_requests_total")}
    assert len(routes) <= 3
    assert not any("/a" in name or "/b" in name or "none" in name for name in routes)


def test_more_than_the_queue_holds_is_429_with_the_time_to_come_back(
    serving: Callable[..., Any],
) -> None:
    engine = ScriptedEngine(["x" * 400], delay=0.01)
    server = serving(engine)
    server.service.admission = Admission(slots=1, waiting=1)
    held = [
        threading.Thread(
            target=lambda: server.http.post(
                "/v1/completions", json={"model": "scripted", "prompt": "a", "max_tokens": 60}
            )
        )
        for _ in range(2)
    ]
    for thread in held:
        thread.start()
    while server.service.admission.waiting < 1:
        time.sleep(0.005)
    with pytest.raises(openai.RateLimitError) as turned:
        server.client.chat.completions.create(model="scripted", messages=ASK)
    assert turned.value.code == "server_overloaded"
    assert int(turned.value.response.headers["retry-after"]) >= 1
    assert read(server)["lemmata_waiting_sequences"] == 1
    for thread in held:
        thread.join()
    assert (server.service.admission.active, server.service.admission.waiting) == (0, 0)
    server.client.chat.completions.create(model="scripted", messages=ASK, max_tokens=1)
