"""What is alike for all printers behind a print server, tried with PrusaLink's virtual one."""

import asyncio
import gc
import tracemalloc
from pathlib import Path

import pytest

from drivers.http import FileBody, HttpClient
from drivers.printer.prusalink import PrusaLinkPrinter
from drivers.printer.served import DamagedUpload
from drivers.printer.served.names import is_ours, job_of, remote_name
from drivers.printer.served.place import Place
from drivers.virtual.harness import Recorder, recording, replaying
from drivers.virtual.prusalink import KEY, PASSWORD, VirtualPrusaLink
from hub.device import BadSettings, Found, OutOfRange, Unreachable
from hub.device.transports import Faults, Transports
from tests.peers import serving
from tests.served_printing import following, gcode, order


@pytest.fixture
async def printer():
    made = VirtualPrusaLink(1.0)
    server = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


def follow(printer):
    return following(PrusaLinkPrinter, host="127.0.0.1", port=printer.port, password=PASSWORD)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("ball.gcode", "ball.hub-J1.gcode"),
        ("Менің допым.stl", "print.hub-J1.gcode"),
        ("../../etc/passwd", "passwd.hub-J1.gcode"),
        ('a"b\r\nX: y;$(c).gcode', "a_b_X_y_c.hub-J1.gcode"),
        ("x" * 300, "x" * 40 + ".hub-J1.gcode"),
    ],
)
def test_a_files_name_is_safe_everywhere_and_carries_the_job(title, name):
    assert remote_name(title, "J1") == name
    assert is_ours(name)
    assert job_of(f"folder/{name}") == "J1"


def test_other_names_are_nobodys_job():
    for name in (
        "ball.gcode",
        "hub-J1.gcode",
        ".hub-J1.gcode",
        "ball.hub-J 1.gcode",
        "ball.hub-J1.gcode.txt",
    ):
        assert not is_ours(name)
        assert job_of(name) == ""
    with pytest.raises(OutOfRange):
        remote_name("ball", "J 1/..")


def test_a_server_that_is_found_needs_no_address():
    found = Found(
        identity="mdns:_prusalink._tcp.local.:mk4", bus="mdns", host="fe80::1%eth0", tcp_port=8080
    )
    settings = PrusaLinkPrinter.Settings
    place = Place(settings(), found, 80, transports=Transports())
    assert place.url == "http://[fe80::1%eth0]:8080"
    named = Place(settings(host="mk4.local"), found, 80, transports=Transports())
    assert named.url == "http://mk4.local:80"
    with pytest.raises(BadSettings):
        Place(settings(), None, 80, transports=Transports())


async def test_a_file_that_arrives_damaged_is_not_started(printer, tmp_path):
    whole = printer._put
    printer._put = lambda name, *, body, headers: whole(name, body=body[:-1], headers=headers)
    async with follow(printer) as driver:
        with pytest.raises(DamagedUpload):
            await driver.act("_print", order(tmp_path, gcode(), "job1"))
    assert printer.files == {}
    assert printer.job is None


async def test_the_network_that_goes_in_an_upload_starts_nothing(printer, tmp_path):
    async with follow(printer) as driver:
        driver.driver.transports.set_faults(Faults(unplug=True))
        with pytest.raises(Unreachable):
            await driver.act("_print", order(tmp_path, gcode(), "job1"))
    assert printer.job is None


async def test_a_long_file_is_sent_as_it_is_read(tmp_path):
    long = tmp_path / "long.gcode"
    with long.open("wb") as file:
        file.truncate(100 << 20)
    taken = 0

    async def drain(reader, writer):
        nonlocal taken
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Content-Length: 104857600" in head
        while taken < 100 << 20:
            taken += len(await reader.read(1 << 16))
        writer.write(b"HTTP/1.1 201 X\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(drain) as port:
        gc.collect()
        tracemalloc.start()
        try:
            body = FileBody(long, 100 << 20)
            url = f"http://127.0.0.1:{port}/"
            reply = await HttpClient().fetch(url, method="PUT", body=body, limit=10)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (reply.head.status, taken) == (201, 100 << 20)
    assert most < 4 << 20


@pytest.mark.parametrize("secret", [{"api_key": KEY}, {"password": PASSWORD}])
async def test_what_was_recorded_plays_without_the_printer(printer, tmp_path, secret):
    settings = PrusaLinkPrinter.Settings(host="127.0.0.1", port=printer.port, **secret)

    async def use(transports):
        told = Recorder()
        driver = PrusaLinkPrinter(settings, told, transports=transports)
        await driver.connect()
        await driver.end_background()
        await driver.disconnect()
        return told.readings

    async with recording(tmp_path / "r.jsonl", settings) as transports:
        then = await use(transports)
    assert next(iter(secret.values())) not in (tmp_path / "r.jsonl").read_text()
    printer.answer = None  # it is not asked any more
    async with replaying(tmp_path / "r.jsonl") as transports:
        assert await use(transports) == then


async def test_a_server_that_takes_no_more_of_a_file_is_given_up():
    async def deaf(reader, writer):
        await asyncio.sleep(30)

    async with serving(deaf) as port:
        client = HttpClient(timeout=0.5)
        with pytest.raises(Unreachable):
            await client.fetch(
                f"http://127.0.0.1:{port}/",
                method="PUT",
                body=FileBody(Path("/dev/zero"), 1 << 40),
                limit=10,
            )
