"""How many containers a service gets, and which cannot be several."""

from __future__ import annotations

import pytest
from support import Project

from djdock.errors import UsageError
from djdock.stack import choice, scale


def test_the_words() -> None:
    assert scale.parse(["web=3,worker=2", "web=4"]) == {"web": 4, "worker": 2}
    assert scale.parse([]) == {}
    for word in ("web", "web=", "=3", "web=-1", "web=1.5", "web=99999"):
        with pytest.raises(UsageError) as caught:
            scale.parse([word])
        assert str(caught.value) == (
            f"--scale `{word}` is not SERVICE=NUMBER.\nWrite it like --scale web=3."
        )


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ((), {}),
        ((), {"web": 1}),
        (("nginx",), {"web": 3}),
        (("apache",), {"web": 8}),
        (("nginx", "rabbitmq"), {"web": 2, "worker": 5}),
        (("rabbitmq",), {"worker": 0}),
    ],
)
def test_what_may_be_several(
    project: Project, more: tuple[str, ...], wanted: dict[str, int]
) -> None:
    scale.require(choice.choose(project.load(), choice.Asked(more=more)), wanted)


@pytest.mark.parametrize(
    ("more", "wanted", "text"),
    [
        (
            ("redis",),
            {"web": 3},
            (
                "web publishes the site's port itself, so there can be only one.\n"
                "Put a web server in front of it: `--with nginx` or `--with apache`."
            ),
        ),
        (("nginx",), {"db": 2}, "The service db cannot be scaled.\nThese can: web."),
        (
            ("nginx",),
            {"worker": 2},
            "The service worker is not in this stack.\nBring it up: `--with rabbitmq`.",
        ),
        (("rabbitmq",), {"beat": 2}, "The service beat cannot be scaled.\nThese can: web, worker."),
        ((), {"web": 0}, "--scale web=0 leaves no site.\nStop it with `invoke down`."),
    ],
)
def test_what_may_not(
    project: Project, more: tuple[str, ...], wanted: dict[str, int], text: str
) -> None:
    config = choice.choose(project.load(), choice.Asked(more=more))
    with pytest.raises(UsageError) as caught:
        scale.require(config, wanted)
    assert str(caught.value) == text


def test_a_projects_own_proxy_will_do(project: Project) -> None:
    project.write("docker/addons/caddy.yaml", "x-djdock: {role: proxy}\n")
    scale.require(choice.choose(project.load(), choice.Asked(more=("caddy",))), {"web": 3})
