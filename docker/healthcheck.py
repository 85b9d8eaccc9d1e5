"""Exit code 0 when the site on this container's port answers, else 1.

    healthcheck.py health|ready|PATH

`health` and `ready` ask HEALTH_PATH and READY_PATH. /healthz and /readyz, djdock's own, have to answer
200. Any other path is a page of the site's: whatever is below 500 will do, also where the page is on
https only; and when one page is broken, the log-in page of the admin speaks for the site. `tcp` asks for
no page at all.

Needs no curl and imports next to nothing: it runs every few seconds beside the site.
"""

import _socket
import os
import sys

STRICT = ("/healthz", "/readyz")
OTHER = "/admin/login/"


def host():
    """A name that the site answers to."""
    names = (
        os.environ.get("WEB_HOST")
        or os.environ.get("DJANGO_ALLOWED_HOSTS")
        or os.environ.get("ALLOWED_HOSTS")
        or ""
    )
    for name in (
        names.replace(",", " ")
        .replace("[", " ")
        .replace("]", " ")
        .replace("'", "")
        .replace('"', "")
        .split()
    ):
        if name != "*" and ":" not in name:
            return name.lstrip(".")
    return "localhost"


def connect():
    """A connection to the site; the caller closes it."""
    probe = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        probe.settimeout(4)
        probe.connect(("127.0.0.1", int(os.environ.get("PORT") or 8000)))
    except BaseException:
        probe.close()
        raise
    return probe


def ask(path, name, more=""):
    """Status, head and text of an answer."""
    probe = connect()
    try:
        probe.send(f"GET {path} HTTP/1.0\r\nHost: {name}\r\n{more}\r\n".encode())
        answer = b""
        while len(answer) < 65536:
            part = probe.recv(4096)
            if not part:
                break
            answer += part
    finally:
        probe.close()
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), head, text


def page(path):
    """Status and text of a page of the site's; over https where it asks for that."""
    status, head, text = ask(path, host())
    if 300 <= status < 400 and b"\nlocation: https://" in head.lower():
        status, head, text = ask(path, host(), "X-Forwarded-Proto: https\r\n")
    return status, text


def main(path):
    path = {
        "health": os.environ.get("HEALTH_PATH") or "/healthz",
        "ready": os.environ.get("READY_PATH") or "/readyz",
    }.get(path, path)
    try:
        if path == "tcp":
            connect().close()
            return True, b"tcp"
        if path in STRICT:
            status, _, text = ask(path, "localhost")
            return status == 200, b"%d %s" % (status, text[:300])
        status, text = page(path)
        if status >= 500 and path != OTHER:
            first = status
            status, text = page(OTHER)
            if status == 200:
                return True, b"%d, and %d of %s" % (first, status, OTHER.encode())
            return False, b"%d %s" % (first, text[:300])
        return status < 500, b"%d %s" % (status, text[:300] if status >= 500 else b"")
    except (OSError, IndexError, ValueError) as error:
        return False, str(error).encode()


if __name__ == "__main__":
    good, said = main(sys.argv[1] if len(sys.argv) > 1 else "health")
    sys.stdout.buffer.write(b" " + said + b"\n" if not said[:1].isdigit() else said + b"\n")
    sys.exit(0 if good else 1)
