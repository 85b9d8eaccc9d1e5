"""What is measured. prometheus_client is imported here only: it reads its environment when it is."""

from __future__ import annotations

import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client import generate_latest as generate
from prometheus_client.multiprocess import MultiProcessCollector

from config.metrics import SECONDS

REQUESTS = Counter(
    "django_http_requests", "Requests that were answered.", ["view", "method", "status"]
)
LATENCY = Histogram(
    "django_http_request_duration_seconds",
    "Seconds until a request was answered.",
    ["view"],
    buckets=SECONDS,
)


def exposition() -> tuple[bytes, str]:
    """The figures of all processes as Prometheus reads them, and their content type."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return generate(registry), CONTENT_TYPE_LATEST
