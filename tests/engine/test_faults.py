"""What dies under a site that is being used, and that nothing is lost by it."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from project import Project
from test_check import Browser
from voting import everybody_votes

#: Stacks that have every kind of service between them; the second runs in the smallest image.
STACKS = {
    "postgres": ("--with", "redis,rabbitmq,nginx"),
    "mysql": ("--db", "mysql", "--with", "memcached,rabbitmq,apache", "--variant", "minimal"),
}


@pytest.fixture(scope="module", params=STACKS)
def up(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, docker: str
) -> Iterator[Project]:
    project = Project.clone(tmp_path_factory.mktemp(request.param) / "site", docker)
    try:
        project.invoke("up", *STACKS[request.param]).ok()
        yield project
    finally:
        project.remove()


def status(project: Project, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{project.url}{path}", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def crash(project: Project, *services: str) -> None:
    """Kills the processes of services themselves, at once: nobody has stopped a container."""
    names = [f"{project.name}-{service}-1" for service in services]
    pids = project.engine("inspect", "--format", "{{.State.Pid}}", *names).split()
    for pid in pids:
        os.kill(int(pid), signal.SIGKILL)


def test_every_vote_that_was_answered_is_there_when_the_database_dies(up: Project) -> None:
    name = f"{up.name}-db-1"

    def fault() -> None:
        up.engine("kill", name)
        # The process is up, the site is not ready; neither question hangs.
        assert status(up, "/healthz") == 200
        assert status(up, "/readyz") == 503
        up.engine("start", name)

    poll = everybody_votes(up, 1000, fault)
    assert poll.failed, "nobody noticed"
    assert status(up, "/readyz") == 200


def test_every_vote_is_there_when_web_crashes_and_it_comes_back_by_itself(up: Project) -> None:
    everybody_votes(up, 200, lambda: crash(up, "web"))
    assert status(up, "/readyz") == 200


def test_jobs_that_the_broker_has_taken_outlive_it(up: Project) -> None:
    browser = Browser(up)
    up.engine("stop", f"{up.name}-worker-1")
    pages = [browser.export(question) for question in (1, 2, 3)]
    for page in pages:
        assert browser.progress(page)["state"] == "waiting"
    up.engine("kill", f"{up.name}-rabbitmq-1")
    up.engine("start", f"{up.name}-rabbitmq-1", f"{up.name}-worker-1")
    for page in pages:
        assert browser.wait(page, "done", "failed")["state"] == "done"
        assert browser.get(f"{page}file/").count("\n") > 1


def test_after_a_power_cut_up_brings_everything_back_with_its_data(up: Project) -> None:
    browser = Browser(up)
    up.engine("stop", f"{up.name}-worker-1")
    page = browser.export(1)
    words = next(words for name, words in STACKS.items() if name in up.root.parent.name)

    def fault() -> None:
        up.engine("kill", *running(up))
        up.invoke("up", *words).ok()

    everybody_votes(up, 300, fault)
    up.invoke("check").ok()
    assert browser.wait(page, "done", "failed")["state"] == "done"


def running(project: Project) -> list[str]:
    label = f"label=com.docker.compose.project={project.name}"
    return project.engine("ps", "--filter", label, "--format", "{{.Names}}").split()


def test_two_ups_at_once_make_one_healthy_stack(tmp_path: object, docker: str) -> None:
    project = Project.clone(tmp_path / "site", docker)  # type: ignore[operator]
    try:
        words = ("up", "--with", "redis,nginx")
        both = [project.start(*words), project.start(*words)]
        said = [process.communicate(timeout=300) for process in both]
        codes = [process.returncode for process in both]
        assert 0 in codes, said
        for code, (_, err) in zip(codes, said, strict=True):
            assert code == 0 or len(err.splitlines()[-2:]) == 2, err
            assert "Traceback" not in err
        project.invoke("check").ok()
        assert len(running(project)) == 4
        started = time.monotonic()
        project.invoke("up", "--with", "redis,nginx").ok()
        print(f"up again: {time.monotonic() - started:.1f} s")
    finally:
        project.remove()
