from __future__ import annotations

import configparser
import tomllib
from pathlib import Path

import pytest
from support import Project

from djdock.errors import MissingError, UsageError
from djdock.images import build, generic, host
from djdock.images.build import Build
from djdock.images.host import Secrets
from djdock.shell import Shell

ARGS = (
    "--build-arg PYTHON_VERSION=3.13 --build-arg SOURCE=src/shop "
    "--build-arg REQUIREMENTS=requirements.txt --build-arg SETTINGS=config.settings "
    "--build-arg WSGI=config.wsgi:application"
)
INDEX = "https://user:hunter22@index.example.org/simple"
MORE = "https://one.example.org/simple https://two.example.org/simple"


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        (Build("x:1"), "", "--provenance=false --load"),
        (Build("x:1", no_cache=True), "", "--no-cache --provenance=false --load"),
        (Build("x:1", pull=True), "", "--pull --provenance=false --load"),
        (Build("x:1", push=True), "", "--provenance=false --push"),
        (Build("x:1", target="builder"), "", "--target builder --provenance=false --load"),
        (Build("x:1", builder="default"), "--builder default ", "--provenance=false --load"),
        (
            Build("x:1", platform="linux/amd64,linux/arm64", push=True),
            "",
            "--platform linux/amd64,linux/arm64 --provenance=false --push",
        ),
        (
            Build("x:1", contexts={"python:3.13-slim": "djdock/python:3.13-slim"}),
            "",
            (
                "--build-context python:3.13-slim=docker-image://djdock/python:3.13-slim "
                "--provenance=false --load"
            ),
        ),
    ],
)
def test_the_command_line_of_a_build(
    project: Project, asked: Build, before: str, after: str
) -> None:
    argv = build.command("docker", project.load(), "multi", asked, Secrets())
    assert argv == (
        "docker buildx build --file docker/multi.Dockerfile --tag x:1 --label io.djdock.stack=shop "
        f"{before}{ARGS} {after} ."
    ).split(" ")


def test_the_projects_own_settings_are_the_arguments(project: Project) -> None:
    project.write("requirements/app.txt", "")
    project.table(
        'python = "3.12"\nrequirements = "requirements/app.txt"\nsettings = "a.b"\nwsgi = "c:d"'
    )
    assert build.build_args(project.load()) == {
        "PYTHON_VERSION": "3.12",
        "SOURCE": "src/shop",
        "REQUIREMENTS": "requirements/app.txt",
        "SETTINGS": "a.b",
        "WSGI": "c:d",
    }


def test_missing_requirements_are_named(project: Project) -> None:
    (project.root / "requirements.txt").unlink()
    with pytest.raises(MissingError) as caught:
        generic.requirements(project.load())
    assert str(caught.value) == (
        f"There is no requirements file {project.root}/requirements.txt.\n"
        'Name it in pyproject.toml: [tool.djdock] requirements = "…".'
    )


@pytest.mark.parametrize(
    ("variant", "image"), [("single", "python:3.12"), ("multi", "python:3.12-slim")]
)
def test_the_base_of_each_variant(variant: str, image: str) -> None:
    assert build.base_image(variant, "3.12") == image


def test_secrets_are_handed_over_by_path_and_by_variable() -> None:
    secrets = Secrets({"ca": Path("/ca.crt")}, {"pip": "hunter22"}, ("https_proxy",))
    assert secrets.flags() == [
        *("--secret", "id=ca,src=/ca.crt"),
        *("--build-arg", "https_proxy"),
        *("--secret", "id=pip,env=DJDOCK_SECRET_PIP"),
    ]
    assert secrets.environment() == {"DJDOCK_SECRET_PIP": "hunter22"}
    assert "hunter22" not in repr(secrets)


def test_nothing_is_handed_over_where_nothing_is_needed(project: Project) -> None:
    assert host.host_secrets(project.load(), {}) == Secrets()


def test_no_credentials_are_shown(
    project: Project, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter22@proxy.example.org:3128")
    build.run(project.load(), Shell(dry=True), "docker", "multi", Build("x:1"))
    out, err = capfd.readouterr()
    assert "hunter22" not in out + err
    assert out.startswith("DJDOCK_SECRET_PIP=*** DJDOCK_SECRET_UV=*** docker buildx build ")
    assert "--build-arg HTTPS_PROXY --secret id=pip,env=DJDOCK_SECRET_PIP" in out


@pytest.mark.parametrize(
    ("environ", "pip", "uv"),
    [
        ({}, {}, {}),
        ({"PIP_INDEX_URL": INDEX}, {"index-url": INDEX}, {"index-url": INDEX}),
        ({"UV_INDEX_URL": INDEX}, {"index-url": INDEX}, {"index-url": INDEX}),
        (
            {"UV_DEFAULT_INDEX": INDEX, "PIP_INDEX_URL": "x"},
            {"index-url": INDEX},
            {"index-url": INDEX},
        ),
        (
            {"PIP_EXTRA_INDEX_URL": MORE},
            {"extra-index-url": MORE},
            {"extra-index-url": MORE.split()},
        ),
        (
            {"PIP_INDEX_URL": INDEX, "PIP_TRUSTED_HOST": "a.example.org b.example.org"},
            {"index-url": INDEX, "trusted-host": "a.example.org b.example.org"},
            {"index-url": INDEX, "allow-insecure-host": ["a.example.org", "b.example.org"]},
        ),
    ],
)
def test_pip_and_uv_are_told_what_the_environment_says(
    environ: dict[str, str], pip: dict[str, str], uv: dict[str, object]
) -> None:
    parser = configparser.RawConfigParser()
    parser.read_string(host.pip_conf(environ))
    assert (dict(parser["global"]) if parser.has_section("global") else {}) == pip
    assert tomllib.loads(host.uv_toml(environ)) == uv


def test_whoever_names_the_authorities_most_specifically_wins(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = project.load()
    system, first, second = (tmp_path / name for name in ("system", "first", "second"))
    assert host.ca_bundle(config, {}) is None
    system.touch()
    monkeypatch.setattr(host, "SYSTEM_BUNDLE", system)
    assert host.ca_bundle(config, {}) == system
    second.touch()
    environ = {"SSL_CERT_FILE": str(first), "REQUESTS_CA_BUNDLE": str(second)}
    assert host.ca_bundle(config, environ) == second  # the first is not there
    first.touch()
    assert host.ca_bundle(config, environ) == first
    project.write("ca.pem", "")
    project.table('ca_bundle = "ca.pem"')
    assert host.ca_bundle(project.load(), environ) == project.root / "ca.pem"


def test_a_configured_bundle_has_to_be_there(project: Project) -> None:
    project.table('ca_bundle = "gone.pem"')
    with pytest.raises(MissingError) as caught:
        host.ca_bundle(project.load(), {})
    assert str(caught.value) == (
        f"`ca_bundle` in [tool.djdock] names {project.root}/gone.pem, which is not there.\n"
        "Correct the path."
    )


@pytest.mark.parametrize("key", ["source", "requirements"])
def test_what_a_build_cannot_see_is_refused(project: Project, key: str) -> None:
    outside = project.root.parent / "elsewhere"
    if key == "source":
        outside.mkdir()
        (outside / "manage.py").write_text("", encoding="utf-8")
    else:
        outside.write_text("", encoding="utf-8")
    source = "" if key == "source" else 'source = "src/shop"\n'
    keys = f'{source}{key} = "../elsewhere"\nsettings = "a.b"\nwsgi = "c:d"\n'
    project.write("pyproject.toml", f"[tool.djdock]\n{keys}")
    with pytest.raises(UsageError) as raised:
        build.build_args(project.load())
    assert str(raised.value) == (
        f"`{key}` in [tool.djdock] leads to {outside}, outside of {project.root}.\n"
        "A build sees what is inside of the project only: move it there."
    )


def test_a_named_index_goes_without_its_name() -> None:
    env = {
        "UV_DEFAULT_INDEX": "company=https://one.example.org/simple",
        "UV_INDEX": "b=https://two",
    }
    assert host.pip_conf(env) == (
        "[global]\nindex-url = https://one.example.org/simple\nextra-index-url = https://two\n"
    )
