"""What adapter names mean, and the weights that the child has to know for them."""

from __future__ import annotations

from pathlib import Path

from lemmata.engines.requests import adapter_of
from lemmata.types import AdapterRef


class Names:
    """`files`: the converted weights by content hash, which a new child is told of."""

    def __init__(self) -> None:
        self._meant: dict[str, AdapterRef] = {}
        self._expected: list[str] = []
        self.files: dict[str, Path] = {}

    def of(self, name: str) -> AdapterRef:
        """Raises UnknownAdapter."""
        return adapter_of(name, self._meant)

    def all(self) -> tuple[AdapterRef, ...]:
        """Sorted by name."""
        return tuple(ref for _, ref in sorted(self._meant.items()))

    def expect(self, ref: AdapterRef, path: Path) -> None:
        """Its weights are about to be loaded: a restart meanwhile brings them back, and the
        unloading of another name does not take them away."""
        self._expected.append(ref.sha256)
        self.files[ref.sha256] = path

    def give(self, ref: AdapterRef) -> AdapterRef | None:
        """Its name means it from now on; what it meant before."""
        former = self._meant.get(ref.name)
        self._meant[ref.name] = ref
        return former

    def arrived(self, ref: AdapterRef) -> None:
        """What was expected is there, or will not come."""
        self._expected.remove(ref.sha256)

    def take(self, name: str) -> AdapterRef:
        """The name means nothing any more; what it meant. Raises UnknownAdapter."""
        ref = self.of(name)
        del self._meant[name]
        return ref

    def forget(self, ref: AdapterRef) -> bool:
        """Whether no name means these weights any more, which are then forgotten."""
        meant = {other.sha256 for other in self._meant.values()}
        if ref.sha256 in meant or ref.sha256 in self._expected:
            return False
        self.files.pop(ref.sha256, None)
        return True
