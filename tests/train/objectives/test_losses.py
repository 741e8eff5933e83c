"""Objectives against their formulas, by hand and by autograd."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from lemmata.train.batch import IGNORED
from lemmata.train.objectives import Soft, step_penalty, token_losses, token_nll

pytestmark = pytest.mark.train


def test_nll_is_cross_entropy_at_the_labelled_positions_alone():
    torch.manual_seed(0)
    hidden, weight = torch.randn(1, 5, 8), torch.randn(11, 8)
    labels = torch.tensor([[IGNORED, 3, IGNORED, 0, 10]])
    full = torch.log_softmax(hidden @ weight.T, -1)
    wanted = [-full[0, i, labels[0, i]] for i in (1, 3, 4)]
    torch.testing.assert_close(token_nll(hidden, weight, labels), torch.stack(wanted))


@pytest.mark.parametrize("rows", [1, 4, 7, 100])
def test_chunks_change_neither_losses_nor_gradients_whatever_the_objective(rows):
    torch.manual_seed(0)
    weight, labels = torch.randn(50, 16), torch.randint(0, 50, (1, 30))
    labels[0, ::4] = IGNORED
    scale = torch.rand(int((labels != IGNORED).sum()))
    ours = torch.randn(1, 30, 16, requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()
    losses = token_nll(ours, weight, labels, rows)
    ((losses * scale).sum() + losses.max() ** 2).backward()
    plain = functional.cross_entropy(
        (theirs @ weight.T)[0], labels[0], ignore_index=IGNORED, reduction="none"
    )[labels[0] != IGNORED]
    ((plain * scale).sum() + plain.max() ** 2).backward()
    torch.testing.assert_close(losses, plain)
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)


def test_the_step_penalty_is_its_formula():
    losses = torch.tensor([1.0, 3.0, 0.5, 4.0, 4.0, 4.0])
    steps, rows = torch.tensor([0, 0, 1, 2, 2, 3]), torch.tensor([0, 0, 0, 1, 1, 1])
    # Row 0: steps of mean 2 and 0.5, three tokens; row 1: both steps 4, so nothing stands out.
    highest = 0.5 * math.log((math.exp(2 / 0.5) + math.exp(0.5 / 0.5)) / 2)
    found = step_penalty(losses, steps, rows, temperature=0.5)
    assert found.item() == pytest.approx(3 * (highest - 1.25), rel=1e-5)


def test_one_step_or_equal_steps_cost_nothing():
    for steps in ([0, 0, 0], [0, 1, 2]):
        found = step_penalty(torch.ones(3), torch.tensor(steps), torch.zeros(3).long(), 0.5)
        assert found.item() == pytest.approx(0, abs=1e-6)


def test_cooled_down_it_is_the_hardest_step_above_the_mean():
    losses, steps = torch.tensor([1.0, 7.0, 1.0]), torch.tensor([0, 1, 2])
    found = step_penalty(losses, steps, torch.zeros(3).long(), temperature=0.01)
    assert found.item() == pytest.approx(3 * (7 - 3), abs=0.1)


def test_its_gradient_lowers_the_hardest_step_and_frees_the_easy_ones():
    losses = torch.tensor([0.2, 3.0, 0.4], requires_grad=True)
    step_penalty(losses, torch.tensor([0, 1, 2]), torch.zeros(3).long(), 0.5).backward()
    assert losses.grad[1] > 0 > max(losses.grad[0], losses.grad[2])
    assert losses.grad.sum().item() == pytest.approx(0, abs=1e-5)
    torch.autograd.gradcheck(
        lambda x: step_penalty(x, torch.tensor([0, 1, 1]), torch.tensor([0, 0, 0]), 0.7),
        torch.tensor([0.1, 2.0, 1.0], dtype=torch.float64, requires_grad=True),
    )


VOCABULARY = 23


def soft_case(seed: int, k: int, spread: float = 1.0):
    """Random states, head and labels, and a teacher's k likeliest tokens with its whole p."""
    torch.manual_seed(seed)
    hidden, weight = torch.randn(1, 9, 8) * spread, torch.randn(VOCABULARY, 8)
    labels = torch.randint(0, VOCABULARY, (1, 9))
    labels[0, ::3] = IGNORED
    whole = torch.log_softmax(torch.randn(6, VOCABULARY) * 2, -1)
    logprobs, tokens = whole.topk(k)
    return hidden, weight, labels, Soft(tokens, logprobs, torch.rand(6)), whole


def by_the_formula(hidden, weight, labels, soft):
    """The divergence over k + 1 outcomes in float64, for autograd to differentiate."""
    student = torch.log_softmax((hidden @ weight.T)[labels != IGNORED].double(), -1)
    p = soft.logprobs.double().exp()
    rest = (1 - p.sum(-1)).clamp_min(0)
    q = student.gather(1, soft.tokens)
    others = student.scatter(1, soft.tokens, -torch.inf).logsumexp(-1)
    kl = (p * (p.log() - q)).sum(-1)
    if soft.tokens.shape[1] < student.shape[1]:
        kl = kl + rest * (rest.log() - others)
    return soft.weight.double() * kl


@pytest.mark.parametrize("rows", [2, 100])
@pytest.mark.parametrize("k", [1, 4, VOCABULARY])
@pytest.mark.parametrize("spread", [0.1, 1.0, 4.0])
def test_soft_labels_are_the_formula_and_so_are_their_gradients(k, rows, spread):
    hidden, weight, labels, soft, _ = soft_case(k, k, spread)
    ours = hidden.clone().requires_grad_()
    theirs = hidden.clone().requires_grad_()
    scale = torch.rand(6)
    nll, divergence = token_losses(ours, weight, labels, [soft], rows)
    (2 * nll.sum() + (divergence * scale).sum()).backward()
    wanted = by_the_formula(theirs, weight, labels, soft)
    plain = functional.cross_entropy((theirs @ weight.T)[0], labels[0], ignore_index=IGNORED,
                                     reduction="sum")  # fmt: skip
    (2 * plain + (wanted * scale).sum()).backward()
    torch.testing.assert_close(divergence.double(), wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-5)


def test_two_teachers_add_up():
    hidden, weight, labels, first, _ = soft_case(1, 3)
    second = soft_case(2, 5)[3]
    both = token_losses(hidden, weight, labels, [first, second])[1]
    alone = [token_losses(hidden, weight, labels, [one])[1] for one in (first, second)]
    torch.testing.assert_close(both, alone[0] + alone[1])


def test_the_remainder_keeps_it_below_the_whole_divergence_and_at_least_0():
    hidden, weight, labels, _, whole = soft_case(3, 2)
    student = torch.log_softmax((hidden @ weight.T)[labels != IGNORED], -1)
    full = (whole.exp() * (whole - student)).sum(-1)
    last = torch.zeros(6)
    for k in (1, 4, 12, VOCABULARY):
        logprobs, tokens = whole.topk(k)
        soft = Soft(tokens, logprobs, torch.ones(6))
        found = token_losses(hidden, weight, labels, [soft])[1]
        assert (found >= last - 1e-5).all()
        last = found
    torch.testing.assert_close(last, full, rtol=1e-4, atol=1e-5)


def test_a_student_that_agrees_with_its_teacher_costs_nothing_and_moves_nowhere():
    hidden, weight, labels, _, _ = soft_case(4, 2)
    hidden.requires_grad_()
    own = torch.log_softmax((hidden @ weight.T)[labels != IGNORED], -1).detach()
    logprobs, tokens = own.topk(6)
    _, divergence = token_losses(hidden, weight, labels, [Soft(tokens, logprobs, torch.ones(6))])
    divergence.sum().backward()
    assert divergence.abs().max() < 1e-5
    assert hidden.grad.abs().max() < 1e-5


def test_a_student_that_is_sure_where_the_teacher_is_not_gets_a_finite_pull():
    hidden, weight, labels, soft, _ = soft_case(5, 2, spread=60.0)
    hidden.requires_grad_()
    _, divergence = token_losses(hidden, weight, labels, [soft])
    divergence.sum().backward()
    assert torch.isfinite(divergence).all()
    assert torch.isfinite(hidden.grad).all()
