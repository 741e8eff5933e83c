"""Random traffic: whatever comes in whatever order, the invariants hold."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lemmata.engines.llama.protocol import BASE
from lemmata.errors import AdapterRefused, BadInput

from .near_ties import same

PROMPTS = [
    "a", "Once upon a time there was", "Once upon a time there were two", "1 + 1 =",
    "To be, or not to be, that is the question: whether 'tis nobler in the mind to suffer",
]  # fmt: skip
CELLS = 160


class Traffic(RuleBasedStateMachine):
    make = None
    """Set by the test: makes benches."""
    truths: dict = {}  # noqa: RUF012 - what each request gets alone; shared by all runs

    @initialize()
    def begin(self):
        self.bench = type(self).make(cells=CELLS, context=120, slice_steps=6, running=5)
        self.asked, self.cancelled, self.number = {}, set(), 0
        self.loaded = set(self.bench.keys)

    @rule(prompt=st.sampled_from(PROMPTS), who=st.integers(0, 5), length=st.integers(1, 30))
    def submit(self, prompt, who, length):
        key = BASE if who == 5 else self.bench.keys[who]
        self.number += 1
        if key is not BASE and key not in self.loaded:
            with pytest.raises(AdapterRefused):
                self.bench.submit(self.number, prompt, key)
            return
        self.bench.submit(self.number, prompt, key, max_tokens=length)
        self.asked[self.number] = (prompt, key, length)

    @rule(prompt=st.sampled_from(PROMPTS), count=st.integers(2, 6), seed=st.integers(0, 99))
    def sample(self, prompt, count, seed):
        for _ in range(count):
            self.number += 1
            self.bench.submit(self.number, prompt, temperature=1.0, seed=seed, max_tokens=6)
            self.asked[self.number] = None

    @rule()
    def submit_nonsense(self):
        with pytest.raises(BadInput):
            self.bench.submit(-1, "x", grammar="root ::= (")

    @rule(length=st.integers(2, 100))
    def score(self, length):
        self.number += 1
        self.bench.score(self.number, range(3, 3 + length))
        self.asked[self.number] = None

    @rule(share=st.floats(0, 1))
    def cancel(self, share):
        number = int(share * self.number)
        was_open = number in self.asked and number not in self.bench.last
        answered = self.bench.scheduler.cancel(number)
        assert len(answered) == was_open
        if answered:
            self.cancelled.add(number)
        self.bench.take(answered)

    @rule(who=st.integers(0, 4))
    def unload(self, who):
        key = self.bench.keys[who]
        self.loaded.discard(key)
        self.bench.residents.unload(key.sha256)

    @rule(who=st.integers(0, 4))
    def load(self, who):
        key = self.bench.keys[who]
        self.bench.residents.load(key.sha256, type(self).files[key.sha256])
        self.loaded.add(key)

    @rule(steps=st.integers(1, 20))
    def steps(self, steps):
        for _ in range(steps):
            self.bench.step()

    @precondition(lambda self: self.asked)
    @rule()
    def finish(self):
        self.bench.run()
        for number, request in self.asked.items():
            assert number in self.bench.last, "a request is lost"
            if request is not None and number not in self.cancelled:
                self.judge(number, *request)

    def judge(self, number, prompt, key, length):
        """Its tokens are those it gets alone: none came from another's cells or adapter."""
        truth = (prompt, key)
        if truth not in self.truths:
            self.truths[truth] = type(self).make().alone(prompt, key, max_tokens=30)
        tokens, gaps = self.truths[truth]
        assert same(self.bench.tokens[number], (tokens[:length], gaps[:length]))

    @invariant()
    def cells_are_counted(self):
        if hasattr(self, "bench"):
            assert 0 <= self.bench.scheduler.kv_used <= CELLS
            assert self.bench.scheduler.active <= 5

    def teardown(self):
        if not hasattr(self, "bench"):
            return
        self.finish() if self.asked else None
        memory = self.bench.scheduler._memory
        assert memory.used == 0, "memory returns to its level"
        assert memory.spare_sequences == 16


@pytest.mark.parametrize("size", [pytest.param(25, id="an hour in seconds")])
def test_random_traffic(bench, tiny, size):
    Traffic.make = staticmethod(bench)
    Traffic.files = tiny[1]
    Traffic.truths = {}
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        Traffic,
        settings=settings(
            max_examples=size,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=checks,
            phases=(Phase.generate,),  # making a failure smaller would take minutes
        ),
    )
