"""A Content-Security-Policy: everything from this site, nothing inline, no frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # 400.html and 500.html carry their style inline, and so do Django's pages under DEBUG.
        # None of them runs anything that a visitor sent.
        if response.status_code not in (400, 500) and not settings.DEBUG:
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
