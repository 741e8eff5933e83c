"""Data parallelism: several processes, started by `accelerate launch` or `torchrun`, one run.

The first process leads: it alone writes, measures and keeps the optimiser. The others follow: for
each step they are sent the adapter and the rows, run every n-th pack, and the gradients are added
up. An adapter is a few megabytes, so sending it costs nothing, and a follower has no state that a
stop could lose. Packs and dropout are those of a run of one process; only the order of sums over
packs differs, so the adapters are equal but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import torch

from lemmata.errors import TrainerDied
from lemmata.train.step import Gradients, Parameters, Sums, Task

_LONG = timedelta(days=30)
"""Followers wait for as long as a gate measures."""


def state() -> Any:
    """accelerate's view of this process: `process_index` of `num_processes`."""
    from accelerate import PartialState

    if not PartialState._shared_state:
        return PartialState(cpu=not torch.cuda.is_available(), timeout=_LONG)
    return PartialState()


def follows() -> bool:
    """Whether this process only computes for the first one."""
    return bool(state().process_index)


@dataclass(frozen=True, slots=True)
class Together:
    """The gradients of a step, by all processes. Raises TrainerDied where one is gone."""

    own: Gradients
    parameters: Parameters
    run: Path

    def __call__(self, task: Task) -> Sums:
        with self._all_alive(task.number):
            _sent(task)
            _send_parameters(self.parameters)
            return _shared(self.own, self.parameters, task)

    @contextmanager
    def _all_alive(self, number: int) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            if not _is_of_connection(error):
                raise
            raise self._died(number) from error

    def _died(self, number: int) -> TrainerDied:
        return TrainerDied(
            f"another process of this run ended at step {number}; the last checkpoint is kept",
            f"Start the same processes with: lemmata train resume {self.run}",
        )


def together(own: Gradients, parameters: Parameters, run: Path) -> Callable[[Task], Sums]:
    """`own`, or all processes where there are several."""
    count = state().num_processes
    return Together(replace(own, stride=count), parameters, run) if count > 1 else own


def dismiss() -> None:
    """Let the followers end; those that are gone already need no telling."""
    if state().num_processes > 1:
        with suppress(RuntimeError):
            _sent(None)


def follow(own: Gradients, parameters: Parameters) -> NoReturn:
    """Compute for the first process until it is done; ends this process, quietly where the first
    is gone, since that one has said why."""
    here = state()
    own = replace(own, offset=here.process_index, stride=here.num_processes)
    try:
        while (task := _received()) is not None:
            _send_parameters(parameters)
            _shared(own, parameters, task)
            for parameter in parameters.values():
                parameter.grad = None
    except RuntimeError as error:
        if not _is_of_connection(error):
            raise
        raise SystemExit(1) from error
    raise SystemExit(0)


def _is_of_connection(error: RuntimeError) -> bool:
    """gloo tells of a closed connection by a plain RuntimeError."""
    told = isinstance(error, torch.distributed.DistError)
    return told or any(word in str(error) for word in ("onnection", "onnected", "gloo", "peer"))


def _sent(task: Task | None) -> None:
    from accelerate.utils import broadcast_object_list

    broadcast_object_list([task])


def _received() -> Task | None:
    from accelerate.utils import broadcast_object_list

    task: Task | None = broadcast_object_list([None])[0]
    return task


def _send_parameters(parameters: Parameters) -> None:
    """The first process's adapter into the others'."""
    from accelerate.utils import broadcast

    flat = torch.cat([parameter.data.flatten() for parameter in parameters.values()])
    _spread(broadcast(flat), [parameter.data for parameter in parameters.values()])


def _shared(own: Gradients, parameters: Parameters, task: Task) -> Sums:
    """The sum of all processes' gradients, left in the parameters."""
    from accelerate.utils import gather_object, reduce

    sums = gather_object([own(task)])
    for parameter in parameters.values():
        if parameter.grad is None:  # a process without a pack
            parameter.grad = torch.zeros_like(parameter)
    grads = [parameter.grad for parameter in parameters.values() if parameter.grad is not None]
    _spread(reduce(torch.cat([grad.flatten() for grad in grads]), "sum"), grads)
    return Sums(sum(one.loss for one in sums), [told for one in sums for told in one.told])


def _spread(flat: torch.Tensor, into: list[torch.Tensor]) -> None:
    start = 0
    for tensor in into:
        tensor.copy_(flat[start : start + tensor.numel()].view_as(tensor))
        start += tensor.numel()
