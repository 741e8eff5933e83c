"""transformers and PEFT in this process: slow, exact, and the reference for the other engines."""

from lemmata.engines.torch.engine import TorchEngine

__all__ = ["TorchEngine"]
