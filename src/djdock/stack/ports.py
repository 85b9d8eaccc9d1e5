"""Whether a port that something is to be published on is free."""

from __future__ import annotations

import errno
import socket

from djdock.errors import MissingError, UsageError


def require_free(
    bind: str, port: int, owners: list[tuple[str, str]], project: str, remedy: str = ""
) -> None:
    """Raises MissingError, naming who has it, when a port is taken by anybody but this stack.

    ``owners`` are the containers that publish it: (name, Compose project). ``remedy`` is for a port that
    is not the site's.
    """
    for name, owner in owners:
        if owner == project:
            return
        raise _taken(bind, port, f"the container {name}", remedy)
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise _taken(bind, port, "another program", remedy) from None
            if error.errno == errno.EADDRNOTAVAIL:
                raise UsageError(
                    f"WEB_BIND is {bind}, which is no address of this machine.",
                    "Use 127.0.0.1, or 0.0.0.0 for every address.",
                ) from None
            if error.errno != errno.EACCES:  # a low port: the engine may, we may not
                raise


def _taken(bind: str, port: int, who: str, remedy: str) -> MissingError:
    return MissingError(
        f"Port {port} on {bind} is taken by {who}.",
        remedy
        or f"Stop it, or choose another port: WEB_PORT={port + 1 if port < 65535 else 8000} in .env.",
    )
