"""How soon a cold server answers, and what it holds: `python bench/startup.py [--runs 5]`.

Each run starts `lemmata serve` in a process of its own and measures, from its first instruction:
seconds to `/healthz` (the port answers), to `/readyz` (the model does), to the first token of a
chat, the CPU time that the server itself has used by then (which other load changes little), and
the resident memory of the server and of its engine's child. The page cache is warm after the first
run; medians and all runs are written to results/startup.json. --against SRC starts a former state's
sources in turn with these, and --json names another file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx
import psutil

RESULTS = Path(__file__).parent / "results" / "startup.json"
ASK = {
    "messages": [{"role": "user", "content": "What is 6 times 7?"}],
    "temperature": 0,
    "max_tokens": 16,
    "stream": True,
}
MIB = 2**20


def run(model: str, home: Path, source: Path | None = None) -> dict[str, float]:
    """One cold start, of this checkout or of other sources. Seconds from the process's start;
    memory in MiB."""
    words = [sys.executable, "-m", "lemmata", "serve", "--model", model, "--port", "0"]
    more = {"PYTHONPATH": str(source)} if source else {}
    began = time.monotonic()
    with subprocess.Popen(
        words,
        env={**os.environ, "LEMMATA_HOME": str(home), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            url = listening(process.pid)
            with httpx.Client(base_url=url, timeout=120) as http:
                port = since(began, lambda: http.get("/healthz").is_success)
                ready = since(began, lambda: http.get("/readyz").is_success)
                first = first_token(http, began)
            return {
                "port_s": port,
                "ready_s": ready,
                "first_token_s": first,
                "server_cpu_s": round(sum(psutil.Process(process.pid).cpu_times()[:2]), 2),
                **memory(process.pid),
            }
        finally:
            process.terminate()
            process.wait(60)


def listening(pid: int) -> str:
    """Where the process listens, as soon as it does."""
    while True:
        for connection in psutil.Process(pid).net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                return f"http://127.0.0.1:{connection.laddr.port}"
        time.sleep(0.005)


def since(began: float, done: Callable[[], bool]) -> float:
    while not done():
        time.sleep(0.01)
    return round(time.monotonic() - began, 3)


def first_token(http: httpx.Client, began: float) -> float:
    model = http.get("/v1/models").json()["data"][0]["id"]
    with http.stream("POST", "/v1/chat/completions", json={**ASK, "model": model}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {") and said(json.loads(line[6:])):
                return round(time.monotonic() - began, 3)
    raise RuntimeError("the server wrote nothing")


def said(chunk: dict[str, Any]) -> str:
    return "".join(choice["delta"].get("content") or "" for choice in chunk["choices"])


def memory(pid: int) -> dict[str, float]:
    """Resident and proportional set size of the server, and of the engine's child."""
    server = psutil.Process(pid)
    child = max(server.children(recursive=True), key=lambda p: p.memory_info().rss)
    figures = {}
    for name, process in (("server", server), ("engine", child)):
        full = process.memory_full_info()
        figures[f"{name}_rss_mib"] = round(full.rss / MIB, 1)
        figures[f"{name}_pss_mib"] = round(full.pss / MIB, 1)
    figures["total_pss_mib"] = round(figures["server_pss_mib"] + figures["engine_pss_mib"], 1)
    return figures


def facts() -> dict[str, Any]:
    return {
        "cores": psutil.cpu_count(logical=False),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "llama_cpp_python": metadata.version("llama-cpp-python"),
        "lemmata": metadata.version("lemmata"),
    }


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(r[name] for r in runs), 3) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--home", type=Path, help="a LEMMATA_HOME that holds the model")
    parser.add_argument("--against", type=Path, help="src of a former state")
    parser.add_argument("--json", type=Path, default=RESULTS)
    asked = parser.parse_args()
    about = facts()
    runs, former = [], []
    with tempfile.TemporaryDirectory() as scratch:
        home = asked.home or Path(scratch)
        for _ in range(asked.runs):
            runs.append(run(asked.model, home))
            if asked.against:
                former.append(run(asked.model, home, asked.against))
    median = medians(runs)
    document = {"machine": about, "model": Path(asked.model).name, "median": median, "runs": runs}
    if former:
        before = medians(former)
        ratio = {name: round(before[name] / median[name], 3) for name in median}
        document |= {"before": before, "before_to_now": ratio}
    asked.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{'':16}{'median':>10}{'min':>10}{'max':>10}")
    for name, value in median.items():
        seen = [r[name] for r in runs]
        print(f"{name:16}{value:>10.2f}{min(seen):>10.2f}{max(seen):>10.2f}")


if __name__ == "__main__":
    main()
