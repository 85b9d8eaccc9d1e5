"""What the stack that is up was started as, and who says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import Project

from djdock.stack import choice, publish, record
from djdock.stack.state import Container


def container(service: str, *files: str, state: str = "running") -> Container:
    return Container(f"shop-{service}-1", service, state, "Up", "x", "", files, "")


UP = [container("db"), container("web")]


def test_tasks_talk_to_what_is_up(project: Project) -> None:
    config = project.load()
    up = choice.choose(config, choice.Asked(more=("redis",), database="mysql"))
    record.write(up, "abc")
    assert record.read(config) == record.Record("shop", "abc", ("mysql", "redis"), published=False)
    assert record.in_effect(config, UP).addons == ("mysql", "redis")
    assert record.in_effect(config, []) is config
    assert record.in_effect(config, [container("web", state="exited")]) is config


def test_what_is_published_stays_so(project: Project) -> None:
    config = project.load()
    up = choice.choose(config, choice.Asked(more=("redis",)))
    record.write(publish.apply(up, publish.parse(up, ["redis"])), "abc")
    assert record.in_effect(config, UP).overlays == (publish.FILE,)
    (config.root / publish.FILE).unlink()
    assert record.in_effect(config, UP).overlays == ()


def test_an_addon_whose_file_is_gone_is_left_out(project: Project) -> None:
    project.write("docker/addons/own.yaml", "")
    record.write(choice.choose(project.load(), choice.Asked(more=("own",))), "abc")
    (project.root / "docker/addons/own.yaml").unlink()
    assert record.in_effect(project.load(), UP).addons == ("postgres",)


@pytest.mark.parametrize("text", [None, "", "3f2a", "[]", "{}", '{"name": "blog"}'])
def test_without_a_record_the_labels_say_it(project: Project, text: str | None) -> None:
    config = project.load()
    if text is not None:
        project.write(".djdock/up", text)
    assert record.read(config) is None
    folder = config.addons_dir
    found = [
        container("db", f"{folder}/mysql.yaml"),
        container(
            "web", f"{folder}/../compose.yaml", f"{folder}/mysql.yaml", f"{folder}/redis.yaml"
        ),
    ]
    assert record.in_effect(config, found).addons == ("mysql", "redis")
    assert record.in_effect(config, found[:1]).addons == ("mysql",)
    assert record.in_effect(config, UP) is config


def test_another_stacks_record_counts_for_nothing(project: Project) -> None:
    config = project.load()
    record.write(replace(config, chosen=("mysql",)), "abc")
    other = replace(config, env={**config.env, "COMPOSE_PROJECT_NAME": "blog"})
    assert record.read(other) is None
