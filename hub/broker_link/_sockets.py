"""The MQTT client, which leaves no socket behind, and no number of a closed one in the loop.

aiomqtt (2.5) hands the numbers of sockets to the event loop a turn late. Where the broker hangs up
in that turn, the loop gets the number of a closed socket ("Bad file descriptor") or, worse, of
whatever was opened since under the same number. What is given up before the broker has answered
(the time is over, or it is cancelled) keeps its socket, its reader and its task; and a handshake
that fails leaves its socket to be found by the collector of garbage. Here a socket is looked at
when its turn comes, and closed whatever happens.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, Self

import aiomqtt


class Client(aiomqtt.Client):
    """A client as aiomqtt has it, for one connection: `async with` it once."""

    def __init__(
        self, hostname: str, port: int, *, tls_context: ssl.SSLContext | None = None, **more: Any
    ) -> None:
        super().__init__(hostname, port, tls_context=tls_context, **more)
        self._tls = tls_context
        self._home = threading.get_ident()
        # aiomqtt connects in a thread; whoever is last of the thread and the loop closes.
        self._turn = threading.Lock()
        self._connecting = False
        self._over = False
        if tls_context is not None:
            self._client._ssl_wrap_socket = self._shake_hands  # type: ignore[method-assign] # noqa: SLF001

    async def __aenter__(self) -> Self:
        """Connect; what is given up is closed."""
        try:
            return await super().__aenter__()
        except BaseException:
            self._let_go()
            raise

    async def __aexit__(self, *error: Any) -> None:
        """Disconnect."""
        try:
            await super().__aexit__(*error)
        finally:
            self._let_go()

    def _client_connect(self) -> None:
        with self._turn:
            if self._over:
                raise aiomqtt.MqttError("given up before it began")
            self._connecting = True
        try:
            super()._client_connect()
        finally:
            with self._turn:
                self._connecting = False
                over = self._over
            if over:
                self._close()

    def _shake_hands(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        assert self._tls is not None  # noqa: S101 - it is set where this is
        safe = self._tls.wrap_socket(
            tcp_sock, server_hostname=self._hostname, do_handshake_on_connect=False
        )
        try:
            safe.settimeout(self.timeout)
            safe.do_handshake()
        except BaseException:
            safe.close()
            raise
        return safe

    def _let_go(self) -> None:
        """Leave nothing in the loop, and close what is open; may be called twice."""
        if self._misc_task is not None:
            self._misc_task.cancel()
        found: Any = self._client.socket()
        if found is not None and found.fileno() >= 0:
            self._loop.remove_reader(found.fileno())
            self._loop.remove_writer(found.fileno())
        with self._turn:
            self._over = True
            connecting = self._connecting
        if not connecting:  # else the thread closes it
            self._close()

    def _close(self) -> None:
        # It is out of the loop, and may not be told to the loop by a thread.
        self._client.on_socket_close = None
        self._client.on_socket_unregister_write = None
        found = self._client.socket()
        if found is not None:
            found.close()

    # What paho tells of its socket, in the thread that connects or in the loop's.

    def _on_socket_open(self, client: Any, _userdata: Any, sock: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for it
            self._loop.call_soon_threadsafe(self._opened, client, sock)

    def _opened(self, client: Any, sock: Any) -> None:
        if self._over or client.socket() is not sock:
            return
        self._loop.add_reader(sock.fileno(), self._work, lambda: _read(client, sock))
        self._misc_task = self._loop.create_task(self._misc_loop(), name="mqtt: is it alive")

    def _on_socket_register_write(self, client: Any, _userdata: Any, sock: Any) -> None:
        if threading.get_ident() == self._home:
            self._wants_to_write(client, sock)
        else:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wants_to_write, client, sock)

    def _wants_to_write(self, client: Any, sock: Any) -> None:
        if not self._over and client.socket() is sock:
            self._loop.add_writer(sock.fileno(), self._work, client.loop_write)

    def _on_socket_unregister_write(self, _client: Any, _userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_writer(sock.fileno())

    def _on_socket_close(self, _client: Any, _userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_reader(sock.fileno())
        if self._misc_task is not None and not self._misc_task.done():
            self._misc_task.cancel()

    def _work(self, what: Callable[[], object]) -> None:
        """Read or write; what that raises ends the connection."""
        try:
            what()
        except Exception as error:  # noqa: BLE001 - a library's, of whatever sort
            if not self._disconnected.done():
                self._disconnected.set_exception(error)


def _read(client: Any, sock: Any) -> None:
    client.loop_read()
    # A socket of TLS may hold more than what the kernel tells of.
    while client.socket() is sock and isinstance(sock, ssl.SSLSocket) and sock.pending() > 0:
        client.loop_read()


__all__ = ["Client"]
