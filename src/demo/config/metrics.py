"""/metrics for Prometheus, where METRICS is set: requests by view, method and status, and their time.

With gunicorn's several processes their figures are put together in PROMETHEUS_MULTIPROC_DIR.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from config.env import Env

if TYPE_CHECKING:
    from collections.abc import Callable

# Anybody may invent a method: each would be a time series of its own.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# What a proxy adds. The site's own Prometheus asks web itself.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED")


class MetricsMiddleware:
    """Counts, and answers /metrics itself: Prometheus asks by address, which no host check knows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        env = Env()
        if not env.boolean("METRICS"):
            raise MiddlewareNotUsed
        from config import instruments

        self.get_response = get_response
        self.instruments = instruments
        # The site's own port may be published; this one is for who is inside.
        self.port = env.text("METRICS_PORT")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/metrics":
            return self._metrics(request)
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name or match._func_path) if match else "none"
        method = request.method if request.method in METHODS else "other"
        took = time.perf_counter() - began
        self.instruments.REQUESTS.labels(view, method, response.status_code).inc()
        self.instruments.LATENCY.labels(view).observe(took)
        return response

    def _metrics(self, request: HttpRequest) -> HttpResponse:
        elsewhere = self.port and self.port != request.META["SERVER_PORT"]
        if elsewhere or any(name in request.META for name in FORWARDED):
            return HttpResponse("Not found.\n", status=404, content_type="text/plain")
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        body, kind = self.instruments.exposition()
        return HttpResponse(body, content_type=kind, headers={"Cache-Control": "no-store"})
