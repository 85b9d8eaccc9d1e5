"""The site's step of multi.Dockerfile.

/out/site     the site and its static files, compiled, with settled times
/out/shown    the packages' translations into the site's languages
"""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, "/build")

import site_steps as steps
import translations
from djdock_minimal import settle
from site_commands import mended


def main():
    env = steps.given(os.environ)
    steps.prepare(env)
    # What collectstatic imports it must not compile: compileall would leave that as it is, valid
    # by times that
    # are about to change.
    words = [
        sys.executable,
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "checked-hash",
        str(steps.ROOT),
    ]
    compiling = subprocess.Popen(words)
    steps.static(env)
    steps.drop_packages()
    out = Path("/out")
    beside, languages = ask(env)
    translations.copy(out / "translations", languages, out / "shown")
    compiling.wait()  # a file that is no Python of today's is its own affair
    folder = steps.writable()
    paths = [steps.ROOT, Path("/opt/djdock"), *([folder] if folder else [])]
    paths += [beside] if beside else []
    settle.stage(out / "site", paths)
    if folder:
        steps.hand_over(out / "site" / str(folder).lstrip("/"))


#: What a process with the site's settings prints: STATIC_ROOT, its languages' folders, and why these.
ASK = """
import json
from pathlib import Path
from django.conf import settings
from djdock_minimal import languages
why = []
def switched():
    why.append(languages.switched(settings, Path("/app")))
    return why[0]
names = languages.locales(settings, switched)
root = str(getattr(settings, "STATIC_ROOT", None) or "")
print("\\ndjdock:" + json.dumps([root, names, why]))
"""


def ask(env):
    """STATIC_ROOT where that is not in the site's folder, and the languages that it shows: names of
    folders, or None for all.
    """
    path = "/build:" + os.environ.get("PYTHONPATH", "")
    while True:
        done = subprocess.run([sys.executable, "-c", ASK], env={**os.environ, **env, "PYTHONPATH": path},
                              capture_output=True, text=True, check=False)  # fmt: skip
        # Where nothing is collected at build, this is the first that reads the settings.
        if done.returncode == 0 or not mended(done.stderr, "the settings"):
            break
    _, mark, told = done.stdout.rpartition("\ndjdock:")
    if done.returncode or not mark:
        steps.say(
            f"the settings cannot be read here, so all translations stay: {steps.last(done.stderr)}"
        )
        return None, None
    root, names, why = json.loads(told.partition("\n")[0])
    if why:
        steps.say(
            f"all translations stay: {why[0]} switches languages"
            if names is None
            else f"translations into {' '.join(names)} stay: nothing here switches languages"
        )
    return steps.outside(root), names


main()
