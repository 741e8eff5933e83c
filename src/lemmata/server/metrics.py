"""What Prometheus reads at `/metrics`. Labels never hold what a client wrote."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Metrics:
    """One set for each service; `lemmata_tokens_total` by rate is tokens a second."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lemmata_http_requests", "Answered.", ["route", "status"], registry=self.registry
        )
        self.tokens = Counter(
            "lemmata_tokens", "Read and written.", ["kind", "model"], registry=self.registry
        )
        self.first_token = Histogram(
            "lemmata_first_token_seconds",
            "From the request to its first token, queueing included.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.generation = Histogram(
            "lemmata_generation_seconds",
            "From the request to the end of its text.",
            ["outcome"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.verdicts = Counter(
            "lemmata_verdicts", "Of /api/solve.", ["state"], registry=self.registry
        )
        self.adapter_loads = Counter(
            "lemmata_adapter_loads", "Since the start.", registry=self.registry
        )

    def watch(self, name: str, about: str, value: Callable[[], float]) -> None:
        """A gauge that is read when Prometheus asks."""
        Gauge(name, about, registry=self.registry).set_function(value)
