"""The WebSocket protocol class by itself: back-pressure, patience, and frames that are not copied."""

import asyncio
import contextlib
import socket

import pytest
from websockets.asyncio.client import connect

from hub.api import socket as hub_socket
from hub.api.server import Server, address_of, listen
from hub.api.socket import EXTENSION, HubSocket, head, picture_head, text_frame

PICTURE = b"\xff\xd8" + bytes(250_000) + b"\xff\xd9"


@pytest.fixture
async def served():
    """Serve an application that gives each connection to `handle(socket)`; yields (port, sockets)."""
    sockets, handlers = [], []

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        connection = scope["extensions"][EXTENSION]
        assert isinstance(connection, HubSocket)
        sockets.append(connection)
        handlers[0](connection)
        await connection.closed

    ready = asyncio.Event()

    async def on_ready():
        ready.set()

    async def on_stop():
        for connection in sockets:
            connection.close(1012)

    bound = listen("127.0.0.1", 0)
    server = Server(app, on_ready=on_ready, on_stop=on_stop)
    running = asyncio.create_task(server.serve(sockets=[bound]))
    await ready.wait()

    def handle(handler):
        handlers[:] = [handler]
        return int(address_of(bound).rsplit(":", 1)[1]), sockets

    yield handle
    server.should_exit = True
    await running


async def until(true, seconds=10):
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def unread(port):
    """A client that shakes hands and then never reads."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", port))
    raw.sendall(
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    return raw


def flood(sent):
    """Send pictures for as long as the connection takes them."""

    def handle(connection):
        def more():
            while not connection.paused and connection.closed.done() is False and len(sent) < 1000:
                connection.send_picture(
                    picture_head(1, len(sent), "t", "image/jpeg", len(PICTURE)), PICTURE
                )
                sent.append(connection)

        connection.attach(lambda _: None, more)
        more()

    return handle


async def test_a_client_that_never_reads_is_cut_off_and_memory_stays_bounded(served, monkeypatch):
    monkeypatch.setattr(hub_socket, "PATIENCE", 0.3)
    sent = []
    port, sockets = served(flood(sent))
    with contextlib.closing(unread(port)):
        await until(lambda: sockets and sockets[0].paused)
        assert len(sent) < 100, "it stops once the buffers of the system are full"
        assert sockets[0].transport.get_write_buffer_size() < 2 * len(PICTURE)
        await until(lambda: sockets[0].closed.done())


async def test_sending_goes_on_when_the_client_reads_again(served):
    sent = []
    port, sockets = served(flood(sent))
    async with connect(f"ws://127.0.0.1:{port}/", max_size=None, max_queue=1, proxy=None) as client:
        await until(lambda: sockets and sockets[0].paused)
        stopped = len(sent)
        for _ in range(stopped + 5):
            message = await client.recv()
            assert message.endswith(PICTURE[-2:])
        assert len(sent) > stopped


async def test_what_is_sent_after_the_close_is_forgotten(served):
    port, sockets = served(lambda connection: connection.attach(lambda _: None, lambda: None))
    async with connect(f"ws://127.0.0.1:{port}/", proxy=None) as client:
        await until(lambda: sockets)
        sockets[0].close(4401, "not signed in")
        sockets[0].send_text(text_frame(b"late"))
        sockets[0].send_picture(b"", PICTURE)
        sockets[0].close(1000)
        await client.wait_closed()
        assert (client.close_code, client.close_reason) == (4401, "not signed in")
        await until(lambda: sockets[0].closed.done())


async def test_a_handler_that_fails_closes_its_connection(served, caplog):
    def broken(_):
        raise RuntimeError("mine")

    port, _ = served(lambda connection: connection.attach(broken, lambda: None))
    async with connect(f"ws://127.0.0.1:{port}/", proxy=None) as client:
        await client.send("x")
        await client.wait_closed()
        assert client.close_code == 1011
    assert "could not be handled" in caplog.text


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 250_000])
def test_frame_headers_are_those_of_the_standard(size):
    made = head(0x82, size)
    assert made[0] == 0x82
    if size < 126:
        assert made[1:] == bytes((size,))
    elif size < 65536:
        assert made[1:] == b"\x7e" + size.to_bytes(2, "big")
    else:
        assert made[1:] == b"\x7f" + size.to_bytes(8, "big")
