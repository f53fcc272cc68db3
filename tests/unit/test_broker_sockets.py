"""The sockets of a link: none is left behind, and the event loop is given no number of a closed one."""

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
import time
import warnings
from pathlib import Path

import pytest
from aiomqtt import ProtocolVersion

from hub.broker_link.client import Client, Line, Place, Trouble, hold

CONNACK = bytes([0x20, 3, 0, 0, 0])
REFUSED = bytes([0x20, 3, 0, 0x87, 0])


@contextlib.contextmanager
def server(serve):
    """Something that listens, and serves each connection in a thread; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        ended = []

        def run():
            with contextlib.suppress(OSError):
                while True:
                    one, _ = listening.accept()
                    one.settimeout(30)
                    worker = threading.Thread(target=serve, args=(one,), daemon=True)
                    worker.start()
                    ended.append(worker)

        accepting = threading.Thread(target=run, daemon=True)
        accepting.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    accepting.join(30)
    for one in ended:
        one.join(30)
    assert not any(one.is_alive() for one in ended)


def place(port, **more):
    return Place("127.0.0.1", port, "test", "test/state", **more)


def open_sockets():
    """The sockets of this process, as the kernel calls them."""
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(str(one.readlink()))
    return {name for name in found if name.startswith("socket:")}


@pytest.fixture
def nothing_left():
    """After the test no socket is open that was not, and none had to be collected as garbage."""
    gc.collect()
    before = open_sockets()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        yield
        gc.collect()
    end = time.monotonic() + 30
    while open_sockets() - before:
        assert time.monotonic() < end, open_sockets() - before
        time.sleep(0.02)


@pytest.fixture
async def complaints():
    """What the event loop complains of."""
    found = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: found.append(context))
    return found


async def test_a_broker_that_hangs_up_while_something_is_written(nothing_left, complaints):
    """In one turn of the loop: first a message is to be written, then the end is read."""
    up, hang_up = threading.Event(), threading.Event()

    def serve(one):
        with one:
            one.recv(1000)
            one.sendall(CONNACK)
            hang_up.wait(30)

    with server(serve) as port:

        async def work(line: Line) -> None:
            async def tell() -> None:
                hang_up.set()
                time.sleep(0.3)  # the whole loop waits: the end lies in the socket when it goes on
                await asyncio.sleep(0)  # the next turn: this first, then the end is read
                await line.client.publish("test", b"x" * 10, qos=1)

            async def hear() -> None:
                async for _ in line.client.messages:
                    pass

            up.set()
            line.start(hear(), "hear")
            line.start(tell(), "tell")

        with pytest.raises(Trouble):
            await hold(place(port), work)
        for _ in range(5):
            await asyncio.sleep(0)
    assert up.is_set()
    assert complaints == []


async def test_a_broker_that_does_not_answer_in_time(nothing_left, complaints, monkeypatch):
    monkeypatch.setattr("hub.broker_link.client.LIMIT", 0.2)
    closed = threading.Event()

    def serve(one):
        with one:
            while one.recv(1000):
                pass
            closed.set()

    async def work(_line: Line) -> None:
        raise AssertionError("it never stood")

    with server(serve) as port:
        with pytest.raises(Trouble):
            await hold(place(port), work)
        assert await asyncio.to_thread(closed.wait, 30), "it stayed open"
    await asyncio.sleep(0)
    assert complaints == []
    assert [one.get_name() for one in asyncio.all_tasks() if "mqtt" in one.get_name()] == []


async def test_a_broker_that_does_not_let_us_in(nothing_left, complaints):
    closed = threading.Event()

    def serve(one):
        with one:
            one.recv(1000)
            one.sendall(REFUSED)
            while one.recv(1000):
                pass
            closed.set()

    with server(serve) as port:
        with pytest.raises(Trouble):
            await hold(place(port), lambda _line: asyncio.sleep(0))
        assert await asyncio.to_thread(closed.wait, 30)
    await asyncio.sleep(0)
    assert complaints == []


async def test_what_is_given_up_while_it_connects_is_closed(nothing_left, complaints, monkeypatch):
    monkeypatch.setattr("hub.broker_link.client.LIMIT", 0.5)
    began, closed = threading.Event(), threading.Event()

    def serve(one):
        with one:
            began.set()
            while one.recv(1000):
                pass
            closed.set()

    # The handshake waits for an answer that never comes: the thread is in it.
    tls = ssl.create_default_context()
    with server(serve) as port:
        task = asyncio.create_task(
            hold(place(port, tls=tls), lambda _line: asyncio.sleep(0)), name="held"
        )
        assert await asyncio.to_thread(began.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(closed.wait, 30)
    assert complaints == []


async def test_a_handshake_that_fails_leaves_no_socket(nothing_left, complaints):
    def serve(one):
        with one:
            one.recv(1000)
            one.sendall(b"HTTP/1.0 400 No\r\n\r\n")

    tls = ssl.create_default_context()
    with server(serve) as port, pytest.raises(Trouble):
        await hold(place(port, tls=tls), lambda _line: asyncio.sleep(0))
    assert complaints == []


async def test_a_goodbye_is_said(nothing_left, complaints):
    heard = bytearray()

    def serve(one):
        with one:
            heard.extend(one.recv(1000))
            one.sendall(CONNACK)
            while data := one.recv(1000):
                heard.extend(data)

    with server(serve) as port:
        async with Client("127.0.0.1", port, timeout=10, protocol=ProtocolVersion.V5) as client:
            await client.publish("test", b"once", qos=0)
    assert heard.endswith(bytes([0xE0, 0]))
    assert b"once" in heard
    assert complaints == []
