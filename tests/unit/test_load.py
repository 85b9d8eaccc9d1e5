"""The load, against a real server in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from archives import error_of
from server import Server, serving

from djdock.errors import CheckFailed
from djdock.measure import load


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


def test_exactly_so_many_requests_on_connections_that_are_kept(server: Server) -> None:
    answered = load.send(server.port, "/admin/login/", 100, concurrency=4)
    assert (answered.requests, server.requests, server.paths) == (100, 100, {"/admin/login/"})
    assert server.connections <= 4
    assert answered.seconds > 0


def test_a_server_that_closes_gets_new_connections(server: Server) -> None:
    server.keep = False
    assert load.send(server.port, "/", 20).requests == 20
    assert server.connections == 20


def test_no_more_than_so_many_seconds(server: Server) -> None:
    assert load.send(server.port, "/", 100, seconds=0).requests == 0
    assert server.requests == 0


@pytest.mark.parametrize(
    ("status", "location", "sentence"),
    [
        (503, "", "/ is answered with 503, not with 200."),
        (302, "/login/", "/ is answered with 302 (to /login/), not with 200."),
        (404, "", "/ is answered with 404, not with 200."),
    ],
)
def test_one_answer_that_is_no_200_is_a_problem(
    server: Server, status: int, location: str, sentence: str
) -> None:
    server.bad, server.status, server.location = 30, status, location
    error = error_of(lambda: load.send(server.port, "/", 10_000))
    assert isinstance(error, CheckFailed)
    assert error.problem == sentence
    assert server.requests < 10_000  # the others stop, too


def test_no_answer_at_all_is_a_problem() -> None:
    with Server() as closed:
        port = closed.port
    error = error_of(lambda: load.send(port, "/", 10))
    assert isinstance(error, CheckFailed)
    assert error.problem == "/ gave no answer (NewConnectionError)."


def test_requests_per_second() -> None:
    assert load.Answered(1500, 3.0).per_second == 500
