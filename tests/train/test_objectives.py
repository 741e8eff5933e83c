"""Objectives against their formulas, by hand and by autograd."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from lemmata.train.batch import IGNORED
from lemmata.train.objectives import step_penalty, token_nll

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
