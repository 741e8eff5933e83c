"""What a source brought, and the errors that sources share."""

from __future__ import annotations

from dataclasses import dataclass

from lemmata.errors import ModelRefused, NoNetwork
from lemmata.settings import Settings


@dataclass(frozen=True, slots=True)
class Fetched:
    """`files`: relative path to (bytes, SHA-256), all checked. `revision`: what exactly came."""

    revision: str
    files: dict[str, tuple[int, str]]


def need_network(settings: Settings, what: str) -> None:
    """Raises NoNetwork where the user has switched the network off."""
    if settings.offline:
        raise NoNetwork(
            f"{what} is not on this machine and offline mode is on", "Unset HF_HUB_OFFLINE."
        )


def wrong_bytes(name: str, where: str) -> ModelRefused:
    """The error for a file whose hash is not the one that was promised."""
    return ModelRefused(
        f"{name} from {where} does not have the hash that was promised; it was thrown away",
        "Try again; if it persists, use another mirror or --source.",
    )
