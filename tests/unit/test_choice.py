"""Which add-ons a stack gets, and which do not go together."""

from __future__ import annotations

import pytest
from support import Project

from djdock.errors import MissingError, UsageError
from djdock.shell import Shell
from djdock.stack import choice, optional
from djdock.stack.choice import Asked, choose


@pytest.mark.parametrize(
    ("table", "asked", "names"),
    [
        ("", Asked(), ("postgres",)),
        ("", Asked(more=("redis", "nginx")), ("postgres", "redis", "nginx")),
        ("", Asked(more=("postgres",)), ("postgres",)),
        ("addons = ['redis', 'postgres']", Asked(less=("redis",)), ("postgres",)),
        ("", Asked(less=("redis",)), ("postgres",)),
        ("", Asked(database="mysql"), ("mysql",)),
        ("addons = ['redis', 'postgres']", Asked(database="sqlite"), ("redis", "sqlite")),
        ("addons = []", Asked(database="sqlite", more=("redis",)), ("sqlite", "redis")),
        ("database = 'mysql'", Asked(), ("mysql",)),
        ("database = 'mysql'", Asked(database="postgres"), ("postgres",)),
        ("addons = ['redis', 'memcached']", Asked(), ("redis", "memcached")),
        ("addons = []", Asked(), ()),
    ],
)
def test_what_is_chosen(project: Project, table: str, asked: Asked, names: tuple[str, ...]) -> None:
    project.table(table)
    assert choose(project.load(), asked).addons == names


def test_what_a_stack_can_do_without_is_left_out_where_its_image_is_nowhere(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def usable(config: object, shell: object, names: list[str]) -> dict[str, object]:
        asked.append(names)
        return {name: MissingError(f"`{name}` is nowhere.", "Find it.") for name in names}

    monkeypatch.setattr("djdock.images.choose.usable", usable)
    notes: list[str] = []
    config = choose(project.load(), Asked(more=("mail", "redis")))
    assert optional.available(config, Shell(), notes.append).addons == ("postgres", "redis")
    assert notes == ["mail is left out: `axllent/mailpit:v1.27` is nowhere."]
    project.write(".env", "MAIL_IMAGE=own/mail:1\n")
    config = choose(project.load(), Asked(more=("mail", "redis")))
    assert optional.available(config, Shell(), notes.append).addons == ("postgres", "mail", "redis")
    assert asked == [["axllent/mailpit:v1.27"]]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (Asked(more=("redsi",)), "There is no add-on `redsi`.\nDid you mean `redis`?"),
        (Asked(less=("redsi",)), "There is no add-on `redsi`.\nDid you mean `redis`?"),
        (Asked(database="mysq"), "There is no database `mysq`.\nDid you mean `mysql`?"),
        (
            Asked(database="redis"),
            "There is no database `redis`.\nChoose from: mysql, postgres, sqlite.",
        ),
        (
            Asked(more=("mysql",)),
            (
                "The add-ons postgres and mysql exclude each other: a stack has one database.\n"
                "`--db mysql` takes mysql in the place of postgres; or leave one of them out: "
                "`--without postgres`."
            ),
        ),
        (
            Asked(more=("nginx", "apache")),
            (
                "The add-ons nginx and apache exclude each other: a stack has one proxy.\n"
                "Leave one of them out: `--without nginx`."
            ),
        ),
        (
            Asked(more=("redis",), less=("redis",)),
            "--with and --without both name redis.\nLeave one of them out.",
        ),
    ],
)
def test_what_does_not_go_together(project: Project, asked: Asked, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose(project.load(), asked)
    assert str(caught.value) == text


def test_a_projects_own_addon_takes_part(project: Project) -> None:
    project.write("docker/addons/flower.yaml", "x-djdock: {role: viewer, needs: [rabbitmq]}\n")
    project.write("docker/addons/caddy.yaml", "x-djdock: {role: proxy}\n")
    project.write("docker/addons/oracle.yaml", "x-djdock: {role: database}\n")
    config = project.load()
    assert choose(config, Asked(more=("flower",))).addons == ("postgres", "flower", "rabbitmq")
    assert choose(config, Asked(database="oracle")).addons == ("oracle",)
    with pytest.raises(UsageError, match="caddy and nginx exclude each other: a stack has one pro"):
        choose(config, Asked(more=("caddy", "nginx")))
    with pytest.raises(UsageError) as caught:
        choose(config, Asked(more=("flower",), less=("rabbitmq",)))
    assert str(caught.value) == (
        "The add-on flower needs rabbitmq, which --without leaves out.\n"
        "Leave flower out, too: `--without rabbitmq,flower`."
    )


def test_two_without_a_role_do_not_exclude_each_other(project: Project) -> None:
    for name in ("one", "two"):
        project.write(f"docker/addons/{name}.yaml", "x-djdock: {alone: true}\n")
    chosen = choose(project.load(), Asked(more=("one", "two")))
    assert chosen.addons == ("postgres", "one", "two")


def test_the_words_of_a_flag() -> None:
    assert choice.words(["a,b", " c ,", "a"]) == ("a", "b", "c")
    assert choice.words([]) == ()
