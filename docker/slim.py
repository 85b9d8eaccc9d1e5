"""Makes what goes into the final image smaller. Runs inside the builder, as root.

    slim.py system      removes from the base what a finished image has no use for, and settles times

make_packages.py does the same for a virtual environment. Every rule has its reason; what was removed
is printed with its bytes. The system's package data base is kept true, so that scanners report what is
there and nothing else.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import settle  # beside this file

#: What apt.sh notes.
NOTES = Path("/var/lib/djdock")

VENV_RULES = (
    (
        "lib/python*/site-packages/**/locale/*/LC_MESSAGES/*.po",
        "gettext reads the compiled .mo only",
    ),
    ("lib/python*/site-packages/**/*.pyi", "type stubs are read by type checkers only"),
    ("lib/python*/site-packages/**/*.[ch]", "C sources are read by compilers only"),
    ("bin/*.bat", "for Windows"),
    ("bin/[Aa]ctivate*", "nobody sources a shell function in a container"),
)

#: Debian packages by name, with their reason. Those that a base does not have are passed over.
PACKAGES = (
    (
        "apt libapt-pkg7.0 libapt-pkg6.0 sqv gpgv debian-archive-keyring",
        "nothing is installed here",
    ),
    (
        "python3-pip-whl python-pip-whl python3-setuptools-whl python3.*-venv",
        "nothing is installed here",
    ),
    (
        (
            "login login.defs passwd libpam-modules libpam-modules-bin libpam-runtime"
            " libsemanage1 libsemanage2 libsemanage-common libsepol1 libsepol2"
        ),
        "nobody logs in, and no account is made",
    ),
    ("perl-base debconf adduser", "configure packages while they are installed"),
)

#: Those that others run as they are removed.
CONFIGURING = ("perl-base", "debconf", "adduser")

#: What dpkg's data base has for dpkg itself; the lists and sums of files stay, for scanners.
FOR_DPKG = (
    "symbols",
    "shlibs",
    "triggers",
    "templates",
    "config",
    "preinst",
    "postinst",
    "prerm",
    "postrm",
)

#: pip and, up to Python 3.11, what came with it: the base's own, the site's packages are elsewhere.
INSTALLERS = (
    "pip*",
    "setuptools*",
    "pkg_resources",
    "_distutils_hack",
    "distutils-precedence.pth",
    "wheel*",
    "easy_install*",
)

#: Parts of the standard library that no site imports, relative to it.
STDLIB = ("ensurepip", "idlelib", "turtledemo", "config-*")


def size(path):
    """The bytes of a file, or of all files in a folder; links count nothing, nor do more names."""
    if path.is_symlink() or not path.exists():
        return 0
    if path.is_dir():
        return sum(size(child) for child in path.iterdir())
    return path.stat().st_size if path.stat().st_nlink == 1 else 0


def remove(paths, reason):
    total = 0
    for path in paths:
        total += size(path)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if total:
        print(f"slim: {total / 1e6:6.2f} MB removed: {reason}")


def installed():
    listed = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package}\n"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return set(listed.stdout.split())


def needs_perl():
    """Whether a package that was added to the base is one of Perl's programs, or runs them."""
    listed = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package}\n"],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout.split()  # fmt: skip
    return any(name == "perl" or name.startswith("libperl5") for name in listed)


def slim_venv(venv):
    """Removes from a virtual environment what is never read at run time."""
    from djdock_minimal import opened  # in the builder only

    rules = [(matcher(pattern), f"{pattern}: {reason}", []) for pattern, reason in VENV_RULES]
    for path, folder, names in walk(venv):
        for name in names:
            for matches, _, files in rules:
                if matches(f"{path}{name}"):
                    files.append(Path(folder, name))
    for _, reason, files in rules:
        files = [path for path in sorted(files) if path.is_file() and not opened.beside(path)]
        remove(files, reason)


def matcher(pattern):
    """What tells whether a path matches: a star stays in its folder, two are any number of folders."""
    parts = re.split(r"(\*\*/|\*|\[\w+\])", pattern)
    known = {"**/": "(?:.*/)?", "*": "[^/]*"}
    text = "".join(known.get(p, p if p.startswith("[") else re.escape(p)) for p in parts)
    return re.compile(text).fullmatch


def walk(root):
    """Each folder of a tree: relative to the root, with a slash at its end; as it is; its files.

    pathlib's patterns would go through all of it for each of them.
    """
    top = len(str(root)) + 1
    for folder, _, names in os.walk(str(root)):
        yield (f"{folder[top:]}/" if len(folder) > top else ""), folder, names


#: Translations of one package into one language, with what else Django has in their folder.
TRANSLATIONS = matcher("lib/python*/site-packages/**/locale/*/LC_MESSAGES/")


#: https://docs.djangoproject.com/en/stable/topics/i18n/translation/#how-django-discovers-translations
CATALOGUE = re.compile(r"django(js)?\.[mp]o").fullmatch


def set_apart(venv, out):
    """Moves a virtual environment's translations to ``out``, at the same places; of Django's catalogues
    alone, as others may be opened by name, in whatever language.
    """
    found = [
        Path(folder).parent
        for path, folder, names in walk(venv)
        if TRANSLATIONS(path) and all(CATALOGUE(name) for name in names)
    ]
    for folder in found:
        target = out / folder.relative_to(venv)
        target.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(target)


def slim_system():
    """Removes from the base what a finished image has no use for, and settles what changed."""
    note = NOTES / "started"
    started = float(note.read_text()) if note.is_file() else time.time()
    stdlib = Path(sysconfig.get_path("stdlib"))
    purelib = Path(sysconfig.get_path("purelib"))
    remove([p for name in STDLIB for p in stdlib.glob(name)], "parts of the standard library")
    remove([p for name in INSTALLERS for p in purelib.glob(name)], "pip: nothing is installed here")
    remove([Path(sysconfig.get_path("include"))], "headers are read by compilers only")
    # Debian 11's Python reports /usr/bin, and pip does not ask it.
    folders = {Path(sysconfig.get_path("scripts")), Path("/usr/local/bin")}
    commands = [p for folder in sorted(folders) for name in INSTALLERS for p in folder.glob(name)]
    remove(commands, "pip's commands")
    present = installed()
    if needs_perl():
        present.discard("perl-base")
    purged = []
    for names, reason in PACKAGES:
        wanted = sorted(
            name for name in present for pattern in names.split() if Path(name).match(pattern)
        )
        purged += wanted
        if wanted:
            bytes_ = sum(package_size(name) for name in wanted)
            print(f"slim: {bytes_ / 1e6:6.2f} MB removed: {' '.join(wanted)}: {reason}")
    # As few calls as can be: dpkg writes its data base, and waits for the disk, in each of them.
    last = [name for name in purged if name in CONFIGURING]
    for names in ([name for name in purged if name not in last], last):
        if names:
            subprocess.run(
                ["dpkg", "--purge", "--force-all", *names],
                check=True, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )  # fmt: skip
    remove(
        [
            Path(p)
            for p in (
                "/etc/apt",
                "/var/lib/apt",
                "/var/cache/apt",
                "/var/cache/debconf",
                "/var/log/apt",
                "/var/log/dpkg.log",
                "/var/cache/ldconfig/aux-cache",
            )
        ],
        "what the package manager kept",
    )
    forget_dpkg()
    remove(list(Path("/var/lib/dpkg").glob("*-old")), "backups of the package data base")
    info = Path("/var/lib/dpkg/info")
    remove([p for kind in FOR_DPKG for p in info.glob(f"*.{kind}")], "what dpkg alone reads")
    unprivilege()
    shutil.rmtree(NOTES, ignore_errors=True)
    settle.changed(Path("/"), started)


def forget_dpkg():
    """Removes dpkg itself, which refuses to: its programs, and its paragraph in its data base."""
    listed = subprocess.run(
        ["dpkg-query", "--listfiles", "dpkg"], check=True, capture_output=True, text=True
    )
    files = [Path(line) for line in listed.stdout.splitlines()]
    files = [
        path for path in files if not path.is_dir() and Path("/usr/share/doc") not in path.parents
    ]
    info = Path("/var/lib/dpkg/info").glob("dpkg.*")
    remove([*files, *info], "dpkg: the last of the package managers")
    status = Path("/var/lib/dpkg/status")
    paragraphs = status.read_text().split("\n\n")
    status.write_text("\n\n".join(p for p in paragraphs if not p.startswith("Package: dpkg\n")))


def files_of(package):
    info = Path("/var/lib/dpkg/info")
    lists = [*info.glob(f"{package}.list"), *info.glob(f"{package}:*.list")]
    return {Path(line) for path in lists for line in path.read_text().splitlines()}


def package_size(name):
    return sum(size(path) for path in files_of(name) if path.is_file() and not path.is_symlink())


def unprivilege():
    """Takes the setuid and setgid bits off: no-new-privileges makes them useless, so none are kept."""
    # Up to Debian 11 /bin and /sbin are folders of their own.
    tops = [top for top in ("/usr", "/bin", "/sbin", "/lib") if not Path(top).is_symlink()]
    for folder, _, names in (step for top in tops for step in os.walk(top)):
        for path in (os.path.join(folder, name) for name in names):
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and mode & 0o6000:
                os.chmod(path, mode & 0o1777)
                print(f"slim: {path}: setuid and setgid bits removed")


if __name__ == "__main__":
    if sys.argv[1:] != ["system"]:
        sys.exit(__doc__)
    slim_system()
