"""Building a variant: the command line of ``docker buildx build``, and what becomes of it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from djdock.config import Config
from djdock.errors import CommandFailed
from djdock.images import freshness, generic, progress, pruning
from djdock.images.host import Secrets, host_secrets
from djdock.narration import note
from djdock.shell import Shell

#: Whose image it is: the stack's name.
LABEL = "io.djdock.stack"


@dataclass(frozen=True)
class Build:
    """What is asked of one build, besides the project: the flags of ``invoke build``."""

    tag: str
    no_cache: bool = False
    pull: bool = False
    platform: str = ""
    push: bool = False
    target: str = ""
    #: Official image -> the image to use in its place.
    contexts: Mapping[str, str] = field(default_factory=dict)
    #: The builder; the selected one when empty.
    builder: str = ""
    #: Whether what buildx says is shown only when the build fails.
    quiet: bool = False
    #: Another text of the variant's Dockerfile.
    dockerfile: str = ""


def base_image(variant: str, python: str) -> str:
    """The official image that a variant of djdock's starts FROM."""
    return f"python:{python}" if variant == "single" else f"python:{python}-slim"


def bases(config: Config, variant: str) -> tuple[str, ...]:
    """The images of a variant that a stand-in may have to replace.

    Of a Dockerfile that the project names these are the ones that have a stand-in; to find the others
    is BuildKit's affair.
    """
    named = config.named(variant)
    if named is None:
        node = (f"node:{config.table.node}-slim",) if config.table.frontend else ()
        return (base_image(variant, config.table.python), *(() if variant == "single" else node))
    from djdock.images import catalogue, dockerfile, registry

    found = dockerfile.read(config.root / config.dockerfile(variant), named.build_args)
    # BuildKit compares the short forms of names.
    return tuple(registry.canonical(image) for image in found.images if catalogue.find(image))


def build_args(config: Config) -> dict[str, str]:
    """What differs between projects, as the Dockerfiles' build arguments."""
    table = config.table
    files = generic.requirements(config)
    return {
        "PYTHON_VERSION": table.python,
        "SOURCE": generic.inside(config, config.root / table.tree, "tree")
        if table.tree
        else generic.inside(config, config.source, "source"),
        "REQUIREMENTS": generic.words(
            generic.inside(config, path, "requirements") for path in files
        ),
        "SETTINGS": "djdock_settings" if table.overrides else config.settings,
        "WSGI": table.asgi or config.wsgi,
        **generic.arguments(config),
    }


def minimal_args(config: Config) -> dict[str, str]:
    """What the settings keep and drop in the variant `minimal`, as its own build arguments."""
    return {
        key.upper(): " ".join(config.table.minimal[key])
        for key in pruning.KEYS
        if config.table.minimal.get(key)
    }


def test_stage(config: Config, variant: str) -> str:
    """The stage of a variant that the site's own tests run in; "" when its image has the tests."""
    path = config.root / config.dockerfile(variant)
    found = re.search(r"(?im)^FROM \S+ AS test$", path.read_text(encoding="utf-8"))
    return "test" if found else ""


def command(docker: str, config: Config, variant: str, build: Build, secrets: Secrets) -> list[str]:
    """The command line that builds a variant from the project's root."""
    named = config.named(variant)
    words = [docker, "buildx", "build", "--file", build.dockerfile or config.dockerfile(variant)]
    words += ["--tag", build.tag, "--label", f"{LABEL}={config.name}"]
    words += ["--builder", build.builder] if build.builder else []
    for name, value in _arguments(config, variant, build.target).items():
        words += ["--build-arg", f"{name}={value}"]
    for official, used in build.contexts.items():
        words += ["--build-context", f"{official}=docker-image://{used}"]
    words += secrets.flags()
    if target := build.target or (named.target if named else ""):
        words += ["--target", target]
    if build.platform:
        words += ["--platform", build.platform]
    if build.no_cache:
        words.append("--no-cache")
    if build.pull:
        words.append("--pull")
    # An attestation would turn the image into an index that the classic image store cannot load.
    words += ["--provenance=false", "--push" if build.push else "--load"]
    return [*words, named.context if named else "."]


def _arguments(config: Config, variant: str, target: str) -> Mapping[str, str]:
    # A stranger's Dockerfile knows none of ours, and BuildKit would complain of each.
    if named := config.named(variant):
        return named.build_args
    more = minimal_args(config) if variant == "minimal" else {}
    if target == "dev" and config.table.dev_requirements:
        path = generic.dev_requirements(config)
        more = {**more, "DEV_REQUIREMENTS": generic.inside(config, path, "dev_requirements")}
    return build_args(config) | more


def run(config: Config, shell: Shell, docker: str, variant: str, build: Build) -> float:
    """Builds a variant and returns the seconds that buildx took.

    Raises CommandFailed with buildx's own exit code when it fails.
    """
    secrets = host_secrets(config)
    if build.contexts:
        build = replace(build, builder=own_builder(shell, docker))
    with _trusting(config, variant, build, secrets) as build:
        return _run(config, shell, docker, variant, build, secrets)


def _run(
    config: Config, shell: Shell, docker: str, variant: str, build: Build, secrets: Secrets
) -> float:
    argv = command(docker, config, variant, build, secrets)
    started = time.monotonic()
    log = Path()
    if build.quiet:
        done = shell.capture(argv, env=secrets.environment(), cwd=config.root, check=False)
        code = done.returncode
    else:
        log = config.scratch if shell.dry else config.make_scratch()
        log /= f"build-{variant}.log"
        show = progress.short if sys.stderr.isatty() else str
        code = shell.logged(argv, log, env=secrets.environment(), cwd=config.root, shown=show)
    took = time.monotonic() - started
    if code:
        why = "the step that failed is shown above"
        if build.quiet:
            said = shell.mask(done.stderr.rstrip())
            note(said)
            why = said.rpartition("\n")[2].strip().rstrip(".") or why
        elif log.is_file():
            raise _explained(config, variant, build, secrets, argv, code, log)
        raise CommandFailed(
            argv,
            code,
            problem=f"{build.tag} could not be built: {why}.",
            remedy=_remedy(config, variant, secrets),
        )
    if not shell.dry and build.tag == config.image(variant):
        freshness.built(config, variant)
    if not shell.dry and not build.push:
        # The image that lost its tag to this one; those of others, and those in use, stay.
        prune = [docker, "image", "prune", "--force", "--filter", f"label={LABEL}={config.name}"]
        shell.capture(prune, check=False)
    return took


@contextmanager
def _trusting(config: Config, variant: str, build: Build, secrets: Secrets) -> Iterator[Build]:
    """The build with this machine's secrets, where a stranger's Dockerfile mounts none itself."""
    from djdock.images import trusting

    names = _lent(config, variant, secrets)
    if not names:
        yield build
        return
    if not build.quiet:
        said = {"ca": "certificate authorities", "pip": "index", "uv": ""}
        what = " and ".join(said[name] for name in names if said[name])
        note(f"{config.dockerfile(variant)}: each RUN gets this machine's {what}, in no layer.")
    with trusting.written(config, variant, names, builtin=bool(build.contexts)) as path:
        yield replace(build, dockerfile=str(path))


def _lent(config: Config, variant: str, secrets: Secrets) -> list[str]:
    """The build secrets that a Dockerfile gets which mounts none itself; djdock's own mount theirs."""
    from djdock.images import trusting

    if not config.named(variant) or "type=secret" in _dockerfile(config, variant):
        return []
    return trusting.secrets(config, secrets)


def _dockerfile(config: Config, variant: str) -> str:
    path = config.root / config.dockerfile(variant)
    return path.read_text(encoding="utf-8", errors="replace")


def _explained(
    config: Config,
    variant: str,
    build: Build,
    secrets: Secrets,
    argv: Sequence[str],
    code: int,
    log: Path,
) -> CommandFailed:
    """The error for a build that failed, with what its log says of the cause."""
    from djdock.images import failure

    cause = failure.explain(log.read_text(encoding="utf-8", errors="replace"))
    where = f"The whole log is in {log.relative_to(config.root)}."
    if cause is None:
        why, remedy = "the step that failed is shown above.", _remedy(config, variant, secrets)
    else:
        why, remedy = cause.what, cause.remedy
        if failure.is_general(cause) or "certificate" in why:
            remedy = _remedy(config, variant, secrets) if config.named(variant) else remedy
        note("\n".join([cause.step, *(f"  {line}" for line in cause.lines)]))
    problem = f"{build.tag} could not be built: {why}"
    return CommandFailed(argv, code, problem=problem, remedy=f"{remedy} {where}")


#: Where Debian's images, and so the official ones, have their certificate authorities.
BUNDLE_IN_IMAGE = "/etc/ssl/certs/ca-certificates.crt"


def _remedy(config: Config, variant: str, secrets: Secrets) -> str:
    remedy = "Correct what it complains about and build again."
    given = "ca" in _lent(config, variant, secrets)
    named = "id=ca" in _dockerfile(config, variant)
    if config.named(variant) is None or "ca" not in secrets.files or given or named:
        return remedy
    return (
        f"{remedy} If that is a certificate: {config.dockerfile(variant)} has to mount this "
        f"machine's, `RUN --mount=type=secret,id=ca,target={BUNDLE_IN_IMAGE} "
        f"PIP_CERT={BUNDLE_IN_IMAGE} pip install …`."
    )


def own_builder(shell: Shell, docker: str) -> str:
    """The engine's own builder, which has its context's name: others do not see local images."""
    return shell.capture([docker, "context", "show"], check=False).stdout.strip()
