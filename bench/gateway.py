"""What the gateway itself costs: `python bench/gateway.py` prints a table, --json a record.

Most parts use the echo engine, which answers at once or at a given pace, so that what is measured
is HTTP, JSON, admission and streaming. The client is raw sockets in this process, every server a
process of its own. Parts: `latency` (through HTTP less the engine called directly), `storm` (10,000
requests of which some hang up and some are malformed, every answer compared with what its own
prompt must give), `streams` (at once), `deaths` (such a storm on the real model, whose engine is
killed five times), `gateways` and `servers` (peers measured in the same run), and `against` (a
former state of the sources beside this one; `connector` too, in front of another server).

Peers take a Python that has them: --litellm (litellm[proxy]), --llama-cpp
(llama-cpp-python[server]) and --xllamacpp (xllamacpp, which carries llama-server).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from gateway_parts import deaths, parts, peers, servers

PARTS = ("latency", "storm", "streams", "deaths", "gateways", "servers", "against", "connector")


def latency(args: argparse.Namespace) -> Any:
    with servers.ours(0.0) as (port, _):
        return parts.latency(port, args.requests)


def storm(args: argparse.Namespace) -> Any:
    with servers.ours(0.0) as server:
        return asyncio.run(parts.storm(server, args.storm, 64))


def streams(args: argparse.Namespace) -> Any:
    with servers.ours(servers.PACE_S) as server:
        return asyncio.run(parts.streams(server, args.streams, 100))


def dying(args: argparse.Namespace) -> Any:
    with servers.lemmata(["--model", args.model], args.home) as server:
        return asyncio.run(deaths.deaths(server, args.deaths, 32, 5))


def gateways(args: argparse.Namespace) -> Any:
    return peers.in_front(args.litellm, args.requests // 2)


def with_model(args: argparse.Namespace) -> Any:
    return peers.with_model(args.gguf, args.home, args.llama_cpp, args.xllamacpp)


def against(args: argparse.Namespace) -> Any:
    return parts.against(args.against, args.rounds) if args.against else {}


def connector(args: argparse.Namespace) -> Any:
    return peers.connector(args.against, args.rounds, args.requests // 10) if args.against else {}


MEASURES: tuple[Callable[[argparse.Namespace], Any], ...] = (
    latency, storm, streams, dying, gateways, with_model, against, connector,
)  # fmt: skip


def measure(args: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    yield "cores", psutil.cpu_count()
    for name, part in zip(PARTS, MEASURES, strict=True):
        if name in (args.only or PARTS):
            load, began = round(os.getloadavg()[0], 2), time.monotonic()
            figures = part(args)
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
            yield name, {"load_before": load, **figures}


def lines(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from lines(f"{name} {key}", inner)
    else:
        yield f"{name:50} {value}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=1000, help="of the latency")
    parser.add_argument("--storm", type=int, default=10_000)
    parser.add_argument("--deaths", type=int, default=10_000, help="requests while it is killed")
    parser.add_argument("--streams", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=8, help="of the comparison")
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--home", type=Path, help="a LEMMATA_HOME that holds the model")
    parser.add_argument("--gguf", type=Path, help="the model's file, for the servers")
    parser.add_argument("--litellm", type=Path)
    parser.add_argument("--llama-cpp", type=Path)
    parser.add_argument("--xllamacpp", type=Path)
    parser.add_argument("--against", type=Path, help="src of a former state")
    parser.add_argument("--only", nargs="*", choices=PARTS, help="the others stay in the record")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    kept = args.only and args.json and args.json.exists()
    found: dict[str, Any] = json.loads(args.json.read_text("utf-8")) if kept else {}
    for name, figures in measure(args):
        found[name] = figures
        print("\n".join(lines(name, figures)))
        if args.json:
            args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
