"""A web server that the internet's speed is measured against, as slow as it is told to be."""

import http.server
import threading
import time
from typing import Any

PIECE = 16 << 10


class SpeedServer:
    """Serves and takes data at a rate that all connections share.

    Args:
        megabits: a second, for all connections together.
        port: 0 takes a free one.

    Attributes:
        status: what it answers with. gone: what it has sent. taken: what it was given.
    """

    def __init__(self, megabits: float = 400.0, port: int = 0, length: int = 64 << 20) -> None:
        self.status = 200
        self.gone = self.taken = 0
        self.headers: dict[str, str] = {}
        self._lock = threading.Lock()
        self._free = time.monotonic()
        self._rate = megabits * 1e6 / 8
        it = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_HEAD(self) -> None:
                self.say(0)

            def do_GET(self) -> None:
                self.say(length if it.status == 200 else 0)
                left = length if it.status == 200 else 0
                while left:
                    size = min(PIECE, left)
                    it.wait(size)
                    try:
                        self.wfile.write(b"\xa5" * size)
                    except OSError:
                        self.close_connection = True
                        return
                    it.gone += size
                    left -= size

            def do_POST(self) -> None:
                left = int(self.headers["Content-Length"])
                while left:
                    size = len(self.rfile.read1(min(PIECE, left)))
                    if not size:
                        return
                    it.wait(size)
                    it.taken += size
                    left -= size
                self.say(0)

            def say(self, size: int) -> None:
                self.send_response(it.status)
                for name, value in {"Content-Length": str(size), **it.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self, size: int) -> None:
        """Wait for the turn of so many bytes."""
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now) + size / self._rate
            until = self._free
        time.sleep(max(0.0, until - now))

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
