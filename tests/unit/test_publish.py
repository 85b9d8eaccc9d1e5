"""Add-ons' ports on this machine: which, where, and the Compose file that does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Project

from djdock.config import Config
from djdock.errors import UsageError
from djdock.stack import choice, publish
from djdock.stack.publish import Published

REDIS = Published("redis", "redis", 6379, 6379)


@pytest.fixture
def config(project: Project) -> Config:
    return choice.choose(project.load(), choice.Asked(more=("redis", "nginx")))


def test_a_port_is_the_addons_own_or_the_one_given(config: Config) -> None:
    assert publish.parse(config, ["redis,postgres:15432"]) == (
        REDIS,
        Published("postgres", "db", 5432, 15432),
    )
    assert publish.parse(config, []) == ()
    assert str(REDIS) == "redis at 127.0.0.1:6379"


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("redsi", "There is no add-on `redsi`.\nDid you mean `redis`?"),
        (
            "mysql",
            (
                "The add-on mysql is not chosen, so it cannot be published.\n"
                "Choose it: `--with mysql`."
            ),
        ),
        (
            "nginx",
            (
                "The add-on nginx has no port to publish.\n"
                "docker/addons/nginx.yaml would name it: `port` in x-djdock."
            ),
        ),
        ("redis:abc", "--publish `redis:abc` names no port.\nGive one from 1 to 65535."),
        ("redis:0", "--publish `redis:0` names no port.\nGive one from 1 to 65535."),
        ("redis:", "--publish `redis:` names no port.\nGive one from 1 to 65535."),
        (
            "redis:8000",
            (
                "Port 8000 is asked for by the site and by redis.\n"
                "Choose another: `--publish redis:8001`."
            ),
        ),
        (
            "redis:65535,postgres:65535",
            (
                "Port 65535 is asked for by redis and by postgres.\n"
                "Choose another: `--publish postgres:1024`."
            ),
        ),
    ],
)
def test_what_cannot_be_published(config: Config, word: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        publish.parse(config, [word])
    assert str(caught.value) == text


def test_the_file_binds_to_this_machine_only(config: Config) -> None:
    made = publish.apply(config, [REDIS])
    assert made.overlays == (Path(".djdock/publish.json"),)
    assert json.loads((config.root / publish.FILE).read_text(encoding="utf-8")) == {
        "services": {
            "redis": {
                "networks": ["published"],
                "ports": [{"target": 6379, "published": "6379", "host_ip": "127.0.0.1"}],
            }
        },
        "networks": {
            "published": {
                "driver_opts": {"com.docker.network.bridge.enable_ip_masquerade": "false"}
            }
        },
    }


def test_nothing_is_written_for_nothing(config: Config) -> None:
    assert publish.apply(config, []) is config
    assert publish.apply(config, [REDIS], dry=True).overlays == (publish.FILE,)
    assert not (config.root / publish.FILE).exists()


def test_the_remedy_for_a_port_that_is_taken() -> None:
    assert "`--publish redis:6380`" in publish.remedy(REDIS)
    assert "`--publish redis:1024`" in publish.remedy(Published("redis", "redis", 6379, 65535))
