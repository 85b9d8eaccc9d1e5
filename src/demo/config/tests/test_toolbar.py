import os
import subprocess
import sys

from django.conf import settings
from django.test import SimpleTestCase

SHOWN = (
    "from django.conf import settings as s; "
    "print(s.DEBUG_TOOLBAR, 'debug_toolbar' in s.INSTALLED_APPS)"
)


def said(*, installed: bool, **variables: str) -> str:
    """What settings make of these variables, in a process of its own."""
    spec = "object()" if installed else "None"
    code = (
        "import importlib.util as util; find = util.find_spec; "
        f"util.find_spec = lambda name: {spec} if name == 'debug_toolbar' else find(name); {SHOWN}"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **variables}
    argv = [sys.executable, "-c", code]
    done = subprocess.run(
        argv, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class ToolbarTests(SimpleTestCase):
    def test_it_is_there_when_it_is_asked_for_installed_and_debug_is_on(self):
        asked = {"DEBUG": "True", "DJANGO_DEBUG_TOOLBAR": "1"}
        self.assertEqual(said(installed=True, **asked), "True True")
        self.assertEqual(said(installed=False, **asked), "False False")
        self.assertEqual(said(installed=True, **asked | {"DEBUG": "False"}), "False False")
        self.assertEqual(
            said(installed=True, **asked | {"DJANGO_DEBUG_TOOLBAR": ""}), "False False"
        )
