"""The embedded engine, over libllama."""

from lemmata.engines.llama.engine import LlamaEngine
from lemmata.engines.llama.options import Options

__all__ = ["LlamaEngine", "Options"]
