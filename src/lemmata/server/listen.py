"""The socket that the server listens on, taken before anything slow is done."""

from __future__ import annotations

import errno
import ipaddress
import socket

from lemmata.errors import BadInput, EnvironmentMissing, PortTaken


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(host: str, port: int) -> socket.socket:
    """A listening socket that no other process shares. Raises PortTaken, BadInput.

    Listening at once is what makes it exclusive: between `bind` and `listen` Linux lets another
    process with SO_REUSEADDR bind the same port.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise BadInput(f"{host!r} is no address", "Give one of this machine's.") from error
    sock = socket.socket(family, kind)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(1024)
    except (OSError, OverflowError) as error:
        sock.close()
        raise _refused(host, port, error) from error
    return sock


def _refused(host: str, port: int, error: Exception) -> Exception:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return PortTaken(
            f"port {port} is taken", f"Stop what uses it, or pass another: --port {port + 1}."
        )
    if code == errno.EACCES:
        return EnvironmentMissing(f"port {port} needs root", "Choose one above 1023.")
    return BadInput(f"cannot listen on {host}:{port}: {error}", "Choose another address or port.")


def url(sock: socket.socket) -> str:
    """Where a person on this machine finds the server."""
    host, port = sock.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
