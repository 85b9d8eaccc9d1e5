"""djdock: from a Django project's source to a small, safe, running stack of containers."""

from __future__ import annotations

__version__ = "0.1.0"
