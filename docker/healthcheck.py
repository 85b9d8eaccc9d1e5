"""Exit code 0 when the site on this container's port answers PATH with 200, else 1.

Needs no curl and imports next to nothing: it runs every few seconds beside the site.
"""

import _socket
import os
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
port = int(os.environ.get("PORT") or 8000)
status = b""
detail = b""
try:
    probe = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    probe.settimeout(4)
    probe.connect(("127.0.0.1", port))
    probe.send(b"GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" % path.encode())
    answer = b""
    while True:
        part = probe.recv(4096)
        if not part:
            break
        answer += part
    head, _, detail = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
except (OSError, IndexError) as error:
    detail = str(error).encode()
sys.stdout.buffer.write(status + b" " + detail[:300] + b"\n")
sys.exit(0 if status == b"200" else 1)
