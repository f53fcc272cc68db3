"""Transports carry what they are given, end with clear errors, and cost nothing while unwatched."""

import asyncio
import contextlib
import os
import pty
import struct
import tty
from pathlib import Path

import pytest

from hub.device import AccessRefused, TimedOut, Unreachable, WrongDevice
from hub.device.transports import ByteStream, Transports, parse_events
from hub.device.transports._evdev import _EVENT
from hub.device.transports._hidraw import ioc
from tests.peers import serving

LIMIT = 30


@contextlib.asynccontextmanager
async def echo_server():
    """A TCP peer that answers each line with the same line in capitals."""
    writers = []

    async def answer(reader, writer):
        writers.append(writer)
        while line := await reader.readline():
            writer.write(line.upper())

    async with serving(answer) as port:
        yield port, writers


async def test_tcp_carries_lines_and_tells_a_hang_up():
    async with echo_server() as (port, writers):
        stream = await Transports().tcp("127.0.0.1", port)
        await stream.write(b"status?\n")
        assert await stream.read_until() == b"STATUS?\n"
        with pytest.raises(TimedOut):
            await stream.read(limit=0.05)
        writers[0].close()
        with pytest.raises(Unreachable, match="hung up"):
            await stream.read(limit=LIMIT)
        assert stream.closed
        with pytest.raises(Unreachable):
            await stream.write(b"x")
        stream.close()


async def test_a_port_where_nobody_listens_is_unreachable():
    async with echo_server() as (port, _):
        pass
    with pytest.raises(Unreachable):
        await Transports().tcp("127.0.0.1", port)


async def test_a_line_without_end_is_no_line():
    async def flood(_, writer):
        writer.write(b"x" * 300_000)

    async with serving(flood) as port:
        stream = await Transports().tcp("127.0.0.1", port)
        with pytest.raises(WrongDevice):
            await stream.read_until(limit=LIMIT)
        stream.close()


async def test_while_nobody_watches_the_socket_speaks_to_the_drivers_own_protocol():
    class Lines(asyncio.Protocol):
        def __init__(self):
            self.came = asyncio.get_running_loop().create_future()

        def connection_made(self, transport):
            self.transport = transport
            transport.write(b"hello\n")

        def data_received(self, data):
            self.came.set_result(data)

    async with echo_server() as (port, _):
        lines = await Transports().connect(Lines, "127.0.0.1", port)
        assert lines.transport._below.get_protocol() is lines
        assert await asyncio.wait_for(lines.came, LIMIT) == b"HELLO\n"
        lines.transport.abort()


async def test_udp_carries_packets_and_tells_when_nobody_listens():
    class Peer(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, addr):
            self.transport.sendto(data[::-1], addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Peer, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    packets = await Transports().udp("127.0.0.1", port)
    await packets.send(b"abc")
    assert await packets.receive(limit=LIMIT) == b"cba"
    transport.close()
    await asyncio.sleep(0)

    async def go_on():
        for _ in range(100):
            await packets.send(b"abc")
            await asyncio.sleep(0.02)

    with pytest.raises(Unreachable):
        await go_on()
    packets.close()


@contextlib.contextmanager
def a_tty():
    """A real tty with a device's end: what is written to one comes out at the other."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(slave)
        with contextlib.suppress(OSError):
            os.close(master)


async def test_a_serial_line_carries_bytes_and_is_ours_alone():
    with a_tty() as (device, path):
        line = await Transports().serial(path, baudrate=115200)
        await line.write(b"M115\n")
        assert await asyncio.to_thread(os.read, device, 100) == b"M115\n"
        os.write(device, b"ok\n")
        assert await line.read_until(limit=LIMIT) == b"ok\n"
        with pytest.raises(AccessRefused):
            await Transports().serial(path)
        os.write(device, b"rubbish")
        await asyncio.sleep(0.05)
        await line.forget_input()
        os.write(device, b"fresh\n")
        assert await line.read_until(limit=LIMIT) == b"fresh\n"
        line.close()
        await asyncio.sleep(0)
        again = await Transports().serial(path)
        again.close()


async def test_a_serial_line_that_is_pulled_is_unreachable():
    """A pty hangs up as a pulled adapter does (EIO); the lab pulls real ones."""
    with a_tty() as (device, path):
        line = await Transports().serial(path)
        reading = asyncio.create_task(line.read(limit=LIMIT))
        await asyncio.sleep(0.05)
        os.close(device)
        with pytest.raises(Unreachable):
            await reading
        assert line.closed
        line.close()
    with pytest.raises(Unreachable):
        await Transports().serial(path + "-gone")


async def test_reports_of_a_hid_device_are_packets(tmp_path: Path):
    """A FIFO stands for the node: hidraw's own ioctls and its end are shown in the lab."""
    node = tmp_path / "hidraw0"
    os.mkfifo(node)
    device = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    port = await Transports().hidraw(str(node))
    os.write(device, b"\x01\x02\x03")
    assert await port.receive(limit=LIMIT) == b"\x01\x02\x03"
    with pytest.raises(Unreachable, match="HIDIOCGRAWNAME"):
        await port.name()
    port.close()
    os.close(device)
    with pytest.raises(Unreachable):
        await port.receive()


async def test_a_hid_device_is_closed_once(tmp_path: Path):
    """Its number is soon another file's: what is asked of it afterwards must not close that."""
    node = tmp_path / "hidraw0"
    os.mkfifo(node)
    port = await Transports().hidraw(str(node))
    number = port._node._fd
    port.close()
    with contextlib.ExitStack() as opened:
        files = [opened.enter_context(node.open("r+b", buffering=0)) for _ in range(8)]
        assert number in [file.fileno() for file in files]
        with pytest.raises(Unreachable, match="gone"):
            await port.name()
        for file in files:
            os.fstat(file.fileno())


async def test_input_events_are_read_whole(tmp_path: Path):
    node = tmp_path / "event0"
    os.mkfifo(node)
    device = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    port = await Transports().evdev(str(node))
    os.write(device, _EVENT.pack(12, 500_000, 3, 0, 1234) + _EVENT.pack(12, 500_000, 0, 0, 0))
    events = await port.events(limit=LIMIT)
    assert [tuple(event) for event in events] == [(12.5, 3, 0, 1234), (12.5, 0, 0, 0)]
    with pytest.raises(Unreachable, match="EVIOCGRAB"):
        await port.grab()
    port.close()
    os.close(device)


def test_half_an_event_is_left_out():
    assert _EVENT.size == 24 == struct.calcsize("llHHi")
    assert len(parse_events(bytes(24 + 7))) == 1


def test_ioctl_numbers_are_those_of_the_kernels_headers():
    assert ioc(1, "E", 0x90, 4) == 0x40044590  # EVIOCGRAB
    assert ioc(2, "E", 0x06, 256) == 0x81004506  # EVIOCGNAME(256)
    assert ioc(2, "E", 0x40, 24) == 0x80184540  # EVIOCGABS(0)
    assert ioc(2, "H", 0x04, 256) == 0x81004804  # HIDIOCGRAWNAME(256)
    assert ioc(3, "H", 0x07, 9) == 0xC0094807  # HIDIOCGFEATURE(9)
    assert ioc(2, "H", 0x01, 4) == 0x80044801  # HIDIOCGRDESCSIZE


async def test_a_port_that_nobody_reads_keeps_the_newest(tmp_path: Path):
    node = tmp_path / "hidraw0"
    os.mkfifo(node)
    device = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    port = await Transports().hidraw(str(node))
    for number in range(1500):
        port.data_received(number.to_bytes(2, "big"))
    assert port.dropped == 500
    assert await port.receive() == (500).to_bytes(2, "big")
    port.close()
    os.close(device)


async def test_a_relay_leads_a_librarys_own_connection_to_the_device():
    async with echo_server() as (port, _), Transports().relay("127.0.0.1", port) as (host, local):
        assert local != port
        reader, writer = await asyncio.open_connection(host, local)
        writer.write(b"relayed\n")
        assert await asyncio.wait_for(reader.readline(), LIMIT) == b"RELAYED\n"
        writer.close()


async def test_a_relay_to_nobody_hangs_up():
    async with echo_server() as (port, _):
        pass
    async with Transports().relay("127.0.0.1", port) as (host, local):
        reader, writer = await asyncio.open_connection(host, local)
        assert await asyncio.wait_for(reader.read(), LIMIT) == b""
        writer.close()


async def test_a_serial_relay_is_a_path_that_leads_to_the_device():
    with a_tty() as (device, path):
        async with Transports().serial_relay(path) as local:
            library = os.open(local, os.O_RDWR | os.O_NOCTTY)
            os.write(library, b"G28\n")
            assert await asyncio.to_thread(os.read, device, 100) == b"G28\n"
            os.write(device, b"ok\n")
            assert await asyncio.to_thread(os.read, library, 100) == b"ok\n"
            os.close(library)


async def test_what_a_driver_left_open_is_closed():
    async with echo_server() as (port, _):
        transports = Transports()
        stream = await transports.tcp("127.0.0.1", port)
        assert isinstance(stream, ByteStream)
        transports.drop_all()
        assert stream.closed
