"""What a container with workers of a site needs: many packages that are loaded take more than a few."""

from __future__ import annotations

from djdock.inspect.dependencies import Dependencies
from djdock.inspect.model import Decision, Evidence

#: Packages, and the limit of a container's memory from that many on.
LIMITS = ((150, "2g"), (50, "1g"))


def decide(needed: Dependencies) -> list[Decision]:
    """The fact ``web_memory``; none for a site that the usual limit is enough for."""
    # A list without a lock names about half of what is installed.
    count = len(needed.needed) * (1 if needed.locked else 2)
    limit = next((limit for least, limit in LIMITS if count >= least), "")
    if not limit:
        return []
    where = (Evidence(needed.path, 0, ""),) if needed.path else ()
    return [Decision("web_memory", limit, f"it is made of some {count} packages", where)]
