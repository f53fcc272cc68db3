"""The network as it is asked, and the internet's speed as it is measured."""

import asyncio
import contextlib
import datetime as dt
import shutil
import socket
import subprocess
from datetime import datetime

import pytest
from pydantic import ValidationError

from plugins.health.network import probes
from plugins.health.network.addresses import address_of
from plugins.health.network.measuring import Job, measure
from plugins.health.network.settings import NetworkSettings
from plugins.health.network.watch import due
from plugins.health.settings import HealthSettings
from plugins.health.uptime import SchoolHours
from tests.speed_server import SpeedServer

MEGA = 1_000_000
HOURS = SchoolHours(days=["mon", "tue", "wed", "thu", "fri"])


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server():
    found = SpeedServer()
    yield found
    found.close()


# The router


def test_the_router_is_read_from_the_kernels_table(tmp_path):
    # As the kernel of a PC writes it: two default routes, of which the cable's is preferred.
    (tmp_path / "route").write_text(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
        "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
    )
    assert probes.gateway(tmp_path / "route") == "192.168.1.1"
    assert probes.gateway(tmp_path / "nothing") is None


async def test_a_router_is_there_where_it_opens_or_refuses_a_door(tmp_path):
    listening = socket.create_server(("127.0.0.1", 0))
    with listening:
        door = listening.getsockname()[1]
        assert (await probes.ask_gateway("127.0.0.1", [door])).up
    assert (await probes.ask_gateway("127.0.0.1", [door])).up, "refused"


async def test_a_router_that_opens_nothing_is_known_by_its_card(tmp_path, monkeypatch):
    monkeypatch.setattr(probes, "LIMIT", 0.2)
    table = tmp_path / "arp"
    head = "IP address       HW type     Flags       HW address            Mask     Device\n"
    known = "127.0.0.1        0x1         0x2         02:42:ac:11:00:01     *        eth0\n"
    with contextlib.ExitStack() as stack:
        # A port whose queue is full drops who knocks, as a router does that hides.
        hiding = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        door = hiding.getsockname()[1]
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - of the socket
            waiting.connect_ex(("127.0.0.1", door))
        table.write_text(head + known)
        assert (await probes.ask_gateway("127.0.0.1", [door], neighbours=table)).up
        table.write_text(head + known.replace("0x2 ", "0x0 "))
        gone = await probes.ask_gateway("127.0.0.1", [door], neighbours=table)
    assert (gone.up, gone.said) == (False, "127.0.0.1 does not answer")


# Names


@pytest.fixture
def names():
    program = shutil.which("dnsmasq", path="/usr/sbin:/usr/bin")
    assert program, "apt install dnsmasq-base"
    port = free_port(socket.SOCK_DGRAM)
    command = [program, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv"]
    command += ["--no-hosts", f"--port={port}", "--listen-address=127.0.0.1", "--pid-file="]
    command += ["--bind-interfaces", "--address=/school.example/192.0.2.7", "--user="]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    yield ("127.0.0.1", port)
    process.terminate()
    process.wait(10)


async def test_a_name_server_of_others_is_understood(names):
    async with asyncio.timeout(30):
        while not (await probes.ask_names("school.example", [names])).up:
            await asyncio.sleep(0.05)
    unknown = await probes.ask_names("nobody.example", [names])
    assert (unknown.up, "does not know nobody.example" in unknown.said) == (False, True)
    dead = ("127.0.0.1", free_port(socket.SOCK_DGRAM))
    assert (await probes.ask_names("school.example", [dead, names])).up, "the second is asked"
    assert not (await probes.ask_names("school.example", [dead])).up


async def test_a_name_server_that_is_silent_or_talks_nonsense_is_none(monkeypatch):
    monkeypatch.setattr(probes, "LIMIT", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        asking = asyncio.create_task(probes.ask_names("a.example", [silent.getsockname()]))
        data, asker = await asyncio.to_thread(silent.recvfrom, 512)
        for nonsense in (b"", b"\0", b"\0\1\x80\0" + bytes(8), data, bytes(2000)):
            silent.sendto(nonsense, asker)
        assert (await asking).said == "127.0.0.1 does not answer"


# The internet


async def test_a_server_that_answers_is_the_internet(server):
    to = address_of(f"{server.url}/there?a=b")
    assert (await probes.ask_internet(to, None)).up
    server.status = 404
    assert (await probes.ask_internet(to, None)).up, "it is there"
    server.status = 503
    assert not (await probes.ask_internet(to, None)).up
    # A provider's page that asks to be paid.
    server.status, server.headers = 302, {"Location": "http://pay.provider.example/?from=school"}
    told = await probes.ask_internet(to, None)
    assert (told.up, "pay.provider.example" in told.said) == (False, True)
    server.headers = {"Location": "https://www.127.0.0.1/"}
    assert (await probes.ask_internet(to, None)).up


async def test_what_is_no_web_server_is_no_internet(monkeypatch):
    monkeypatch.setattr(probes, "LIMIT", 0.2)

    async def answer(reader, writer, said):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        writer.close()

    for said in (
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 x\r\n\r\n",
        b"a" * 99_999,
    ):
        listening = await asyncio.start_server(
            lambda r, w, said=said: answer(r, w, said), "127.0.0.1", 0
        )
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            assert not (await probes.ask_internet(address_of(f"http://127.0.0.1:{port}"), None)).up
    assert not (await probes.ask_internet(address_of(f"http://127.0.0.1:{port}"), None)).up


# The speed


@pytest.mark.slow
def test_both_directions_are_measured_within_what_the_line_gives(server):
    slow = SpeedServer(megabits=40)
    try:
        found = measure(Job(f"{slow.url}/file", f"{slow.url}/taken", 2.0, 50 * MEGA))
    finally:
        slow.close()
    assert found.said == []
    # The server gives no more, however busy the computer is; its first piece is not waited for.
    assert 0 < found.download < 40 * 1.3
    assert 0 < found.upload < 40 * 1.3
    assert found.bytes <= slow.gone + slow.taken + 4 * (64 << 10)


def test_it_takes_no_more_than_it_may(server):
    found = measure(Job(f"{server.url}/file", f"{server.url}/taken", 30.0, 4 * MEGA))
    assert found.said == []
    # Four connections, each with what it had in its hands when it was enough.
    assert found.bytes <= 2 * 4 * MEGA + 4 * (64 << 10) + 4 * (4 << 20)


@pytest.mark.parametrize(("status", "said"), [(302, "answers 302"), (500, "answers 500")])
def test_a_server_that_refuses_is_told_and_measures_nothing(server, status, said):
    server.status = status
    found = measure(Job(f"{server.url}/file", f"{server.url}/taken", 1.0, MEGA))
    assert (found.download, found.upload) == (None, None)
    assert [said in one for one in found.said] == [True, True]


def test_a_file_that_is_too_short_to_measure_with_is_told():
    short = SpeedServer(length=2000)
    try:
        found = measure(Job(f"{short.url}/file", None, 1.0, MEGA))
    finally:
        short.close()
    assert (found.download, "only 2000 bytes" in found.said[0]) == (None, True)


def test_nobody_there_is_told():
    found = measure(Job(f"http://127.0.0.1:{free_port()}/", None, 1.0, MEGA))
    assert (found.download, "ConnectionRefused" in found.said[0]) == (None, True)


# When, and what may be set


@pytest.mark.parametrize(
    ("time", "moment", "last", "wanted"),
    [
        ("06:30", "2026-11-30 06:29", None, False),
        ("06:30", "2026-11-30 06:31", None, True),
        ("06:30", "2026-11-30 06:40", "2026-11-30 06:31", False),
        # The computer was switched on when school had begun: the line is the lessons'.
        ("06:30", "2026-11-30 08:01", None, False),
        ("18:30", "2026-11-30 18:45", "2026-11-29 18:31", True),
        ("18:30", "2026-11-30 20:00", None, False),
        # Sunday.
        ("06:30", "2026-11-29 06:31", None, False),
        # The last one was measured while the clock was years ahead: it is measured all the same.
        ("06:30", "2026-11-30 06:31", "2031-01-01 06:31", True),
    ],
)
def test_it_is_measured_once_a_day_and_never_during_school(time, moment, last, wanted):
    def at(text):
        return datetime.fromisoformat(text).astimezone().timestamp()

    began = 0.0 if last is None else at(last)
    assert due(dt.time.fromisoformat(time), HOURS, began, at(moment)) is wanted


@pytest.mark.parametrize(
    "wrong",
    [
        {"internet": "ftp://school.example/"},
        {"internet": "https://user:password@school.example/"},
        {"internet": "https://school.example/a b"},
        {"internet": "https://school.example/\r\nHost: other"},
        {"internet": "https://"},
        {"internet": "https://school.example:99999/"},
        {"speed": {}},
        {"speed": {"download": "file:///etc/passwd"}},
        {"speed": {"download": "https://school.example/", "megabytes": 100_000}},
        {"every": 0},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        NetworkSettings.model_validate(wrong)


def test_the_speed_is_not_to_be_measured_during_school():
    speed = {"download": "https://school.example/100MB", "at": "10:00"}
    with pytest.raises(ValidationError, match="outside of the school's"):
        HealthSettings.model_validate({"network": {"speed": speed}})
    HealthSettings.model_validate({"network": {"speed": {**speed, "at": "06:30"}}})
