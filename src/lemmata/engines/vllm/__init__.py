"""vLLM as a child of ours on loopback, spoken to through the OpenAI connector."""

from lemmata.engines.vllm.engine import VllmEngine

__all__ = ["VllmEngine"]
