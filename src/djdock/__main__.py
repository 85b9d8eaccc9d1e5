"""``python -m djdock``."""

from __future__ import annotations

from djdock.cli import main

raise SystemExit(main())
