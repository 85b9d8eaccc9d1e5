from __future__ import annotations

from pathlib import Path

import pytest

from djdock import project
from djdock.errors import MissingError, UsageError


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()


@pytest.mark.parametrize("marker", ["[tool.djdock]\n", "[tool.djdock.budget]\nmin_ratio = 6\n"])
def test_the_root_is_the_nearest_folder_with_our_table(tmp_path: Path, marker: str) -> None:
    (tmp_path / "pyproject.toml").write_text(marker, encoding="utf-8")
    touch(tmp_path, "src/site/manage.py")
    assert project.find_root(tmp_path / "src" / "site") == tmp_path


def test_the_root_is_the_nearest_folder_with_tasks(tmp_path: Path) -> None:
    touch(tmp_path, "tasks.py", "inner/tasks.py", "inner/deep/x")
    assert project.find_root(tmp_path / "inner" / "deep") == tmp_path / "inner"


def test_another_pyproject_is_passed_by(tmp_path: Path) -> None:
    touch(tmp_path, "tasks.py")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "pyproject.toml").write_bytes(b"[project]\nname = '\xff'\n")
    assert project.find_root(tmp_path / "inner") == tmp_path


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["manage.py"], "."),
        (["manage.py", "src/site/manage.py"], "."),
        (["site/manage.py"], "site"),
        (["src/site/manage.py"], "src/site"),
        (["src/manage.py", "src/site/manage.py"], "src"),
    ],
)
def test_the_source_is_where_manage_py_is(tmp_path: Path, files: list[str], found: str) -> None:
    touch(tmp_path, *files)
    assert project.find_source(tmp_path) == found


def test_no_manage_py_is_an_error_that_says_where_it_was_looked_for(tmp_path: Path) -> None:
    touch(tmp_path, "a/b/c/manage.py")
    with pytest.raises(MissingError) as caught:
        project.find_source(tmp_path)
    assert str(caught.value) == (
        f"There is no manage.py in {tmp_path}.\n"
        'Name the folder that holds it in pyproject.toml: [tool.djdock] source = "…".'
    )


def test_several_manage_py_are_an_error_that_names_them(tmp_path: Path) -> None:
    touch(tmp_path, "shop/manage.py", "blog/manage.py")
    with pytest.raises(UsageError) as caught:
        project.find_source(tmp_path)
    assert str(caught.value) == (
        "There are several manage.py: in blog, shop.\n"
        'Name one in pyproject.toml: [tool.djdock] source = "blog".'
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')", "config.settings"),
        (
            'os.environ.setdefault(\n    "DJANGO_SETTINGS_MODULE",\n    "a.b_2.prod",\n)',
            "a.b_2.prod",
        ),
        ("os.environ.setdefault('OTHER', 'config.settings')", None),
        ("", None),
    ],
)
def test_the_settings_are_read_from_manage_py(tmp_path: Path, text: str, found: str | None) -> None:
    manage = tmp_path / "manage.py"
    manage.write_text(text, encoding="utf-8")
    assert project.find_settings(manage) == found


@pytest.mark.parametrize(
    ("files", "settings", "found"),
    [
        (["config/wsgi.py"], "config.settings", "config.wsgi:application"),
        (["config/wsgi.py"], "config.settings.production", "config.wsgi:application"),
        (
            ["config/settings/wsgi.py", "config/wsgi.py"],
            "config.settings.production",
            "config.settings.wsgi:application",
        ),
        (["shop/wsgi.py"], "settings", "shop.wsgi:application"),
    ],
)
def test_the_wsgi_application_is_beside_the_settings(
    tmp_path: Path, files: list[str], settings: str, found: str
) -> None:
    touch(tmp_path, *files)
    assert project.find_wsgi(tmp_path, settings) == found


def test_no_wsgi_application_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        project.find_wsgi(tmp_path, "config.settings")
    assert str(caught.value) == (
        f"There is no wsgi.py beside the settings in {tmp_path}.\n"
        "Name the application in pyproject.toml: "
        '[tool.djdock] wsgi = "package.wsgi:application".'
    )
