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
from site_commands import manage


def main():
    env = steps.given(os.environ)
    steps.prepare(env)
    # What collectstatic imports it must not compile: compileall would leave that as it is, valid by
    # times that are about to change.
    words = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", str(steps.ROOT)]
    compiling = subprocess.Popen([sys.executable, *words])
    told = Path("/tmp/djdock-told.json")
    env.update(telling(told))
    steps.static(env)
    steps.drop_packages()
    out = Path("/out")
    beside, languages = ask(env, told)
    translations.copy(out / "translations", languages, out / "shown")
    compiling.wait()  # a file that is no Python of today's is its own affair
    folder = steps.writable()
    paths = [steps.ROOT, Path("/opt/djdock"), *([folder] if folder else [])]
    paths += [beside] if beside else []
    settle.stage(out / "site", paths)
    if folder:
        steps.hand_over(out / "site" / str(folder).lstrip("/"))


def telling(told):
    """The variables with which a process tells, as it ends, what it has read of the settings."""
    path = ":".join(part for part in (os.environ.get("PYTHONPATH"), "/build/told") if part)
    return {"DJDOCK_TOLD": str(told), "PYTHONPATH": path}


def ask(env, told):
    """STATIC_ROOT where that is not in the site's folder, and the languages that it shows: names of
    folders, or None for all.
    """
    # collectstatic has told; where it did not run, this is the first that reads the settings.
    said = "" if told.is_file() else manage([], env, "/build/read_settings.py")
    if said:
        steps.say(f"the settings cannot be read here, so all translations stay: {steps.last(said)}")
        return None, None
    root, names, why = json.loads(told.read_text(encoding="utf-8"))
    if why:
        steps.say(
            f"all translations stay: {why[0]} switches languages"
            if names is None
            else f"translations into {' '.join(names)} stay: nothing here switches languages"
        )
    return steps.outside(root), names


if __name__ == "__main__":
    main()
