from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from djdock.errors import MissingError, UsageError
from djdock.stack import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_free_port_is_free(taken: int) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        free = server.getsockname()[1]
    ports.require_free("127.0.0.1", free, [], "shop")
    ports.require_free("127.0.0.1", free, [], "shop")  # the look itself does not take it


def test_a_port_that_was_just_closed_is_free() -> None:
    # A connection in TIME_WAIT does not keep the engine from listening.
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    ports.require_free("127.0.0.1", port, [], "shop")


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_a_program_has_is_taken(taken: int, bind: str) -> None:
    with pytest.raises(MissingError) as caught:
        ports.require_free(bind, taken, [], "shop")
    assert str(caught.value) == (
        f"Port {taken} on {bind} is taken by another program.\n"
        f"Stop it, or choose another port: WEB_PORT={taken + 1} in .env."
    )


def test_a_port_that_another_stack_has_is_taken_by_its_container() -> None:
    with pytest.raises(MissingError) as caught:
        ports.require_free("127.0.0.1", 8000, [("blog-web-1", "blog")], "shop")
    assert str(caught.value) == (
        "Port 8000 on 127.0.0.1 is taken by the container blog-web-1.\n"
        "Stop it, or choose another port: WEB_PORT=8001 in .env."
    )


def test_the_last_port_has_no_next() -> None:
    with pytest.raises(MissingError, match="WEB_PORT=8000 in"):
        ports.require_free("127.0.0.1", 65535, [("x", "blog")], "shop")


def test_our_own_stack_may_have_the_port(taken: int) -> None:
    ports.require_free("127.0.0.1", taken, [("shop-web-1", "shop")], "shop")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        ports.require_free("192.0.2.1", 8000, [], "shop")  # of the range for documentation
    assert str(caught.value) == (
        "WEB_BIND is 192.0.2.1, which is no address of this machine.\n"
        "Use 127.0.0.1, or 0.0.0.0 for every address."
    )
