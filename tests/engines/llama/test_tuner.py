from concurrent.futures import ThreadPoolExecutor

from lemmata.engines.llama.tuner import Tuner, thread_counts


def use(tuner, cost, times=400):
    """Use it that often; which choices were used."""
    used = []
    for _ in range(times):
        used.append(tuner.pick())
        tuner.note(used[-1], cost(used[-1]))
    return used


def test_thread_counts_double_up_to_the_most():
    assert [thread_counts(most) for most in (1, 2, 3, 4, 6)] == [
        [1], [1, 2], [1, 2, 3], [1, 2, 4], [1, 2, 4, 6]
    ]  # fmt: skip


def test_the_cheapest_is_used_nearly_always():
    for best in (1, 2, 4):
        tuner = Tuner([1, 2, 4])
        used = use(tuner, lambda choice, best=best: 1.0 + abs(choice - best))
        assert tuner.best == best
        assert used.count(best) > 370


def test_it_follows_when_what_is_cheapest_changes():
    tuner = Tuner([1, 2])
    use(tuner, lambda choice: 2.0 / choice)
    assert tuner.best == 2
    use(tuner, float, 1200)
    assert tuner.best == 1
    assert use(tuner, float, 100).count(1) > 90


def test_one_choice_is_never_looked_for():
    assert set(use(Tuner([3]), float)) == {3}


def test_a_burst_of_other_work_misleads_nobody():
    tuner = Tuner([1, 2])
    uses = iter(range(10_000))
    use(tuner, lambda choice: 2.0 / choice + 5.0 * (next(uses) % 4 == 1), 400)
    assert tuner.best == 2
    assert use(tuner, lambda choice: 2.0 / choice, 100).count(2) > 90


def test_a_best_that_becomes_much_dearer_is_doubted_at_once():
    tuner = Tuner([1, 2])
    use(tuner, lambda choice: 2.0 / choice, 3000)
    assert use(tuner, float, 30).count(1) > 15


def test_several_threads_measure_together():
    tuner = Tuner([1, 2, 4])
    cost = {1: 3.0, 2: 1.0, 4: 2.0}

    def work():
        for _ in range(3000):
            choice = tuner.pick()
            tuner.note(choice, cost[choice])

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(work) for _ in range(4)]:
            future.result()
    assert tuner.best == 2
