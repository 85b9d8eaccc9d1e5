"""Why a site's page fails: asked inside of its container, where Django tells it.

Without DEBUG an error goes to ADMINS by mail, if to anybody: the log has nothing of it.
"""

from __future__ import annotations

from djdock.errors import CommandFailed
from djdock.shell import Shell

#: Seconds that this may take: the site's start, and one page.
LONGEST = 30.0

#: Asks for the page of the health check as a browser would, and prints what is raised.
SCRIPT = r"""
import os, sys, traceback
sys.path.insert(0, os.getcwd())
path = os.environ.get("READY_PATH") or "/"
try:
    if os.environ.get("DJANGO_CONFIGURATION"):
        import configurations
        configurations.setup()
    import django
    django.setup()
    from django.conf import settings
    from django.test import Client
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"] or ["localhost"]
    Client(HTTP_HOST=names[0]).get(path, secure=bool(settings.SECURE_SSL_REDIRECT))
except Exception:  # whatever the page raises is the answer
    print("The page %s ends with this:" % path)
    print("\n".join(traceback.format_exc().splitlines()[-12:]))
"""


def why(shell: Shell, docker: str, name: str) -> str:
    """The last lines of the traceback of the container's page; empty where it has none."""
    try:
        argv = [docker, "exec", name, "python", "-c", SCRIPT]
        said = shell.capture(argv, check=False, timeout=LONGEST)
    except CommandFailed:
        return ""
    _, mark, rest = said.stdout.partition("The page ")
    return shell.mask(mark + rest).strip() if said.returncode == 0 else ""
