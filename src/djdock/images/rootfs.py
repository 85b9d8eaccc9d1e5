"""Debian roots for the stand-ins: mmdebstrap makes a tar file, ``docker import`` an image of it.

The packages come from the mirror that this machine's own apt uses, where that is a Debian mirror
with its security suite; else from mmdebstrap's default, which includes the security suite.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from djdock.errors import CommandFailed, MissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from djdock.shell import Shell

#: Where mmdebstrap's own hooks are.
HOOKS = Path("/usr/share/mmdebstrap/hooks")

#: Releases whose /lib is a link, and that do not bring that along; bullseye's is none.
MERGED_BY_HOOK = ("bookworm",)

#: Not released yet, so its lists run out after a week, which mirrors that lag behind are older than.
TESTING = ("forky",)

#: What the temporary folder of a build is called.
PREFIX = "djdock-root-"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

REMEDY = (
    'Log in to a registry and set `bases = "official"` in [tool.djdock], or bring the images '
    "along: `docker save` on a machine that has them, `docker load` here."
)


@dataclass(frozen=True)
class Source:
    """One line of apt's sources, or one suite of a deb822 paragraph."""

    uri: str
    suite: str
    components: tuple[str, ...]


def parse_sources(text: str, *, deb822: bool) -> Iterator[Source]:
    """The binary package sources of one file in /etc/apt, in either of its two formats."""
    if not deb822:
        for line in text.splitlines():
            match = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)", line)
            if match:
                yield Source(match[1], match[2], tuple(match[3].split()))
        return
    for paragraph in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        unfolded = re.sub(r"\n[ \t]+", " ", paragraph)
        keys = {
            name.strip().lower(): value.split()
            for name, _, value in (line.partition(":") for line in unfolded.splitlines())
        }
        if "deb" not in keys.get("types", []) or keys.get("enabled") == ["no"]:
            continue
        for uri in keys.get("uris", []):
            for suite in keys.get("suites", []):
                yield Source(uri, suite, tuple(keys.get("components", [])))


def mirrors(sources: Iterable[Source], codename: str, suite: str) -> list[str]:
    """mmdebstrap's MIRROR arguments for ``suite`` on a machine that runs Debian ``codename``.

    Empty (take mmdebstrap's default) unless both the archive and its security suite are found: a
    root without security updates is never made. Mirrors with a password in the address are passed
    over, as the address becomes part of the image.
    """
    archive = security = ""
    for source in sources:
        address = urlsplit(source.uri)
        if address.scheme not in ("http", "https") or "@" in address.netloc:
            continue
        if "main" not in source.components:
            continue
        # Other people's packages come under the release's name, too; `-updates` are Debian's.
        if source.suite == f"{codename}-updates" and not archive:
            archive = source.uri
        if source.suite == f"{codename}-security" and not security:
            security = source.uri
    if not archive or not security:
        return []
    return [
        f"deb {archive} {suite} main",
        f"deb {archive} {suite}-updates main",
        f"deb {security} {suite}-security main",
    ]


def host_mirrors(suite: str, etc: Path = Path("/etc")) -> list[str]:
    """The MIRROR arguments for this machine; empty unless it is a Debian whose mirror has ours."""
    try:
        release = (etc / "os-release").read_text(encoding="utf-8")
    except OSError:
        return []
    values = dict(line.split("=", 1) for line in release.splitlines() if "=" in line)
    if values.get("ID", "").strip('"') != "debian":
        return []
    folder = etc / "apt" / "sources.list.d"
    files = [etc / "apt" / "sources.list", *sorted(folder.glob("*.list"))]
    files += sorted(folder.glob("*.sources"))
    found = [
        source
        for path in files
        if path.is_file()
        for source in parse_sources(
            path.read_text(encoding="utf-8", errors="replace"), deb822=path.suffix == ".sources"
        )
    ]
    chosen = mirrors(found, values.get("VERSION_CODENAME", "").strip('"'), suite)
    return chosen if all(_has_suite(line) for line in chosen) else []


def _has_suite(line: str) -> bool:
    """Does the mirror have the suite? A company's may hold its own release only."""
    _, uri, suite, *_ = line.split()
    request = urllib.request.Request(  # noqa: S310 - http or https, see mirrors()
        f"{uri.rstrip('/')}/dists/{suite}/InRelease", method="HEAD"
    )
    try:
        with urllib.request.urlopen(request, timeout=3):  # noqa: S310
            return True
    except (OSError, ValueError):
        return False


def mmdebstrap(
    recipe: Path, target: Path, suite: str, *, slim: bool, sources: Iterable[str] = ()
) -> list[str]:
    """The command line that makes the root of a Debian release as the tar file ``target``.

    It chooses its own mode: root's own, or a user name space for everybody else.
    """
    words = ["mmdebstrap", "--quiet", "--variant=minbase", "--format=tar"]
    words += ["--skip=chroot/policy-rc.d", '--aptopt=Acquire::Languages "none"']
    words.append(f"--dpkgopt={recipe / 'dpkg.cfg'}")
    if slim:
        words.append(f"--dpkgopt={recipe / 'slim.cfg'}")
    if suite in TESTING:
        words.append('--aptopt=Acquire::Check-Valid-Until "false"')
    if suite in MERGED_BY_HOOK:
        words.append(f"--hook-dir={HOOKS / 'merged-usr'}")
    return [*words, f"--customize-hook={recipe / 'customize.sh'}", suite, str(target), *sources]


def import_command(docker: str, tar: Path, labels: Mapping[str, str]) -> list[str]:
    """The command line that makes an image of a root; it gets its tag when it is complete."""
    changes = ['CMD ["bash"]', f"ENV {PATH}", *(f"LABEL {k}={v}" for k, v in labels.items())]
    flags = [word for change in changes for word in ("--change", change)]
    return [docker, "import", *flags, str(tar)]


def require(shell: Shell, note: Callable[[str], None]) -> None:
    """Makes sure that mmdebstrap is there, by installing it as root on Debian and its children.

    Raises MissingError with another way out where that cannot be done.
    """
    if shutil.which("mmdebstrap") and (KEYRING.is_file() or not shutil.which("apt-get")):
        return
    if not shutil.which("apt-get"):
        raise MissingError(
            "Stand-ins for the official images are made with mmdebstrap, which is not here.", REMEDY
        )
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends"]
    install += ["mmdebstrap", "debian-archive-keyring"]
    if os.geteuid() != 0:
        raise MissingError(
            "Stand-ins for the official images are made with mmdebstrap, which is not here.",
            "Install it (`sudo apt-get install mmdebstrap debian-archive-keyring uidmap`). "
            + REMEDY,
        )
    note("Installing mmdebstrap, which makes the stand-ins …")
    if shell.dry:
        shell.run(install)
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    if shell.capture(install, env=quiet, check=False).returncode:
        # A fresh machine has no package lists, an old one has stale ones.
        shell.capture(["apt-get", "update", "--quiet"], check=False)
        shell.capture(install, env=quiet)


def sweep() -> None:
    """Removes what builds that were killed have left; no build takes an hour."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime > 3600 and folder.stat().st_uid == os.geteuid():
                shutil.rmtree(folder)
        except OSError:
            continue  # somebody else was faster


def build(
    shell: Shell,
    docker: str,
    recipe: Path,
    tag: str,
    suite: str,
    *,
    slim: bool,
    labels: Mapping[str, str],
) -> None:
    """Makes the image ``tag``; after an error or interrupt there is no such tag, or the old one."""
    sweep()
    sources = host_mirrors(suite)
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        # A user name space's root is another user, who must not need to look into anyone's home.
        copy = Path(shutil.copytree(recipe, folder / "recipe"))
        for path in (folder, copy, *copy.iterdir()):
            path.chmod(0o755)
        tar = folder / "root.tar"
        try:
            shell.run(mmdebstrap(copy, tar, suite, slim=slim, sources=sources))
        except CommandFailed as error:
            raise MissingError(
                f"mmdebstrap made no Debian root (exit code {error.returncode}, see above).",
                "Is a Debian mirror reached, directly or by http_proxy? " + REMEDY,
            ) from error
        command = import_command(docker, tar, labels)
        if shell.dry:
            shell.run(command)
            return
        image = shell.capture(command).stdout.strip()
        shell.capture([docker, "tag", image, tag])
