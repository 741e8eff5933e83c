"""Many machines on paper: `python bench/scale.py`. A simulation, not a measurement.

Each replica is one GPU that runs vLLM: every step makes one token for each request of its batch. A
step takes as long as reading the weights and the batch's key-value cache takes at the memory's
speed, or as the arithmetic takes, whichever is longer, plus a fixed cost. Requests arrive at random
(Poisson), their adapters by popularity (Zipf), and a router gives each to a replica as Ray Serve
does: of two drawn at random the less busy one, or first one that holds the adapter and is not busy.
All inputs stand below; change them to your hardware and prices. Results: results/scale.json.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
from bisect import bisect
from collections import OrderedDict, deque
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "scale.json"
WARM_UP = 0.3
"""Share of the time that is not counted."""


@dataclass(frozen=True)
class Gpu:
    """A GPU's data sheet, what of it is reached, and a price to hire it."""

    name: str = "L4"
    bandwidth: float = 300e9
    """Bytes a second."""
    flops: float = 121e12
    """bf16, dense, a second."""
    memory: float = 24e9
    reached: float = 0.7
    """Of the bandwidth."""
    used: float = 0.4
    """Of the arithmetic."""
    dollars_an_hour: float = 0.80


@dataclass(frozen=True)
class Load:
    """VibeThinker-1.5B and what people ask of it."""

    parameters: float = 1.544e9
    weight_bytes: float = 3.09e9
    kv_bytes: float = 28 * 1024
    """A token's keys and values."""
    prompt: int = 400
    answer: int = 3000
    """Mean tokens; drawn from an exponential distribution, at least 50."""
    step_cost_s: float = 0.003
    adapter_cost: float = 1.15
    """Factor on a step with adapters in its batch."""
    fetch_s: float = 1.5
    """An adapter that a replica does not hold: out of the bucket and into the GPU."""
    batch: int = 64
    slots: int = 16
    """Adapters that a replica holds; those of running requests cannot leave."""
    zipf: float = 1.0


@dataclass
class Job:
    arrived: float
    adapter: int
    answer: int
    ready: float = 0.0
    first: float = math.inf
    pinned: bool = False
    """Whether it keeps its adapter from leaving before it begins."""


@dataclass
class Replica:
    gpu: Gpu
    load: Load
    clock: float = 0.0
    steps: int = 0
    cached: int = 0
    tokens: int = 0
    fetches: int = 0
    waiting: deque[Job] = field(default_factory=deque)
    running: list[tuple[int, int, Job]] = field(default_factory=list)
    """(step at which it ends, serial, job), a heap."""
    using: dict[int, int] = field(default_factory=dict)
    held: OrderedDict[int, float] = field(default_factory=OrderedDict)
    """Adapter → when it is there; least recently used first."""
    serial: int = 0

    @property
    def busy(self) -> int:
        return len(self.waiting) + len(self.running)

    def holds(self, adapter: int) -> bool:
        return adapter in self.held

    def add(self, job: Job) -> None:
        if not self.busy:
            self.clock = max(self.clock, job.arrived)
        self.waiting.append(job)

    def run(self, until: float) -> list[Job]:
        """Steps up to that time; the jobs that got their last token."""
        done: list[Job] = []
        while self.busy and self.clock < until:
            prefill = self._admit()
            if not self.running:
                self.clock = min(max(self.clock + 0.01, self._earliest()), until)
                continue
            done += self._step(prefill)
        self.clock = max(self.clock, until) if not self.busy else self.clock
        return done

    def _earliest(self) -> float:
        return min((job.ready for job in self.waiting), default=self.clock)

    def _admit(self) -> int:
        """Take in what has room, in order of arrival; the prompt tokens to compute."""
        prefill, blocked = 0, deque[Job]()
        while self.waiting and len(self.running) < self.load.batch:
            job = self.waiting.popleft()
            if not self._fits(job) or not self._fetch(job) or job.ready > self.clock:
                blocked.append(job)
                if len(blocked) > 2 * self.load.batch:
                    break
                continue
            self._begin(job)
            prefill += self.load.prompt
        blocked.extend(self.waiting)
        self.waiting = blocked
        return prefill

    def _fits(self, job: Job) -> bool:
        room = self.gpu.memory * 0.9 - self.load.weight_bytes - 2e9
        return (self.cached + self.load.prompt + job.answer) * self.load.kv_bytes <= room

    def _fetch(self, job: Job) -> bool:
        """Whether the adapter is here or on its way; else make room for it if that is possible."""
        if job.adapter in self.held:
            self.held.move_to_end(job.adapter)
            job.ready = max(job.ready, self.held[job.adapter])
            return True
        if len(self.held) >= self.load.slots:
            free = next((a for a in self.held if not self.using.get(a)), None)
            if free is None:
                return False
            del self.held[free]
        self.fetches += 1
        self.held[job.adapter] = job.ready = self.clock + self.load.fetch_s
        job.pinned = True
        self.using[job.adapter] = self.using.get(job.adapter, 0) + 1
        return True

    def _begin(self, job: Job) -> None:
        self.serial += 1
        if not job.pinned:
            self.using[job.adapter] = self.using.get(job.adapter, 0) + 1
        self.cached += self.load.prompt
        heapq.heappush(self.running, (self.steps + job.answer, self.serial, job))

    def _step(self, prefill: int) -> list[Job]:
        batch = len(self.running)
        self.clock += step_seconds(self.gpu, self.load, batch, self.cached, prefill)
        self.steps += 1
        self.cached += batch
        self.tokens += batch
        if prefill:
            for _, _, job in self.running:
                job.first = min(job.first, self.clock)
        done = []
        while self.running and self.running[0][0] <= self.steps:
            _, _, job = heapq.heappop(self.running)
            self.cached -= self.load.prompt + job.answer
            self.using[job.adapter] -= 1
            done.append(job)
        return done


def step_seconds(gpu: Gpu, load: Load, batch: int, cached: int, prefill: int) -> float:
    """One step: memory or arithmetic, whichever takes longer."""
    memory = (load.weight_bytes + cached * load.kv_bytes) / (gpu.bandwidth * gpu.reached)
    arithmetic = 2 * load.parameters * (batch + prefill) / (gpu.flops * gpu.used)
    return max(memory, arithmetic) * load.adapter_cost + load.step_cost_s


def choose(replicas: list[Replica], adapter: int, affinity: bool, draw: random.Random) -> Replica:
    """Ray's way: power of two choices, among those that hold the adapter where one is not full."""
    pool = replicas
    if affinity:
        limit = replicas[0].load.batch
        pool = [r for r in replicas if r.holds(adapter) and r.busy < limit] or replicas
    pair = draw.sample(pool, min(2, len(pool)))
    return min(pair, key=lambda replica: replica.busy)


def simulate(
    replicas: int,
    rate: float,
    adapters: int,
    affinity: bool = True,
    seconds: float = 900.0,
    gpu: Gpu | None = None,
    load: Load | None = None,
    seed: int = 1,
) -> dict[str, Any]:
    """Requests at `rate` a second over `adapters`, on that many replicas."""
    gpu, load, draw = gpu or Gpu(), load or Load(), random.Random(seed)
    park = [Replica(gpu, load) for _ in range(replicas)]
    weights = list(accumulate((rank + 1) ** -load.zipf for rank in range(adapters)))
    now, jobs, done = 0.0, [], []
    while now < seconds:
        now += draw.expovariate(rate)
        adapter = bisect(weights, draw.random() * weights[-1])
        answer = max(50, int(draw.expovariate(1 / load.answer)))
        job = Job(now, adapter, answer)
        for replica in park:
            done += replica.run(now)
        choose(park, adapter, affinity, draw).add(job)
        jobs.append(job)
    counted = [job for job in jobs if seconds * WARM_UP < job.arrived < seconds * 0.9]
    waits = sorted(min(job.first, now) - job.arrived for job in counted)
    tokens = sum(replica.tokens for replica in park)
    dollars = replicas * gpu.dollars_an_hour * seconds / 3600
    return {
        "replicas": replicas,
        "requests_a_second": rate,
        "adapters": adapters,
        "affinity": affinity,
        "finished_share": round(len(done) / len(jobs), 3),
        "tokens_a_second": round(tokens / seconds),
        "first_token_p50_s": round(waits[len(waits) // 2], 2),
        "first_token_p95_s": round(waits[int(len(waits) * 0.95)], 2),
        "fetches_a_request": round(sum(r.fetches for r in park) / len(jobs), 3),
        "left_in_queue": sum(len(r.waiting) for r in park),
        "dollars_a_million_tokens": round(dollars / tokens * 1e6, 3),
    }


BREAKS_S = 5.0
"""The p95 of the time to the first token from which on we call it broken."""


def breaks_at(replicas: int, adapters: int, affinity: bool, step: float) -> list[dict[str, Any]]:
    """More and more requests until the first token takes too long; the last run is broken."""
    runs: list[dict[str, Any]] = []
    rate = step
    while not runs or runs[-1]["first_token_p95_s"] <= BREAKS_S:
        runs.append(simulate(replicas, rate, adapters, affinity))
        rate = round(rate + step, 4)
    return runs


def holds(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The busiest run that was not broken, or the first."""
    good = [run for run in runs if run["first_token_p95_s"] <= BREAKS_S]
    return good[-1] if good else runs[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    document: dict[str, Any] = {
        "kind": "simulation",
        "gpu": asdict(Gpu()),
        "load": asdict(Load()),
        "broken_beyond_s": BREAKS_S,
        "one_replica": breaks_at(1, 16, True, 0.1),
        "replicas": [holds(breaks_at(n, 16, True, 0.1 * n)) for n in (1, 2, 4, 8)],
        "adapters": [
            holds(breaks_at(4, adapters, affinity, 0.2))
            for adapters in (1, 16, 64, 256)
            for affinity in (True, False)
        ],
    }
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    for name in ("one_replica", "replicas", "adapters"):
        print(name)
        for run in document[name]:
            print("  ", json.dumps(run))


if __name__ == "__main__":
    main()
