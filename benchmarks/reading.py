"""How long reading an image takes, against `docker save` of it: python benchmarks/reading.py IMAGE…

In turn, the faster of three each, as other work on the machine disturbs both. Prints one line for each
image: seconds, their ratio, and the reader's peak of memory.
"""

from __future__ import annotations

import subprocess
import sys
import time

from djdock import engine

READ = """
import sys
from pathlib import Path
from djdock.images import archive, layers
layers.figures(archive.read(sys.argv[1]))
# Not getrusage: what it says may be of the process that started this one.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""


def timed(argv: list[str]) -> tuple[float, str]:
    """Seconds, and what the command printed last."""
    started = time.monotonic()
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return time.monotonic() - started, done.stdout.strip()


def main(images: list[str]) -> None:
    """Measures each image."""
    docker = engine.docker_binary()
    for image in images:
        save, read = [], []
        for _ in range(3):
            save.append(timed(["sh", "-c", f"'{docker}' save '{image}' | wc -c"])[0])
            seconds, peak = timed([sys.executable, "-c", READ, image])
            read.append(seconds)
        ratio = min(read) / min(save)
        print(f"{image}: read {min(read):.2f} s, save {min(save):.2f} s, {ratio:.2f}, {peak} MiB")


main(sys.argv[1:])
