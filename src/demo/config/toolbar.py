"""django-debug-toolbar: only with DEBUG, and where it is asked for and installed (`invoke up --dev`)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from config.env import Env

MIDDLEWARE = "debug_toolbar.middleware.DebugToolbarMiddleware"


def wanted(env: Env) -> bool:
    return env.boolean("DJANGO_DEBUG_TOOLBAR") and find_spec("debug_toolbar") is not None


def is_shown(request: HttpRequest) -> bool:
    """To everybody who sees tracebacks anyway: from inside a container no visitor is 127.0.0.1."""
    return True
