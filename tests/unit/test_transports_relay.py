"""A relay's connections are recorded, played and spoilt like all others: a library is behind it."""

import asyncio
import contextlib
import gc
import os
import pty
import re
import threading
import tty
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import serial

from hub.device import Unreachable
from hub.device.transports import Faults, Header, Recording, Replay, Secrets, Transports
from hub.device.transports._relay import Leg
from tests.peers import serving

LIMIT = 30
MOST = 16 << 20
HEADER = Header(driver="test")
PICTURE = bytes(range(256)) * 2000
PASSWORD = "correct horse"


class Camera(BaseHTTPRequestHandler):
    """A device that is spoken to by HTTP; it says which name it was asked under."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = PICTURE if self.path == "/picture" else self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def camera():
    with ThreadingHTTPServer(("127.0.0.1", 0), Camera) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


async def through_a_library(transports: Transports, port: int) -> tuple[int, bytes, bytes]:
    """Ask for two things with httpx, which opens its connection itself."""
    async with (
        transports.relay("127.0.0.1", port) as (host, local),
        httpx.AsyncClient(
            base_url=f"http://{host}:{local}", auth=("me", PASSWORD), trust_env=False, timeout=LIMIT
        ) as client,
    ):
        name = await client.get("/name")
        assert name.text == f"{host}:{local}"
        picture = await client.get("/picture")
        return picture.status_code, picture.content, name.request.headers["Host"].encode()


async def test_what_a_library_said_through_a_relay_is_played_without_the_device(tmp_path: Path):
    """The relay has another port each time, which is in what HTTP says: that is no difference."""
    file = tmp_path / "a"
    transports = Transports(secrets=Secrets([PASSWORD]))
    with camera() as port:
        ended = transports.record(file, HEADER, most_bytes=MOST)
        status, picture, first = await through_a_library(transports, port)
        assert transports.recorder is not None
        transports.recorder.stop()
        end = await asyncio.wait_for(ended, LIMIT)
    assert (status, picture, end.problem) == (200, PICTURE, None)
    recording = Recording(file)
    (connection,) = recording.connections
    assert connection.target == f"127.0.0.1:{port}"
    assert not connection.late
    assert any(event.kind == "close" for event in connection.events)
    said = b"".join(recording.data(e) for e in connection.events if e.kind == "tx")
    assert b"GET /picture" in said
    assert re.search(rb"(?i)\r\nauthorization:\*+\r\n", said)
    assert first not in said
    recording.close()
    for _ in range(2):
        replay = Replay(file, pace="fast")
        played = Transports(secrets=Secrets(["another word!"]), replay=replay)
        status, picture, _name = await through_a_library(played, port)
        assert (status, picture) == (200, PICTURE)
        assert replay.problem is None
        assert replay.played == 1
        replay.close()


async def test_a_library_that_says_something_else_is_hung_up_on_and_it_is_told(tmp_path: Path):
    file = tmp_path / "a"
    transports = Transports()
    with camera() as port:
        ended = transports.record(file, HEADER, most_bytes=MOST)
        await through_a_library(transports, port)
        assert transports.recorder is not None
        transports.recorder.stop()
        await asyncio.wait_for(ended, LIMIT)
    replay = Replay(file, pace="fast")
    played = Transports(replay=replay)
    async with (
        played.relay("127.0.0.1", port) as (host, local),
        httpx.AsyncClient(trust_env=False, timeout=LIMIT) as client,
    ):
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://{host}:{local}/something-else")
    assert played.problem is not None
    assert "/something-el" in played.problem.detail
    replay.close()


async def test_faults_reach_what_goes_through_a_relay():
    transports = Transports()
    with camera() as port:
        async with (
            transports.relay("127.0.0.1", port) as (host, local),
            httpx.AsyncClient(trust_env=False, timeout=LIMIT) as client,
        ):
            url = f"http://{host}:{local}/picture"
            assert (await client.get(url)).content == PICTURE
            transports.set_faults(Faults(garble=0.0005, toward="rx", seed=3))
            with contextlib.suppress(httpx.TransportError):  # where it struck a header
                assert (await client.get(url, timeout=2)).content != PICTURE
            transports.set_faults(Faults(unplug=True))
            for _ in range(2):  # the open connection breaks, another cannot be opened
                with pytest.raises(httpx.TransportError):
                    await client.get(url)
            transports.set_faults(None)
            assert (await client.get(url)).content == PICTURE


def legs() -> int:
    gc.collect()
    return sum(isinstance(one, Leg) for one in gc.get_objects())


async def test_a_relay_remembers_nobody_who_has_hung_up():
    async def greet(_, writer):
        writer.write(b"hello")

    transports = Transports()
    async with serving(greet) as port, transports.relay("127.0.0.1", port) as (host, local):
        for _ in range(12):
            reader, writer = await asyncio.open_connection(host, local)
            assert await asyncio.wait_for(reader.read(), LIMIT) == b"hello"
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(LIMIT):
            while legs() > 4:  # those of the last one, which the next would forget
                await asyncio.sleep(0.1)


async def test_a_library_that_hangs_up_before_the_device_is_reached_leaves_no_connection():
    came = asyncio.Event()
    left = asyncio.Event()

    async def wait(reader, _):
        came.set()
        await reader.read()
        left.set()

    transports = Transports()
    async with serving(wait) as port, transports.relay("127.0.0.1", port) as (host, local):
        transports.set_faults(Faults(delay=200))
        _, writer = await asyncio.open_connection(host, local)
        writer.close()
        await writer.wait_closed()
        await asyncio.wait_for(came.wait(), LIMIT)
        await asyncio.wait_for(left.wait(), LIMIT)


async def test_a_library_that_sends_before_the_device_is_reached_is_not_kept_in_memory():
    """What waits for the device is held by the kernel's own buffers, not without end by ours."""
    got = bytearray()
    sent = bytes(range(256)) * (1 << 17)

    async def take(reader, _):
        while data := await reader.read(1 << 16):
            got.extend(data)

    transports = Transports()
    async with serving(take) as port, transports.relay("127.0.0.1", port) as (host, local):
        transports.set_faults(Faults(stall=True))
        reader, writer = await asyncio.open_connection(host, local)
        writer.write(sent)
        await asyncio.sleep(0.15)
        assert writer.transport.get_write_buffer_size() > 16 << 20
        transports.set_faults(None)
        async with asyncio.timeout(LIMIT):
            await writer.drain()
            writer.write_eof()
            assert await reader.read() == b""
            while len(got) < len(sent):
                await asyncio.sleep(0.02)
        writer.close()
        await writer.wait_closed()
    assert bytes(got) == sent


def ask_by_pyserial(path: str) -> bytes:
    """Ask what a library that opens serial lines itself asks."""
    with serial.Serial(path, 115200, timeout=LIMIT) as line:
        line.write(b"M115\n")
        return line.readline()


async def test_a_serial_library_is_recorded_and_played(tmp_path: Path):
    file = tmp_path / "a"
    master, slave = pty.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)

    def printer() -> None:
        assert os.read(master, 100) == b"M115\n"
        os.write(master, b"FIRMWARE_NAME:Marlin\n")

    transports = Transports()
    ended = transports.record(file, HEADER, most_bytes=MOST)
    answering = asyncio.create_task(asyncio.to_thread(printer))
    async with transports.serial_relay(path) as local:
        assert await asyncio.to_thread(ask_by_pyserial, local) == b"FIRMWARE_NAME:Marlin\n"
    await answering
    assert transports.recorder is not None
    transports.recorder.stop()
    assert (await asyncio.wait_for(ended, LIMIT)).problem is None
    os.close(master)
    os.close(slave)
    replay = Replay(file, pace="fast")
    async with Transports(replay=replay).serial_relay(path) as local:
        assert await asyncio.to_thread(ask_by_pyserial, local) == b"FIRMWARE_NAME:Marlin\n"
    replay.close()


async def test_a_serial_library_sees_that_the_device_was_unplugged():
    master, slave = pty.openpty()
    tty.setraw(slave)
    transports = Transports()
    async with transports.serial_relay(os.ttyname(slave)) as local:
        with serial.Serial(local, timeout=LIMIT) as line:
            transports.set_faults(Faults(unplug=True))
            with pytest.raises(serial.SerialException):
                await asyncio.to_thread(line.read, 1)
        with pytest.raises(Unreachable):
            async with transports.serial_relay(os.ttyname(slave)):
                pass
    os.close(master)
    os.close(slave)
