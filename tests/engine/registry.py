"""The least registry that takes a `docker push`: it keeps manifests, and of blobs their sizes."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


class Registry(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.blobs: dict[str, int] = {}
        self.uploads: dict[str, int] = {}
        self.manifests: dict[str, dict[str, Any]] = {}

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Registry
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, code: int, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/v2/" else 404)

    def do_HEAD(self) -> None:
        digest = self.path.rpartition("/")[2]
        found = digest in self.server.blobs
        self._answer(200 if found else 404, Docker_Content_Digest=digest)

    def do_POST(self) -> None:
        self._body()
        upload = f"{urlsplit(self.path).path.rstrip('/')}/{len(self.server.uploads)}"
        self.server.uploads[upload] = 0
        self._answer(202, Location=upload, Range="0-0", Docker_Upload_UUID="1")

    def do_PATCH(self) -> None:
        upload = urlsplit(self.path).path
        self.server.uploads[upload] += len(self._body())
        end = self.server.uploads[upload] - 1
        self._answer(202, Location=upload, Range=f"0-{end}", Docker_Upload_UUID="1")

    def do_PUT(self) -> None:
        body, parts = self._body(), urlsplit(self.path)
        if "/manifests/" in parts.path:
            self.server.manifests[parts.path.split("/")[2]] = json.loads(body)
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        else:
            digest = parse_qs(parts.query)["digest"][0]
            self.server.blobs[digest] = self.server.uploads[parts.path] + len(body)
        self._answer(201, Location=parts.path, Docker_Content_Digest=digest)


@contextmanager
def registry() -> Iterator[Registry]:
    """A registry on this machine, for as long as the context lasts."""
    server = Registry()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
