"""What the site's settings say that its image depends on, told by a process that has read them.

Written to the file that DJDOCK_TOLD names, as JSON: STATIC_ROOT, the folders of its languages (null for
all), and what switches these (an empty list where nobody had to know).
"""

import json
import os
from pathlib import Path

TOLD = []


def tell():
    """Writes that where Django's settings have been read; once in a process."""
    from django.conf import settings
    from djdock_minimal import languages

    if not settings.configured or TOLD:
        return
    TOLD.append(True)
    why = []

    def switched():
        why.append(languages.switched(settings, Path("/app")))
        return why[0]

    names = languages.locales(settings, switched)
    root = str(getattr(settings, "STATIC_ROOT", None) or "")
    Path(os.environ["DJDOCK_TOLD"]).write_text(json.dumps([root, names, why]), encoding="utf-8")
