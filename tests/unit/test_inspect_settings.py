"""What settings come to, without running them."""

from __future__ import annotations

import textwrap

import pytest

from djdock.inspect.interpret import urls
from djdock.inspect.interpret.machine import interpret
from djdock.inspect.interpret.value import UNKNOWN, plain
from djdock.inspect.tree import Tree


@pytest.fixture
def settings(tmp_path):
    def made(text, environ=None, configuration="", **files):
        for path, other in {"conf.py": text, **files}.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(other))
        return interpret(Tree(tmp_path), ("",), "conf", environ, configuration=configuration)

    return made


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("['a'] + ['b']", ["a", "b"]),
        ("('a', *['b', 'c'])", ["a", "b", "c"]),
        ("{**{'a': 1}, 'b': 2}", {"a": 1, "b": 2}),
        ("{'a': 1} | {'b': 2}", {"a": 1, "b": 2}),
        ("'a%s-%s' % ('b', 1)", "ab-1"),
        ("'{}/{x}'.format('a', x=1)", "a/1"),
        ("f'{1 + 1}/{\"a\"}'", "2/a"),
        ("[x.strip() for x in 'a, b'.split(',') if x]", ["a", "b"]),
        ("os.path.join(os.path.dirname(os.path.abspath(__file__)), 'x', '..', 'y')", "/PROJECT/y"),
        ("str(Path(__file__).resolve().parent / 'db.sqlite3')", "/PROJECT/db.sqlite3"),
        ("os.path.exists(BASE / 'conf.py'), (BASE / 'gone').exists()", [True, False]),
        ("(environ.Path(__file__) - 1)('media').as_posix()", "/PROJECT/media"),
        ("'yes' if not [] and 1 < 2 else 'no'", "yes"),
        ("'b' in ['a', 'b'] and sys.platform == 'linux'", True),
        ("'test' in sys.argv", False),
        ("(lambda a, b=2: a + b)(1)", 3),
        ("[1, 2, 3][-1], 'abc'[1:]", [3, "bc"]),
        ("{'a': {'b': 1}}['a']['b']", 1),
        ("distutils.util.strtobool('yes')", True),
        ("json.loads('[1, {}]')", [1, {}]),
        ("unheard.of('x')", UNKNOWN),
        ("['a'] + unheard.of()", ["a", UNKNOWN]),
        ("(BASE / 'VERSION').read_text().strip()", "1.2"),
    ],
)
def test_expressions(settings, expression, value):
    text = (
        "import os, sys, json, environ, distutils.util\nfrom pathlib import Path\n"
        f"BASE = Path(__file__).parent\nX = {expression}\n"
    )
    found = plain(settings(text, VERSION="1.2\n").get("X"))
    if not isinstance(found, (str, list, dict, bool, int)):
        found = UNKNOWN
    assert found == value


@pytest.mark.parametrize(
    ("expression", "default", "given", "value"),
    [
        ("os.environ.get('VAR', 'd')", "d", "x", "x"),
        ("os.getenv('VAR')", None, "x", "x"),
        ("os.environ['VAR']", UNKNOWN, "x", "x"),
        ("'VAR' in os.environ", False, "", True),
        ("int(os.environ.get('VAR', 3))", 3, "4", 4),
        ("os.environ.get('VAR', '').split(',')", [""], "a,b", ["a", "b"]),
        ("os.environ.get('VAR', 'True').lower() == 'true'", True, "no", False),
        ("environ.Env(VAR=(bool, False))('VAR')", False, "on", True),
        ("environ.Env().bool('VAR', default=True)", True, "0", False),
        ("environ.Env().list('VAR', default=['d'])", ["d"], "a, b", ["a", "b"]),
        ("environ.Env().int('VAR', 5)", 5, "6", 6),
        ("environs.Env().list('VAR', [])", [], "a", ["a"]),
        ("environs.env.bool('VAR', False)", False, "true", True),
        ("decouple.config('VAR', default=True, cast=bool)", True, "no", False),
        ("decouple.config('VAR', default='a,b', cast=decouple.Csv())", ["a", "b"], "c", ["c"]),
        ("get_env_variable('VAR', 'd')", "d", "x", "x"),
        ("mine('VAR')", "none", "x", "x"),
        ("os.environ.get('VAR') or 'd'", "d", "x", "x"),
    ],
)
def test_readers_of_the_environment(settings, expression, default, given, value):
    text = (
        "import logging, os, environ, environs, decouple\nfrom elsewhere import get_env_variable\n"
        "def mine(name):\n    try:\n        return os.environ[name]\n"
        "    except KeyError:\n        return 'none'\n"
        f"X = {expression}\n"
    )
    bare = settings(text)
    assert plain(bare.get("X")) == default
    assert {read.name for read in bare.reads} == {"VAR"}
    assert bare.get("X").every_name() <= {"VAR"}
    assert plain(settings(text, {"VAR": given}).get("X")) == value


def test_a_function_for_one_variable(settings):
    """Its default does not come from the variable, and is that variable's all the same."""
    text = """
        import os
        from pathlib import Path
        def path(name, default):
            if name in os.environ:
                return Path(os.environ[name]).resolve()
            return default
        MEDIA_ROOT = path("SHOP_MEDIA", Path("/x"))
    """
    assert settings(text).get("MEDIA_ROOT").names == {"SHOP_MEDIA"}
    assert settings(text, {"SHOP_MEDIA": "/y"}).get("MEDIA_ROOT").text == "/y"


@pytest.mark.parametrize(
    ("given", "engine"),
    [({}, "sqlite3"), ({"DB": "mariadb"}, "mysql"), ({"DB": "pg", "X": "1"}, "pg+x"),
     ({"DB": "other"}, "other")],
)  # fmt: skip
def test_match(settings, given, engine):
    text = """
        import os
        def engine(name):
            match name:
                case None:
                    return "sqlite3"
                case "mysql" | "mariadb":
                    return "mysql"
                case "pg" if os.getenv("X"):
                    return "pg+x"
                case other:
                    return other
        ENGINE = engine(os.getenv("DB"))
    """
    found = settings(text, given)
    assert found.get("ENGINE").text == engine
    assert {read.name for read in found.reads} >= {"DB"}


@pytest.mark.parametrize(
    ("expression", "required"),
    [
        ("os.environ.get('VAR').split(' ')", True),
        ("int(os.getenv('VAR'))", True),
        ("os.getenv('VAR', None)[0]", True),
        ("'https://' + os.environ.get('VAR')", True),
        ("os.environ.get('VAR', '').split(' ')", False),
        ("os.environ.get('VAR')", False),
        ("environ.Env().int('VAR', logging.INFO)", False),
        ("os.environ.get('VAR') and os.environ.get('VAR').split()", False),
        ("os.environ.get('VAR').split() if os.environ.get('VAR') else []", False),
    ],
)
def test_what_none_is_an_error_for_is_required(settings, expression, required):
    found = settings(f"import environ, logging, os\nX = {expression}\n")
    assert any(read.required for read in found.reads) is required


def test_what_is_required(settings):
    text = """
        import os
        from django.core.exceptions import ImproperlyConfigured
        def need(name):
            try:
                return os.environ[name]
            except KeyError:
                raise ImproperlyConfigured(f"Set {name}.")
        A = need("A")
        B = os.environ["B"]
        try:
            C = os.environ["C"]
        except KeyError:
            C = "c"
        if os.environ.get("D"):
            E = os.environ["E"]
        DEBUG = False
        if not DEBUG and not os.environ.get("F"):
            raise ImproperlyConfigured("F is needed")
    """
    found = settings(text)
    assert {read.name for read in found.reads if read.required} == {"A", "B"}
    assert {read.name for read in found.reads} == {"A", "B", "C", "D", "E", "F"}
    assert found.get("C").data == "c"
    assert [(kind, said) for kind, said, _ in found.raised] == [
        ("ImproperlyConfigured", "F is needed")
    ]


@pytest.mark.parametrize(
    "given",
    [
        "os.environ.setdefault('VAR', str(os.getuid()))",
        "os.environ['VAR'] = str(os.getuid())",
        "if 'VAR' not in os.environ:\n    os.environ['VAR'] = unheard.of()",
    ],
)
def test_what_the_code_itself_sets_is_not_required(settings, given):
    found = settings(f"import os\n{given}\nX = int(os.environ['VAR'])\n")
    assert not any(read.required for read in found.reads)


def test_what_the_code_sets_where_it_is_not_executed_is_required_all_the_same(settings):
    text = "import os\nif False:\n    os.environ['VAR'] = 'x'\nX = os.environ['VAR']\n"
    assert [read.required for read in settings(text).reads] == [True]


@pytest.mark.parametrize(("given", "value"), [({}, "d"), ({"VAR": "x"}, "x"), ({"SET": "x"}, "d")])
def test_a_default_that_the_code_puts_into_the_environment(settings, given, value):
    text = """
        import os
        os.environ.setdefault("VAR", "d")
        os.environ["SET"] = "d"
        X = os.environ["VAR"] if os.environ["SET"] == "d" else "never"
    """
    assert settings(text, given).get("X").data == value


@pytest.mark.parametrize(
    ("expression", "cast"),
    [
        ("int(os.environ['VAR'])", "int"),
        ("float(os.environ.get('VAR'))", "float"),
        ("bool(int(os.environ['VAR']))", "int"),
        ("json.loads(os.environ['VAR'])", "json"),
        ("int(os.environ.get('VAR', 'x') == 'x')", ""),
        ("str(os.environ['VAR'])", ""),
    ],
)
def test_what_is_made_of_a_variable(settings, expression, cast):
    found = settings(f"import json, os\nX = {expression}\n")
    assert [read.cast for read in found.reads] == [cast]


def test_modules_lead_to_each_other(settings):
    found = settings(
        "from settings.parts.base import *\n"
        "from settings import helper\nAPPS += ['b']\nX = helper.y()\n",
        **{
            "settings/__init__.py": "",
            "settings/parts/base.py": "import requests\nfrom ..helper import *\n"
            "APPS = ['a']\n_HIDDEN = 1\n",
            "settings/helper.py": "def y():\n    return Z\nZ = 'z'\n",
        },
    )
    assert plain(found.get("APPS")) == ["a", "b"]
    assert found.get("X").data == "z"
    assert not found.has("_HIDDEN")
    assert list(found.imported) == ["requests"]
    assert found.files == (
        "conf.py",
        "settings/parts/base.py",
        "settings/helper.py",
        "settings/__init__.py",
    )


def test_evidence_is_the_line_of_the_value(settings):
    found = settings("A = 1\nDATABASES = {\n    'default': {\n        'ENGINE': 'x',\n    },\n}\n")
    where = found.get("DATABASES").get("default").get("ENGINE").where
    assert (where.path, where.line, where.text) == ("conf.py", 4, "'ENGINE': 'x',")


def test_lists_and_dicts_are_changed(settings):
    text = """
        A = ["a"]
        A.append("b")
        A.insert(0, "z")
        A.remove("a")
        A += ["c"]
        D = {"default": {}}
        D["default"]["x"] = 1
        D["default"].update(y=2)
        for name in ("p", "q"):
            D[name] = name
    """
    found = settings(text)
    assert plain(found.get("A")) == ["z", "b", "c"]
    assert plain(found.get("D")) == {"default": {"x": 1, "y": 2}, "p": "p", "q": "q"}


def test_a_condition_that_is_unknown_leaves_what_is_known(settings):
    found = settings(
        "import socket\nif socket.gethostname() == 'x':\n    A = 1\nelse:\n    B = 2\n"
    )
    assert (found.get("A").data, found.get("B").data) == (1, 2)


def test_prefixes_of_environs(settings):
    text = "env = Env()\nwith env.prefixed('APP_'):\n    A = env('A', 'a')\nB = env('B', 'b')\n"
    found = settings(f"from environs import Env\n{text}")
    assert [read.name for read in found.reads] == ["APP_A", "B"]


def test_django_configurations(settings):
    text = """
        from configurations import Configuration, values
        class Base(Configuration):
            DEBUG = values.BooleanValue(True)
            SECRET_KEY = values.SecretValue()
            DATABASES = values.DatabaseURLValue("sqlite:///x.db")
            APPS = ["a"]
        class Production(Base):
            APPS = Base.APPS + ["b"]
            HOSTS = values.ListValue([], environ_name="MY_HOSTS")
            FEATURES = values.DictValue(environ_name="FEATURES")
            NEW = FEATURES.get("NEW", False)
    """
    found = settings(text, {"DJANGO_DEBUG": "no", "DJANGO_MY_HOSTS": "a,b"}, "Production")
    assert (found.get("DEBUG").data, plain(found.get("APPS"))) == (False, ["a", "b"])
    assert plain(found.get("HOSTS")) == ["a", "b"]
    assert (found.get("NEW").data, found.raised) == (False, ())
    assert found.get("DATABASES").get("default").get("ENGINE").data == "django.db.backends.sqlite3"
    assert [read.name for read in found.reads if read.required] == ["DJANGO_SECRET_KEY"]


def test_a_module_that_is_not_there(settings):
    text = "try:\n    from .local import *\nexcept ImportError:\n    LOCAL = False\n"
    found = settings(text + "from .gone import X\nY = 1\n")
    assert (found.get("LOCAL").data, found.get("Y").data) == (False, 1)
    assert list(found.missing) == ["gone"]


def test_readers_by_the_kind_of_what_they_make(settings):
    text = """
        from company.envs import get_bool, get_string
        DEBUG = get_bool(name="DEBUG", default=False, description="on a laptop")
        KEY = get_string(name="SECRET_KEY", default=None)
        TITLE = get_string("TITLE", "Shop")
    """
    found = settings(text, {"DEBUG": "True"})
    assert (found.get("DEBUG").data, found.get("TITLE").data) == (True, "Shop")
    assert [read.name for read in found.reads] == ["DEBUG", "SECRET_KEY", "TITLE"]


def test_split_settings(settings):
    text = """
        from split_settings.tools import include, optional
        A = 1
        include("parts/*.py", optional("local.py"))
        include("gone.py")
    """
    parts = {
        "parts/a.py": "B = A + 1\n",
        "parts/b.py": "A = B + 1\n",
        "other/parts/c.py": "A = 0\n",
    }
    found = settings(text, **parts)
    assert (found.get("A").data, found.get("B").data) == (3, 2)
    assert list(found.missing) == ["gone.py"]


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        (
            "postgres://u:p%40@h:1/n?x=1",
            ("django.db.backends.postgresql", "n", "u", "p@", "h", "1"),
        ),
        ("postgis://h/n", ("django.contrib.gis.db.backends.postgis", "n", "", "", "h", "")),
        ("mysql://u@h/n", ("django.db.backends.mysql", "n", "u", "", "h", "")),
    ],
)
def test_urls_of_databases(url, entry):
    found = urls.database(url)
    assert (
        tuple(found[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")) == entry
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///db.sqlite3", "db.sqlite3"),
        ("sqlite:////srv/db", "/srv/db"),
        ("sqlite://:memory:", ":memory:"),
    ],
)
def test_urls_of_sqlite(url, name):
    assert urls.database(url) == {"ENGINE": "django.db.backends.sqlite3", "NAME": name}
