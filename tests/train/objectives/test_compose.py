"""A recipe's terms on a pack: each is its formula, and rows that are only held are not learnt."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lemmata.errors import BadInput
from lemmata.train import batch
from lemmata.train.objectives import Objective, labels, means, step_penalty, token_nll
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row

pytestmark = pytest.mark.train

SHA, VOCABULARY = "a" * 64, 40
ROWS = (Row((1, 2, 3, 4, 5), 2, (0, 0, 1)), Row((1, 9, 8), 1, (0, 1)))
OWN = Row((7, 6, 5, 4), 2, (0, 1))


def write(path, rows, k=4):
    writer = labels.Writer("teacher", SHA, k)
    for row in rows:
        rng = np.random.default_rng(row.ids[-1])
        learnt = len(row.ids) - row.start
        tokens = np.stack([rng.choice(VOCABULARY, k, replace=False) for _ in range(learnt)])
        logprobs = np.log(rng.dirichlet(np.ones(k + 2), learnt)[:, :k])
        writer.add(row, tokens.astype(np.int32), logprobs.astype(np.float32))
    writer.write(path)
    return str(path)


def objective(rows=ROWS, **fields):
    recipe = from_fields({"name": "mine", "data": "a", **fields})
    return Objective.of(recipe, rows, SHA, VOCABULARY)


@pytest.fixture
def states():
    """States and head for a pack of the two rows and the anchor's own."""
    torch.manual_seed(0)
    pack = batch.pack((*ROWS, OWN))
    return pack, torch.randn(1, pack.ids.shape[1], 8), torch.randn(VOCABULARY, 8)


def test_plain_tuning_is_the_nll_of_the_rows():
    torch.manual_seed(0)
    pack = batch.pack(ROWS)
    hidden, head = torch.randn(1, pack.ids.shape[1], 8), torch.randn(VOCABULARY, 8)
    total, told = objective()(hidden, head, pack, ROWS)
    torch.testing.assert_close(total, token_nll(hidden, head, pack.labels).sum())
    assert (told.learnt, told.soft) == (5, 0)


def test_terms_add_up_by_their_weights(tmp_path, states):
    pack, hidden, head = states
    rows = (*ROWS, OWN)
    teacher = write(tmp_path / "t.safetensors", ROWS)
    anchor = write(tmp_path / "a.safetensors", rows)
    each = {"teacher": teacher, "anchor": anchor}
    zero = {"teacher_weight": 0, "anchor_weight": 0}

    def of(**fields):
        return objective(**each | zero | fields)(hidden, head, pack, rows)[0]

    nll, penalised = of(), of(step_penalty=0.5)
    taught, held = of(teacher_weight=1), of(anchor_weight=1)
    whole = of(sft_weight=0.25, teacher_weight=2, anchor_weight=0.3, step_penalty=0.5)
    wanted = 0.25 * nll + 2 * (taught - nll) + 0.3 * (held - nll) + (penalised - nll)
    torch.testing.assert_close(whole, wanted)


def test_rows_of_the_anchor_alone_are_held_and_never_learnt(tmp_path, states):
    pack, hidden, head = states
    made = objective(anchor=write(tmp_path / "a.safetensors", (*ROWS, OWN)), anchor_weight=1.0)
    assert made.held == (OWN,)
    hidden.requires_grad_()
    total, told = made(hidden, head, pack, (*ROWS, OWN))
    total.backward()
    assert (told.learnt, told.soft) == (5, 7)
    own = pack.segments == 3
    assert hidden.grad[0, own].abs().sum() > 0
    alone = objective(anchor=str(tmp_path / "a.safetensors"), anchor_weight=0.0)
    grad = torch.zeros_like(hidden)
    plain = hidden.detach().clone().requires_grad_()
    alone(plain, head, pack, (*ROWS, OWN))[0].backward()
    torch.testing.assert_close(plain.grad[0, own], grad[0, own])


def test_the_penalty_sees_the_learnt_rows_alone(tmp_path, states):
    pack, hidden, head = states
    anchor = write(tmp_path / "a.safetensors", (*ROWS, OWN))
    fields = {"anchor": anchor, "anchor_weight": 0.0}
    with_it = objective(**fields, step_penalty=1.0)(hidden, head, pack, (*ROWS, OWN))[0]
    without = objective(**fields)(hidden, head, pack, (*ROWS, OWN))[0]
    nll = token_nll(hidden, head, pack.labels)[:5]
    wanted = step_penalty(nll, pack.steps[:5], pack.step_rows[:5], 0.5)
    torch.testing.assert_close(with_it - without, wanted)


def test_the_log_tells_the_loss_of_each_step_of_the_derivations():
    torch.manual_seed(0)
    pack = batch.pack(ROWS)
    hidden, head = torch.randn(1, pack.ids.shape[1], 8), torch.randn(VOCABULARY, 8)
    _, told = objective()(hidden, head, pack, ROWS)
    nll = token_nll(hidden, head, pack.labels)
    first, second = nll[[0, 1, 3]].mean(), nll[[2, 4]].mean()
    said = means([told])
    assert said["step_nll"] == pytest.approx([float(first), float(second)], abs=1e-3)
    assert said["nll"] == pytest.approx(float(nll.mean()), rel=1e-5)
    assert means([told, told]) == said


def test_a_teacher_must_have_labelled_every_row_an_anchor_need_not(tmp_path):
    path = write(tmp_path / "t.safetensors", ROWS[:1])
    with pytest.raises(BadInput, match="no soft labels for 1 of 2 rows"):
        objective(teacher=path)
    assert objective(anchor=path).held == ()
