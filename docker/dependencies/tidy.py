"""Requirements files as they are found, made fit for uv: what each change is for is printed."""

import codecs
import re

from . import spelling

#: What `pip freeze` writes on a developer's machine and no index has for Linux.
NOT_HERE = {
    "pkg-resources": "a mistake of Debian's pip, in no index",
    "pywin32": "for Windows",
    "pypiwin32": "for Windows",
    "pywinpty": "for Windows",
    "pywin32-ctypes": "for Windows",
    "twisted-iocpsupport": "for Windows",
    "pyreadline": "for Windows",
    "win32-setctime": "for Windows",
    "wmi": "for Windows",
    "windows-curses": "for Windows",
    "appnope": "for macOS",
}

#: What Python has itself, from this version on, and what cannot be built or breaks it then.
BACKPORTS = {
    "backports-zoneinfo": (3, 9), "contextvars": (3, 7), "dataclasses": (3, 7), "distribute": (3, 0),
    "enum34": (3, 4), "functools32": (3, 2), "futures": (3, 2), "subprocess32": (3, 2),
    "typing": (3, 5), "wsgiref": (3, 0),
}  # fmt: skip

_INDEX = re.compile(
    r"^\s*(-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--trusted-host)\b"
)
#: PyPI, by all of its names: the builder's default, for which a machine may have a mirror.
USUAL = re.compile(r"https?://([\w-]+\.)?(pypi|pythonhosted)(\.python)?\.org(/|$)")
_NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")
#: What pip takes behind a requirement, and uv does not.
_OPTIONS = re.compile(
    r"\s+--(?:no-binary|only-binary|global-option|install-option|build-option|config-settings?)"
    r"(?:[ =]+[^\s#]+)?"
)
_MACHINE = re.compile(r"^\s*([\w.-]+(?:\[[\w,. -]+\])?)\s*@\s*file:///\S+")


def read(path):
    """A file's text; Windows' editors and PowerShell write other encodings than UTF-8."""
    data = path.read_bytes()
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def paths(environ, name):
    """The paths of a variable; a blank in one of them is written as a question mark."""
    return [word.replace("?", " ") for word in environ.get(name, "").split()]


def canonical(name):
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def tidied(text, index="", *, own=False):
    """The text for uv, and what was changed: a list of sentences.

    ``index`` takes the place of the indexes that the file names. ``own`` says that ``-e .`` is the
    project.
    """
    lines, said = [], []
    for line in text.splitlines():
        bare = line.strip()
        if index and _INDEX.match(bare):
            said.append(
                "`{}`: `index` of [tool.djdock] takes its place".format(bare.split("#")[0].strip())
            )
            continue
        if re.match(r"(-i|--index-url|--extra-index-url)\b", bare) and USUAL.search(bare):
            said.append(f"`{bare}`: it is the default, or a mirror is that")
            continue
        if own and re.match(r"^(-e|--editable)[ =]*(\.|file:\.)(\[[^\]]*\])?/?\s*(#.*)?$", bare):
            said.append(f"`{bare}`: the project itself is copied")
            continue
        body = bare.split(" #")[0].rstrip()
        meant = body if bare.startswith("#") else spelling.spelled(body)
        if meant != body:
            said.append(
                f"`{body}` is read as `{meant}`" if meant else f"`{body}` is no requirement"
            )
            line = bare = meant
        name = _NAME.match(bare)
        options = _OPTIONS.findall(bare) if name else []
        if options:
            said.append(f"`{bare}`: wheels first, and no options of one requirement's own")
            line = bare = _OPTIONS.sub("", bare)
        machine = _MACHINE.match(bare)
        if name and canonical(name.group(1)) in NOT_HERE and ";" not in bare:
            said.append(f"`{bare}`: {NOT_HERE[canonical(name.group(1))]}")
            continue
        if machine:
            said.append(f"`{bare}` is a file of another machine: the index's newest is taken")
            line = machine.group(1)
        elif re.match(r"(-e|--editable)[ =]", bare):
            line = settled(bare)
        lines.append(line)
    return "\n".join(lines) + "\n", said


def settled(line):
    """A line with -e without it: the folder that it leads to is not in the image."""
    rest = re.sub(r"^(-e|--editable)[ =]+", "", line)
    egg = re.search(r"[#&]egg=([\w.-]+)(\[[^\]]*\])?", rest)
    if "://" in rest and egg:
        address = re.sub(r"#$", "", re.sub(r"[#&]egg=[^&\s]*&?", "#", rest))
        return "{}{} @ {}".format(egg.group(1), egg.group(2) or "", address)
    return rest


def tidy_file(path, index="", *, own=False):
    """Tidies a file in its place; returns what was changed."""
    data = path.read_bytes()
    text, said = tidied(read(path), index, own=own)
    if text.encode("utf-8") != data:
        path.write_text(text, encoding="utf-8")
    return said
