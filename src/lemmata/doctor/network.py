"""The port, the container-network trap, and the places that packages and weights come from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from lemmata.doctor.finding import Finding
from lemmata.errors import LemmataError
from lemmata.server.listen import bind
from lemmata.settings import Settings

IP_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
PYPI = "https://pypi.org/simple"
TIMEOUT = 3.0
"""Seconds; a mirror that takes longer to answer at all is no help."""


def port(settings: Settings) -> Finding:
    """Whether `serve` could listen now; the port is given back at once."""
    where = f"{settings.host}:{settings.port}"
    try:
        bind(settings.host, settings.port).close()
    except LemmataError as error:
        return Finding("port", "warn", error.cause, f"{error.mend} Or set LEMMATA_PORT.")
    return Finding("port", "ok", f"{where} is free")


def ip_forward(path: Path = IP_FORWARD) -> Finding:
    """With it off, a container's published port is open and answers nobody."""
    try:
        value = path.read_text().strip()
    except OSError:
        return Finding("ip_forward", "ok", "not known on this system")
    if value == "0":
        mend = "Only if you use containers: sudo sysctl -w net.ipv4.ip_forward=1"
        return Finding(
            "ip_forward", "warn", "net.ipv4.ip_forward=0: container ports stay dead", mend
        )
    return Finding("ip_forward", "ok", f"net.ipv4.ip_forward={value}")


def sources(settings: Settings, online: bool) -> list[Finding]:
    """Where packages and weights come from; `online` also asks each whether it answers."""
    places = {
        "pip index": (_pip_index(), "Name a mirror: pip config set global.index-url URL"),
        "hugging face": (
            settings.hf_endpoint or "https://huggingface.co",
            "Name a mirror: export HF_ENDPOINT=https://hf-mirror.com",
        ),
        "modelscope": (
            f"https://{settings.modelscope_domain}",
            "Set MODELSCOPE_DOMAIN, or pull from another source.",
        ),
    }
    if settings.offline:
        mend = "Unset HF_HUB_OFFLINE to fetch models."
        return [Finding(name, "warn", f"{url} (offline by HF_HUB_OFFLINE)", mend)
                for name, (url, _) in places.items()]  # fmt: skip
    if not online:
        return [Finding(name, "ok", f"{url} (not tried)") for name, (url, _) in places.items()]
    return [_reach(name, url, mend) for name, (url, mend) in places.items()]


def _pip_index() -> str:
    """As pip itself resolves it, from its files and its environment."""
    ask = [sys.executable, "-m", "pip", "config", "list"]
    try:
        told = subprocess.run(  # noqa: S603 - a fixed command
            ask, capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (subprocess.SubprocessError, OSError):
        return PYPI
    lines = [line.split("=", 1) for line in told.splitlines() if "=" in line]
    found = {name.rsplit(".", 1)[-1]: value.strip("'\"") for name, value in lines}
    return _without_secrets(found.get("index-url", PYPI))


def _without_secrets(url: str) -> str:
    """An index URL may carry a user's name and token; neither belongs in a report."""
    return str(httpx.URL(url).copy_with(username=None, password=None))


def _reach(name: str, url: str, mend: str) -> Finding:
    try:
        answer = httpx.head(url, timeout=TIMEOUT, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Finding(name, "warn", f"{url} cannot be reached: {error}", mend)
    if answer.status_code >= 500:
        return Finding(name, "warn", f"{url} answers {answer.status_code}", mend)
    return Finding(name, "ok", f"{url} answers")
