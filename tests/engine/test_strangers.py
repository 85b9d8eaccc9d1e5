"""Projects that nobody wrote for djdock, from `up` to `down`: nothing in them is edited."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import strangers
from project import Project


def status(project: Project, path: str) -> int:
    try:
        with urllib.request.urlopen(project.url + path, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


#: Whether Django's translations into German are there.
GERMAN = "import os, django.conf.locale as l; print('de' in os.listdir(l.__path__[0]))"


def style(project: Project) -> str:
    """The front end's style sheet: when it was made stands in it."""
    with urllib.request.urlopen(project.url + "/static/app.css", timeout=20) as answer:
        return str(answer.read(), "utf-8")


@pytest.fixture
def stranger(tmp_path: Path, docker: str, request: pytest.FixtureRequest) -> Iterator[Project]:
    make = getattr(strangers, request.param)
    root = tmp_path / request.param
    root.mkdir()
    make(root)
    project = Project(root, docker)
    try:
        yield project
    finally:
        project.remove()


def python(project: Project, code: str) -> str:
    return project.invoke("exec", "web", "--", "python", "-c", code).ok().out.strip()


@pytest.mark.parametrize(
    "stranger", ["naive", "poetry", "pipfile", "uv", "frontend"], indirect=True
)
def test_a_project_as_it_is_found_comes_up(stranger: Project) -> None:
    project = stranger
    came_up = project.invoke("up").ok()
    assert status(project, "/") < 500
    assert status(project, "/admin/login/") == 200
    project.invoke("migrate", "--check").ok()
    kind = project.root.name
    if kind == "naive":
        project.invoke("exec", "web", "--", "python", "-c", "open('logs/x', 'w')").ok()
        assert python(project, "import os; print(os.path.realpath('db.sqlite3'))") == (
            "/srv/data/db.sqlite3"
        )
        # Of Django's languages the image has the site's, until something switches them.
        assert python(project, GERMAN) == "False"
        # Nor has it what djdock builds it with.
        assert python(project, "import os; print(os.path.exists('docker'))") == "False"
        # The database outlives the containers.
        project.invoke("down").ok()
        (project.root / "greeting.py").write_text("from django.utils.translation import override\n")
        project.invoke("up", "--build").ok()
        assert python(project, GERMAN) == "True"
        project.invoke("migrate", "--check").ok()
    elif kind == "poetry":
        assert python(project, "import psycopg2; print(psycopg2.__version__[:6])") == "2.9.10"
        assert project.invoke("exec", "web", "--", "gcc", "--version").code != 0
        # The volume of uploads is the site's, which is nobody in particular.
        code = (
            "import os; open('/srv/data/x', 'w'); print(os.stat('/srv/data').st_uid, os.getuid())"
        )
        assert len(set(python(project, code).split())) == 1
        # What follows migrations is done in their container; one that fails is named, and stops none.
        assert "no_such_command" in came_up.out + came_up.err
        tables = "from django.db import connection as c; print(*c.introspection.table_names())"
        found = project.invoke(
            "exec", "web", "--", "python", "manage.py", "shell", "-c", tables
        ).ok()
        assert {"once", "twice"} <= set(found.out.split())
    elif kind == "pipfile":
        # Nothing is collected at build here, and the settings are asked all the same.
        assert python(project, GERMAN) == "False"
        assert int(python(project, "import os; print(len(os.listdir('/srv/data/static')))")) > 0
    elif kind == "uv":
        assert "uvicorn" in project.invoke("logs", "web").ok().out.lower()
        assert python(project, "import os; print(os.path.isdir('/var/www/static/admin'))") == "True"
    else:
        made = style(project)
        assert "teal" in made
        # A changed line of Python makes no other front end, and one of its own does.
        with (project.root / "shop/urls.py").open("a") as urls:
            urls.write("# changed\n")
        project.invoke("up", "--build").ok()
        assert style(project) == made
        (project.root / "assets/theme.css").write_text("")
        project.invoke("up", "--build").ok()
        assert style(project) != made
        assert project.invoke("exec", "web", "--", "node", "--version").code != 0


@pytest.mark.parametrize("stranger", ["naive"], indirect=True)
def test_a_build_that_fails_is_explained_in_one_screen(stranger: Project) -> None:
    path = stranger.root / "more.txt"
    path.write_text("django==99.1\n", encoding="utf-8")
    done = stranger.invoke("up")
    assert done.code not in (0, 130)
    last = done.err.strip().splitlines()[-2:]
    assert "could not be built: There is no django==99.1 on the index" in last[0]
    assert last[1].endswith("The whole log is in .djdock/build-multi.log.")
    assert "No solution found" in (stranger.root / ".djdock/build-multi.log").read_text("utf-8")
