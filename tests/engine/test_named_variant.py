"""A Dockerfile that the project names: built on a stand-in, with this machine's authorities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import Project

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

TABLE = """
[tool.djdock.variants.legacy]
dockerfile = "Dockerfile.old"
build_args = { GREETING = "good day" }
"""

DOCKERFILE = f"""ARG VERSION=3.13
FROM python:${{VERSION}}-slim
ARG GREETING=none
WORKDIR /code
COPY requirements/app.txt requirements.txt
RUN --mount=type=secret,id=ca,target={BUNDLE} --mount=type=secret,id=pip,target=/etc/pip.conf \\
    PIP_CERT={BUNDLE} pip install --no-cache-dir -r requirements.txt
COPY docker/gunicorn.conf.py docker/healthcheck.py /opt/djdock/
COPY src/demo .
RUN <<END
echo "$GREETING" > /greeting
DJANGO_SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput
END
ENV WSGI_APPLICATION=config.wsgi:application DJANGO_SETTINGS_MODULE=config.settings
CMD ["gunicorn", "--config", "/opt/djdock/gunicorn.conf.py"]
"""

#: BuildKit prefers this one to djdock's, which lets nothing through but what its own images need.
IGNORED = "*\n!requirements/app.txt\n!docker/*.py\n!src/demo\n"


@pytest.fixture
def project(tmp_path: Path, docker: str) -> Iterator[Project]:
    made = Project.clone(tmp_path / "site", docker)
    made.invoke("env.init").ok()
    with (made.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(TABLE)
    (made.root / "Dockerfile.old").write_text(DOCKERFILE, encoding="utf-8")
    (made.root / "Dockerfile.old.dockerignore").write_text(IGNORED, encoding="utf-8")
    try:
        yield made
    finally:
        made.remove()


def test_it_is_built_measured_run_and_tested(project: Project) -> None:
    built = project.invoke("build", "--variant", "legacy").ok()
    # BuildKit warns of arguments that a Dockerfile does not know.
    assert "were not consumed" not in built.err
    image = f"{project.name}:legacy"
    assert project.engine("run", "--rm", image, "cat", "/greeting") == "good day"
    sizes = json.loads(project.invoke("image-size", "--variant", "legacy", "--json").ok().out)
    assert [item["image"] for item in sizes["images"]] == [image]
    owners = json.loads(project.invoke("image.packages", "--variant", "legacy", "--json").ok().out)
    assert "Django" in {item["owner"] for item in owners["owners"]}

    up = project.invoke("up", "--variant", "legacy").ok()
    assert "The site is up:" in up.err
    assert project.answers()
    running = project.engine("inspect", "--format", "{{.Config.Image}}", f"{project.name}-web-1")
    assert running == image
    project.invoke("test", "--variant", "legacy", "--", "config").ok()


def test_one_that_mounts_other_secrets_is_told_how_to_mount_the_authorities(
    project: Project,
) -> None:
    path = project.root / "Dockerfile.old"
    path.write_text(
        "FROM python:3.13-slim\nRUN --mount=type=secret,id=token exit 7\n", encoding="utf-8"
    )
    bundle = project.root / "authorities.pem"
    bundle.write_text("", encoding="utf-8")
    failed = project.invoke("build", "--variant", "legacy", SSL_CERT_FILE=str(bundle))
    assert failed.code == 1
    assert f"`RUN --mount=type=secret,id=ca,target={BUNDLE} PIP_CERT={BUNDLE} pip" in failed.err


def test_one_that_knows_of_no_secrets_gets_the_authorities_in_no_layer(project: Project) -> None:
    path = project.root / "Dockerfile.old"
    text = 'FROM python:3.13-slim\nRUN grep -q "^# ours$" "$PIP_CERT" && touch /seen\n'
    path.write_text(text, encoding="utf-8")
    bundle = project.root / "authorities.pem"
    bundle.write_text("# ours\n", encoding="utf-8")
    done = project.invoke("build", "--variant", "legacy", SSL_CERT_FILE=str(bundle)).ok()
    assert "Dockerfile.old: each RUN gets this machine's certificate authorities" in done.err
    assert path.read_text(encoding="utf-8") == text
    image = f"{project.name}:legacy"
    said = project.engine("run", "--rm", image, "sh", "-c", "env; ls -A /run; ls /seen")
    assert "PIP_CERT" not in said
    assert "secrets" not in said
    assert said.endswith("/seen")
