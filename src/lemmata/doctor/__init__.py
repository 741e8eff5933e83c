"""What this machine has and lacks; it reads, and changes nothing."""

from __future__ import annotations

from lemmata.doctor import machine, network, software
from lemmata.doctor.finding import Finding
from lemmata.settings import Settings

__all__ = ["Finding", "examine"]


def examine(settings: Settings, online: bool = False) -> list[Finding]:
    """Every finding, in the order a person reads them; `online` also tries the mirrors."""
    return [
        machine.cpu(),
        machine.cores(settings.threads),
        machine.memory(),
        machine.disk(settings.home),
        machine.gpu(),
        software.python(),
        software.compiler(),
        software.libllama(),
        software.torch(),
        software.model(settings),
        software.sandbox(),
        network.port(settings),
        network.ip_forward(),
        *network.sources(settings, online),
    ]
