"""Which process listens at a port of this machine, as Linux's /proc has it."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")

#: TCP_LISTEN in the kernel's include/net/tcp_states.h, as /proc/net/tcp writes it.
_LISTEN = "0A"


@dataclass(frozen=True)
class Listener:
    """A process: its number and its name."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


def find(bind: str, port: int, proc: Path = PROC) -> Listener | None:
    """The process that keeps us from listening at ``bind`` and ``port``.

    None when it is nobody's, or somebody's whose files we may not see (another user's, without root).
    """
    wanted = ipaddress.ip_address(bind)
    sockets = {
        f"socket:[{inode}]"
        for table in ("tcp", "tcp6")
        for address, at, inode in _listening(proc / "net" / table)
        if at == port and (address.is_unspecified or wanted.is_unspecified or address == wanted)
    }
    if not sockets:
        return None
    for folder in sorted(proc.glob("[0-9]*"), key=lambda one: int(one.name)):
        try:
            if any(str(link.readlink()) in sockets for link in (folder / "fd").iterdir()):
                name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return Listener(int(folder.name), name)
        except OSError:
            continue  # it has ended, or is another user's
    return None


def _listening(
    table: Path,
) -> Iterator[tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int, str]]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        if fields[3] == _LISTEN:
            address, port = fields[1].split(":")
            yield _address(address), int(port, 16), fields[9]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The kernel prints an address as 32-bit words in this machine's byte order."""
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    packed = b"".join(struct.pack("=I", word) for word in words)
    found = ipaddress.ip_address(packed)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found
