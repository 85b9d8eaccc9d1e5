"""Dockerfiles that the project names: what the table may say, and the command lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import REPOSITORY, Invoke, Project

from djdock.errors import CommandFailed, MissingError, UsageError
from djdock.images import build, freshness, host, variants
from djdock.images.build import Build
from djdock.images.host import Secrets
from djdock.images.variants import NamedVariant
from djdock.measure import running
from djdock.measure import subject as subjects
from djdock.shell import Shell
from djdock.stack import fit

LEGACY = '[tool.djdock.variants.legacy]\ndockerfile = "Dockerfile.old"'
FULL = f"""{LEGACY}
context = "src"
target = "site"
port = 9000
health_path = "/up"
environment = {{ DEBUG = "0" }}
build_args = {{ X = "y z", V = "3.13" }}
"""
COMMAND = (
    "docker buildx build --file Dockerfile.old --tag {0} --label io.djdock.stack=shop "
    "{1}--provenance=false --load {2}"
)


@pytest.fixture
def shop(project: Project) -> Project:
    project.write("Dockerfile.old", "FROM python:3.13-slim\n")
    project.table(LEGACY)
    return project


def refused(project: Project) -> str:
    with pytest.raises(UsageError) as caught:
        project.load()
    return str(caught.value).replace(str(project.root), "ROOT")


def test_named_variants_come_behind_dockers_in_the_tables_order(shop: Project) -> None:
    shop.table(f'{LEGACY}\n[tool.djdock.variants."2.0"]\ndockerfile = "./docker/../D"')
    shop.write("D", "FROM scratch\n")
    config = shop.load()
    assert config.variants == ("minimal", "multi", "single", "legacy", "2.0")
    assert config.named("legacy") == NamedVariant(
        "legacy", "Dockerfile.old", health_path="/healthz"
    )
    assert config.named("multi") is None
    assert config.named("nope") is None
    assert [config.dockerfile(name) for name in ("multi", "legacy", "2.0")] == [
        "docker/multi.Dockerfile",
        "Dockerfile.old",
        "D",
    ]
    assert config.variant("legacy") == "legacy"


def test_every_key_is_read(shop: Project) -> None:
    shop.table(FULL)
    assert shop.load().named("legacy") == NamedVariant(
        "legacy",
        "Dockerfile.old",
        "src",
        "site",
        9000,
        "/up",
        {"DEBUG": "0"},
        {"X": "y z", "V": "3.13"},
    )


def test_the_default_variant_and_budgets_may_be_named_ones(shop: Project) -> None:
    shop.table(f'variant = "legacy"\nbudget.legacy.max_size = "1GB"\n{LEGACY}')
    assert shop.load().variant() == "legacy"


WHERE = "[tool.djdock.variants.legacy]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "variants = 5",
            (
                "`variants` in [tool.djdock] of ROOT/pyproject.toml must be a table, not 5.\n"
                "Correct it there."
            ),
        ),
        (
            'variants.legacy = "Dockerfile.old"',
            (
                "`legacy` in [tool.djdock.variants] must be a table, not 'Dockerfile.old'.\n"
                'Write it so: [tool.djdock.variants.legacy] dockerfile = "Dockerfile".'
            ),
        ),
        (
            "variants.legacy = {}",
            f'{WHERE} names no Dockerfile.\nAdd it there: dockerfile = "Dockerfile.legacy".',
        ),
        (
            'variants.legacy = { dockerfle = "x" }',
            f"There is no key `dockerfle` in {WHERE}.\nDid you mean `dockerfile`?",
        ),
        (
            'variants.legacy = { name = "x" }',
            (
                f"There is no key `name` in {WHERE}.\nChoose from: build_args, context, dockerfile, "
                "environment, health_path, port, target."
            ),
        ),
        *(
            (
                f'variants.legacy = {{ dockerfile = "x", {given} }}',
                f"`{given.partition(' ')[0]}` in {WHERE} must be {words}.\nCorrect it there.",
            )
            for given, words in (
                ("context = 5", "a string, not 5"),
                ('context = ""', "a path, not ''"),
                ("target = false", "a string, not False"),
                ('port = "80"', "a port, from 1 to 65535, not '80'"),
                ("port = true", "a port, from 1 to 65535, not True"),
                ("port = 65536", "a port, from 1 to 65535, not 65536"),
                ('health_path = "up"', "a path that begins with a slash, not 'up'"),
                ("environment = []", 'a table of strings by name, like { DEBUG = "0" }, not []'),
                (
                    "environment = { A = 1 }",
                    "a table of strings by name, like { DEBUG = \"0\" }, not {'A': 1}",
                ),
                (
                    'build_args = { "a b" = "" }',
                    "a table of strings by name, like { DEBUG = \"0\" }, not {'a b': ''}",
                ),
            )
        ),
        (
            'variants.legacy = { dockerfile = "" }',
            f"`dockerfile` in {WHERE} must be a path, not ''.\nCorrect it there.",
        ),
        *(
            (
                f"variants.legacy = {{ {given} }}",
                (
                    f"`{key}` in {WHERE} leads to {path}, outside of ROOT.\n"
                    "A build sees what is inside of the project only: move it there."
                ),
            )
            for given, key, path in (
                ('dockerfile = "/etc/passwd"', "dockerfile", "/etc/passwd"),
                ('dockerfile = "Dockerfile.old", context = "/"', "context", "/"),
                ('dockerfile = "out/x"', "dockerfile", "/nowhere/x"),
            )
        ),
        *(
            (
                f'variants."{name}" = {{ dockerfile = "x" }}',
                (
                    f"`{name}` in [tool.djdock.variants] is no name that an image's tag can have.\n"
                    "Use letters, digits, dashes, dots and underscores, at most 100."
                ),
            )
            for name in ("", "-a", "a b", "a/b", "é", "a" * 101)
        ),
        *(
            (
                f'variants.{name} = {{ dockerfile = "x" }}',
                f"`{name}` in [tool.djdock.variants] {why}.\nGive it another name.",
            )
            for name, why in (
                ("multi", "is docker/multi.Dockerfile already"),
                ("max_size", "is a key of [tool.djdock.budget]"),
                ("baseline", "is a name that djdock itself uses"),
                ("minimal-test", "is a name that djdock itself uses"),
                ("multi-changed", "is a name that djdock itself uses"),
            )
        ),
    ],
)
def test_what_the_table_cannot_say(shop: Project, text: str, message: str) -> None:
    (shop.root / "out").symlink_to("/nowhere")
    shop.table(text)
    assert refused(shop) == message


def test_a_wrong_table_stops_no_task_that_needs_the_stacks_name_only(
    shop: Project, invoke: Invoke
) -> None:
    shop.table("variants.legacy = {}")
    assert invoke("--dry", "down").code == 0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            LEGACY.replace(".old", ".odl"),
            (
                f"There is no ROOT/Dockerfile.odl, which {WHERE} names.\n"
                "Correct `dockerfile` there, or bring the file back."
            ),
        ),
        (
            f'{LEGACY}\ncontext = "nowhere"',
            f"There is no folder ROOT/nowhere, which {WHERE} names.\nCorrect `context` there.",
        ),
    ],
)
def test_what_is_not_there_is_named_when_it_is_needed(
    shop: Project, invoke: Invoke, table: str, message: str
) -> None:
    shop.table(table)
    config = shop.load()  # other tasks go on working
    with pytest.raises(MissingError) as caught:
        config.dockerfile("legacy")
    assert str(caught.value).replace(str(shop.root), "ROOT") == message
    ended = invoke("--dry", "build", "--variant", "legacy")
    assert (ended.code, ended.err.replace(str(shop.root), "ROOT")) == (3, f"error: {message}\n")


# --- builds ----------------------------------------------------------------------------------------


def test_the_command_line_of_a_build(shop: Project) -> None:
    argv = build.command("docker", shop.load(), "legacy", Build("x:1"), Secrets())
    assert argv == COMMAND.format("x:1", "", ".").split()
    shop.table(FULL)
    argv = build.command("docker", shop.load(), "legacy", Build("x:1"), Secrets())
    assert argv == [
        *("docker", "buildx", "build", "--file", "Dockerfile.old", "--tag", "x:1"),
        *("--label", "io.djdock.stack=shop", "--build-arg", "X=y z", "--build-arg", "V=3.13"),
        *("--target", "site", "--provenance=false", "--load", "src"),
    ]
    argv = build.command("docker", shop.load(), "legacy", Build("x:1", target="test"), Secrets())
    assert argv[argv.index("--target") + 1] == "test"


def test_one_that_is_named_minimal_gets_none_of_its_arguments(project: Project) -> None:
    (project.root / "docker/minimal.Dockerfile").unlink()
    project.write("D", "FROM scratch\n")
    project.table('minimal.keep = ["/a"]\nvariants.minimal.dockerfile = "D"')
    argv = build.command("docker", project.load(), "minimal", Build("x:1"), Secrets())
    assert "--build-arg" not in argv


def test_tasks_take_it(shop: Project, invoke: Invoke) -> None:
    line = COMMAND.format("shop:legacy", "", ".")
    assert invoke("--dry", "build", "--variant", "legacy").lines == [line]
    assert invoke("--dry", "build", "--all").lines[-1] == line
    ended = invoke("--dry", "image-size")
    assert ended.lines == ["docker image inspect shop:minimal shop:multi shop:single shop:legacy"]
    for task in ("layers", "files", "packages"):
        ended = invoke("--dry", f"image.{task}", "--variant", "legacy")
        assert (ended.code, ended.err) == (0, "Would read shop:legacy.\n")


def test_requirements_and_settings_are_the_dockerfiles_own_affair(
    shop: Project, invoke: Invoke
) -> None:
    (shop.root / "requirements.txt").unlink()
    assert invoke("--dry", "build", "--variant", "legacy").code == 0


@pytest.mark.parametrize(
    ("text", "bases"),
    [
        ("FROM python:3.13-slim\n", ["python:3.13-slim"]),
        ("FROM docker.io/library/python:3.13\nFROM python:3.13-trixie\n",
         ["python:3.13", "python:3.13-trixie"]),
        ("ARG V=3.12\nFROM python:$V\n", ["python:3.13"]),
        ("FROM python:3.7-slim\nFROM node:18\nFROM ghcr.io/python:3.13\nFROM scratch\n", []),
    ],
)  # fmt: skip
def test_stand_ins_are_for_the_images_that_have_one(
    shop: Project, text: str, bases: list[str]
) -> None:
    shop.write("Dockerfile.old", text)
    shop.table(f'{LEGACY}\nbuild_args = {{ V = "3.13" }}')
    assert list(build.bases(shop.load(), "legacy")) == bases


def test_the_bases_of_dockers_variants(shop: Project) -> None:
    config = shop.load()
    assert build.bases(config, "single") == ("python:3.13",)
    assert build.bases(config, "multi") == ("python:3.13-slim",)


@pytest.mark.parametrize(
    ("run", "variant", "hint"),
    [
        ("RUN pip install x", "legacy", True),
        ("RUN --mount=type=secret,id=ca,target=/x pip install x", "legacy", False),
        ("RUN pip install x", "multi", False),
    ],
)
def test_a_failed_build_says_how_to_trust_the_machines_authorities(
    shop: Project, monkeypatch: pytest.MonkeyPatch, run: str, variant: str, hint: bool
) -> None:
    # The system's own: where somebody has named them, each RUN gets them (test_trusting.py).
    shop.write("Dockerfile.old", f"FROM python:3.13-slim\n{run}\n")
    for name in host.CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(host, "SYSTEM_BUNDLE", shop.write("ca.pem", ""))
    monkeypatch.setattr(Shell, "logged", lambda *_, **__: 1)
    with pytest.raises(CommandFailed) as caught:
        build.run(shop.load(), Shell(), "docker", variant, Build("x:1"))
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    assert caught.value.remedy == "Correct what it complains about and build again." + (
        " If that is a certificate: Dockerfile.old has to mount this machine's, "
        f"`RUN --mount=type=secret,id=ca,target={bundle} PIP_CERT={bundle} pip install …`."
        if hint
        else ""
    )


def test_nothing_is_said_of_how_fresh_it_is(shop: Project) -> None:
    config = shop.load()
    freshness.built(config, "legacy")
    assert not config.scratch.exists()
    assert not freshness.is_stale(config, "legacy")


# --- the stack -------------------------------------------------------------------------------------


def test_up_and_test_run_one_that_the_stack_can_run(shop: Project, invoke: Invoke) -> None:
    shop.write("Dockerfile.old", "FROM a\nCOPY docker/healthcheck.py /opt/djdock/\n")
    stack = "WEB_IMAGE=shop:legacy docker compose --project-name shop"
    lines = invoke("--dry", "up", "--variant", "legacy").lines
    assert lines[0] == COMMAND.format("shop:legacy", "", ".")
    assert lines[1].startswith(stack)
    lines = invoke("--dry", "test", "--variant", "legacy").lines
    assert lines[0] == COMMAND.format("shop:legacy", "", ".")
    assert lines[1].startswith(stack)
    assert lines[1].endswith("migrate python manage.py test --noinput")


def test_its_stage_named_test_has_the_tests(shop: Project, invoke: Invoke) -> None:
    shop.write("Dockerfile.old", "FROM a AS final\nFROM final AS test\nFROM final\n")
    line = COMMAND.format("shop:legacy-test", "--target test ", ".")
    assert invoke("--dry", "test", "--variant", "legacy").lines[0] == line


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "port = 9000",
            (
                "The stack's web listens at port 8000, the variant `legacy` at 9000.\n"
                "Let its server listen at 8000, or run another variant."
            ),
        ),
        (
            "",
            (
                "The stack asks /opt/djdock/healthcheck.py whether web is healthy, and Dockerfile.old "
                "does not copy it.\nAdd to it: COPY docker/healthcheck.py /opt/djdock/"
            ),
        ),
    ],
)
def test_up_refuses_one_that_could_never_be_healthy(
    shop: Project, invoke: Invoke, more: str, message: str
) -> None:
    shop.table(f"{LEGACY}\n{more}")
    ended = invoke("--dry", "up", "--variant", "legacy")
    assert (ended.code, ended.out, ended.err) == (2, "", f"error: {message}\n")


def test_a_stack_with_a_health_check_of_its_own_takes_it(shop: Project) -> None:
    shop.write("docker/compose.yaml", "services: {}\n")
    fit.require(shop.load(), "legacy")


# --- measuring -------------------------------------------------------------------------------------


class _Containers:
    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def create(self, image: str, **how: Any) -> Any:
        self.asked = {"image": image, **how}
        raise InterruptedError


def test_it_is_measured_with_its_own_port_path_and_environment(shop: Project) -> None:
    shop.table(FULL)
    subject = subjects.subject(shop.load(), "legacy")
    assert (subject.image, subject.dockerfile) == ("shop:legacy", "Dockerfile.old")
    assert (subject.port, subject.health_path, subject.load_path) == (9000, "/up", "/up")
    assert subject.environment["DEBUG"] == "0"
    containers = _Containers()
    sdk: Any = type("Sdk", (), {"containers": containers})()
    with pytest.raises(InterruptedError), running.running(sdk, subject, "mark"):
        pass
    assert containers.asked["ports"] == {"9000/tcp": ("127.0.0.1", 0)}
    assert containers.asked["labels"] == {"io.djdock.measurement": "mark"}
    assert containers.asked["environment"]["DEBUG"] == "0"
    assert json.dumps(containers.asked["environment"])  # all of them are strings


def test_djdocks_own_are_measured_with_what_the_table_says(shop: Project) -> None:
    shop.table(f'load_path = "/polls/"\n{FULL}')
    multi = subjects.subject(shop.load(), "multi")
    assert (multi.port, multi.health_path, multi.load_path) == (8000, "/healthz", "/polls/")
    assert multi.dockerfile == "docker/multi.Dockerfile"
    assert multi.bases == ("python:3.13-slim",)
    assert subjects.subject(shop.load(), "legacy").load_path == "/polls/"


def test_a_link_to_the_root_is_inside_of_it(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/D").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    found = variants.read({"a": {"dockerfile": "D"}}, tmp_path / "link")
    assert found["a"].dockerfile == "D"


def test_multi_and_minimal_share_the_layers_of_their_builder() -> None:
    first, last = "FROM python:${PYTHON_VERSION}-slim AS uv\n", "FROM frontend-${FRONTEND_STAGE} AS"
    one, two = (
        (REPOSITORY / f"docker/{name}.Dockerfile").read_text(encoding="utf-8").partition(first)[2]
        for name in ("multi", "minimal")
    )
    assert last in one
    assert one.partition(last)[0] == two.partition(last)[0]
