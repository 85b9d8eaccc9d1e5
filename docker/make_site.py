"""The site's step of multi.Dockerfile: static files and byte code at once, then languages, then
settled times.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, "/build")

import site_steps as steps
from djdock_minimal import settle


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
    asking = asked(env)
    steps.static(env)
    steps.drop_packages()
    compiling.wait()  # a file that is no Python of today's is its own affair
    out = Path("/out")
    beside = answered(asking, env, out)
    folder = steps.writable()
    paths = [steps.ROOT, Path("/opt/djdock"), *([folder] if folder else [])]
    paths += [beside] if beside else []
    settle.stage(out / "site", paths)
    if folder:
        steps.hand_over(out / "site" / str(folder).lstrip("/"))


#: What a process with the site's settings prints: STATIC_ROOT, then the folders of its languages.
ASK = """
from django.conf import settings
from djdock_minimal.languages import locales
print("djdock-static-root:" + str(getattr(settings, "STATIC_ROOT", None) or ""))
print("\\n".join(locales(settings) or ["*"]))
"""


def asked(env):
    """Starts a process that says it."""
    path = "/build:" + os.environ.get("PYTHONPATH", "")
    return subprocess.Popen(
        [sys.executable, "-c", ASK], env={**os.environ, **env, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def answered(asking, env, out):
    """Writes the translations that the site can show; returns STATIC_ROOT where that is not in
    its folder.
    """
    said, wrong = asking.communicate()
    if asking.returncode:
        # By now it may be known which variables the settings miss.
        asking = asked(env)
        said, wrong = asking.communicate()
    _, mark, told = said.partition("djdock-static-root:")
    if asking.returncode or not mark:
        steps.say(
            f"the settings cannot be read here, so all translations stay: {steps.last(wrong)}"
        )
        (out / "languages").write_text("*\n")
        return None
    root, _, names = told.partition("\n")
    (out / "languages").write_text(names)
    return steps.outside(root)


main()
