"""Whatever the files hold, there is a result or one of djdock's errors: no traceback, and no hang."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inspected import MANAGE, SETTINGS, WSGI, Made

from djdock.errors import DjdockError
from djdock.inspect import syntax, view
from djdock.inspect.tree import decode

REQUIREMENTS = """-r more.txt
-i https://example.invalid/simple
Django==4.2 --hash=sha256:abc \\
    --hash=sha256:def
psycopg2-binary>=2.9; python_version < "3.12"
git+https://github.com/x/y.git@main#egg=z
-e .
"""
PYPROJECT = """[project]
name = "shop"
requires-python = ">=3.10,<3.14"
dependencies = ["django>=5.0", "gunicorn"]
[project.optional-dependencies]
prod = ["psycopg[binary]"]
[dependency-groups]
dev = ["pytest"]
[tool.poetry.dependencies]
python = "^3.10"
django = {version = "^5.0", extras = ["argon2"]}
"""
LOCK = """version = 1
[[package]]
name = "django"
version = "5.2"
source = { registry = "x" }
[[package]]
name = "shop"
source = { virtual = "." }
"""
PIPFILE_LOCK = json.dumps({"default": {"django": {"version": "==5.2"}}, "_meta": {}})
PACKAGE = json.dumps({"scripts": {"build": "vite build"}})

#: The files of a project, each of which is mangled in turn.
FILES = {
    "manage.py": MANAGE,
    "shop/settings.py": SETTINGS,
    "shop/wsgi.py": WSGI,
    "requirements.txt": REQUIREMENTS,
    "more.txt": "-r requirements.txt\n",
    "pyproject.toml": PYPROJECT,
    "uv.lock": LOCK,
    "poetry.lock": LOCK,
    "Pipfile": '[packages]\ndjango = "*"\n[requires]\npython_version = "3.11"\n',
    "Pipfile.lock": PIPFILE_LOCK,
    "setup.cfg": "[options]\ninstall_requires =\n    django\n",
    "setup.py": 'from setuptools import setup\nsetup(install_requires=["django"])\n',
    "package.json": PACKAGE,
    "Dockerfile": "FROM python:3.9\nRUN apt-get install -y gcc && pip install -r requirements.txt\n",
    "docker-compose.yml": "services:\n  db:\n    image: postgres:13\n",
    "Procfile": "web: gunicorn shop.wsgi:application\n",
    "runtime.txt": "python-3.9.1\n",
}

LOOSE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def look(files: dict[str, str | bytes]) -> None:
    """Looks at it, as text and as data."""
    with tempfile.TemporaryDirectory() as folder:
        made = Made(Path(folder)).write(files)
        with contextlib.suppress(DjdockError):
            found = made.look()
            assert view.text(found)
            json.dumps(view.data(found))


def mangled(text: str) -> st.SearchStrategy[bytes]:
    """A text with a part that is gone, doubled, or something else."""
    data = text.encode()
    place = st.integers(0, len(data))
    middle = st.one_of(
        st.just(b""),
        st.binary(max_size=12),
        st.sampled_from(
            [
                b"\0",
                b"\xff\xfe",
                b"[",
                b"{",
                b"(",
                b"\\\n",
                b'"""',
                b"'",
                b"= ",
                b"\r",
                b"\t",
                b"*",
                b"1e999",
                b"-" * 50,
            ]
        ),
    )

    def made(cut: tuple[int, int, bytes]) -> bytes:
        first, last = sorted(cut[:2])
        return data[:first] + cut[2] + data[last:]

    return st.tuples(place, place, middle).map(made)


@pytest.mark.parametrize("name", FILES)
@LOOSE
@given(data=st.data())
def test_a_mangled_file(name, data):
    look({**FILES, name: data.draw(mangled(FILES[name]))})


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"\xef\xbb\xbf",
        b"\xff\xfe\x00",
        bytes(range(256)),
        b"[" * 5_000,
        b"(" * 5_000,
        b"{" * 5_000,
        b"- " * 5_000,
        b"a" * 2_500_000,
        b"a = " + b"-" * 3_000 + b"1\n",
        b"x = 1 + " * 3_000 + b"1\n",
        b"\r\n".join([b"django==3.2"] * 10),
        "\u00e9\u00e8 = 'caf\u00e9'\n".encode("latin-1"),
        b"null",
        b"[]",
        b'"x"',
        b"1",
    ],
    ids=range(18),
)
def test_a_file_of_something_else(name, content):
    look({**FILES, name: content})


@LOOSE
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "default",
                        "django",
                        "version",
                        "git",
                        "markers",
                        "scripts",
                        "build",
                        "develop",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)
def test_json_of_other_types(content):
    text = json.dumps(content)
    look({**FILES, "uv.lock": "", "poetry.lock": "", "Pipfile.lock": text, "package.json": text})


TOML = st.sampled_from(
    ['"x"', "1", "true", "[]", "[1, {}]", "{}", '["a b c", "==1"]', "{ a = 1 }", '"^x.y"']
)


@LOOSE
@given(st.lists(TOML, min_size=8, max_size=8))
def test_toml_of_other_types(values):
    keys = (
        "project.dependencies",
        "project.requires-python",
        "project.optional-dependencies",
        "dependency-groups.prod",
        "tool.poetry.dependencies",
        "tool.poetry.group",
        "tool.poetry.extras",
        "package",
    )
    text = "\n".join(f"{key} = {value}" for key, value in zip(keys, values, strict=True))
    look(
        {"manage.py": MANAGE, "shop/settings.py": SETTINGS, "pyproject.toml": text, "uv.lock": text}
    )


CLOSED = {"(": ")", "[": "]"}
EXPRESSIONS = st.recursive(
    st.sampled_from(
        [
            "1",
            "'x'",
            "None",
            "[]",
            "{}",
            "BASE_DIR",
            "unknown",
            "os.environ",
            "os.environ['A']",
            "__file__",
            "lambda: X",
            "os.getenv('A', 'b')",
            "'%s' % X",
            "X",
            "env('A')",
            "env.db()",
            "Path(__file__)",
            "f'{X}'",
            "True",
            "globals()",
        ]
    ),
    lambda inner: st.tuples(
        inner,
        st.sampled_from(
            [
                "+",
                "/",
                "*",
                "%",
                "|",
                "-",
                "or",
                "and",
                "in",
                "==",
                ".get(",
                "[",
                ".join(",
                ".split(",
                "if 1 else",
            ]
        ),
        inner,
    ).map(lambda t: f"({t[0]} {t[1]} {t[2]}{CLOSED.get(t[1][-1], '')})"),
    max_leaves=6,
)


@LOOSE
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "DATABASES",
                    "X",
                    "INSTALLED_APPS",
                    "CACHES",
                    "ALLOWED_HOSTS",
                    "STATIC_ROOT",
                    "DEBUG",
                    "LOGGING",
                    "STORAGES",
                    "TEMPLATES",
                    "DATABASES['default']",
                ]
            ),
            EXPRESSIONS,
        ),
        min_size=1,
        max_size=10,
    )
)
def test_settings_of_any_expression(pairs):
    lines = ["import os, environ", "from pathlib import Path", "env = environ.Env()", "X = 'y'"]
    lines += [f"{name} = {expression}" for name, expression in pairs]
    look({**FILES, "shop/settings.py": "\n".join(lines)})


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return f()\nX = f()\n",
        "def f(a): return f(a + [a])\nX = f([1])\n",
        "X = 'a' * 10**9\nY = [0] * 10**9\nZ = 10 ** 10 ** 10\n",
        "X = '%1000000000d' % 1\nY = '{:>1000000000}'.format(1)\n",
        "X = ['a']\n" + "X = X + X\n" * 60,
        "X = 'a'\n" + "X = X + X\n" * 60,
        "X = {'a': 1}\n" + "X = {'a': X, 'b': X}\n" * 60,
        "X = [1]\n" + "X = [X, X]\n" * 60,
        "X = {'default': 'redis'}\n"
        + "X = {'a': X, 'b': X}\n" * 60
        + "CACHES = X\nDATABASES = X\nLOGGING = X\n",
        "X = ['a']\n"
        + "X = X + X\n" * 12
        + "X = [X] + X\nX = [[X, X], [X, X]]\nCACHES = {'default': X}\n",
        "for a in range(10**9):\n    pass\nwhile True:\n    pass\n",
        "X = [a for a in 'x' * 100 for b in 'y' * 100]\n",
        "from .settings import *\nfrom shop.settings import X\nimport shop.settings\n",
        "if X:\n"
        + "".join(f"{'    ' * at}if X:\n" for at in range(1, 60))
        + "    " * 60
        + "pass\n",
        "class A(A): pass\nclass B(A, B): x = A.x\nX = B()\n",
        "(((" * 200 + ")))" * 200,
        "print 'python 2'\nDEBUG = True\n",
    ],
)
def test_settings_that_would_not_end(text):
    started = time.monotonic()
    look({**FILES, "shop/settings.py": SETTINGS + text})
    # Not how fast it is: that it ends, though others work on the machine.
    assert time.monotonic() - started < 60


def test_a_circle_of_requirements_and_of_imports():
    look(
        {
            **FILES,
            "uv.lock": "",
            "poetry.lock": "",
            "Pipfile.lock": "",
            "requirements.txt": "-r a.txt\nDjango==5.2\n",
            "a.txt": "-c requirements.txt\n-r ./a.txt\n",
        }
    )
    look(
        {
            "manage.py": MANAGE,
            "shop/settings/__init__.py": "from .a import *\n",
            "shop/settings/a.py": "from .b import *\nDEBUG = False\n",
            "shop/settings/b.py": "from .a import *\n",
        }
    )


def test_links_that_lead_nowhere_and_pipes(tmp_path):
    made = Made(tmp_path).plain()
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "Dockerfile").symlink_to("Dockerfile")
    (tmp_path / "Pipfile").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "Procfile")
    assert made.table()["source"] == "."


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfDjango\r\n", "Django\n"),
        ("Django==5\n".encode("utf-16"), "Django==5\n"),
        ("# caf\u00e9\n".encode("latin-1"), "# caf\u00e9\n"),
        ("# coding: cp1251\n# \u0434\n".encode("cp1251"), "# coding: cp1251\n# \u0434\n"),
        (b"# coding: nonsense\n\xe9\n", "# coding: nonsense\n\u00e9\n"),
        (b"a\0b", None),
    ],
)
def test_text_of_bytes(data, text):
    assert decode(data) == text


def test_what_does_not_parse_is_left_out():
    parsed = syntax.parse("A = 1\nprint 'two'\ndef f():\n    exec 'x'\nB = 2\n")
    assert [node.lineno for node in parsed.body] == [1, 5]
    assert parsed.faults == (2, 4)
