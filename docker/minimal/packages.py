"""The virtual environment: every file stays unless a rule leaves it out."""

import csv
import io
import re
import sysconfig
from pathlib import Path, PurePosixPath

from . import bytecode, imports, opened

#: Suffix -> why such a file is not read when a site runs.
SUFFIXES = {
    ".po": "translations' sources; gettext reads the .mo only",
    ".pot": "translations' sources; gettext reads the .mo only",
    ".pyi": "type stubs are read by type checkers only",
    **dict.fromkeys(
        (".c", ".h", ".cc", ".cpp", ".hpp", ".pyx", ".pxd", ".pxi", ".a", ".o"),
        "C sources and headers are read by compilers only",
    ),
    **dict.fromkeys((".exe", ".bat", ".ps1"), "for Windows"),
}

#: Parts of packages that are left out when nothing outside of them imports them or names them.
OPTIONAL = ("django.contrib.gis",)

TESTS = ("test", "tests")

#: Names in the environment's own folders that are for the people who install.
SHELLS = ("activate", "deactivate")
SCRIPTS = ("pydoc.bat", ".gitignore", ".lock", "cachedir.tag")


#: Who owns what no RECORD lists.
NOBODY = "virtual environment"


def site_packages():
    """The environment's site-packages."""
    return Path(sysconfig.get_path("purelib"))


#: https://docs.djangoproject.com/en/stable/topics/i18n/translation/#how-django-discovers-translations
CATALOGUE = re.compile(r"django(js)?\.mo").fullmatch


class Rules:
    """Why a file of the environment is left out."""

    def __init__(self, facts, left, globs):
        #: Locale names that the site's languages lead to; None: leave every one in.
        self.locales = None if facts["locales"] is None else set(facts["locales"])
        #: Folders whose static files have been collected.
        self.static = tuple(f"{folder}/" for folder in facts["static"])
        #: Folders of modules that nobody imports, each with its reason.
        self.left = {f"{folder}/": reason for folder, reason in left.items()}
        self.globs = globs

    def reason(self, path):
        """The rule that leaves ``path`` out, or None."""
        text = str(path)
        if self.globs.kept(text):
            return None
        if self.globs.dropped(text):
            return "drop of the settings"
        for folder, reason in self.left.items():
            if text.startswith(folder):
                return reason
        if text.startswith(self.static):
            return "static files that have been collected; the site's layer links them"
        suffix = PurePosixPath(text).suffix
        if suffix in SUFFIXES and not opened.beside(text):
            return SUFFIXES[suffix]
        parts = PurePosixPath(text).parts
        # Of Django's catalogues alone: others may be opened by name, in whatever language.
        if self.locales is not None and parts[-2:-1] == ("LC_MESSAGES",) and CATALOGUE(parts[-1]):
            at = parts.index("LC_MESSAGES")
            if at >= 2 and parts[at - 2] == "locale" and parts[at - 1] not in self.locales:
                return "translations into languages that the site cannot show (LANGUAGES)"
        return None


def regular(path, root):
    """Whether a source is a module of a package, all of whose folders say that they are packages.

    Others may be data that happen to end in .py: they keep their source.
    """
    folder = path.parent
    while folder != root:
        if not (folder / "__init__.py").exists():
            return False
        folder = folder.parent
    return True


def unimported(root, table, used):
    """Folder -> reason, for OPTIONAL modules and packages' tests that nobody outside imports.

    ``table`` says what the environment's modules import, ``used`` what the project does.
    """
    found = {}
    for module in OPTIONAL:
        folder = root.joinpath(*module.split("."))
        if folder.is_dir() and not _wanted(table, used, module):
            found[str(folder)] = f"{module}: not installed, and nobody imports it"
    names = {
        imports.module_name(folder / "__init__.py", root)[0]: folder for folder in _tests(root)
    }
    # What tests import from each other keeps none of them.
    outside = {
        name: imported
        for name, imported in table.items()
        if not any(imports.covers(name, module) for module in names)
    }
    for module, folder in names.items():
        if not _wanted(outside, used, module):
            found[str(folder)] = "packages' own tests that nobody imports"
    return found


def _wanted(table, used, module):
    return bool(imports.importers(table, module)) or any(
        imports.covers(name, module) for name in used
    )


def _tests(root):
    """The folders of tests inside of packages; one beside the packages may be anything."""
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.name in TESTS
        and path.parent != root
        and (path / "__init__.py").is_file()
        and regular(path / "__init__.py", root)
    ]


def owners(root):
    """Path -> the name of the distribution that installed it, from the RECORDs."""
    found = {}
    for record in root.glob("*.dist-info/RECORD"):
        name = record.parent.name.split("-")[0]
        for line in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            if line:
                path = (root / line[0]).resolve() if line[0].startswith("..") else root / line[0]
                found[str(path)] = name
    return found


def build(tree, facts, globs, account, *, sources):
    """Copies the environment that runs this; returns its ELF candidates: all files that stayed."""
    root, venv = site_packages(), Path(sysconfig.get_path("data"))
    files = [p for p in sorted(venv.rglob("*")) if p.is_symlink() or p.is_file()]
    modules = [p for p in files if p.suffix == ".py" and p.is_relative_to(root)]
    table = imports.of_files(modules, root)
    rules = Rules(facts, unimported(root, table, facts["used"]), globs)
    by = owners(root)
    for path in files:
        if "__pycache__" in path.parts:
            continue
        owner = by.get(str(path), NOBODY)
        reason = rules.reason(path) or _script(path, venv, globs)
        size = 0 if path.is_symlink() else path.stat().st_size
        if reason:
            account.leave(owner, reason, size)
        elif path.suffix == ".py" and path.is_relative_to(root):
            _module(tree, path, root, owner, account, keep=sources or globs.kept(path))
        else:
            tree.add(path)
            account.keep(owner, size)
    for record in root.glob("*.dist-info/RECORD"):
        if str(record) in tree.files:
            before = tree.files[str(record)]
            tree.write(record, true_record(record.read_text(encoding="utf-8"), root, tree.files))
            owner = by.get(str(record), NOBODY)
            account.keep(owner, tree.files[str(record)] - before)
            account.leave(owner, "lines of RECORD for files that are not here",
                          before - tree.files[str(record)])  # fmt: skip
    return [path for path in map(Path, tree.files) if path.is_relative_to(venv)], table


def _script(path, venv, globs):
    stem = path.name.lower()
    if path.parent in (venv, venv / "bin") and (stem in SCRIPTS or stem.startswith(SHELLS)):
        return None if globs.kept(path) else "for people who work in the environment"
    return None


def _module(tree, path, root, owner, account, *, keep):
    code = bytecode.compiled(path)
    if keep or code is None or not regular(path, root):
        tree.add(path)
        account.keep(owner, path.stat().st_size)
        place = bytecode.cache_name(path)
    else:
        account.leave(owner, "sources; the byte code stays", path.stat().st_size)
        place = path.with_suffix(".pyc")
    if code is not None:
        tree.add(path.parent)
        tree.write(place, code)
        account.keep(f"{owner} (byte code)", len(code))


def true_record(text, root, files):
    """A RECORD that names what is there: sources that went are replaced by their byte code."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for line in csv.reader(text.splitlines()):
        if not line:
            continue
        place = root / line[0]
        path = str(place.resolve() if line[0].startswith("..") else place)
        if path in files:
            writer.writerow(line)
        elif path.endswith(".py") and f"{path}c" in files:
            writer.writerow([f"{line[0]}c", "", ""])
        if path in files and path.endswith(".py") and str(bytecode.cache_name(path)) in files:
            relative = bytecode.cache_name(PurePosixPath(line[0]))
            writer.writerow([str(relative), "", ""])
    return out.getvalue()
