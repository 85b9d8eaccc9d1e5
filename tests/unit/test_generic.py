"""The keys for how any project is installed and made: checks, and the build arguments they become."""

from __future__ import annotations

import pytest
from support import REPOSITORY, Project

from djdock.errors import MissingError, UsageError
from djdock.images import build, generic


def test_this_repositorys_own_project_needs_none_of_them(project: Project) -> None:
    assert generic.arguments(project.load()) == {}


def test_every_key_is_a_build_argument(project: Project) -> None:
    project.write("uv.lock", "")
    project.write("src/lib/x.py", "")
    project.table(
        'tree = "src"\npython_path = ["src/lib"]\nlock = "uv.lock"\nextras = ["a", "b"]\n'
        'groups = ["prod"]\n'
        'packages = ["gunicorn>=23", "redis"]\nindex = "https://i/"\n'
        'system_packages = ["libmagic1t64"]\n'
        'build_packages = ["gcc"]\nfrontend = "src/shop"\nfrontend_build = "prod"\nnode = "20"\n'
        'static = "start"\nbuild_steps = ["compilemessages", "compress"]\n'
        'build_environment = { A = "b c", D = "" }\noverrides = ["database"]\n'
        'copies = { "src/shop/local.py" = "src/shop/local.py.dist" }\n'
        'writable = ["src/shop/media"]\nhealth_path = "/"\nasgi = "a.asgi:application"'
    )
    config = project.load()
    assert generic.arguments(config) == {
        "DEPENDENCIES": "chain", "LOCK": "uv.lock", "EXTRAS": "a b", "LOCK_GROUPS": "prod",
        "PACKAGES": "gunicorn>=23\nredis", "INDEX": "https://i/", "SYSTEM_PACKAGES": "libmagic1t64",
        "BUILD_PACKAGES": "gcc gettext", "WORK": "/app/shop", "SERVER": "asgi", "STATIC": "start",
        "BUILD_STEPS": "compilemessages compress", "BUILD_ENV": "A='b c' D=''",
        "COPIES": "shop/local.py=shop/local.py.dist", "WRITABLE": "shop/media",
        "PROJECT_SETTINGS": "config.settings", "OVERRIDES": "database",
        "PYTHON_PATH": "/opt/djdock/settings:/app/lib", "HEALTH_PATH": "/", "READY_PATH": "/",
        "FRONTEND_STAGE": "node", "NODE_VERSION": "20", "FRONTEND": "src/shop", "FRONTEND_BUILD": "prod",
    }  # fmt: skip
    args = build.build_args(config)
    assert (args["SOURCE"], args["SETTINGS"]) == ("src", "djdock_settings")
    assert args["WSGI"] == "a.asgi:application"
    assert build.bases(config, "multi") == ("python:3.13-slim", "node:20-slim")
    assert config.addons == ("postgres", "files")


def test_a_folder_with_a_blank_in_its_name(project: Project) -> None:
    project.write("my site/manage.py", "#")
    project.write("my site/requirements.txt", "django\n")
    project.write(
        "pyproject.toml",
        '[tool.djdock]\ntree = "."\nsource = "my site"\nsettings = "shop.settings"\n'
        'requirements = "my site/requirements.txt"\nwsgi = "shop.wsgi:application"\n'
        'python_path = ["my site/lib"]\nwritable = ["my site/my data", "logs"]\n'
        'copies = { "my site/a.py" = "my site/b.py" }',
    )
    args = build.build_args(project.load())
    # ? is what COPY takes for any one character.
    assert args["REQUIREMENTS"] == "my?site/requirements.txt"
    assert args["DEPENDENCIES"] == "chain"
    assert args["WORK"] == "/app/my site"
    assert args["PYTHON_PATH"] == "/app/my site/lib"
    assert args["WRITABLE"] == "my?site/my?data logs"
    assert args["COPIES"] == "my?site/a.py=my?site/b.py"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('static = "later"', "There is no choice of static `later`"),
        ('lock = "yarn.lock"', "There is no kind of lock `yarn.lock`"),
        ('overrides = ["databse"]', "Did you mean `database`?"),
        ('wsgi = "a"\nasgi = "b"', "has both `wsgi` and `asgi`"),
        ('build_packages = ["gcc; rm"]', "is no name of a Debian package"),
        ('build_steps = ["--x"]', "is no name of a management command"),
        ('after_migrate = ["--x"]', "is no management command"),
        ("""after_migrate = ["seed 'x"]""", "is no management command"),
        ('writable = ["a\\tb"]', "which a build cannot be told"),
        ('copies = { "a?b" = "c" }', "must be a table of paths"),
        ("build_environment = { A = 1 }", "must be a table of strings"),
        ('node = "lts"', '`node` in [tool.djdock] is "lts"'),
        ('health_path = "up"', 'or write "tcp"'),
        ("requirements = 3", "`requirements` in [tool.djdock]"),
    ],
)
def test_what_cannot_be_meant(project: Project, table: str, said: str) -> None:
    project.table(table)
    with pytest.raises(UsageError) as caught:
        project.load()
    assert said in str(caught.value)


def test_paths_that_lead_outside_of_what_the_image_gets(project: Project) -> None:
    project.table('writable = ["media"]')
    with pytest.raises(UsageError, match=r'tree = "\."'):
        generic.arguments(project.load())


def test_a_lock_that_is_not_there(project: Project) -> None:
    project.table('lock = "uv.lock"')
    with pytest.raises(MissingError, match=r"There is no lock .*/uv\.lock"):
        generic.arguments(project.load())


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        (b"Django==5 \\\n    --hash=sha256:a\n", True),
        (b"-r base.txt\n", False),
        (b"./lib\n", False),
        (b"-e .\n", False),
        ("Django".encode("utf-16"), False),
    ],
)
def test_one_file_that_names_no_other(project: Project, text: bytes, simple: bool) -> None:
    path = project.root / "requirements.txt"
    path.write_bytes(text)
    assert generic.is_simple((path,)) is simple


def test_a_dockerfiles_defaults_are_a_projects_own() -> None:
    text = (REPOSITORY / "docker/multi.Dockerfile").read_text(encoding="utf-8")
    found = generic.with_defaults(text, {"SOURCE": ".", "EXTRAS": "a b"})
    assert "\nARG SOURCE=.\n" in found
    assert '\nARG EXTRAS="a b"\n' in found
    assert "ARG SOURCE=src/demo" not in found
    assert generic.with_defaults(text, {}) == text
