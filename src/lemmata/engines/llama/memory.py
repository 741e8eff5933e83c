"""The key-value cells, counted exactly, and the sequences that share them.

libllama does not say how many cells are free, so each copy, trim and decode is mirrored here: a
cell is used while any sequence holds it. All cells lie in one pool; a shared prefix is held once.
"""

from __future__ import annotations

import numpy as np

from lemmata.engines.llama.library import Context, State


class Memory:
    """`cells` in the pool, `sequences` that may hold them."""

    def __init__(self, context: Context, cells: int, sequences: int) -> None:
        self._context = context
        self._free = list(range(cells - 1, -1, -1))
        self._holders = np.zeros(cells, np.int32)
        self._spare = list(range(sequences - 1, -1, -1))
        self._held: dict[int, list[int]] = {}
        self.cells = cells

    @property
    def used(self) -> int:
        return self.cells - len(self._free)

    @property
    def free(self) -> int:
        return len(self._free)

    @property
    def spare_sequences(self) -> int:
        return len(self._spare)

    def open(self) -> int:
        """A new, empty sequence. Raises IndexError where none is spare."""
        sequence = self._spare.pop()
        self._held[sequence] = []
        return sequence

    def length(self, sequence: int) -> int:
        """Tokens that the sequence holds."""
        return len(self._held[sequence])

    def share(self, source: int, target: int, tokens: int) -> None:
        """Let the empty `target` hold the first `tokens` of `source` too."""
        assert not self._held[target]
        cells = self._held[source][:tokens]
        self._holders[cells] += 1
        self._held[target] = cells
        self._context.copy(source, target, tokens)

    def size(self, sequence: int) -> int:
        """Bytes that `take_out` needs."""
        return self._context.state_size(sequence)

    def take_out(self, sequence: int, room: State) -> State:
        """What the sequence holds, copied into `room`, and the sequence given back."""
        state = self._context.save(sequence, room)
        self.close(sequence)
        return state

    def put_in(self, sequence: int, state: State, tokens: int) -> bool:
        """Let the empty `sequence` hold the `tokens` that were taken out. False: there is no place
        for them, and it stays empty."""
        if tokens > self.free:
            return False
        assert not self._held[sequence]
        self.grow(sequence, tokens)
        if not self._context.restore(sequence, state):
            self.trim(sequence, 0)
            return False
        return True

    def grow(self, sequence: int, tokens: int) -> None:
        """Count `tokens` that a decode call is about to add."""
        taken = [self._free.pop() for _ in range(tokens)]
        self._holders[taken] = 1
        self._held[sequence] += taken

    def trim(self, sequence: int, tokens: int) -> None:
        """Keep only the first `tokens`."""
        dropped = self._held[sequence][tokens:]
        if not dropped:
            return
        del self._held[sequence][tokens:]
        self._holders[dropped] -= 1
        self._free += [cell for cell in dropped if not self._holders[cell]]
        self._context.trim(sequence, tokens)

    def close(self, sequence: int) -> None:
        """Give the sequence and the cells only it holds back."""
        self.trim(sequence, 0)
        del self._held[sequence]
        self._spare.append(sequence)
