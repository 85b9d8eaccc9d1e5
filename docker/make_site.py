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
    beside = ask(env, out)
    compiling.wait()  # a file that is no Python of today's is its own affair
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


def ask(env, out):
    """Writes the translations that the site can show; returns STATIC_ROOT where that is not in
    its folder.
    """
    path = "/build:" + os.environ.get("PYTHONPATH", "")
    while True:
        done = subprocess.run([sys.executable, "-c", ASK], env={**os.environ, **env, "PYTHONPATH": path},
                              capture_output=True, text=True, check=False)  # fmt: skip
        # Where nothing is collected at build, this is the first that reads the settings.
        if done.returncode == 0 or not mended(done.stderr, "the settings"):
            break
    _, mark, told = done.stdout.partition("djdock-static-root:")
    if done.returncode or not mark:
        steps.say(
            f"the settings cannot be read here, so all translations stay: {steps.last(done.stderr)}"
        )
        (out / "languages").write_text("*\n")
        return None
    root, _, names = told.partition("\n")
    (out / "languages").write_text(names)
    return steps.outside(root)


main()
