"""Can a variant that the project names be the stack's web? docker/compose.yaml takes some things for
granted, which djdock's own Dockerfiles have."""

from __future__ import annotations

from djdock.config import Config
from djdock.errors import UsageError

#: Where docker/compose.yaml expects the server, in the container.
PORT = 8000

#: What docker/compose.yaml asks whether web is healthy.
PROBE = "/opt/djdock/healthcheck.py"


def require(config: Config, variant: str) -> None:
    """Raises UsageError for a variant whose web could never become healthy."""
    named = config.named(variant)
    if named is None:
        return
    if named.port != PORT:
        raise UsageError(
            f"The stack's web listens at port {PORT}, the variant `{variant}` at {named.port}.",
            f"Let its server listen at {PORT}, or run another variant.",
        )
    compose = config.docker_dir / "compose.yaml"
    dockerfile = config.dockerfile(variant)
    asks = compose.is_file() and PROBE in compose.read_text(encoding="utf-8")
    text = (config.root / dockerfile).read_text(encoding="utf-8", errors="replace")
    if asks and "healthcheck.py" not in text:
        raise UsageError(
            f"The stack asks {PROBE} whether web is healthy, and {dockerfile} does not copy it.",
            "Add to it: COPY docker/healthcheck.py /opt/djdock/",
        )
