"""`invoke up --dev` on a real engine: edits are live, what is written belongs to the source's owner."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project import Project

#: An ordinary user of this machine, whom no image knows.
OWNER = 1234

#: An edit is live in two seconds; how fast is benchmarks/dev.py's question.
DEADLINE = 20.0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    """A stack that runs from a source whose owner is not who types the commands, where that can be."""
    made = Project.clone(tmp_path_factory.mktemp("dev") / "site", docker)
    if os.getuid() == 0:
        own(made.root)
    try:
        made.invoke("env.init").ok()
        made.set("WEB_BIND", "0.0.0.0")
        done = made.invoke("up", "--dev", "--db", "sqlite", "--with", "nginx").ok()
        assert "WEB_BIND is 0.0.0.0, and DEBUG is on: 127.0.0.1 only." in done.err
        assert "It runs from src/demo: edits are live, and DEBUG is on." in done.err
        yield made
    finally:
        made.remove()


def own(root: Path) -> None:
    for folder, _, names in os.walk(root):
        for name in (".", *names):
            os.chown(Path(folder, name), OWNER, OWNER)


def source(project: Project) -> Path:
    return project.root / "src" / "demo"


def page(project: Project, path: str) -> str:
    try:
        with urllib.request.urlopen(f"{project.url}/{path}", timeout=30) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()
    except OSError as error:
        return str(error)


def until(what: str, condition: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + DEADLINE, f"{what} is not live after {DEADLINE} s"
        time.sleep(0.02)
    print(f"{what}: live after {time.monotonic() - began:.2f} s")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def inspect(project: Project, service: str, template: str) -> str:
    return project.engine("inspect", "--format", template, f"{project.name}-{service}-1")


def test_edits_are_live_without_a_build(project: Project) -> None:
    folder = source(project)
    assert "What do you think?" in page(project, "")
    edit(
        folder / "polls/templates/polls/index.html",
        '{% translate "What do you think?" %}',
        "Edited!",
    )
    until("a template", lambda: "<h1>Edited!</h1>" in page(project, ""))
    edit(folder / "polls/static/polls/site.css", ":root", "/* edited */ :root")
    until(
        "a style sheet, through nginx", lambda: "edited" in page(project, "static/polls/site.css")
    )
    edit(folder / "polls/urls.py", '"polls/<int:pk>/", ', '"edited/<int:pk>/", ')
    until("an address", lambda: "<form" in page(project, "edited/1/"))


def test_a_broken_edit_is_live_and_so_is_its_repair(project: Project) -> None:
    settings = source(project) / "config/settings.py"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f"{text}\n)\n", encoding="utf-8")
    said = "It is tried again when the source changes."
    until("a mistake", lambda: said in project.invoke("logs", "web").out)
    settings.write_text(text, encoding="utf-8")
    until("its repair", lambda: '"status": "alive"' in page(project, "healthz"))


def test_what_is_written_belongs_to_the_owner_of_the_source(project: Project) -> None:
    folder = source(project)
    owner = folder.stat().st_uid
    assert owner == (OWNER if os.getuid() == 0 else os.getuid())
    models = folder / "polls/models.py"
    edit(
        models,
        "class Choice(models.Model):\n",
        "class Choice(models.Model):\n    note = models.TextField(default='')\n",
    )
    before = {*folder.glob("polls/migrations/*.py")}
    done = project.invoke("makemigrations").ok()
    assert "Apply what was written: `invoke migrate`." in done.err
    (made,) = {*folder.glob("polls/migrations/*.py")} - before
    project.invoke("manage", "--", "startapp", "shop").ok()
    project.invoke("exec", "--", "python", "-c", "open('written', 'w').close()").ok()
    for path in (made, folder / "shop", folder / "shop/models.py", folder / "written"):
        assert path.stat().st_uid == owner, path
    assert {path.stat().st_uid for path in folder.rglob("*")} == {owner}
    # The stack that is up runs what was written, without a build.
    assert project.invoke("migrate", "--check").code == 1
    until("pending", lambda: made.stem in page(project, "readyz"))
    project.invoke("migrate").ok()
    until("ready", project.answers)
    assert "test" in project.invoke("test", "--", "polls.tests.test_models").ok().err
    shutil.rmtree(folder / "shop")
    (folder / "written").unlink()


def test_nothing_else_may_be_written_or_reached(project: Project) -> None:
    status = project.invoke("exec", "--", "cat", "/proc/1/status").ok().out
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert project.invoke("exec", "--", "touch", "/opt/venv/x").code != 0
    assert inspect(project, "web", "{{.HostConfig.ReadonlyRootfs}}") == "true"
    ports = json.loads(inspect(project, "nginx", "{{json .NetworkSettings.Ports}}"))
    assert [each["HostIp"] for each in ports["8080/tcp"]] == ["127.0.0.1"]


def test_doctor_and_check_have_nothing_to_say_of_the_edits(project: Project) -> None:
    project.invoke("check").ok()
    found = {
        one["name"]: one for one in json.loads(project.invoke("doctor", "--json").out)["checks"]
    }
    assert found["source"]["status"] == "ok", found["source"]
    assert found["migrations"]["status"] == "ok", found["migrations"]
    done = project.invoke("up", "--dev", "--db", "sqlite", "--with", "nginx").ok()
    assert "has changed" not in done.err
    requirements = project.root / "requirements/app-dev.txt"
    requirements.write_text(f"{requirements.read_text(encoding='utf-8')}\n", encoding="utf-8")
    done = project.invoke("showmigrations").ok()
    assert "`invoke up --dev --build` installs them." in done.err


def test_the_toolbar_is_there_when_it_is_asked_for(project: Project) -> None:
    assert "djDebug" not in page(project, "")
    project.invoke(
        "up", "--dev", "--db", "sqlite", "--with", "nginx", DJANGO_DEBUG_TOOLBAR="1"
    ).ok()
    assert "djDebug" in page(project, "")


def test_up_again_is_the_image_with_the_same_data(project: Project) -> None:
    edit(source(project) / "polls/templates/polls/index.html", "Edited!", "In the image!")
    votes = "from polls.models import Choice; print(Choice.objects.update(votes=7))"
    project.invoke("manage", "--", "shell", "--verbosity", "0", "--command", votes).ok()
    project.invoke("up", "--db", "sqlite", "--with", "nginx").ok()
    assert inspect(project, "web", "{{.Config.User}}") == "10001:10001"
    assert inspect(project, "web", "{{json .HostConfig.Binds}}") == "null"
    assert "In the image!" in page(project, "")
    edit(source(project) / "polls/templates/polls/index.html", "In the image!", "Only here!")
    assert "In the image!" in page(project, "")
    project.invoke("check").ok()
    votes = "from polls.models import Choice; print(Choice.objects.filter(votes=7).update(votes=8))"
    done = project.invoke("manage", "--", "shell", "--verbosity", "0", "--command", votes).ok()
    assert re.search(r"^[1-9]\d*$", done.out, re.M), done.out
    names = "('debug_toolbar', 'watchfiles')"
    tools = f"import importlib.util as u; print([u.find_spec(n) for n in {names}])"
    assert project.invoke("exec", "--", "python", "-c", tools).ok().out.strip() == "[None, None]"
