from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import ENV, REPOSITORY, Project

from djdock import config
from djdock.errors import MissingError, UsageError


def refused(project: Project) -> str:
    with pytest.raises(UsageError) as caught:
        project.load()
    return str(caught.value).replace(str(project.root), "ROOT")


def test_everything_has_a_default(project: Project) -> None:
    (project.root / "pyproject.toml").unlink()
    (project.root / ".env").unlink()
    loaded = project.load()
    assert loaded.table == config.Table()
    assert (loaded.root, loaded.env) == (project.root, {})
    assert loaded.source == project.root / "src" / "shop"
    assert (loaded.settings, loaded.wsgi) == ("config.settings", "config.wsgi:application")
    assert (loaded.bind, loaded.port, loaded.url) == (
        "127.0.0.1",
        8000,
        "http://127.0.0.1:8000/",
    )
    assert loaded.variants == ("minimal", "multi", "single")
    assert loaded.known_addons == tuple(
        sorted(path.stem for path in (REPOSITORY / "docker" / "addons").glob("*.yaml"))
    )


def test_the_table_is_read(project: Project) -> None:
    project.table(
        'python = "3.12"\nvariant = "single"\naddons = []\nbases = "debian"\nwait_timeout = 7\n'
        'settings = "a.b"\nwsgi = "c:d"\nbudget = { min_ratio = 6.5 }'
    )
    table = project.load().table
    assert (table.python, table.variant, table.addons) == ("3.12", "single", ())
    assert (table.bases, table.wait_timeout, table.budget) == ("debian", 7, {"min_ratio": 6.5})
    assert (project.load().settings, project.load().wsgi) == ("a.b", "c:d")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("wait_timeout = true", "a whole number, not True"),
        ('wait_timeout = "5"', "a whole number, not '5'"),
        ("wait_timeout = 1.5", "a whole number, not 1.5"),
        ("python = 3.13", "a string, not 3.13"),
        ("variant = ['multi']", "a string, not ['multi']"),
        ('addons = "postgres"', "a list of strings, not 'postgres'"),
        ("addons = ['postgres', 1]", "a list of strings, not ['postgres', 1]"),
        ("budget = 6", "a table, not 6"),
    ],
)
def test_a_wrong_type_names_the_key_and_the_file(project: Project, line: str, words: str) -> None:
    project.table(line)
    key = line.partition(" ")[0]
    assert refused(project) == (
        f"`{key}` in [tool.djdock] of ROOT/pyproject.toml must be {words}.\nCorrect it there."
    )


def test_a_table_that_is_none_is_refused(project: Project) -> None:
    project.write("pyproject.toml", "[tool]\ndjdock = 5\n")
    assert refused(project) == (
        "`djdock` in [tool] of ROOT/pyproject.toml must be a table, not 5.\nCorrect it there."
    )


def test_a_tool_that_is_no_table_is_nothing_of_ours(project: Project) -> None:
    project.write("pyproject.toml", "tool = 5\n")
    assert project.load().table == config.Table()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "varient = 'multi'",
            (
                "There is no key `varient` in [tool.djdock] of ROOT/pyproject.toml.\n"
                "Did you mean `variant`?"
            ),
        ),
        (
            "qqq = 1",
            (
                "There is no key `qqq` in [tool.djdock] of ROOT/pyproject.toml.\n"
                "Choose from: addons, after_migrate, asgi, bases, budget, build_environment, "
                "build_packages, build_steps, ca_bundle, celery, copies, database, dev_requirements, "
                "extras, folder, "
                "frontend, frontend_build, groups, health_path, index, load_path, lock, minimal, node, "
                "overrides, packages, python, "
                "python_path, requirements, secrets, settings, source, static, system_packages, tree, "
                "variant, variants, wait_timeout, writable, wsgi."
            ),
        ),
        (
            "load_path = 'polls/'",
            (
                '`load_path` in [tool.djdock] is "polls/", which is no path.\n'
                'Begin it with a slash: "/polls/".'
            ),
        ),
        (
            "variant = 'mutli'",
            "There is no variant `mutli` in [tool.djdock].\nDid you mean `multi`?",
        ),
        (
            "addons = ['postgre']",
            "There is no add-on `postgre` in [tool.djdock].\nDid you mean `postgres`?",
        ),
        (
            "addons = ['../../etc/x']",
            (
                "There is no add-on `../../etc/x` in [tool.djdock].\n"
                "Choose from: adminer, apache, files, mail, memcached, mysql, nginx, pgvector, postgis, "
                "postgres, prometheus, rabbitmq, redis, sqlite."
            ),
        ),
        (
            "database = 'mysq'",
            "There is no database `mysq` in [tool.djdock].\nDid you mean `mysql`?",
        ),
        (
            "database = 'redis'",
            (
                "There is no database `redis` in [tool.djdock].\n"
                "Choose from: mysql, postgres, sqlite."
            ),
        ),
        (
            "bases = 'debain'",
            "There is no choice of bases `debain` in [tool.djdock].\nDid you mean `debian`?",
        ),
        (
            "python = 'three'",
            (
                '`python` in [tool.djdock] is "three", which is no version of Python.\n'
                'Write it like "3.13".'
            ),
        ),
        (
            "wait_timeout = 0",
            "`wait_timeout` in [tool.djdock] is 0.\nGive a number of seconds above 0.",
        ),
    ],
)
def test_what_cannot_be_meant_leads_to_the_nearest(project: Project, line: str, text: str) -> None:
    project.table(line)
    assert refused(project) == text


def test_broken_toml_is_refused_with_its_line(project: Project) -> None:
    project.write("pyproject.toml", "[tool.djdock]\nvariant = \n")
    assert re.fullmatch(
        r"ROOT/pyproject\.toml is not valid TOML: .*line 2.*\.\nCorrect it there\.",
        refused(project),
    )


def test_a_pyproject_that_is_no_utf8_is_refused(project: Project) -> None:
    (project.root / "pyproject.toml").write_bytes(b"[tool.djdock]\nvariant = '\xff'\n")
    assert refused(project).startswith("ROOT/pyproject.toml is not valid TOML: ")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("WEB_PORT", "http", "WEB_PORT is `http`, which is no port.\nGive one from 1 to 65535."),
        ("WEB_PORT", "0", "WEB_PORT is `0`, which is no port.\nGive one from 1 to 65535."),
        ("WEB_PORT", "65536", "WEB_PORT is `65536`, which is no port.\nGive one from 1 to 65535."),
        ("WEB_PORT", "-80", "WEB_PORT is `-80`, which is no port.\nGive one from 1 to 65535."),
        (
            "WEB_BIND",
            "localhost",
            "WEB_BIND is `localhost`, which is no address.\nUse 127.0.0.1, or 0.0.0.0 for all.",
        ),
        ("WEB_CPUS", "two", "WEB_CPUS is `two`, which is no number of cpus.\nWrite it like 1.5."),
        (
            "WEB_CPUS",
            "0.001",
            "WEB_CPUS is `0.001`, which is no number of cpus.\nWrite it like 1.5.",
        ),
        ("WEB_MEMORY", "lots", "WEB_MEMORY `lots` is not a size.\nWrite it like 512m or 1g."),
        (
            "WEB_MEMORY",
            "1m",
            "WEB_MEMORY `1m` is too small: 1048576 bytes.\nGive it at least 64m.",
        ),
        ("WEB_TMP", "512", "WEB_TMP `512` is too small: 512 bytes.\nGive it at least 1m."),
        (
            "COMPOSE_PROJECT_NAME",
            "My Shop",
            (
                "COMPOSE_PROJECT_NAME is `My Shop`, which Compose does not allow.\n"
                "Use lower-case letters, digits, and dashes and underscores between them."
            ),
        ),
    ],
)
def test_a_value_in_dotenv_that_makes_no_sense_is_refused(
    project: Project, name: str, value: str, text: str
) -> None:
    project.dotenv({**ENV, name: value})
    assert refused(project) == text


def test_the_defaults_that_the_example_shows_are_accepted(project: Project) -> None:
    example = (project.root / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^#(WEB_\w+)=(.+)$", example, re.M))
    assert {"WEB_PORT", "WEB_BIND", "WEB_MEMORY", "WEB_TMP", "WEB_CPUS"} <= shown.keys()
    project.dotenv(**shown)
    assert project.load().port == 8000


def test_the_environment_wins_over_dotenv(project: Project) -> None:
    project.dotenv(WEB_PORT="8001")
    assert project.load().port == 8001
    assert project.load({"WEB_PORT": "8002", "COMPOSE_PROJECT_NAME": "other"}).port == 8002
    assert project.load({"COMPOSE_PROJECT_NAME": "other"}).name == "other"
    assert project.load({"WEB_PORT": ""}).port == 8001


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("10.1.2.3", "http://10.1.2.3:8000/"),
        ("::", "http://[::1]:8000/"),
        ("::1", "http://[::1]:8000/"),
    ],
)
def test_the_url_can_be_typed_into_a_browser(project: Project, bind: str, url: str) -> None:
    project.dotenv(WEB_BIND=bind)
    assert project.load().url == url


@pytest.mark.parametrize(
    ("folder", "stem"),
    [
        ("shop", "shop"),
        ("My Shop (2)", "my-shop-2"),
        ("_x_", "x"),
        ("网站", "djdock"),
        ("...", "djdock"),
    ],
)
def test_the_default_name_is_one_that_compose_allows(folder: str, stem: str) -> None:
    name = config.default_name(Path("/srv") / folder)
    assert re.fullmatch(rf"{stem}-[0-9a-f]{{6}}", name)


def test_two_checkouts_of_one_name_are_told_apart() -> None:
    one, two = Path("/a/shop"), Path("/b/shop")
    assert config.default_name(one) != config.default_name(two)
    assert config.default_name(one) == config.default_name(one)


def test_secrets_are_the_values_of_secret_names_and_the_passwords_in_urls(
    project: Project,
) -> None:
    project.dotenv(
        {
            "DATABASE_PASSWORD": "hunter22",
            "API_TOKEN": "abc",  # too short: it would mask prose
            "REDIS_URL": "redis://:p@ss:w0rd@cache:6379/0",
            "SITE_URL": "https://shop.example.org:8443/x@y",
            "SHORT_URL": "redis://:x@cache/0",
            "DATABASE_NAME": "shopdb",
        }
    )
    assert project.load().secrets == {"hunter22", "p@ss:w0rd"}


def test_a_config_never_shows_its_variables(project: Project) -> None:
    assert "Pa55word" not in repr(project.load())


def test_a_source_without_manage_py_is_missing(project: Project) -> None:
    (project.root / "src/shop/manage.py").unlink()
    with pytest.raises(MissingError) as caught:
        _ = project.load().source
    assert str(caught.value) == (
        f"There is no manage.py in {project.root}/src/shop.\n"
        'Name the folder that holds it in pyproject.toml: [tool.djdock] source = "…".'
    )


def test_a_manage_py_without_settings_asks_for_them(project: Project) -> None:
    project.write("src/shop/manage.py", "")
    with pytest.raises(UsageError) as caught:
        _ = project.load().settings
    assert str(caught.value) == (
        f"{project.root}/src/shop/manage.py names no settings module.\n"
        'Name it in pyproject.toml: [tool.djdock] settings = "package.settings".'
    )


def test_an_unknown_variant_leads_to_the_nearest(project: Project) -> None:
    loaded = project.load()
    assert loaded.variant() == "multi"
    assert loaded.variant("single") == "single"
    assert loaded.image("single") == "shop:single"
    with pytest.raises(UsageError) as caught:
        loaded.variant("singel")
    assert str(caught.value) == "There is no variant `singel`.\nDid you mean `single`?"
