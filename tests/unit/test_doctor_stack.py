"""What the doctor concludes of the stack: containers, volumes, images, migrations."""

from __future__ import annotations

from typing import Any

import pytest
from support import Project

from djdock.doctor import (
    containers,
    freshness,
    migrations,
    volumes,
)
from djdock.doctor.finding import Finding, note
from djdock.doctor.patient import Patient, Volume
from djdock.errors import DjdockError
from djdock.shell import Completed, Shell
from djdock.stack.state import Container


def status(found: Finding) -> str:
    return str(found.status)


def container(**more: Any) -> Container:
    values = {
        "name": "shop-web-1", "service": "web", "state": "running", "status": "Up (healthy)",
        "image": "shop:multi", "working_dir": "", "files": (), "ports": "",
    }  # fmt: skip
    return Container(**{**values, **more})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "ok"),
        ({"status": "Up 2 seconds (health: starting)"}, "note"),
        ({"status": "Up 2 minutes (unhealthy)"}, "fault"),
        ({"state": "restarting"}, "fault"),
        ({"state": "exited", "status": "Exited (1) 2 s ago"}, "fault"),
        ({"state": "exited", "status": "Exited (137) 2 s ago"}, "fault"),
        ({"state": "exited", "status": "Exited (0) 2 s ago"}, "note"),
        ({"state": "exited", "status": "Exited (1) 2 s ago", "oneoff": True}, "ok"),
    ],
)
def test_containers(more: dict[str, Any], expected: str) -> None:
    assert status(containers.judge([container(**more)])) == expected


def test_only_one_off_containers_that_have_ended_are_left_over() -> None:
    found = [
        container(name="a", oneoff=True),
        container(name="b", oneoff=True, state="exited"),
        container(name="c", state="exited"),
    ]
    assert [one.name for one in containers.leftovers(found)] == ["b"]


def test_a_volume_that_no_file_names_is_told_and_never_removed() -> None:
    found = volumes.judge(
        [Volume("postgres", "s_postgres"), Volume("redis", "s_redis")], ["postgres"]
    )
    assert found == note(
        "s_redis belongs to no add-on that is chosen now.",
        "When its data is not needed any more: `docker volume rm s_redis`.",
    )


def test_images_and_the_source() -> None:
    def judge(serving: Container | None, *, built: bool = True, stale: bool = False) -> str:
        return status(freshness.judge("shop:multi", "src", serving, built=built, stale=stale))

    assert judge(None, built=False, stale=True) == "ok"  # the first `up` builds it
    assert judge(None, stale=True) == "fault"
    assert judge(container(image="shop:multi")) == "ok"
    assert judge(container(image="0123456789ab")) == "fault"
    assert judge(container(image=f"sha256:{'c' * 64}")) == "fault"
    assert judge(container(image="deadbeef")) == "ok"  # a name


def test_which_variant_runs(project: Project) -> None:
    config = project.load()
    assert freshness.variant(config, container(image="shop:minimal")) == "minimal"
    assert freshness.variant(config, container(image="0123456789ab")) == "multi"
    assert freshness.variant(config, None) == "multi"


@pytest.mark.parametrize(
    ("code", "out", "err", "expected"),
    [
        (0, "Planned operations:\n  No planned migration operations.", "", "ok"),
        (1, "Planned operations:\npolls.0003_x\n    Add field", "", "fault"),
        (1, "", "Traceback …\ndjango.db.utils.OperationalError: no route\n", "note"),
        (126, "", "OCI runtime exec failed", "note"),
    ],
)
def test_migrations(code: int, out: str, err: str, expected: str) -> None:
    assert status(migrations.judge(Completed(code, out, err))) == expected


def test_what_the_engine_complains_of_is_passed_on(project: Project) -> None:
    class Silent(Shell):
        def capture(self, *_: Any, **__: Any) -> Completed:
            return Completed(1, "", "Cannot connect\n")

    asked = Patient(project.load(), Silent(), {"DOCKER_HOST": "unix:///s"})
    asked.fact("docker", lambda: "docker")
    with pytest.raises(DjdockError, match=r"unix:///s says: Cannot connect\."):
        _ = asked.info
