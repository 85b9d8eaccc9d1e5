from __future__ import annotations

from dataclasses import replace

import pytest
from test_state import WEB

from djdock.errors import CheckFailed, CommandFailed
from djdock.shell import Completed, Shell
from djdock.stack import failure
from djdock.stack.state import Container

UP = CommandFailed(["docker", "compose", "up"], 1)
GENERAL = "Correct what it complains about, then `invoke up --build`."


def container(service: str, state: str, status: str, *, oneoff: bool = False) -> Container:
    return replace(
        WEB, name=f"shop-{service}-1", service=service, state=state, status=status, oneoff=oneoff
    )


DB_OK = container("db", "running", "Up 3 seconds (healthy)")
WEB_STARTING = container("web", "running", "Up 2 seconds (health: starting)")
WEB_UNHEALTHY = container("web", "running", "Up 2 minutes (unhealthy)")
MIGRATE_FAILED = container("migrate", "exited", "Exited (1) 2 seconds ago")
MIGRATE_KILLED = container("migrate", "exited", "Exited (137) 2 seconds ago")
WEB_RESTARTING = container("web", "restarting", "Restarting (1) 2 seconds ago")
ONEOFF_FAILED = container("web", "exited", "Exited (2) 2 seconds ago", oneoff=True)


KILLED = "was killed, most likely for want of memory (exit code 137)"


@pytest.mark.parametrize(
    ("found", "service", "how"),
    [
        ([DB_OK, MIGRATE_FAILED], "migrate", "ended with exit code 1"),
        (
            [DB_OK, MIGRATE_KILLED],
            "migrate",
            KILLED,
        ),
        ([DB_OK, WEB_UNHEALTHY], "web", "is unhealthy"),
        ([DB_OK, WEB_RESTARTING], "web", "keeps restarting"),
        ([DB_OK, WEB_STARTING], "web", "did not become healthy in time"),
        ([WEB_STARTING, MIGRATE_FAILED], "migrate", "ended with exit code 1"),
        ([ONEOFF_FAILED, WEB_STARTING], "web", "did not become healthy in time"),
    ],
)
def test_who_is_to_blame_and_how(found: list[Container], service: str, how: str) -> None:
    culprit = failure.blame(found)
    assert culprit is not None
    assert (culprit.container.service, culprit.how) == (service, how)


def test_what_had_failed_before_is_not_to_blame_for_what_fails_now() -> None:
    found = [MIGRATE_FAILED, WEB_RESTARTING]
    assert failure.blame(found).container.service == "migrate"  # type: ignore[union-attr]
    assert failure.blame(found, [MIGRATE_FAILED]).container.service == "web"  # type: ignore[union-attr]
    still = failure.blame(found, found)  # which goes on failing
    assert still is not None
    assert still.container.service == "web"
    again = failure.blame([DB_OK, MIGRATE_FAILED], [MIGRATE_FAILED])
    assert again is not None
    assert again.container.service == "migrate"


@pytest.mark.parametrize("found", [[], [DB_OK], [DB_OK, ONEOFF_FAILED]])
def test_nobody_is_to_blame(found: list[Container]) -> None:
    assert failure.blame(found) is None


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ('FATAL:  password authentication failed for user "shopper"', "refuses DATABASE_PASSWORD"),
        (
            "django.db.utils.OperationalError: FATAL: password authentication failed",
            "refuses DATABASE_PASSWORD",
        ),
        (
            (
                "Error: Database is uninitialized and superuser password is not specified.\n"
                "You must specify POSTGRES_PASSWORD to a non-empty value"
            ),
            "Give DATABASE_PASSWORD a value",
        ),
        ("could not write: No space left on device", "`docker system df`"),
        ("ImproperlyConfigured: DEBUG is maybe", "Django's settings refuse the environment"),
        ("ModuleNotFoundError: No module named 'PIL'", "`invoke up --build`"),
        ("django.db.utils.ProgrammingError: relation", "Correct the migration"),
    ],
)
def test_known_complaints_have_their_remedy(log: str, says: str) -> None:
    assert says in failure.hint(f"before\n{log}\nafter")


def test_an_unknown_complaint_has_a_general_one() -> None:
    assert failure.hint("boom") == GENERAL


class Logging(Shell):
    """A shell with a container's log."""

    def capture(self, argv: object, **_: object) -> Completed:
        assert argv == ["docker", "logs", "--tail", "100", "shop-migrate-1"]
        lines = [f"line {number}" for number in range(20)]
        return Completed(0, "\n".join(lines), "\npassword=hunter22 boom\n")


def test_the_last_lines_are_shown_without_secrets() -> None:
    shell = Logging(secrets=frozenset({"hunter22"}))
    tail, error = failure.explain(shell, "docker", [DB_OK, MIGRATE_FAILED], UP)
    lines = tail.splitlines()
    assert len(lines) == failure.LINES
    assert lines[0] == "  migrate | line 6"
    assert lines[-1] == "  migrate | password=*** boom"
    assert isinstance(error, CheckFailed)
    assert str(error) == f"The service migrate ended with exit code 1.\n{GENERAL}"


def test_when_nobody_is_to_blame_compose_has_said_why() -> None:
    assert failure.explain(Shell(), "docker", [DB_OK], UP) == ("", UP)


PAGE = "The page / ends with this:\n"


@pytest.mark.parametrize(
    ("code", "told", "shown", "says"),
    [
        (0, f"settings say so\n{PAGE}django.db.utils.Error: x", 2, "Correct the migration"),
        (0, f"{PAGE}ValueError: Missing staticfiles manifest entry for 'a'", 2, "A template"),
        (0, "", 0, "Correct what it complains about"),
        (1, "The page", 0, "Correct what it complains about"),
        (None, "", 0, "Correct what it complains about"),
    ],
)  # fmt: skip
def test_an_unhealthy_web_is_asked_for_its_page(
    code: int | None, told: str, shown: int, says: str
) -> None:
    class Asking(Shell):
        def capture(self, argv: object, **_: object) -> Completed:
            assert isinstance(argv, list)
            if argv[1] == "logs":
                return Completed(0, "Booting worker\n", "")
            assert argv[1:5] == ["exec", "shop-web-1", "python", "-c"]
            if code is None:
                raise CommandFailed(argv, 124)
            return Completed(code, told, "")

    tail, error = failure.explain(Asking(), "docker", [DB_OK, WEB_UNHEALTHY], UP)
    assert tail.splitlines()[0] == "  web | Booting worker"
    assert len(tail.splitlines()) == 1 + shown
    assert says in str(error)
