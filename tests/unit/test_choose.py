from __future__ import annotations

import json
import time

import pytest
from support import Project

from djdock.errors import MissingError
from djdock.images import bases, catalogue, choose, registry
from djdock.images.registry import Answer
from djdock.shell import Shell


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """An engine with the images in `here`, of which nothing is asked but that; no registry answers."""
    seen: dict[str, list[str]] = {"here": [], "asked": [], "built": []}

    def local(_: Shell, names: list[str]) -> dict[str, catalogue.Image]:
        made = {}
        for name in names:
            if name in seen["here"]:
                base = next((b for b in catalogue.BASES.values() if b.standin == name), None)
                recipe = catalogue.digest(base) if base else ""
                made[name] = catalogue.Image("sha256:1", 1, None, recipe)  # type: ignore[arg-type]
        return made

    def ask(image: str) -> Answer:
        seen["asked"].append(image)
        return Answer.SILENT

    def ensure(wanted: list[catalogue.Base], *_: object, **__: object) -> None:
        seen["built"] += [base.standin for base in wanted]

    monkeypatch.setattr(bases, "local", local)
    monkeypatch.setattr(registry, "ask_engine", ask)
    monkeypatch.setattr(registry, "_known", {})
    monkeypatch.setattr(bases, "ensure", ensure)
    return seen


def test_stand_ins_for_services_and_bases_are_built_in_one_go(
    project: Project, machine: dict[str, list[str]], said: list[str]
) -> None:
    chosen = choose.choose(
        project.load(), Shell(), said.append, services=["postgres:17"], bases=["python:3.13-slim"]
    )
    assert chosen.services == {"postgres:17": "djdock/postgres:17"}
    assert chosen.contexts == {"python:3.13-slim": "djdock/python:3.13-slim"}
    assert machine["built"] == ["djdock/postgres:17", "djdock/python:3.13-slim"]
    end = "no registry answers; its stand-in is built from Debian's packages."
    assert said == [f"postgres:17: {end}", f"python:3.13-slim: {end}"]


def test_another_server_is_said_to_be_one_each_time(
    project: Project, machine: dict[str, list[str]], said: list[str]
) -> None:
    machine["here"] = ["djdock/mariadb:11"]
    chosen = choose.choose(project.load(), Shell(), said.append, services=["mysql:8.4"])
    assert chosen.services == {"mysql:8.4": "djdock/mariadb:11"}
    (text,) = said
    assert text.startswith("mysql:8.4 is replaced by djdock/mariadb:11: MariaDB 11.8, ")


def test_an_official_image_that_is_here_needs_no_context_and_no_registry(
    project: Project, machine: dict[str, list[str]], said: list[str]
) -> None:
    machine["here"] = ["python:3.13-slim"]
    chosen = choose.choose(project.load(), Shell(), said.append, bases=["python:3.13-slim"])
    assert chosen.contexts == {}
    assert (machine["asked"], machine["built"], said) == ([], [], [])


def test_a_database_keeps_its_stand_in_and_a_base_does_not(
    project: Project,
    machine: dict[str, list[str]],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine["here"] = ["djdock/postgres:17", "djdock/python:3.13-slim"]
    monkeypatch.setattr(registry, "ask_engine", lambda _: Answer.HAS)
    chosen = choose.choose(
        project.load(), Shell(), said.append, services=["postgres:17"], bases=["python:3.13-slim"]
    )
    assert chosen.services == {"postgres:17": "djdock/postgres:17"}
    assert chosen.contexts == {}


def test_an_image_that_is_named_may_be_replaced_and_is_not_held_on_to(
    project: Project,
    machine: dict[str, list[str]],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = project.load()
    chosen = choose.choose(config, Shell(), said.append, named=["valkey/valkey:8"])
    assert chosen.services == {"valkey/valkey:8": "djdock/valkey:8"}
    assert machine["built"] == ["djdock/valkey:8"]
    assert choose.usable(config, Shell(), ["redis:8"], ["valkey/valkey:8"]) == {
        "redis:8": "djdock/redis:8", "valkey/valkey:8": "djdock/valkey:8",
    }  # fmt: skip
    machine["here"] = ["djdock/valkey:8"]
    registry._known.clear()
    monkeypatch.setattr(registry, "ask_engine", lambda _: Answer.HAS)
    chosen = choose.choose(config, Shell(), said.append, named=["valkey/valkey:8"], ask_again=True)
    assert chosen.services == {"valkey/valkey:8": "valkey/valkey:8"}


def test_a_variable_names_an_image_that_has_a_stand_in_or_the_users_own() -> None:
    defaults = {"REDIS_IMAGE": "redis:8", "MYSQL_IMAGE": "mysql:8.4", "MAIL_IMAGE": "mail:1"}
    env = {"REDIS_IMAGE": "valkey/valkey:8", "MYSQL_IMAGE": "registry.example.org/mysql", "X": "y"}
    assert choose.asked(defaults, env) == (
        {"MAIL_IMAGE": "mail:1"}, {"REDIS_IMAGE": "valkey/valkey:8"},
    )  # fmt: skip


def test_silence_is_remembered_for_a_while_unless_asked_again(
    project: Project,
    machine: dict[str, list[str]],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine["here"] = ["djdock/python:3.13-slim"]

    def run(*, again: bool = False) -> int:
        registry._known.clear()  # another run
        machine["asked"].clear()
        choose.choose(
            project.load(), Shell(), said.append, bases=["python:3.13-slim"], ask_again=again
        )
        return len(machine["asked"])

    assert [run(), run(), run(again=True), run()] == [1, 0, 1, 0]
    memory = project.root / ".djdock" / "registry.json"
    told = json.loads(memory.read_text(encoding="utf-8"))
    told["python:3.13-slim"]["at"] = time.time() - registry.MEMORY[Answer.SILENT] - 1
    memory.write_text(json.dumps(told), encoding="utf-8")
    assert run() == 1
    for broken in ("", "[]", '{"python:3.13-slim": {"answer": "NO"}}', '{"x": 1}'):
        memory.write_text(broken, encoding="utf-8")
        assert run() == 1
    assert (project.root / ".djdock" / ".gitignore").read_text(encoding="utf-8") == "*\n"


@pytest.mark.parametrize(
    ("asked", "refused"),
    [(">=3.14,<3.15", True), ("==3.14.*", True), (">=3.12,<3.13", False), (">=3.10", False),
     ("x", False)],
)  # fmt: skip
def test_a_stand_in_that_is_older_than_what_the_project_asks_for(
    project: Project, machine: dict[str, list[str]], said: list[str], asked: str, refused: bool
) -> None:
    (project.root / "pyproject.toml").write_text(
        f'[project]\nname = "x"\nrequires-python = "{asked}"\n'
    )
    config = project.load()
    if not refused:
        choose.choose(config, Shell(), said.append, bases=["python:3.12-slim"])
        return
    with pytest.raises(
        MissingError, match=r"and the stand-in for python:3.12-slim has Python 3.13\."
    ):
        choose.choose(config, Shell(), said.append, bases=["python:3.12-slim"])


def test_init_asks_for_such_a_python_before_it_writes(
    project: Project, machine: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[project]\nname = "x"\nrequires-python = ">=3.15"\n'
    (project.root / "pyproject.toml").write_text(text)
    with pytest.raises(MissingError, match=r"asks for Python >=3\.15, no registry answers"):
        choose.has_python(project.root, "", "3.12", Shell())

    def none(*_: object) -> None:
        raise MissingError("There is no engine.", "Install one.")

    monkeypatch.setattr(bases, "local", none)
    choose.has_python(project.root, "", "3.12", Shell())
