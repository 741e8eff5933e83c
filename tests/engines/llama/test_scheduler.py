from __future__ import annotations

import json
import math

import pytest

from lemmata.engines.llama.protocol import BASE, AdapterKey
from lemmata.errors import AdapterRefused, BadInput

from .near_ties import same

LONG = "It was the best of times, it was the worst of times, it was the age of wisdom. " * 2


def test_a_long_prompt_is_cut_into_pieces_and_does_not_stall_the_others(bench):
    b = bench()
    b.submit(1, "short", max_tokens=30)
    b.step()
    b.submit(2, LONG, max_tokens=4)
    while 2 not in b.first_step:
        before = len(b.tokens[1])
        b.step()
        assert len(b.tokens[1]) == before + 1
    assert b.first_step[2] > 3
    b.run()
    assert same(b.tokens[2], bench().alone(LONG, max_tokens=4))


def test_samples_of_one_prompt_compute_it_once(bench):
    b = bench()
    prompt = b.ids(LONG)
    for number in range(8):
        b.submit(number, prompt, temperature=1.0, seed=number, max_tokens=5)
    b.step()
    while not b.first_step:
        b.step()
    assert b.scheduler.kv_used <= len(prompt) + 8
    b.run()
    assert len({tuple(b.tokens[number]) for number in range(8)}) > 4
    assert sum(b.last[number].cached for number in range(8)) == 7 * (len(prompt) - 1)
    one = bench()
    one.submit(3, prompt, temperature=1.0, seed=3, max_tokens=5)
    assert one.run().tokens[3] == b.tokens[3]


def test_a_shared_beginning_is_answered_from_the_cache(bench):
    b = bench()
    b.submit(1, LONG + "first")
    b.run()
    b.submit(2, LONG + "other")
    b.run()
    shared = len(b.ids(LONG))
    assert (b.last[1].cached, b.last[2].cached) == (0, shared)
    assert same(b.tokens[2], bench().alone(LONG + "other"))


def test_an_answer_can_be_continued_from_the_cache(bench):
    b = bench()
    b.submit(1, LONG, max_tokens=8)
    b.run()
    follow = b.ids(LONG) + b.tokens[1] + b.ids(" and then")
    b.submit(2, follow)
    b.run()
    assert b.last[2].cached == len(b.ids(LONG)) + 7


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_no_cache_crosses_adapters_or_strengths(bench, strength):
    b = bench()
    b.submit(1, LONG)
    b.run()
    key = AdapterKey(b.keys[0].sha256, strength)
    b.submit(2, LONG, key)
    b.run()
    assert b.last[2].cached == 0
    assert same(b.tokens[2], bench().alone(LONG, key))
    assert b.tokens[2] != b.tokens[1]
    b.submit(3, LONG, AdapterKey(b.keys[0].sha256, 0.75))
    b.run()
    assert b.last[3].cached == 0


def test_strength_goes_from_the_base_to_the_adapter(bench):
    b = bench()
    ids = b.ids(LONG)[:60]
    scores = {}
    for number, strength in enumerate((0.0, 0.01, 1.0)):
        b.score(number, ids, AdapterKey(b.keys[0].sha256, strength))
    b.score(3, ids)
    b.run()
    scores = [b.last[number].values for number in range(4)]
    assert scores[0] == pytest.approx(scores[3], abs=1e-4)
    near = sum(abs(a - c) for a, c in zip(scores[1], scores[3], strict=True))
    far = sum(abs(a - c) for a, c in zip(scores[2], scores[3], strict=True))
    assert near < far / 5


def test_when_cells_run_out_the_latest_is_set_aside_and_goes_on_later(bench):
    b = bench(cells=256, context=200)
    prompts = {number: f"{number} {LONG}"[:60] for number in range(4)}
    for number, prompt in prompts.items():
        b.submit(number, prompt, max_tokens=60)
    waited = False
    while not b.scheduler.idle:
        b.step()
        waited |= bool(b.scheduler.queued)
        assert b.scheduler.kv_used <= 256
    assert waited
    for number, prompt in prompts.items():
        assert same(b.tokens[number], bench().alone(prompt, max_tokens=60))


def test_a_request_may_fill_the_whole_context(bench):
    b = bench(cells=128, context=128)
    b.submit(1, LONG[:90], max_tokens=None)
    b.run()
    assert b.last[1].finish_reason == "length"
    assert len(b.ids(LONG[:90])) + len(b.tokens[1]) == 128
    b.submit(2, "next")
    b.run()
    assert len(b.tokens[2]) == 8


def test_cancelling_frees_the_cells_at_once(bench):
    b = bench()
    for number in range(12):
        b.submit(number, f"{number} tell", max_tokens=200)
    for _ in range(5):
        b.step()
    for number in range(12):
        b.take(b.scheduler.cancel(number))
    assert b.scheduler.cancel(99) == []
    assert b.scheduler.idle
    assert {b.last[number].finish_reason for number in range(12)} == {"cancelled"}
    assert b.scheduler.kv_used == 0


def test_adapters_take_turns_and_nobody_starves(bench):
    b = bench(slice_steps=16, cells=1024)
    for number in range(6):
        key = BASE if number == 5 else b.keys[number]
        b.submit(number, f"{number} go on", key, max_tokens=120)
    longest, since = dict.fromkeys(range(6), 0), dict.fromkeys(range(6), 0)
    while not b.scheduler.idle:
        before = {number: len(b.tokens[number]) for number in range(6)}
        b.step()
        for number in range(6):
            moved = len(b.tokens[number]) > before[number] or number in b.last
            since[number] = 0 if moved else since[number] + 1
            longest[number] = max(longest[number], since[number])
    assert max(longest.values()) <= 5 * 17 + 17
    assert max(b.first_step.values()) <= 6 * 5


def test_first_tokens_come_soon_for_a_late_adapter(bench):
    b = bench(slice_steps=64)
    for number in range(6):
        b.submit(number, f"{number} go", b.keys[number % 2], max_tokens=200)
    for _ in range(40):
        b.step()
    b.submit(9, "late", b.keys[3], max_tokens=4)
    asked = b.steps
    while 9 not in b.first_step:
        b.step()
    assert b.first_step[9] - asked <= 6


def test_a_stream_of_newcomers_does_not_starve_those_who_run(bench):
    b = bench(slice_steps=16)
    b.submit(0, "patient", b.keys[0], max_tokens=60)
    number = 0
    while 0 not in b.last:
        number += 1
        assert number < 900
        b.submit(number, f"{number} new", b.keys[1 + number % 4], max_tokens=2)
        b.step()
        for old in [n for n in b.last if n]:
            del b.last[old]


def test_few_adapters_stay_in_memory_and_the_others_come_back(bench):
    b = bench(resident=2)
    for turn in range(2):
        for place, key in enumerate(b.keys):
            b.submit(10 * turn + place, "same prompt", key)
            b.run()
            assert b.residents.in_memory() <= 2
    for place in range(len(b.keys)):
        assert b.tokens[place] == b.tokens[10 + place]


def test_hundreds_are_known_and_few_in_memory(bench, tiny):
    b = bench(resident=3)
    files = list(tiny[1].values())
    known = [AdapterKey(f"{number:064x}") for number in range(300)]
    for number, key in enumerate(known):
        b.residents.load(key.sha256, files[number % len(files)])
    assert b.residents.in_memory() <= 3
    for number in range(0, 300, 13):
        b.submit(number, "same prompt", known[number])
    b.run()
    assert b.residents.in_memory() <= 3
    for number in range(0, 300, 13):
        assert same(b.tokens[number], bench().alone("same prompt", b.keys[number % len(files)]))


def test_an_adapter_stays_until_its_last_request(bench):
    b = bench()
    key = b.keys[0]
    b.submit(1, "hold on", key, max_tokens=20)
    b.step()
    b.residents.unload(key.sha256)
    b.run()
    assert same(b.tokens[1], bench().alone("hold on", key, max_tokens=20))
    with pytest.raises(AdapterRefused):
        b.submit(2, "gone", key)


def test_deadlines_end_the_text_where_it_is(bench):
    b = bench()
    b.submit(1, "for ever", max_tokens=200, deadline_s=0.0)
    b.submit(2, "in time", max_tokens=5, deadline_s=60.0)
    b.run()
    assert (b.last[1].finish_reason, b.last[1].ended_by) == ("length", "deadline")
    assert (b.last[2].ended_by, len(b.tokens[2])) == ("tokens", 5)


def test_the_thinking_budget_closes_the_thought_and_an_answer_follows(bench):
    b = bench()
    b.submit(1, "why?<think>", max_tokens=60, thinking_budget=10)
    b.submit(2, "why?", max_tokens=30, thinking_budget=10)
    b.run()
    before, after = b.texts[1].split("</think>\n\n")
    assert after
    assert len(b.ids(before)) <= 2 * 10 + 2
    assert "</think>" not in b.texts[2]


def test_loops_end(bench):
    b = bench()
    always = 'root ::= "again " root'
    b.submit(1, "x", max_tokens=400, grammar=always, stop_loops=True)
    b.submit(2, "x", max_tokens=150, grammar=always)
    b.run()
    assert (b.last[1].finish_reason, b.last[1].ended_by) == ("length", "loop")
    assert b.last[2].ended_by == "tokens"


def test_json_follows_its_schema_greedy_and_sampled(bench):
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "ok": {"type": "boolean"}},
        "required": ["n", "ok"],
    }
    b = bench()
    for number in range(4):
        b.submit(
            number, "give", max_tokens=80, temperature=float(number), seed=number,
            json_schema=json.dumps(schema), logprobs=None, repeat_penalty=1.0 + number / 10,
        )  # fmt: skip
    b.run()
    done = [number for number in range(4) if b.last[number].finish_reason == "stop"]
    for number in done:
        value = json.loads(b.texts[number])
        assert isinstance(value["n"], int)
        assert isinstance(value["ok"], bool)
    for number in set(range(4)) - set(done):
        assert b.texts[number].lstrip().startswith("{")


@pytest.mark.parametrize(
    "how",
    [
        {"grammar": "root ::= ("},
        {"grammar": "nothing here"},
        {"grammar": "root ::= root"},
        {"json_schema": '{"$ref": "#"}'},
        {"json_schema": "{"},
        {"json_schema": '{"type": "nonsense"}'},
        {"json_schema": '{"$ref": "http://example.org/x"}'},
        {"grammar": 'root ::= "a"', "json_schema": "{}"},
        {"grammar": "x" * 100_000},
    ],
)
def test_senseless_grammars_are_refused(bench, how, capfd):
    b = bench()
    with pytest.raises(BadInput) as refused:
        b.submit(1, "x", **how)
    assert b.scheduler.idle
    assert "no reason" not in str(refused.value)
    assert capfd.readouterr().err == "", "the reason is in the error, not on the terminal"


def test_log_probabilities_agree_with_scores(bench):
    b = bench()
    b.submit(1, "tell", max_tokens=10)
    b.run()
    ids = b.ids("tell") + b.tokens[1]
    b.score(2, ids)
    b.run()
    told = bench()
    told.submit(1, "tell", max_tokens=10, logprobs=5)
    pieces = []
    while not told.scheduler.idle:
        pieces += [told_ for piece in told.scheduler.step() for told_ in piece.logprobs]
    assert [piece.logprob for piece in pieces] == pytest.approx(b.last[2].values[-10:], abs=2e-2)
    for piece in pieces:
        assert len(piece.top) == 5
        assert piece.top[0][2] == pytest.approx(piece.logprob)  # greedy takes the likeliest
        assert sum(math.exp(value) for _, _, value in piece.top) < 1


def test_scores_do_not_depend_on_company_or_chunks(bench):
    ids = list(range(3, 203))
    b = bench()
    b.score(1, ids)
    b.submit(2, LONG, max_tokens=20)
    b.run()
    assert len(b.last[1].values) == 199
    alone = bench(chunk=256)
    alone.score(1, ids)
    assert b.last[1].values == pytest.approx(alone.run().last[1].values, abs=0.1)


def test_an_adapter_in_the_place_of_a_freed_one_is_not_taken_for_it(bench, tiny):
    """libllama tells adapters apart by address, and memory that was freed is given out again."""
    b = bench()
    truths = [bench().alone("tell me", key, max_tokens=12) for key in b.keys]
    for key in b.keys:
        b.residents.unload(key.sha256)
    for turn in range(15):
        key, truth = b.keys[turn % len(b.keys)], truths[turn % len(b.keys)]
        b.residents.load(key.sha256, tiny[1][key.sha256])
        b.submit(turn, "tell me", key, max_tokens=12)
        b.run()
        assert same(b.tokens[turn], truth)
        b.residents.unload(key.sha256)
