"""Requirements of every shape, the Python that they allow, and the system packages that they need."""

from __future__ import annotations

import json
import re

import pytest
from inspected import MANAGE, SETTINGS, WSGI, Made, offline
from pip._internal.models.index import PyPI  # where the usual index is, as pip has it

from djdock.inspect import graph, requirement, wheels
from djdock.inspect.model import Evidence
from djdock.inspect.requirement import Needed
from djdock.inspect.run import inspect

HERE = Evidence("x", 1, "")

SITE = {"manage.py": MANAGE, "shop/settings.py": SETTINGS, "shop/wsgi.py": WSGI}


@pytest.fixture
def made(tmp_path):
    root = tmp_path / "site"
    root.mkdir()
    return Made(root).write(SITE)


def pages(**projects):
    """What an index answers: the files by project."""

    def ask(name):
        if name.replace("-", "_") not in projects:
            raise OSError(name)
        return {"files": [{"filename": one} for one in projects[name.replace("-", "_")]]}

    return ask


UV = '[[package]]\nname = "django"\nversion = "5.2"\nsource = { registry = "x" }\n'
POETRY = '[[package]]\nname = "Django"\nversion = "4.2.1"\ncategory = "main"\n'
PDM = '[[package]]\nname = "django"\nversion = "5.2"\ndependencies = ["asgiref>=3"]\n'
PIPFILE = json.dumps({"default": {"django": {"version": "==5.1"}, "z": {"git": "https://x/z.git"}}})
PROJECT = '[project]\nname = "shop"\nrequires-python = ">=3.10"\ndependencies = ["django~=5.2"]\n'


@pytest.mark.parametrize(
    ("files", "key", "value"),
    [
        (
            {"uv.lock": UV, "pyproject.toml": PROJECT, "requirements.txt": "django\n"},
            "lock",
            "uv.lock",
        ),
        ({"poetry.lock": POETRY, "pyproject.toml": "[tool.poetry]\n"}, "lock", "poetry.lock"),
        ({"pdm.lock": PDM, "pyproject.toml": PROJECT}, "lock", "pdm.lock"),
        (
            {"pylock.toml": '[[packages]]\nname = "django"\nversion = "5.2"\n'},
            "lock",
            "pylock.toml",
        ),
        (
            {"Pipfile.lock": PIPFILE, "Pipfile": '[packages]\ndjango = "*"\n'},
            "lock",
            "Pipfile.lock",
        ),
        ({"Pipfile": '[packages]\ndjango = "*"\n'}, "lock", "Pipfile"),
        ({"pyproject.toml": PROJECT}, "lock", "pyproject.toml"),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.10"\ndjango = "^5.0"\n'},
            "lock",
            "pyproject.toml",
        ),
        ({"requirements.txt": "django\n"}, "requirements", "requirements.txt"),
        (
            {
                "requirements/base.txt": "django\n",
                "requirements/prod.txt": "-r base.txt\n",
                "requirements/dev.txt": "-r base.txt\n",
            },
            "requirements",
            "requirements/prod.txt",
        ),
        (
            {"requirements/dev.txt": "django\n", "requirements.txt": "-r requirements/dev.txt\n"},
            "requirements",
            "requirements.txt",
        ),
        ({"reqs.txt": "wagtail\n"}, "requirements", "reqs.txt"),
        # A lock of tools only is none of the site's.
        (
            {
                "uv.lock": UV.replace("django", "ruff"),
                "pyproject.toml": "",
                "requirements.txt": "django\n",
            },
            "requirements",
            "requirements.txt",
        ),
        (
            {"setup.py": 'setup(install_requires=["django>=4.2", "x"])\n'},
            "packages",
            ("django>=4.2", "x", "gunicorn"),
        ),
        (
            {"setup.cfg": "[options]\ninstall_requires =\n  django\n  x>1\n"},
            "packages",
            ("django", "x>1", "gunicorn"),
        ),
    ],
    ids=range(15),
)
def test_where_they_come_from(made, files, key, value):
    found = made.write(files).look()
    assert found.get(key).value == value
    assert not found.fatal


def test_none_at_all(made):
    made.write(
        {
            "shop/settings.py": SETTINGS.replace(
                '"django.contrib.admin"', '"rest_framework", "shop.polls"'
            ),
            "shop/views.py": "import os, requests\nfrom PIL import Image\nfrom shop import models\n"
            "try:\n    import optional\nexcept ImportError:\n    pass\n",
            "shop/tests/test_views.py": "import pytest\n",
        }
    )
    found = made.look()
    assert found.get("packages").value == (
        "django",
        "djangorestframework",
        "pillow",
        "requests",
        "gunicorn",
    )
    assert found.problems[0].what.startswith("No file names requirements")
    assert not found.problems[0].fatal


def test_groups_and_extras_of_a_site(made):
    project = PROJECT + (
        '[project.optional-dependencies]\nprod = ["gunicorn"]\ndocs = ["sphinx"]\n'
        '[dependency-groups]\ndev = ["pytest"]\ndeploy = ["psycopg"]\n'
    )
    found = made.write({"pyproject.toml": project}).look()
    assert (found.get("extras").value, found.get("groups").value) == (("prod",), ("deploy",))
    assert found.get("extras").alternatives == ("docs",)
    assert found.get("packages") is None


def test_a_file_of_groups_and_nothing_else(made):
    text = '[dependency-groups]\ndev = ["pytest"]\nsite = ["Django==5.2"]\n'
    found = made.write({"pyproject.toml": text}).look()
    assert (found.get("lock").value, found.get("groups").value) == ("pyproject.toml", ("site",))


@pytest.mark.parametrize(("packages", "limit"), [(10, None), (30, "1g"), (90, "2g")])
def test_the_memory_of_a_large_site(made, packages, limit):
    lines = "".join(f"package-{number}==1\n" for number in range(packages))
    found = made.write({"requirements.txt": f"Django==5.2\n{lines}"}).look()
    decision = found.get("web_memory")
    assert (decision and decision.value) == limit


def test_a_chain_that_leads_nowhere(made):
    found = made.write({"requirements.txt": "django\n-r ../gone.txt\n-r also-gone.txt\n"}).look()
    assert [one.what for one in found.fatal] == [
        "requirements.txt leads to ../gone.txt, which is not there.",
        "requirements.txt leads to also-gone.txt, which is not there.",
    ]


def test_indexes_and_git_are_facts_without_passwords(made):
    text = "--extra-index-url https://me:secret@example.invalid/simple\ndjango\ngit+https://me:secret@x/y.git#egg=z\n"
    found = made.write({"requirements.txt": text}).look()
    values = {one.key: one.value for one in found.facts}
    assert values["named_index"] == "https://example.invalid/simple"
    assert values["git"] == "z @ git+https://x/y.git#egg=z"
    assert found.get("build_packages").value == ("git",)


@pytest.mark.parametrize(
    ("text", "name", "pin", "url"),
    [
        ("Django==4.2.1 ; python_version > '3'", "django", "4.2.1", ""),
        ("psycopg[binary,pool]>=3", "psycopg", "", ""),
        ("Foo_Bar==1.0.*", "foo-bar", "", ""),
        ("django>=2.0.*", "django", "", ""),
        (
            "git+ssh://git@host/a/b.git@v1#egg=Name&subdirectory=x",
            "name",
            "",
            "git+ssh://git@host/a/b.git@v1#egg=Name&subdirectory=x",
        ),
        (
            "git+https://host/a/some-app.git@main",
            "some-app",
            "",
            "git+https://host/a/some-app.git@main",
        ),
        ("name @ git+https://host/a/b.git", "name", "", "git+https://host/a/b.git"),
        ("https://host/django-tip.zip", "django-tip", "", "https://host/django-tip.zip"),
    ],
)
def test_one_requirement(text, name, pin, url):
    found = requirement.parse(text, HERE)
    assert (found.name, found.pin, found.url) == (name, pin, url)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("^3.8", "3.13", "4.0"),
        ("~3.8", "3.8.9", "3.9"),
        ("^0.3", "0.3.9", "0.4"),
        ("*", "1", None),
        ("3.11", "3.11", "3.12"),
        (">=3.8,<3.12", "3.11", "3.12"),
        ("nonsense", "1", None),
        (None, "1", None),
    ],
)
def test_specifiers_of_poetry_and_pipenv(text, inside, outside):
    found = requirement.specifier(text)
    assert found.contains(inside)
    assert outside is None or not found.contains(outside)


@pytest.mark.parametrize(
    ("requirements", "python"),
    [
        ("Django==5.2", "3.13"),
        ("Django==6.0", "3.13"),
        ("Django==5.0.1", "3.11"),
        ("Django~=4.2.0", "3.11"),
        ("Django<4.2", "3.11"),
        ("Django==3.2.25", "3.9"),
        ("Django==2.2.28", "3.9"),
        ("Django>=3.2", "3.13"),
        ("Django", "3.13"),
        ("Django>=5.2,<6", "3.13"),
    ],
)
def test_python_by_django(made, requirements, python):
    assert made.write({"requirements.txt": requirements}).table()["python"] == python


@pytest.mark.parametrize(
    ("asked", "python", "reason"),
    [
        (
            ">=3.10",
            "3.11",
            "the newest allowed, of those that Debian has: Django 4.2 supports Python 3.8 to 3.12",
        ),
        (">=3.12", "3.12", "the newest allowed: Django 4.2 supports Python 3.8 to 3.12"),
        (
            ">=3.10,<3.11",
            "3.10",
            "the newest allowed: the project asks for Python >=3.10,<3.11",
        ),
    ],
)
def test_a_python_that_debian_has_comes_before_another(made, asked, python, reason):
    text = PROJECT.replace(">=3.10", asked)
    made.write({"pyproject.toml": re.sub(r'"[Dd]jango[^"]*"', '"Django==4.2.16"', text)})
    found = made.look().get("python")
    assert (found.value, found.reason) == (python, reason)


@pytest.mark.parametrize("version", ["1.4.22", "1.6"])
def test_django_that_no_python_runs(made, version):
    found = made.write({"requirements.txt": f"Django=={version}\n"}).look()
    (problem,) = found.fatal
    assert "starts on no Python" in problem.what
    assert "2.2.28" in problem.remedy
    assert problem.evidence == (Evidence("requirements.txt", 1, f"Django=={version}"),)


def test_the_requirements_beside_a_dockerfile_are_those_that_it_installs(made):
    made.write({"Dockerfile": "FROM python:3.12\nRUN pip install -r requirements.txt\n",
                "requirements.txt": "django\n", "a/requirements.txt": "django\nb\n"})  # fmt: skip
    assert made.look().get("requirements").alternatives == ("a/requirements.txt",)
    assert made.table()["requirements"] == "requirements.txt"


def test_dockerfiles_go_by_many_names(made):
    names = (
        "dockerfile",
        "Dockerfile-slim",
        "Dockerfile.dev",
        "web/app.Dockerfile",
        "Containerfile",
    )
    others = ("Dockerfile.dockerignore", "Dockerfiles.md", "adockerfile")
    made.write(dict.fromkeys((*names, *others), "FROM python:3.12\n"))
    assert set(made.look().get("dockerfile").value) == set(names)


def test_requirements_beside_manage_may_bring_django_along(made):
    made.write(
        {"requirements.txt": "django-allauth[mfa]>=65\n", "other/web/requirements.txt": "django\n"}
    )
    assert made.table()["requirements"] == "requirements.txt"
    made.write({"requirements/base.txt": "django\n"})
    assert made.table()["requirements"] == "requirements/base.txt"


@pytest.mark.parametrize(
    "text",
    [
        "Package    Version\n---------- -------\nasgiref    3.2.10\nDjango     3.1.2\n",
        "# platform: win-64\nopenssl=1.1.1=h0\ndjango=3.1.2=pyhd_0\n",
        "- Django==3.1.2\n- requests\n",
        "'Django==3.1.2',\n",
    ],
)
def test_requirements_as_programs_print_them(made, text):
    found = made.write({"requirements.txt": text}).look()
    assert found.get("requirements").value == "requirements.txt"
    assert found.get("python").reason.startswith("the newest allowed: Django 3.1 supports")


def test_what_lies_in_another_project_is_no_evidence(made):
    docker = "FROM python:3.9\nRUN pip install -r requirements.txt\n"
    made.write({"ch1/manage.py": MANAGE, "ch1/Dockerfile": docker, "requirements.txt": "flask\n",
                "ch1/requirements.txt": "django==4.2\n"})  # fmt: skip
    found = made.look(source=".")
    assert found.get("dockerfile") is None
    assert found.get("requirements").value == "requirements.txt"
    made.write(
        {
            "ch2/manage.py": MANAGE,
            "ch2/shop/settings.py": SETTINGS,
            "ch2/requirements.txt": "django\n",
        }
    )
    found = made.look(source="ch2")
    assert found.get("requirements").value == "ch2/requirements.txt"
    assert found.get("python_stated") is None


def test_files_of_developers_come_after_the_projects_own(made):
    made.write({"pyproject.toml": PROJECT, "requirements-dev.txt": "django\npytest\n",
                "docs/requirements.txt": "django\nsphinx\n"})  # fmt: skip
    assert made.table()["lock"] == "pyproject.toml"
    (made.root / "pyproject.toml").unlink()
    assert made.table()["requirements"] == "requirements-dev.txt"


@pytest.mark.parametrize(
    ("requirement", "python", "reason"),
    [
        ("pillow>=9.1,<9.2", "3.9", "pillow 9.1.1 has no wheel for Python 3.11"),
        ("pillow>=9.1", "3.13", "nothing stands against"),
        ("pillow<3", "3.13", "nothing stands against"),
    ],
)
def test_a_bound_wants_the_newest_version_below_it(made, requirement, python, reason):
    files = [
        *wheel("pillow", "9.1.0", "3.9", "3.10"),
        *wheel("pillow", "9.1.1", "3.9", "3.10"),
        *wheel("pillow", "12.0.0", "3.11", "3.13"),
    ]
    made.write({"requirements.txt": f"Django\n{requirement}\n"})
    found = inspect(made.root, ask=pages(pillow=files)).get("python")
    assert found.value == python
    assert reason in found.reason


def test_python_by_the_projects_word(made):
    found = (
        made.write({"pyproject.toml": PROJECT.replace(">=3.10", ">=3.10,<3.12")})
        .look()
        .get("python")
    )
    assert found.value == "3.11"
    assert found.reason == "the newest allowed: the project asks for Python >=3.10,<3.12"
    assert found.evidence[0] == Evidence("pyproject.toml", 3, 'requires-python = ">=3.10,<3.12"')


MATCH = "def f(a):\n    match a:\n        case 1:\n            pass\n"
EXCEPT = "try:\n    f()\nexcept ValueError, {}:\n    pass\n"


@pytest.mark.parametrize(
    ("django", "source", "path", "python"),
    [
        ("5.2", EXCEPT.format("shop.Error"), "shop/a.py", "3.14"),
        ("5.2", EXCEPT.format("error"), "shop/a.py", "3.13"),
        ("4.2.16", "def f[T](a: T) -> T:\n    return a\n", "shop/a.py", "3.12"),
        ("4.2.16", "type A = int\n", "shop/a.py", "3.12"),
        ("3.2.25", MATCH, "shop/a.py", "3.10"),
        ("3.2.25", MATCH, "shop/tests/a.py", "3.9"),
        ("3.2.25", "match = f[A](a)\n", "shop/a.py", "3.9"),
        # None would be left.
        ("3.2.25", EXCEPT.format("shop.Error"), "shop/a.py", "3.9"),
    ],
)
def test_python_by_what_the_source_is_written_for(made, django, source, path, python):
    made.plain(requirements=f"Django=={django}\n", **{path: source})
    found = made.look().get("python")
    assert found.value == python
    told = f"{path} is written for Python {python}" in found.reason
    assert told is (python == "3.14")


def test_no_python_is_allowed(made):
    text = PROJECT.replace(">=3.10", "<3.9")
    (problem,) = made.write({"pyproject.toml": text}).look().fatal
    assert problem.what.startswith(
        "No Python that there are base images for (3.9 to 3.14) is allowed"
    )
    assert "the project asks for Python <3.9" in problem.what
    assert problem.remedy == "Allow Python 3.13."


def wheel(name, version, *pythons):
    tags = [f"cp{one.replace('.', '')}" for one in pythons]
    return [f"{name}-{version}-{tag}-{tag}-manylinux_2_17_x86_64.whl" for tag in tags]


def test_python_by_wheels(made):
    made.write({"requirements.txt": "Django==5.2\npillow==10.0.0\n"})
    ask = pages(pillow=[*wheel("Pillow", "10.0.0", "3.10", "3.11"), "Pillow-10.0.0.tar.gz"])
    found = inspect(made.root, ask=ask)
    assert found.get("python").value == "3.11"
    assert "pillow 10.0.0 has no wheel for Python 3.12" in found.get("python").reason
    assert found.get("build_packages") is None
    assert found.get("index_answer") is None


def test_what_is_source_only_needs_a_compiler(made):
    made.write({"requirements.txt": "Django==5.2\npython-ldap==3.4.4\nuwsgi==2.0.28\n"})
    found = inspect(
        made.root,
        ask=pages(python_ldap=["python-ldap-3.4.4.tar.gz"], uwsgi=["uwsgi-2.0.28.tar.gz"]),
    )
    assert found.get("python").value == "3.13"
    assert set(found.get("build_packages").value) == {
        "gcc",
        "libc6-dev",
        "libldap-dev",
        "libsasl2-dev",
    }
    assert set(found.get("system_packages").value) == {"libldap2", "libsasl2-2"}


def test_a_version_that_the_index_does_not_have(made):
    made.write({"requirements.txt": "Django==5.2\npillow==99.0\n"})
    found = inspect(made.root, ask=pages(pillow=wheel("pillow", "11.0.0", "3.13")))
    assert [one.what for one in found.fatal] == ["The package index has no pillow 99.0."]


def test_without_an_index_a_table_stands_in(made):
    made.write({"requirements.txt": "Django==5.2\npsycopg2-binary==2.9.9\nlxml==5.4.0\n"})
    found = inspect(made.root, ask=offline)
    assert found.get("python").value == "3.11"
    assert found.get("index_answer").reason.startswith("The package index did not answer")


def test_packages_without_compiled_parts_are_not_asked_for():
    asked = []

    def ask(name):
        asked.append(name)
        raise OSError

    needed = [
        requirement.parse(text, HERE)
        for text in ("django==5.2", "pillow==11.0.0", "lxml>5", "requests==2.0")
    ]
    wheels.look(needed, ["3.13"], ask)
    assert asked == ["pillow"]


@pytest.mark.parametrize(
    ("name", "python", "fitting"),
    [
        ("a-1.0-py3-none-any.whl", "3.13", True),
        ("a-1.0-py2.py3-none-any.whl", "3.9", True),
        ("a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl", "3.13", True),
        ("a-1.0-cp314-abi3-manylinux1_x86_64.whl", "3.13", False),
        ("a-1.0-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", "3.13", True),
        ("a-1.0-cp313-cp313t-manylinux2014_x86_64.whl", "3.13", False),
        ("a-1.0-cp313-cp313-musllinux_1_2_x86_64.whl", "3.13", False),
        ("a-1.0-cp313-cp313-macosx_11_0_arm64.whl", "3.13", False),
        ("a-1.0-cp312-cp312-manylinux1_x86_64.whl", "3.13", False),
        ("nonsense.whl", "3.13", False),
        ("a-1.0.tar.gz", "3.13", False),
    ],
)
def test_wheels_that_fit(name, python, fitting):
    assert wheels.fits(name, python) is fitting


def test_markers():
    one = Needed("x", marker='python_version < "3.11"')
    assert (one.applies("3.10"), one.applies("3.13")) == (True, False)
    assert not Needed("x", marker='sys_platform == "win32"').applies("3.13")


def test_the_index_is_the_users(monkeypatch, tmp_path):
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = https://mirror.invalid/simple/\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    assert wheels.index() == "https://mirror.invalid/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.invalid/simple")
    assert wheels.index() == "https://other.invalid/simple"


def test_of_a_lock_what_the_site_gets(made):
    lock = (
        UV.replace("django", "ruff")
        + UV
        + 'dependencies = [{ name = "asgiref", extra = ["tests"] }]\n'
        + '[[package]]\nname = "asgiref"\nversion = "3"\ndependencies = [{ name = "django" }]\n'
        + '[package.optional-dependencies]\ntests = [{ name = "python-magic" }]\n'
        + '[[package]]\nname = "python-magic"\nversion = "1"\n'
        + '[[package]]\nname = "weasyprint"\nversion = "60"\n'
    )
    found = made.write({"uv.lock": lock, "pyproject.toml": PROJECT}).look()
    assert found.get("system_packages").value == ("libmagic1",)


GIT = "Django==5.2\ngit+https://me:secret@host.invalid/a/b.git@main#egg=b\n"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (200, None),
        (404, "which is not there"),
        (401, "wants a password"),
        (None, "does not answer"),
    ],
)
def test_a_git_dependency_that_cannot_be_had(made, answer, words):
    asked = []

    def get(address):
        asked.append(address)
        if address.endswith("/django/"):
            return 200
        if answer is None:
            raise OSError(address)
        return answer

    found = inspect(made.write({"requirements.txt": GIT}).root, ask=pages(), get=get)
    assert asked[0] == "https://me:secret@host.invalid/a/b.git/info/refs?service=git-upload-pack"
    if words is None:
        assert found.fatal == ()
        return
    (problem,) = found.fatal
    assert words in problem.what
    assert "secret" not in problem.what


@pytest.mark.parametrize(
    ("line", "asked", "name"),
    [
        ("b @ git+https://host.invalid/a/b.git?rev=1f", "https://host.invalid/a/b.git/info/", "b"),
        ("https://host.invalid/a/b/archive/master.zip", "https://host.invalid/a/b/archive/", "b"),
        ("git+git://github.com/a/b-py3@1f", "https://github.com/a/b-py3/info/", "b-py3"),
        ("git+ssh://git@gitlab.com/a/b.git", "https://gitlab.com/a/b.git/info/", "b"),
        ("https://host.invalid/b_5-0.2-py3-none-any.whl", "https://host.invalid/b_5-0.2", "b-5"),
        ("https://host.invalid/a/b-1.0.tar.gz#egg=b", "https://host.invalid/a/b-1.0.tar.gz", "b"),
    ],
)
def test_what_is_asked_of_an_address(made, line, asked, name):
    addresses = []
    made.write({"requirements.txt": f"Django==5.2\n{line}\n"})
    found = inspect(made.root, ask=pages(), get=lambda one: addresses.append(one) or 404)
    assert addresses[0].startswith(asked)
    assert found.fatal == () or found.fatal[0].what.startswith(f"{name} comes from")


def test_a_git_dependency_by_ssh(made):
    made.write({"requirements.txt": "Django==5.2\ngit+ssh://git@host.invalid/a/b.git\n"})
    found = inspect(made.root, ask=pages(), get=lambda _: 200)
    assert [one.what for one in found.fatal] == [
        "b comes from git+ssh://host.invalid/a/b.git, which needs a key that builds do not have."
    ]


def test_without_a_network_git_dependencies_are_not_judged(made):
    assert made.write({"requirements.txt": GIT}).look().fatal == ()


@pytest.mark.parametrize(
    ("answer", "dead"), [(200, False), (404, False), (401, True), (None, True)]
)
def test_an_index_that_does_not_answer_is_replaced(made, answer, dead):
    def get(address):
        if answer is None:
            raise OSError(address)
        return answer

    made.write({"requirements.txt": "-i https://me:secret@index.invalid/simple\nDjango==5.2\n"})
    found = inspect(made.root, ask=pages(), get=get)
    assert (found.get("index") is not None) is dead
    assert not found.fatal
    assert "secret" not in str(found.problems)


LOCKED = {
    "Pipfile.lock": '{"_meta": {"sources": [{"url": "URL"}]}, '
    '"default": {"django": {"version": "==5.2"}}}',
    "Pipfile": '[[source]]\nurl = "URL"\n[packages]\ndjango = "==5.2"\n',
    "poetry.lock": '[[package]]\nname = "django"\nversion = "5.2"\n'
    '[package.source]\ntype = "legacy"\nurl = "URL"\n',
    "uv.lock": '[[package]]\nname = "django"\nversion = "5.2"\nsource = { registry = "URL" }\n',
}


@pytest.mark.parametrize("name", LOCKED)
@pytest.mark.parametrize(
    ("url", "dead"),
    [
        ("https://mirror.invalid/simple/", True),
        (PyPI.simple_url, False),
        ("https://${HOST}/simple", False),
    ],
)
def test_so_is_one_that_a_lock_names(made, name, url, dead):
    def get(address):
        raise OSError(address)

    if name == "poetry.lock":
        made.write({"pyproject.toml": '[tool.poetry.dependencies]\ndjango = "5.2"\n'})
    if name == "uv.lock":
        made.write({"pyproject.toml": PROJECT})
    made.write({name: LOCKED[name].replace("URL", url)})
    found = inspect(made.root, ask=pages(), get=get)
    assert found.table()["lock"] == name
    assert (found.get("index") is not None) is dead
    if dead:
        assert found.get("index").evidence[0].path == name
        assert found.get("index").evidence[0].line > 0


SANDBOX = """
[project]
name = "shop"
dependencies = ["Django==5.2"]
[project.optional-dependencies]
sandbox = ["django-extensions==4.1"]
test = ["django-environ<1", "sorl-thumbnail>=12", "pytest"]
prod = ["gunicorn"]
"""


def test_the_sandbox_of_a_package(made):
    settings = SETTINGS.replace(
        '"django.contrib.admin"', '"django.contrib.admin", "sorl.thumbnail", "shop"'
    )
    made.plain(
        f"import environ\ntry:\n    import pytest\nexcept ImportError:\n    pass\n{settings}"
    )
    for path in ("manage.py", "shop/settings.py", "shop/wsgi.py", "shop/__init__.py"):
        target = made.root / "sandbox" / path.replace("shop/", "site/")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (made.root / path).read_text().replace("shop.settings", "site.settings")
        target.write_text(text.replace("shop.wsgi", "site.wsgi").replace("shop.urls", "site.urls"))
        (made.root / path).unlink()
    (made.root / "requirements.txt").unlink()
    made.write({"pyproject.toml": SANDBOX, "src/shop/__init__.py": ""})
    found = made.table()
    assert found["source"] == "sandbox"
    assert found["extras"] == ["sandbox", "prod"]
    assert found["packages"] == ["django-environ<1", "sorl-thumbnail>=12"]
    assert found["python_path"] == ["src"]


@pytest.mark.parametrize(
    ("backend", "requirements", "packages"),
    [
        ("django_redis.cache.RedisCache", "", ["gunicorn", "django-redis"]),
        ("django_redis.cache.RedisCache", "django-redis==5.4\n", ["gunicorn"]),
        ("django.core.cache.backends.redis.RedisCache", "", ["gunicorn", "redis"]),
        ("django.core.cache.backends.locmem.LocMemCache", "", ["gunicorn"]),
    ],
)
def test_the_package_of_a_cache(made, backend, requirements, packages):
    caches = f'CACHES = {{"default": {{"BACKEND": "{backend}", "LOCATION": "x"}}}}\n'
    made.plain(SETTINGS + caches, f"Django==5.2\n{requirements}")
    assert made.table()["packages"] == packages
    made.write({"requirements-prod-more.txt": "django-redis==5.3\n"})
    wanted = ["gunicorn", "django-redis==5.3"] if "django-redis" in packages else packages
    assert made.table()["packages"] == wanted


@pytest.mark.parametrize(
    ("line", "extras", "groups"),
    [
        ("RUN pip install .[sandbox,dev]", ["sandbox"], None),
        ("RUN uv sync --frozen --extra sandbox --group serve --group dev", ["sandbox"], ["serve"]),
        ("RUN poetry install --with serve --extras 'sandbox'", ["sandbox"], ["serve"]),
    ],
)
def test_extras_and_groups_of_a_dockerfile(made, line, extras, groups):
    more = '[dependency-groups]\ndev = ["pytest"]\nserve = ["uvicorn"]\n'
    made.plain(**{"pyproject.toml": SANDBOX.replace('prod = ["gunicorn"]\n', "") + more})
    made.write({"Dockerfile": f"FROM python:3.13\n{line}\n"})
    (made.root / "requirements.txt").unlink()
    found = made.table()
    assert found["extras"] == extras
    assert found.get("groups") == groups


@pytest.mark.parametrize(
    ("locked", "packages"),
    [("", ["gunicorn", "psycopg2-binary"]), ("psycopg2-binary", ["gunicorn"])],
)
def test_what_an_extra_names_and_poetrys_lock_lacks(made, locked, packages):
    project = (
        '[tool.poetry.dependencies]\nDjango = "^5.2"\n'
        '[tool.poetry.extras]\npostgresql = ["psycopg2-binary"]\n'
    )
    rows = [
        f'[[package]]\nname = "{name}"\nversion = "5.2"\n' for name in ("django", locked) if name
    ]
    made.plain(**{"pyproject.toml": project, "poetry.lock": "".join(rows)})
    (made.root / "requirements.txt").unlink()
    found = made.table()
    assert found["lock"] == "poetry.lock"
    assert found["extras"] == ["postgresql"]
    assert sorted(found["packages"]) == packages


def test_what_a_lock_has_for_another_system_is_not_needed():
    rows = [
        {"name": "site", "dependencies": [{"name": "a", "marker": "sys_platform == 'win32'"},
                                          {"name": "b", "marker": "python_version < '3.10'"},
                                          {"name": "c", "marker": "extra == 'x'"}]},
        {"name": "b", "dependencies": {"d": {"markers": "os_name == 'nt'"}, "e": ">=1"}},
    ]  # fmt: skip
    assert graph.reached(rows, [Needed("site")]) == {"site", "b", "c", "e"}
    texts = [{"name": "site", "dependencies": ["a; sys_platform == 'win32'", "B-b[x]>=1", "@"]}]
    assert graph.reached(texts, [Needed("site")]) == {"site", "b-b"}


@pytest.mark.parametrize(
    ("lacking", "python"),
    [(("lxml",), "3.12"), (("lxml", "pillow"), "3.11"), (("greenlet",), "3.11")],
)
def test_new_pins_are_not_for_an_elder_python_than_the_projects(made, lacking, python):
    wheels_of = {
        name: [f"{name}-1-cp3{minor}-cp3{minor}-manylinux2014_x86_64.whl" for minor in (11, 12)]
        for name in lacking
    }
    pins = "".join(f"{name}==1\n" for name in wheels_of)
    made.plain(requirements=f"Django==5.2\n{pins}", Dockerfile="FROM python:3.12-slim\n")
    found = inspect(made.root, ask=pages(**wheels_of), get=lambda _: 200)
    assert found.get("python").value == python


def test_psycopg_with_its_extra_c_is_compiled(made):
    found = made.write({"requirements.txt": "Django==5.2\npsycopg[c,pool]==3.3.4\n"}).look()
    assert found.get("build_packages").value == ("gcc", "libc6-dev", "libpq-dev")
    assert "libpq5" in found.get("system_packages").value
