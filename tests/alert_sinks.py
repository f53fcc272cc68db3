"""Where alerts go in tests: a mail server and a web server that speak the real protocols."""

import email
import email.policy
import http.server
import json
import socketserver
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

LIMIT = 60


def until(what: str, told: Callable[[], Any]) -> Any:
    """Wait until `told` returns something that is true."""
    end = time.monotonic() + LIMIT
    while not (found := told()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.1)
    return found


class MailServer:
    """An SMTP server (RFC 5321) on a free port of this computer; it keeps what it is sent."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        mails = self.mails

        class Handler(socketserver.StreamRequestHandler):
            timeout = 30

            def handle(self) -> None:
                self.wfile.write(b"220 sink\r\n")
                while line := self.rfile.readline():
                    word = line.split()[0].upper() if line.split() else b""
                    if word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        mails.append(self.letter())
                    answer = b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"
                    self.wfile.write(answer)
                    if word == b"QUIT":
                        return

            def letter(self) -> EmailMessage:
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line[1:] if line.startswith(b"..") else line)
                return email.message_from_bytes(b"".join(lines), policy=email.policy.default)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where Apprise finds it."""
        port = self._server.server_address[1]
        return f"mailto://127.0.0.1:{port}/?from=hub@school.example&to=engineer@school.example&mode=insecure"

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Webhook:
    """A web server that takes JSON: well, with an error (`answers`), or never (`hangs`).

    With 302 it leads to a page that everybody is given; `endless` answers well, and on and on.
    """

    def __init__(self, port: int = 0) -> None:
        self.taken: list[dict[str, Any]] = []
        self.tries = 0
        self.answers = 200
        self.hangs = False
        self.endless = False
        self._over = threading.Event()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 30

            def do_POST(self) -> None:
                hook.tries += 1
                said = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.hangs:
                    # A byte now and then: no limit of the client's socket is ever reached.
                    self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
                    while hook.hangs and not hook._over.wait(0.5):
                        self.wfile.write(b".")
                    return
                if hook.answers == 200:
                    hook.taken.append(json.loads(said))
                self.send_response(hook.answers)
                if hook.answers == 302:
                    self.send_header("Location", "/please-pay")
                self.end_headers()
                while hook.endless and not hook._over.is_set():
                    self.wfile.write(bytes(1 << 20))

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<html>Please pay</html>")

            def log_message(self, *_: Any) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True

            def handle_error(self, *_: Any) -> None:
                pass  # whoever asked was killed

        self._server = Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """Where Apprise finds it; its last part is a secret."""
        return f"json://127.0.0.1:{self._server.server_address[1]}/geheimnis-4711"

    def close(self) -> None:
        """End."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
