"""The packages' step of multi.Dockerfile and minimal.Dockerfile: installs them into /opt/venv, and puts
what images take under /out.

    /out/packages        the environment, without what is never read and without translations
    /out/translations    its translations, into all languages
    /out/linked          the Debian packages that extension modules link to, in one line
    /out/switching       the file of a package that switches languages; empty where none does

Told by the variables of djdock_dependencies.
"""

import os
import py_compile
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import settle
import slim
from djdock_dependencies.install import install
from djdock_dependencies.undeclared import sources
from djdock_minimal import switching

VENV = Path("/opt/venv")
OUT = Path("/out")


def compiling(paths, workers):
    """Starts to compile sources in so many processes, and returns their numbers.

    Byte code is valid by its source's hash: by time it would be another one in each build. uv would
    compile all of an environment anew whenever it installs something, and compileall spends a third of
    its time on handing out one file after the other.
    """
    running = []
    for number in range(workers):
        pid = os.fork()
        if not pid:
            compile_some(paths[number::workers])
            os._exit(0)
        running.append(pid)
    return running


def compile_some(paths):
    """Compiles these; a file that is no Python of today's is its own affair, and so is bad style."""
    warnings.simplefilter("ignore")
    for path in paths:
        with suppress(py_compile.PyCompileError, ValueError, RecursionError, OSError):
            py_compile.compile(
                path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
            )


def main():
    OUT.mkdir()
    subprocess.run(["uv", "venv", "--quiet", "--no-project", str(VENV)], check=True)
    install(Path("/dependencies"), VENV, os.environ)
    # What asks the disk and dpkg goes beside what asks the processors.
    with (OUT / "linked").open("w", encoding="utf-8") as file:
        linked = subprocess.Popen(
            [sys.executable, "-B", "/build/linked.py", str(VENV)], stdout=file
        )
    workers = compiling(sorted(sources(VENV / "lib")), len(os.sched_getaffinity(0)))
    (OUT / "switching").write_text(switching.packages(VENV) or "", encoding="utf-8")
    slim.slim_venv(VENV)
    ended = [os.waitpid(pid, 0)[1] for pid in workers]
    if any(ended):
        sys.exit("packages: a process that compiles was ended, as for want of memory.")
    packages, translations = OUT / "packages", OUT / "translations"
    settle.stage(packages, [VENV])
    where = str(VENV).lstrip("/")
    slim.set_apart(packages / where, translations / where)
    translations.mkdir(exist_ok=True)
    for folder in (packages, translations):
        settle.folders_of(folder)
    if linked.wait():
        sys.exit(linked.returncode)


if __name__ == "__main__":
    main()
