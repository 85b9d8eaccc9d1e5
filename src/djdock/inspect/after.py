"""Management commands that a project's own container runs after the migrations, as it starts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from djdock.inspect.containers import Containers
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree, join

_CALL = re.compile(r"(?:[\w./-]*manage\.py|\bdjango-admin|-m django)[ \t]+(.+)")
_SERVES = re.compile(
    r"\b(gunicorn|uwsgi|uvicorn|daphne|hypercorn|granian|waitress-serve|supervisord|runserver)\b"
    r"""|exec +"?\$|(?m:^release:)"""
)
#: Of nobody's production.
_ASIDE = re.compile(
    r"(?i)(^|[/._-])(dev\w*|tests?|local|ci|e2e|docs?|examples?|demo|cypress|vagrant)([/._-]|$)"
)

#: What opens and ends a block of a shell's: a command in another block than `migrate` may not be meant.
_OPENS = re.compile(r"(if|for|while|until|case|select)\b|\w+ *\(\) *\{?|function +\w+|\{$")
_ENDS = re.compile(r"(fi|done|esac)\b|\}")
_TURNS = re.compile(r"(else|elif)\b")
#: Before a command that is not run, but kept in a variable, printed, or asked for an answer.
_SAID = re.compile(r"=[\"']|\b(echo|printf|if)\b|[$`!]")
#: Those of packages that say in their documentation that they follow migrations.
OF_PACKAGES = {"createinitialrevisions", "sync_roles"}
_LITERAL = re.compile(r"[\w./=:@,+-]+")

#: Accounts with passwords that everybody may read.
_ACCOUNTS = re.compile(r"(?i)user|admin|account|passw|staff")
_MAKES = re.compile(r"create_superuser|create_user|set_password|make_password")
#: Commands that wait, serve, send or remove, and those that builds and migrations do by themselves.
_LEFT = re.compile(
    r"wait|check|show|test|run|serve|start|watch|worker|listen|beat|send|notif|mail|slack|collect|compile"
    r"|compress|make|build|clear|flush|reset|drop|delete|dump|backup|shell|download|migrat|cachetable"
)
_FIXTURE = r"(?:.*/)?fixtures/(?:.*/)?{}(?:\.(?:json|jsonl|xml|ya?ml))?(?:\.(?:gz|bz2|xz|zip))?"


def decide(tree: Tree, source: str, own: Containers) -> list[Decision]:
    """The decision ``after_migrate``; none where no script of the project's has such commands.

    Its script, Procfile or Compose file migrates and then starts a server, or what it is given. What
    follows `migrate` in the same block, with words that mean the same here, is meant for each start.
    """
    names = {
        path.rpartition("/")[2].removesuffix(".py")
        for path in tree.under(source, ".py")
        if "/management/commands/" in f"/{path}" and not _MAKES.search(tree.text(path) or "")
    }
    for path in _starting(tree, own):
        commands = following(tree.lines(path))
        if commands is None:
            continue
        found: dict[str, Evidence] = {}
        for words, line in commands:
            if _meant(tree, source, words, names):
                found.setdefault(shlex.join(words), tree.evidence(path, line))
        reason = f"{path} runs them after the migrations, whenever its container starts"
        return [Decision("after_migrate", tuple(found), reason, tuple(found.values()))]
    return []


def _starting(tree: Tree, own: Containers) -> Iterator[str]:
    """What starts the project's own containers, and migrates before; the likeliest first."""
    scripts = [
        path
        for path in tree.files
        if path.count("/") <= 4
        and re.search(r"(^|/)([\w.-]+\.sh|[\w-]*(entrypoint|start)[\w-]*)$", path)
    ]
    ranked = sorted(scripts, key=lambda path: ("prod" not in path, path.count("/")))
    for path in (*ranked, *([own.procfile] if own.procfile else []), *own.compose):
        text = tree.text(path) or ""
        if not _ASIDE.search(path) and "migrate" in text and _SERVES.search(text):
            yield path


def following(lines: Sequence[str]) -> list[tuple[list[str], int]] | None:
    """The words of each management command that comes after `migrate` in the same block, by line.

    None where nothing migrates.
    """
    found: list[tuple[list[str], int]] = []
    blocks: list[int] = [0]
    migrated: list[int] | None = None
    for number, text in _joined(lines):
        bare = text.strip()
        if _ENDS.match(bare):
            if len(blocks) > 1:
                blocks.pop()
        elif _TURNS.match(bare):
            blocks[-1] = number
        elif _OPENS.match(bare):
            if not re.search(r"[;\s](fi|done|esac)\s*$", bare):
                blocks.append(number)
            continue
        for part in re.split(r"&&|;", bare):
            words = _words(part)
            if words and words[0] == "migrate":
                migrated, found = list(blocks), []
            elif words and migrated == blocks:
                found.append((words, number))
    return None if migrated is None else found


def _joined(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines without comments, those that a backslash continues as one."""
    begun, text = 0, ""
    for number, line in enumerate(lines, 1):
        bare = re.sub(r"(^|\s)#.*", "", line).rstrip()
        begun = begun or number
        if bare.endswith("\\"):
            text += bare[:-1] + " "
            continue
        yield begun, text + bare
        begun, text = 0, ""


def _words(text: str) -> list[str]:
    """The words of a management command that mean the same anywhere; none of any other line."""
    match = _CALL.search(text.partition("||")[0])
    if match is None or _SAID.search(text[: match.start()]) or match[1].endswith("&"):
        return []
    given = re.sub(r"\d?>>?\s*\S+", "", match[1]).strip().strip("\"'[],")
    words = [
        word for word in given.split() if not word.startswith(("--settings=", "--pythonpath="))
    ]
    return words if words and all(_LITERAL.fullmatch(word) for word in words) else []


def _meant(tree: Tree, source: str, words: Sequence[str], names: set[str]) -> bool:
    """Whether a command is the project's own, or loads its fixtures, and is nothing of the left-out."""
    if _LEFT.search(words[0]) or any(map(_ACCOUNTS.search, words)):
        return False
    if words[0] != "loaddata":
        return words[0] in names or words[0] in OF_PACKAGES
    files = [word for word in words[1:] if not word.startswith("-")]
    return bool(files) and all(_fixture(tree, source, name) for name in files)


def _fixture(tree: Tree, source: str, name: str) -> bool:
    if tree.has(join(source, name)):
        return True
    pattern = re.compile(_FIXTURE.format(re.escape(name)))
    return any(pattern.fullmatch(path) for path in tree.under(source))
