from __future__ import annotations

import pytest
from images import OFFICIAL, dpkg, own, owners, wheel

from djdock.images.owners import totals

UV = "root/.local/share/uv/python/cpython-3.13.5-linux-x86_64-gnu"


def test_an_interpreter_that_uv_manages_is_all_that_is_in_its_prefix() -> None:
    files = {
        f"{UV}/bin/python3.13": 9,
        f"{UV}/lib/libpython3.13.so.1.0": 9,
        f"{UV}/lib/python3.13/os.py": 9,
        f"{UV}/lib/tcl9.0/init.tcl": 9,
        f"{UV}/share/terminfo/x/xterm": 9,
        **wheel(f"{UV}/lib/python3.13/site-packages", "pip", "25", "pip/a.py"),
        f"{UV}/lib/python3.13/site-packages/stray": 9,
    }
    found = owners(files)
    assert found[f"{UV}/lib/tcl9.0/init.tcl"] == "interpreter:CPython 3.13"
    assert found[f"{UV}/share/terminfo/x/xterm"] == "interpreter:CPython 3.13"
    assert found[f"{UV}/lib/python3.13/os.py"] == "interpreter:standard library 3.13"
    assert found[f"{UV}/lib/python3.13/site-packages/pip/a.py"] == "pypi:pip 25"
    assert found[f"{UV}/lib/python3.13/site-packages/stray"] == "unowned:unowned"


@pytest.mark.parametrize("name", ["os.py", "os.pyc"])
def test_a_standard_library_without_sources_is_found_too(name: str) -> None:
    files = {f"usr/lib/python3.13/{name}": 1, "usr/lib/python3.13/json/decoder.pyc": 1}
    assert set(owners(files).values()) == {"interpreter:standard library 3.13"}


def test_a_zipped_standard_library_is_found_too() -> None:
    files = {
        "usr/lib/python313.zip": 1,
        "usr/bin/python3.13": 1,
        "usr/lib/python3.13/lib-dynload/a.so": 1,
    }
    found = owners(files)
    assert found["usr/lib/python313.zip"] == "interpreter:standard library 3.13"
    assert found["usr/bin/python3.13"] == "interpreter:CPython 3.13"


def test_pypy_is_no_cpython() -> None:
    files = {"opt/pypy/lib/pypy3.11/os.py": 1, "opt/pypy/bin/pypy3.11": 1}
    assert owners(files)["opt/pypy/bin/pypy3.11"] == "interpreter:PyPy 3.11"


def test_an_interpreter_in_the_root_is_found() -> None:
    files = {"lib/python3.13/os.py": 1, "bin/python3.13": 1, "other": 1}
    found = owners(files)
    assert found["bin/python3.13"] == "interpreter:CPython 3.13"
    assert found["other"] == "unowned:unowned"


def test_the_official_layout_and_debian_s_are_shown_in_the_same_groups() -> None:
    official = own({**OFFICIAL, "app/manage.py": 10}, WorkingDir="/app")
    libraries = ["/usr/lib/python3.13/os.py", "/usr/lib/python3.13"]
    debian = own(
        {
            **dpkg(
                {"libpython3.13-minimal": libraries, "python3.13-minimal": ["/usr/bin/python3.13"]}
            ),
            "usr/lib/python3.13/os.py": 10,
            "usr/bin/python3.13": 10,
            "app/manage.py": 10,
        },
        WorkingDir="/app",
    )
    groups = [
        set(totals(found.files, lambda file: file.owner.group)) for found in (official, debian)
    ]
    assert groups[0] - {"unowned"} == {"interpreter", "project"}
    assert groups[1] - {"system"} == {"interpreter", "project"}
    names = {str(file.owner) for file in debian.files if file.owner.group == "interpreter"}
    assert names == {"libpython3.13-minimal 1.0", "python3.13-minimal 1.0"}


# --- the project -----------------------------------------------------------------------------------


@pytest.mark.parametrize("workdir", ["/app", "/app/", "app", "/srv/../app", "/current"])
def test_the_working_directory_is_the_project_s(workdir: str) -> None:
    files = {"app/shop/views.py": 1, "current": "-> app", "apple": 1}
    found = owners(files, WorkingDir=workdir)
    assert (found["app/shop/views.py"], found["apple"]) == ("project:project", "unowned:unowned")


@pytest.mark.parametrize("workdir", ["", "/", "/usr", "/usr/local/bin", "/tmp", "/var/lib"])
def test_a_system_s_folder_is_not_the_project_s_but_that_of_manage_py_is(workdir: str) -> None:
    files = {
        "usr/local/bin/odd": 1,
        "tmp/x": 1,
        "var/lib/y": 1,
        "srv/site/manage.py": 1,
        "srv/site/shop/views.py": 1,
        "usr/lib/python3.13/site-packages/cms/manage.py": 1,
        "usr/lib/python3.13/site-packages/cms/x.py": 1,
    }
    found = owners(files, WorkingDir=workdir)
    mine = {path for path, owner in found.items() if owner == "project:project"}
    assert mine == {"srv/site/manage.py", "srv/site/shop/views.py"}


@pytest.mark.parametrize("workdir", ["/opt", "/srv", "/root", "/home"])
def test_open_folders_can_be_the_project_s(workdir: str) -> None:
    path = f"{workdir[1:]}/shop/views.py"
    files = {**dpkg({"base-files": [workdir]}), path: 1}
    assert owners(files, WorkingDir=workdir)[path] == "project:project"


def test_what_the_command_and_the_health_check_name_is_the_project_s() -> None:
    files = {
        "opt/run/gunicorn.conf.py": 1,
        "opt/run/other.py": 1,
        "entrypoint.sh": 1,
        "usr/local/bin/health": 1,
        "usr/local/bin/not-named": 1,
        **dpkg({"bash": ["/usr/bin/bash"]}),
        "usr/bin/bash": 1,
    }
    found = owners(
        files,
        Entrypoint=["/entrypoint.sh"],
        Cmd=["gunicorn", "--config", "/opt/run/gunicorn.conf.py"],
        Healthcheck={"Test": ["CMD-SHELL", "/usr/bin/bash /usr/local/bin/health || exit 1"]},
    )
    mine = {path for path, owner in found.items() if owner == "project:project"}
    assert mine == {
        "opt/run/gunicorn.conf.py", "opt/run/other.py", "entrypoint.sh", "usr/local/bin/health",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        (["LANG=C", "PATH=/opt/bin:/usr/bin"], "opt/bin/start"),
        (["PATH=/usr/bin"], "srv/start"),
        (None, "usr/local/bin/start"),
        ("no list", "usr/local/bin/start"),
    ],
)
def test_a_command_is_looked_for_in_path(variables: object, path: str) -> None:
    files = {path: 1, "usr/other/start": 1}
    found = owners(files, Entrypoint=["start"], WorkingDir="/srv", Env=variables)
    assert found == {path: "project:project", "usr/other/start": "unowned:unowned"}


def test_a_virtual_environment_in_the_project_is_not_the_project_s() -> None:
    site = "app/.venv/lib/python3.13/site-packages"
    files = {
        **wheel(site, "six", "1", "six.py"),
        "app/.venv/pyvenv.cfg": 1,
        "app/.venv/bin/activate": 1,
        f"{site}/_virtualenv.py": 1,
        f"{site}/stray.py": 1,
        "app/views.py": 1,
    }
    found = owners(files, WorkingDir="/app")
    assert found[f"{site}/six.py"] == "pypi:six 1"
    assert found["app/.venv/bin/activate"] == "interpreter:virtual environment"
    assert found[f"{site}/_virtualenv.py"] == "interpreter:virtual environment"
    assert found[f"{site}/stray.py"] == "unowned:unowned"
    assert found["app/views.py"] == "project:project"


# --- collected static files ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "proof",
    [
        {"app/collected/staticfiles.json": '{"paths": {"a.css": "a.0123456789ab.css"}}'},
        {"app/collected/admin/css/base.css": 1},
    ],
)
def test_collected_files_are_found_by_manifest_or_by_the_admin_s(proof: dict[str, object]) -> None:
    files = {**proof, "app/collected/shop/a.css": 1, "app/shop/static/shop/a.css": 1}
    found = owners(files, WorkingDir="/app")
    assert found["app/collected/shop/a.css"] == "static:static files"
    assert found["app/shop/static/shop/a.css"] == "project:project"


def test_collected_files_are_found_by_hashed_names() -> None:
    hashed = {f"data/staticfiles/a{n}.{n:012x}.css": 1 for n in range(10)}
    assert owners({**hashed, "data/staticfiles/b.css": 1})["data/staticfiles/b.css"] == (
        "static:static files"
    )
    del hashed["data/staticfiles/a0.000000000000.css"]
    assert set(owners(hashed).values()) == {"unowned:unowned"}


@pytest.mark.parametrize("content", ["[]", '{"paths": []}', "no json", "[" * 100_000])
def test_another_staticfiles_json_proves_nothing(content: str) -> None:
    files = {"app/x/staticfiles.json": content, "app/x/a.css": 1}
    assert owners(files, WorkingDir="/app")["app/x/a.css"] == "project:project"


def test_the_admin_s_own_static_files_are_django_s() -> None:
    site = "opt/venv/lib/python3.13/site-packages"
    path = f"{site}/django/contrib/admin/static/admin/css/base.css"
    files = wheel(site, "Django", "5.2", path.removeprefix(f"{site}/"))
    assert owners(files)[path] == "pypi:Django 5.2"
