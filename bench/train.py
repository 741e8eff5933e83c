"""LoRA training side by side: `python bench/train.py --data gsm8k-train.jsonl`.

Ours, TRL's SFTTrainer at its defaults and at its best settings, and a plain padded PEFT loop, each
in its own process, on the same base (SmolLM2-135M), rows, threads and learning rate; and the limit
that the matrix products alone set. Once with ours in float32 beside float32 peers and TRL's
defaults, which are bf16, and once all in bf16. One step each in turn, so that a busy machine is
busy for all; what is reported is the median of the rounds' ratios, and the same by processor time,
which other work on the machine hardly changes. Speed counts tokens of rows, never padding; a token
that ours runs once for several rows counts for each, as it does for the others.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from lemmata import settings
from lemmata.data.render import Renderer
from lemmata.models import gguf_read
from lemmata.models.store import Store
from lemmata.prompts.render import ChatTemplate
from lemmata.train import plan
from lemmata.train.rows import Row, groups, size
from lemmata.types import Example, Message

PEERS = Path(__file__).parent / "train_peers"
NAMES = {
    "lemmata": ["ours.py"], "trl-defaults": ["trl_sft.py", "defaults"],
    "trl-defaults-fp32": ["trl_sft.py", "defaults-fp32"], "trl-best": ["trl_sft.py", "best"],
    "trl-packed": ["trl_sft.py", "packed"], "plain": ["plain.py"], "limit": ["limit.py"],
    "lemmata-bf16": ["ours.py", "bf16"], "trl-best-bf16": ["trl_sft.py", "best-bf16"],
    "plain-bf16": ["plain.py", "bf16"], "limit-bf16": ["limit.py", "bf16"],
}  # fmt: skip
GROUPS = {
    "fp32": ("lemmata", "trl-defaults-fp32", "trl-defaults", "trl-best", "plain", "limit"),
    "bf16": ("lemmata-bf16", "trl-defaults", "trl-best-bf16", "plain-bf16", "limit-bf16"),
}
"""Ours first; what all others are compared with."""
GOALS = {"trl-defaults": 2.5, "trl-best": 1.5, "plain": 1.5, "limit": 0.75}
PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate")


class Peer:
    """A peer's process; asked a word, it answers a JSON line."""

    def __init__(self, name: str, task: Path, environment: dict[str, str]) -> None:
        self.name, words = name, NAMES[name]
        command = [sys.executable, str(PEERS / words[0]), str(task), *words[1:]]
        self._log = task.parent / f"{name}.log"
        log = self._log.open("w")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env=environment,
        )  # fmt: skip
        self.steps: list[dict[str, float]] = []
        self.losses: list[tuple[float, float]] = []
        self._heard()

    def _heard(self) -> dict[str, Any]:
        for line in self._process.stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        raise SystemExit(f"{self.name} ended:\n{self._log.read_text()[-3000:]}")

    def ask(self, word: str) -> dict[str, Any]:
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        return self._heard()

    def step(self) -> None:
        self.steps.append(self.ask("step"))

    def loss(self) -> None:
        seconds = sum(step["seconds"] for step in self.steps)
        self.losses.append((seconds, self.ask("loss")["loss"]))

    def end(self) -> dict[str, Any]:
        told = self.ask("end")
        self._process.wait(60)
        return told

    def speeds(self, clock: str = "seconds") -> list[float]:
        """Tokens a second of each step but the first, which warms up."""
        return [step["tokens"] / step[clock] for step in self.steps[1:]]


def rows_of(data: Path, count: int) -> tuple[list[dict[str, Any]], Path]:
    """GSM8K problems as the base's own chat template shows them, and the base's folder."""
    home = settings.load()
    store = Store(home)
    stored = store.get("smollm2-135m")
    base = store.hf_dir(stored)
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    renderer = Renderer(template, Tokenizer.from_file(str(base / "tokenizer.json")))
    rows = []
    for line in data.read_text("utf-8").splitlines()[:count]:
        item = json.loads(line)
        answer = re.sub(r"<<.*?>>", "", item["answer"])
        shown = renderer(Example((Message("user", item["question"]),), answer))
        rows.append({"ids": list(shown.ids), "start": shown.start})
    return rows, base


def planned_mib(
    rows: list[dict[str, Any]], base: Path, args: argparse.Namespace, precision: plan.Precision
) -> float:
    """What `train plan` says of the peak, for the largest pack of the steps."""
    shape = plan.read_shape(base)
    made = [Row(tuple(r["ids"]), r["start"], (0,) * (len(r["ids"]) - r["start"])) for r in rows]
    packs = [
        group for at in range(0, len(made), args.rows)
        for group in groups(made[at : at + args.rows], args.pack)
    ]  # fmt: skip
    labels = max(sum(len(row.ids) - row.start for row in group) for group in packs)
    trainable = shape.adapted(8, ("q_proj", "v_proj"))
    found = plan.memory(shape, trainable, max(map(size, packs)), labels, precision)
    return found.total / 2**20


def seconds_to(peer: Peer, target: float) -> float | None:
    """Training seconds until the held-out loss is `target`, between measurements in a line."""
    for (before, high), (after, low) in zip(peer.losses, peer.losses[1:], strict=False):
        if low <= target <= high:
            share = (high - target) / (high - low) if high > low else 1.0
            return before + share * (after - before)
    return None


def run(
    args: argparse.Namespace, precision: plan.Precision, names: tuple[str, ...]
) -> dict[str, Any]:
    """One group of peers."""
    count = args.rounds * args.rows + args.held_out
    rows, base = rows_of(args.data, count)
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task.json"
        task.write_text(json.dumps({
            "base": str(base), "rows": rows[args.held_out :], "held_out": rows[: args.held_out],
            "rows_per_step": args.rows, "steps": args.rounds, "threads": args.threads,
        }))  # fmt: skip
        environment = os.environ | {
            "OMP_NUM_THREADS": str(args.threads), "OMP_WAIT_POLICY": "passive",
            "BENCH_PACK": str(args.pack), "HF_HUB_OFFLINE": "1",
        }  # fmt: skip
        peers = {name: Peer(name, task, environment) for name in names}
        found = measured(args, peers)
    ours = found["peers"][names[0]]
    planned = planned_mib(rows[args.held_out :], base, args, precision)
    taken = ours["steps_mib"] - ours["empty_mib"]
    return found | {"plan": {"planned_mib": planned, "measured_mib": taken,
                             "ratio": planned / taken}}  # fmt: skip


def is_limit(name: str) -> bool:
    return name.startswith("limit")


def measured(args: argparse.Namespace, peers: dict[str, Peer]) -> dict[str, Any]:
    loads = []
    for number in range(args.rounds):
        loads.append(round(os.getloadavg()[0], 1))
        for name, peer in peers.items():
            if number % args.loss_every == 0 and not is_limit(name):
                peer.loss()
            peer.step()
        print(f"round {number + 1}/{args.rounds}", *(
            f"{name} {peer.steps[-1]['tokens'] / peer.steps[-1]['seconds']:.0f}"
            for name, peer in peers.items()
        ), file=sys.stderr)  # fmt: skip
    for name, peer in peers.items():
        if not is_limit(name):
            peer.loss()
    ends = {name: peer.end() for name, peer in peers.items()}
    return summary(args, peers, ends) | {"load": loads}


def summary(
    args: argparse.Namespace, peers: dict[str, Peer], ends: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    ours = next(iter(peers.values()))
    target = max(peer.losses[-1][1] for name, peer in peers.items() if not is_limit(name))
    found: dict[str, Any] = {}
    for name, peer in peers.items():
        ratios, work = (
            [a / b for a, b in zip(ours.speeds(clock), peer.speeds(clock), strict=True)]
            for clock in ("seconds", "cpu_s")
        )
        found[name] = {
            "tokens_per_s": statistics.median(peer.speeds()),
            "best_tokens_per_s": max(peer.speeds()),
            "ours_over_it": statistics.median(ratios), "ratios": ratios,
            "by_processor_time": statistics.median(work),
            "goal": GOALS.get(name.removesuffix("-bf16").removesuffix("-fp32")),
        }  # fmt: skip
        if not is_limit(name):
            found[name] |= {
                **ends[name],
                "held_out_loss": [loss for _, loss in peer.losses],
                "seconds_to_loss": seconds_to(peer, target),
            }  # fmt: skip
    return {
        "model": "smollm2-135m", "rows_per_step": args.rows,
        "rounds": args.rounds, "pack_tokens": args.pack, "threads": args.threads,
        "loss_target": target,
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES}, "peers": found,
    }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    lines = [
        "| | tokens/s | ours over it | by processor time | goal | peak MiB | s to loss |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in found["peers"].items():
        seconds = one.get("seconds_to_loss")
        lines.append(
            f"| {name} | {one['tokens_per_s']:.0f} | {one['ours_over_it']:.2f} "
            f"| {one['by_processor_time']:.2f} | {one['goal'] or ''} "
            f"| {one.get('peak_mib', 0):.0f} | {'' if seconds is None else round(seconds)} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="GSM8K's training file")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--rows", type=int, default=8, help="rows a step")
    parser.add_argument("--held-out", type=int, default=8)
    parser.add_argument("--loss-every", type=int, default=2)
    parser.add_argument("--pack", type=int, default=1024, help="tokens of a pack of ours")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", nargs="+", default=list(GROUPS), choices=list(GROUPS))
    parser.add_argument("--peers", nargs="+", choices=list(NAMES), help="ours first; else all")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    found = {}
    for precision in args.precision:
        one = run(args, precision, tuple(args.peers or GROUPS[precision]))
        found[precision] = one
        print(table(one))
        print("plan: {planned_mib:.0f} MiB, measured {measured_mib:.0f}".format(**one["plan"]))
    if args.out:
        args.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
