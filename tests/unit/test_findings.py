from __future__ import annotations

import json

import pytest
from images import OFFICIAL, dpkg, own, wheel

from djdock.images import findings
from djdock.images.findings import RULES

SITE = "usr/local/lib/python3.13/site-packages"

INFO = ("RECORD", "METADATA", "INSTALLER")

FILES: dict[str, object] = {
    **OFFICIAL,
    **wheel(
        SITE, "Django", "5.2", "django/a.py", "django/tests/test_a.py", "django/test/client.py",
        "django/conf/locale/de/LC_MESSAGES/django.po", "django/conf/locale/de/LC_MESSAGES/django.mo",
        "django/conf/locale/fr/formats.py", "django/conf/locale/en/LC_MESSAGES/django.mo",
        "django/conf/locale/pt/LC_MESSAGES/django.mo", "django/_speed.c",
    ),
    **wheel(SITE, "pip", "25", "pip/a.py"),
    f"{SITE}/django/__pycache__/a.cpython-313.pyc": 31,
    f"{SITE}/django/__pycache__/a.cpython-39.pyc": 32,
    f"{SITE}/django/__pycache__/gone.cpython-313.pyc": 33,
    **dpkg(
        {
            "gcc-14": ["/usr/bin/gcc-14", "/usr/share/doc/gcc-14/copyright"],
            "gcc-14-base": ["/usr/share/gcc-14"],
            "libssl-dev": ["/usr/include/ssl.h", "/usr/lib/libssl.a"],
            "less": ["/usr/share/man/less.1.gz", "/usr/share/doc/less/copyright"],
        }
    ),
    "usr/bin/gcc-14": 900,
    "usr/share/doc/gcc-14/copyright": 5,
    "usr/share/gcc-14": 6,
    "usr/include/ssl.h": 41,
    "usr/lib/libssl.a": 42,
    "usr/share/man/less.1.gz": 43,
    "usr/share/doc/less/copyright": 44,
    "usr/local/lib/python3.13/ensurepip/_bundled/pip.whl": 51,
    "usr/lib/debug/a.debug": 52,
    "var/lib/apt/lists/x": 53,
    "root/.cache/pip/x": 54,
    "app/.git/objects/x": 55,
    "app/node_modules/a/b.js": 56,
    "app/locale/pt_BR/LC_MESSAGES/django.mo": 57,
    "srv/a": {"size": 5000, "digest": b"same"},
    "srv/b": {"size": 5000, "digest": b"same"},
    "srv/c": {"size": 5, "digest": b"small"},
    "srv/d": {"size": 5, "digest": b"small"},
}  # fmt: skip


def found() -> dict[str, set[str]]:
    return {
        item.rule: {file.path.removeprefix(f"{SITE}/") for file in item.files}
        for item in findings.find(own(FILES, WorkingDir="/app"))
    }


@pytest.mark.parametrize(
    ("rule", "paths"),
    [
        ("compilers", {"usr/bin/gcc-14"}),
        ("headers", {"usr/include/ssl.h", "usr/lib/libssl.a", "usr/local/include/python3.13/Python.h"}),
        ("documentation", {"usr/share/man/less.1.gz"}),
        ("po", {"django/conf/locale/de/LC_MESSAGES/django.po"}),
        (
            "locales",
            {"django/conf/locale/de/LC_MESSAGES/django.mo", "django/conf/locale/fr/formats.py"},
        ),
        ("tests", {"django/tests/test_a.py", "usr/local/lib/python3.13/test/test_os.py"}),
        ("installers", {"pip/a.py", *(f"pip-25.dist-info/{name}" for name in INFO)}),
        ("ensurepip", {"usr/local/lib/python3.13/ensurepip/_bundled/pip.whl"}),
        ("apt", {"var/lib/apt/lists/x"}),
        ("caches", {"root/.cache/pip/x"}),
        ("debug", {"usr/lib/debug/a.debug"}),
        ("sources", {"django/_speed.c"}),
        ("orphans", {"django/__pycache__/gone.cpython-313.pyc"}),
        ("foreign", {"django/__pycache__/a.cpython-39.pyc"}),
        (
            "bytecode",
            {
                "django/__pycache__/a.cpython-313.pyc",
                "usr/local/lib/python3.13/__pycache__/os.cpython-313.pyc",
            },
        ),
        ("git", {"app/.git/objects/x"}),
        ("node", {"app/node_modules/a/b.js"}),
        ("duplicates", {"srv/b"}),
    ],
)  # fmt: skip
def test_what_could_go(rule: str, paths: set[str]) -> None:
    assert found()[rule] == paths


def test_every_rule_finds_something_here_and_says_what_to_change() -> None:
    assert found().keys() == {rule[0] for rule in RULES}
    for name, title, _, _, why, change in RULES:
        assert title, name
        assert why, name
        assert change.startswith(("Dockerfile", ".dockerignore", "settings")), name


def test_the_total_counts_each_file_once_and_leaves_out_what_has_a_price() -> None:
    files = {
        **wheel(SITE, "pip", "25", "pip/tests/a.po"),
        "app/node_modules/x": 7,
    }
    items = findings.find(own(files, WorkingDir="/app"))
    assert {item.rule for item in items} == {"po", "tests", "installers", "node"}
    pip = next(item for item in items if item.rule == "installers")
    assert findings.total(items) == pip.size
    assert findings.total(items, safe=False) == pip.size + 7


def test_the_largest_come_first_and_small_ones_can_be_left_out() -> None:
    items = findings.find(own(FILES, WorkingDir="/app"))
    assert [item.size for item in items] == sorted((item.size for item in items), reverse=True)
    assert [item.rule for item in findings.find(own(FILES), least=5000)][:1] == ["bytecode"]


def test_json_has_the_largest_files() -> None:
    item = findings.find(own({"usr/lib/debug/a": 5, "usr/lib/debug/b": 7, "x.debug": 1}))[0]
    data = json.loads(json.dumps(item.as_dict()))
    assert data == {
        "rule": "debug",
        "title": "debug symbols",
        "bytes": 13,
        "files": 3,
        "safe": True,
        "why": "a debugger alone reads them",
        "change": data["change"],
        "largest": [
            {"path": "/usr/lib/debug/b", "bytes": 7},
            {"path": "/usr/lib/debug/a", "bytes": 5},
            {"path": "/x.debug", "bytes": 1},
        ],
    }


def test_nothing_is_foreign_where_no_interpreter_is_known() -> None:
    assert findings.find(own({"a/__pycache__/b.cpython-39.pyc": 5, "a/b.py": 1})) == []
