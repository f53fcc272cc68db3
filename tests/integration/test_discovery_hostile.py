"""Strangers on the network announce what they like, packet by packet: the hub's search stays alive.

The packets are made here, from RFC 1035 and RFC 6762; only loopback hears them.
"""

import asyncio
import contextlib
import random
import socket
import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.discovery import Discovery, Mdns
from hub.discovery._facts import LONGEST, MOST_PROPERTIES
from hub.discovery._mdns import AGAIN_SECONDS, MOST_SERVICES, NEWS_SECONDS, _texts

zeroconf = pytest.importorskip("zeroconf")

SERVICE = "_classhubtest._tcp.local."
TYPE = [b"_classhubtest", b"_tcp", b"local"]
GROUP, PORT = "224.0.0.251", 5353
LIMIT = 30.0
PTR, TXT, A, SRV = 12, 16, 1, 33
CACHE_FLUSH = 0x8000


def name(labels: list[bytes]) -> bytes:
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner: list[bytes], type_: int, data: bytes, ttl: int, unique: bool) -> bytes:
    class_ = 1 | (CACHE_FLUSH if unique else 0)
    return name(owner) + struct.pack("!HHIH", type_, class_, ttl, len(data)) + data


def announcement(
    instance: bytes, *, txt: bytes = b"\0", port: int = 80, ttl: int = 4500, host: bytes = b"x"
) -> bytes:
    """An unasked answer that names a service, where it is and what it says of itself."""
    owner, home = [instance, *TYPE], [host, b"local"]
    records = [
        record(TYPE, PTR, name(owner), ttl, unique=False),
        record(owner, SRV, struct.pack("!HHH", 0, 0, port) + name(home), ttl, unique=True),
        record(owner, TXT, txt, ttl, unique=True),
        record(home, A, socket.inet_aton("127.0.0.1"), ttl, unique=True),
    ]
    return struct.pack("!6H", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def texts(*entries: bytes) -> bytes:
    return b"".join(bytes([len(entry)]) + entry for entry in entries)


class Stranger:
    """Another responder on the port of mDNS, as Avahi beside the hub is one."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind(("", PORT))
        loopback = socket.inet_aton("127.0.0.1")
        group = socket.inet_aton(GROUP) + loopback
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)

    def say(self, packet: bytes) -> None:
        self._socket.sendto(packet, (GROUP, PORT))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def stranger():
    with contextlib.closing(Stranger()) as made:
        yield made


@pytest.fixture
async def search(tmp_path: Path):
    """The hub's search for the network, and how often it told of news."""
    discovery = Discovery(tmp_path / "twins.json", None, list)
    told: list[float] = []
    discovery.listen(lambda: told.append(time.monotonic()))
    mdns = Mdns([SERVICE], ["127.0.0.1"])
    await discovery.start_network(mdns)
    assert mdns.problem == ""
    yield discovery, mdns, told
    assert all(not task.done() for task in mdns._tasks)
    await discovery.stop()


async def found(discovery: Discovery, stranger: Stranger, title: str, packet: bytes):
    """Announce something honest again and again, as devices do, until it is found."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        stranger.say(packet)
        for one in discovery.list():
            if one.title == title:
                return one
        await asyncio.sleep(0.2)
    raise AssertionError([one.title for one in discovery.list()])


HONEST = announcement(b"Honest", txt=texts(b"kind=thermometer"), port=1234)


async def test_names_that_are_none_stop_nobody(search, stranger):
    discovery, _, _ = search
    for bad in (
        b"line\nbreak",
        b"nul\0",
        b"\x1b[31mred",
        b"\x7f" * 5,
        b"\xff\xfe not UTF-8",
        "right to left \u202e gpj.exe".encode(),
        b"<script>alert(1)</script>",
        b"../../etc/passwd",
        b"a.b.c",
        b" ",
        b"x" * 63,
        "ш".encode() * 31,
    ):
        stranger.say(announcement(bad))
    one = await found(discovery, stranger, "Honest", HONEST)
    assert (one.host, one.tcp_port, one.properties) == ("127.0.0.1", 1234, {"kind": "thermometer"})
    await asyncio.sleep(1)
    for one in discovery.list():
        assert one.title.isprintable()
        assert one.identity.isprintable()
        assert len(one.title) <= 100


async def test_records_that_are_none_stop_nobody(search, stranger):
    discovery, _, _ = search
    noise = random.Random(7)
    many = texts(*(b"%d=%s" % (number, b"v" * 200) for number in range(300)))
    for number, bad in enumerate(
        (
            texts(b"\x00\x01\x02=\xff\xfe", b"=no name", b"", b"a=1", b"a=2"),
            texts(b"v=" + b"x" * 250) * 100,
            many[:60_000],
            b"\xff" + b"cut short",
            noise.randbytes(4000),
        )
    ):
        with contextlib.suppress(OSError):  # larger than a packet may be
            stranger.say(announcement(b"Bad %d" % number, txt=bad))
    whole = announcement(b"Cut")
    for cut in range(0, len(whole), 7):
        stranger.say(whole[:cut])
    for _ in range(300):
        spoilt = bytearray(announcement(b"Spoilt", txt=texts(b"a=1")))
        for _ in range(noise.randrange(1, 9)):
            spoilt[noise.randrange(len(spoilt))] = noise.randrange(256)
        stranger.say(bytes(spoilt))
    await found(discovery, stranger, "Honest", HONEST)
    for one in discovery.list():
        assert len(one.properties) <= MOST_PROPERTIES
        for key, value in one.properties.items():
            assert len(key) <= 64
            assert len(value) <= LONGEST
            assert (key + value).isprintable()


async def test_thousands_are_bounded_and_one_that_had_no_room_is_found_later(search, stranger):
    discovery, _, told = search

    async def all_say(ttl: int) -> None:
        for number in range(1500):
            stranger.say(announcement(b"Many %d" % number, host=b"h%d" % number, ttl=ttl))
            if number % 20 == 0:
                await asyncio.sleep(0)

    await all_say(4500)
    end = time.monotonic() + LIMIT
    while len(discovery.list()) < MOST_SERVICES:
        assert time.monotonic() < end, len(discovery.list())
        await asyncio.sleep(0.1)
    stranger.say(HONEST)
    await asyncio.sleep(0.5)
    assert len(discovery.list()) == MOST_SERVICES
    assert len(told) < 100
    # It has said its word, and nobody asks it again: it is found all the same.
    while "Honest" not in [one.title for one in discovery.list()]:
        assert time.monotonic() < end + 2 * LIMIT
        await all_say(0)
        await asyncio.sleep(2)


async def test_one_that_flaps_is_told_a_few_times_a_second_and_fills_no_log(
    search, stranger, caplog
):
    discovery, mdns, told = search
    caplog.set_level("INFO", "classhub.discovery")

    class State:
        def __init__(self, name: str) -> None:
            self.name = name

    stranger.say(announcement(b"Flapping"))
    await found(discovery, stranger, "Flapping", announcement(b"Flapping"))
    told.clear()
    start = time.monotonic()
    flaps = 0
    while time.monotonic() - start < 3:
        for state in ("Removed", "Added"):
            mdns._heard(SERVICE, f"Flapping.{SERVICE}", State(state))
        flaps += 1
        await asyncio.sleep(0.01)
    seconds = time.monotonic() - start
    assert flaps > 50
    assert len(told) <= seconds / AGAIN_SECONDS * 2 + 3
    assert len(told) <= seconds / NEWS_SECONDS
    await found(discovery, stranger, "Flapping", announcement(b"Flapping"))
    said = [one.getMessage() for one in caplog.records if "Flapping" in one.getMessage()]
    assert len(said) == 1


async def test_a_name_that_looks_like_another_takes_its_place_from_nobody(search, stranger):
    """A stranger's name with an invisible letter is cleaned to the name of a device in use."""
    discovery, _, _ = search
    await found(discovery, stranger, "Honest", HONEST)
    stranger.say(announcement("Honest\u200b".encode(), port=6666, host=b"evil"))
    await asyncio.sleep(2)
    (one,) = discovery.list()
    assert one.tcp_port == 1234


async def test_another_responder_on_the_port_takes_nothing_away(search, stranger):
    """As Avahi does: bound to 5353 beside us, it hears the group's packets and so do we."""
    discovery, _, _ = search
    other = zeroconf.asyncio.AsyncZeroconf(interfaces=["127.0.0.1"])
    info = zeroconf.ServiceInfo(
        SERVICE,
        f"Registered elsewhere.{SERVICE}",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=99,
        server="elsewhere.local.",
    )
    await (await other.async_register_service(info))
    try:
        end = time.monotonic() + LIMIT
        while "Registered elsewhere" not in [one.title for one in discovery.list()]:
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        await found(discovery, stranger, "Honest", HONEST)
    finally:
        await other.async_close()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.binary(max_size=300), st.none() | st.binary(max_size=600), max_size=120))
def test_whatever_records_say_is_bounded_and_printable(records):
    said = _texts(records)
    assert len(said) <= MOST_PROPERTIES
    for key, value in said.items():
        assert len(key) <= 64
        assert len(value) <= LONGEST
        assert (key + value).isprintable()
