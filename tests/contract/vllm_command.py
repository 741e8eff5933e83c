"""A program that behaves as `vllm` does on its command line, over the echo engine.

    python vllm_command.py serve FOLDER --port N …

It starts slowly, refuses arguments that vLLM does not have, fails as vLLM fails, starts a worker
process, and serves its adapter API only where it was told to. What a test wants of it stands in
STANDIN, a JSON object: `start_s`, `crash` (what it says before it ends), `crashes` (a file that
counts how often it may), `worker` (a file for the pid of the process it starts).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import uvicorn
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from contract.vllm_standin import Standin
from lemmata.engines.echo import EchoEngine


def arguments():
    parser = argparse.ArgumentParser("vllm")
    serve = parser.add_subparsers(required=True).add_parser("serve")
    serve.add_argument("model")
    serve.add_argument("--host", default="0.0.0.0")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--served-model-name")
    serve.add_argument("--max-model-len", type=int, default=4096)
    serve.add_argument("--enable-lora", action="store_true")
    ranks = [1, 8, 16, 32, 64, 128, 256, 320, 512]
    serve.add_argument("--max-lora-rank", type=int, choices=ranks, default=16)
    serve.add_argument("--max-loras", type=int, default=1)
    serve.add_argument("--max-cpu-loras", type=int)
    serve.add_argument("--gpu-memory-utilization", type=float, default=0.9)
    return parser.parse_args()


def crash_if_asked(wanted):
    counter = wanted.get("crashes")
    if counter is not None:
        left = int(Path(counter).read_text())
        Path(counter).write_text(str(left - 1))
        if left <= 0:
            return
    if "crash" in wanted:
        sys.stdout.write("INFO starting engine core\n")
        sys.exit(wanted["crash"])


class Key(BaseHTTPMiddleware):
    """As vLLM: /v1 asks for the key, the rest does not."""

    async def dispatch(self, request, call_next):
        key = os.environ.get("VLLM_API_KEY")
        told = request.headers.get("authorization")
        if key and request.url.path.startswith("/v1") and told != f"Bearer {key}":
            return JSONResponse({"error": "Unauthorized"}, 401)
        return await call_next(request)


async def die(request):
    os._exit(3)


def main():
    asked = arguments()
    wanted = json.loads(os.environ.get("STANDIN", "{}"))
    if (folder := wanted.get("worker")) is not None:
        worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(folder).write_text(str(worker.pid))
    time.sleep(wanted.get("start_s", 0))
    crash_if_asked(wanted)
    assert (Path(asked.model) / "config.json").exists()
    lora = asked.enable_lora and os.environ.get("VLLM_ALLOW_RUNTIME_LORA_UPDATING") == "1"
    standin = Standin(
        EchoEngine(context=asked.max_model_len), asked.served_model_name or asked.model, lora,
        asked.max_lora_rank,
    )  # fmt: skip
    app = standin.app()
    app.add_middleware(Key)
    app.router.routes.append(Route("/die", die, methods=["POST"]))
    uvicorn.run(app, host=asked.host, port=asked.port, log_level="info", lifespan="off")


if __name__ == "__main__":
    main()
