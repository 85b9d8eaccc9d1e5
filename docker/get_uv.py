"""Gets uv from PyPI, and tomli before Python 3.11, without pip, whose start alone takes seconds.

    get_uv.py VERSION OUT    OUT/bin/uv, and tomli in OUT

Slim images have pip without its byte code. Where an index is configured, or anything is not as it
is on PyPI, pip does it after all.
"""

import hashlib
import importlib.util
import io
import json
import os
import platform
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

TOMLI = "2.2.1"
CONFIGURED = ("/etc/pip.conf",)
VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_CONFIG_FILE",
)


def read(url, accept="*/*"):
    if not url.startswith("https://"):
        raise LookupError(f"{url} is not https")
    asked = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - it is https
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - it is https
        return answer.read()


def chosen(page, name, version, tags):
    """The wheel of a version whose platform matches; of the index's JSON (PEP 691)."""
    begin = re.compile(rf"{name}-{re.escape(version)}-py3-none-.*{tags}.*\.whl$")
    for file in page["files"]:
        if begin.match(file["filename"]) and not file.get("yanked"):
            return file["url"], file["hashes"]["sha256"]
    raise LookupError(f"no wheel of {name} {version} for {tags}")


def index():
    """pip's own index. It is read from pip's source: to import it takes a second."""
    found = importlib.util.find_spec("pip")
    source = Path(found.origin).with_name("_internal") / "models" / "index.py"
    text = source.read_text(encoding="utf-8")
    url = re.search(r"""(?m)^PyPI = PackageIndex\(\s*["']([^"']+)""", text)
    if not url:
        raise LookupError("pip does not say where its index is")
    return url[1].rstrip("/") + "/simple/"


def wheel(name, version, tags):
    """A wheel, whose digest is the one that the index says."""
    page = json.loads(read(f"{index()}{name}/", "application/vnd.pypi.simple.v1+json"))
    url, digest = chosen(page, name, version, tags)
    data = read(url)
    if hashlib.sha256(data).hexdigest() != digest:
        raise LookupError(f"{url} is not what the index says")
    return zipfile.ZipFile(io.BytesIO(data))


def quick(version, out):
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    files = wheel("uv", version, rf"{libc}_\d+_\d+_{platform.machine()}")
    target = out / "bin" / "uv"
    data = files.read(f"uv-{version}.data/scripts/uv")
    tomli = wheel("tomli", TOMLI, "any") if sys.version_info < (3, 11) else None
    target.parent.mkdir(parents=True)
    target.write_bytes(data)
    target.chmod(0o755)
    if tomli:
        tomli.extractall(str(out))
    print(f"uv {version}: {len(data) / 1e6:.1f} MB")


def slow(version, out):
    words = [f"uv=={version}", f"tomli=={TOMLI} ; python_version < '3.11'"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--target", str(out), *words], check=True
    )


def main(version, out):
    if not any(map(os.path.exists, CONFIGURED)) and not any(map(os.environ.get, VARIABLES)):
        try:
            quick(version, out)
        except Exception as error:  # whatever it is, pip says it better
            print(f"uv: by pip, since {type(error).__name__}: {error}")
        else:
            return
    slow(version, out)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
