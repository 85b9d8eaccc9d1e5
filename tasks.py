"""invoke's door to djdock: `invoke --list` shows every task."""

from djdock.tasks import namespace

__all__ = ["namespace"]
