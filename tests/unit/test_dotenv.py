"""What a stack's ``.env`` must have: what its own add-ons read."""

from __future__ import annotations

from support import Project

from djdock import env
from djdock.stack import dotenv

ADDON = "services:\n  db:\n    environment:\n      PASSWORD: ${%s:?is missing from .env}\n"


def test_what_other_add_ons_read_is_not_missing(project: Project) -> None:
    project.write("docker/addons/postgres.yaml", ADDON % "DATABASE_PASSWORD")
    project.write(
        "docker/addons/mysql.yaml", ADDON % "DATABASE_PASSWORD" + "# $MYSQL_ROOT_PASSWORD\n"
    )
    names = ("DATABASE_PASSWORD", "MYSQL_ROOT_PASSWORD", "OF_THE_SETTINGS")
    project.write(env.EXAMPLE, "".join(f"{name}=change-me\n" for name in names))
    project.table('addons = ["postgres"]')
    found = dotenv.compare(project.load(), {})
    assert found.missing == ("DATABASE_PASSWORD", "OF_THE_SETTINGS")
    project.table('addons = ["mysql"]')
    assert dotenv.compare(project.load(), {}).missing == names
