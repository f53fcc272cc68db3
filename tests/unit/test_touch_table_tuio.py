"""Tables that speak TUIO, over a real socket; and packets that are none."""

import asyncio
import contextlib
import socket
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.touch_table.contract import TouchTool
from drivers.touch_table.osc import BadPacket, OscMessage, parse_packet
from drivers.touch_table.tuio import TuioTable
from drivers.touch_table.tuio.reader import TuioReader
from drivers.virtual.harness import Recorder, recording, replaying


def text(value):
    data = value.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def message(address, *arguments):
    tags, body = ",", b""
    for one in arguments:
        if isinstance(one, str):
            tags, body = tags + "s", body + text(one)
        elif isinstance(one, int):
            tags, body = tags + "i", body + struct.pack(">i", one)
        else:
            tags, body = tags + "f", body + struct.pack(">f", one)
    return text(address) + text(tags) + body


def bundle(*parts):
    return b"#bundle\0" + bytes(7) + b"\1" + b"".join(struct.pack(">i", len(p)) + p for p in parts)


def cursors(number, *places, source="table@10.0.0.5", alive=None):
    """A bundle of TUIO 1.1: (session id, x, y) of each."""
    profile = "/tuio/2Dcur"
    ids = [one[0] for one in places] if alive is None else alive
    return bundle(
        message(profile, "source", source),
        message(profile, "alive", *ids),
        *(message(profile, "set", s, x, y, 0.0, 0.0, 0.0) for s, x, y in places),
        message(profile, "fseq", number),
    )


def pointers(number, *places, alive=None):
    """A bundle of TUIO 2.0: (session id, type, x, y, pressure) of each."""
    ids = [one[0] for one in places] if alive is None else alive
    return bundle(
        message("/tuio2/frm", number, 0, 0x04000300, "table:0@10.0.0.5"),
        *(
            message("/tuio2/ptr", s, kind, 0, x, y, 0.0, 0.0, 0.01, p)
            for s, kind, x, y, p in places
        ),
        message("/tuio2/alv", *ids),
    )


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Touches(Recorder):
    @property
    def all(self):
        return [one for _, batch in self.batches for one in batch]

    async def told(self, number):
        async with asyncio.timeout(8):
            while len(self.all) < number:
                await asyncio.sleep(0.005)
        return [(one.id, str(one.phase), round(one.x, 3), round(one.y, 3)) for one in self.all]


@contextlib.asynccontextmanager
async def table(transports=None, port=None, **more):
    port = port or free_port()
    told = Touches()
    driver = TuioTable(TuioTable.Settings(port=port, **more), told, transports=transports)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        try:
            await driver.connect()
            yield lambda data: sender.sendto(data, ("127.0.0.1", port)), told, driver
        finally:
            await driver.end_background()
            await driver.disconnect()


async def test_cursors_of_tuio_1_come_move_and_go():
    async with table(width_mm=1000, height_mm=500) as (say, told, driver):
        say(cursors(1, (7, 0.25, 0.5)))
        say(cursors(2, (7, 0.5, 0.5), (8, 1.0, 1.0)))
        say(cursors(3, (8, 1.0, 0.75), alive=[8]))
        say(cursors(4))
        assert await told.told(6) == [
            (1, "down", 0.25, 0.5),
            (1, "move", 0.5, 0.5),
            (2, "down", 1.0, 1.0),
            (1, "up", 0.5, 0.5),
            (2, "move", 1.0, 0.75),
            (2, "up", 1.0, 0.75),
        ]
        assert told.all[0].x_mm == 250
        assert [one.frame for one in told.all] == [0, 1, 1, 2, 2, 3]
        assert [value for _, value in told.readings] == [0, 1, 2, 1, 0]
        assert driver.omitted == {"grab", "most_contacts"}


async def test_what_is_repeated_comes_late_or_twice_changes_nothing():
    async with table() as (say, told, driver):
        say(cursors(5, (1, 0.5, 0.5)))
        say(cursors(5, (1, 0.5, 0.5)))
        say(cursors(3, (1, 0.1, 0.1)))
        say(cursors(-1, alive=[1]))
        say(cursors(6, alive=[1]))  # it rests
        say(cursors(7, (1, 0.6, 0.5)))
        assert await told.told(2) == [(1, "down", 0.5, 0.5), (1, "move", 0.6, 0.5)]
        assert driver._reader.late == 1
        say(cursors(9000, (1, 0.7, 0.5)))
        say(cursors(1, (1, 0.8, 0.5)))  # the table was started again
        assert (await told.told(4))[3] == (1, "move", 0.8, 0.5)


async def test_a_large_frame_in_several_bundles_is_whole():
    async with table() as (say, told, _):
        ids = list(range(1, 61))
        for first in range(1, 61, 20):
            say(cursors(1, *((n, n / 100, 0.5) for n in range(first, first + 20)), alive=ids))
        assert [i for i, phase, _, _ in await told.told(60) if phase == "down"] == ids


async def test_blobs_have_a_size_and_objects_are_objects():
    async with table(width_mm=1000, height_mm=500, palm_mm=60) as (say, told, _):
        blob = "/tuio/2Dblb"
        say(
            bundle(
                message(blob, "alive", 3),
                message(blob, "set", 3, 0.5, 0.5, 1.5708, 0.02, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
                message(blob, "fseq", 1),
            )
        )
        obj = "/tuio/2Dobj"
        say(
            bundle(
                message(obj, "alive", 4),
                message(obj, "set", 4, 99, 0.1, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
                message(obj, "fseq", 1),
            )
        )
        await told.told(2)
        first, second = told.all
        assert (first.width_mm, first.height_mm, first.tool) == (20, 10, TouchTool.FINGER)
        assert first.angle == pytest.approx(90, abs=0.01)
        assert (second.tool, round(second.x, 3), round(second.y, 3)) == (TouchTool.OBJECT, 0.1, 0.2)


async def test_pointers_of_tuio_2():
    async with table() as (say, told, _):
        say(pointers(1, (5, 0x00020005, 0.25, 0.5, 0.5), (6, 0x20, 0.75, 0.5, -1.0)))
        say(pointers(2, (5, 0x00020005, 0.5, 0.5, 1.0), alive=[5]))
        say(pointers(3))
        phases = [(i, p) for i, p, _, _ in await told.told(5)]
        assert phases == [(1, "down"), (2, "down"), (2, "up"), (1, "move"), (1, "up")]
        assert (told.all[0].pressure, told.all[1].pressure) == (0.5, None)
        assert (told.all[0].tool, told.all[1].tool) == (TouchTool.FINGER, TouchTool.PEN)


async def test_two_tables_that_send_to_one_port_do_not_end_each_others_touches():
    async with table() as (say, told, _):
        say(cursors(1, (1, 0.1, 0.1), source="a"))
        say(cursors(1, (1, 0.9, 0.9), source="b"))
        say(cursors(2, source="a"))
        assert await told.told(3) == [
            (1, "down", 0.1, 0.1),
            (2, "down", 0.9, 0.9),
            (1, "up", 0.1, 0.1),
        ]


async def test_a_table_that_falls_silent_has_no_touches_any_more(monkeypatch):
    monkeypatch.setattr("drivers.touch_table.tuio.driver.SILENT", 0.1)
    async with table() as (say, told, _):
        say(cursors(1, (1, 0.1, 0.1)))
        assert [p for _, p, _, _ in await told.told(2)] == ["down", "up"]


async def test_what_is_no_tuio_does_no_harm():
    async with table() as (say, told, driver):
        for data in (
            b"x",
            b"/tuio/2Dcur",
            bundle(b"\0\0\0\1"),
            message("/other", 1),
            cursors(1)[:40],
        ):
            say(data)
        say(cursors(2, (1, 0.5, 0.5)))
        assert await told.told(1) == [(1, "down", 0.5, 0.5)]
        assert driver._bad >= 3
        assert told.losses == []


async def test_touches_are_recorded_and_played_without_the_table(tmp_path):
    file = tmp_path / "table.jsonl"
    port = free_port()
    async with (
        recording(file, TuioTable.Settings(port=port)) as transports,
        table(transports, port) as (say, told, _),
    ):
        for number in range(20):
            say(cursors(number, (1, number / 20, 0.5)))
        say(cursors(20))
        await told.told(21)
    async with replaying(file) as played, table(played, port) as (_, again, _driver):
        await again.told(21)
    assert [one.x for one in again.all] == [one.x for one in told.all]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"/a",
        b"a\0\0\0",
        b"/a\0\0xi\0\0",
        b"/a\0\0,i\0\0\0\0",
        b"/a\0\0,q\0\0",
        b"/\xff\0\0",
        b"/a\0\0,f\0\0\x7f\xc0\0\0",
        b"/a\0\0,b\0\0\x7f\xff\xff\xff",
        b"#bundle\0",
        bundle(b"") + b"\0\0\0",
        bundle(bundle(bundle(bundle(bundle(message("/a")))))),
        bundle(*[message("/a")] * 1100),
        bytes(70000),
    ],
)
def test_packets_that_are_no_osc_are_refused(data):
    with pytest.raises(BadPacket):
        parse_packet(data)


def test_every_type_of_argument():
    data = text("/a") + text(",ifsbhdTFN") + struct.pack(">if", -1, 0.5) + text("x")
    data += struct.pack(">i", 1) + b"z\0\0\0" + struct.pack(">qd", 1 << 40, 0.25)
    told = OscMessage("/a", (-1, 0.5, "x", b"z", 1 << 40, 0.25, True, False, None))
    assert parse_packet(data) == [told]


_argument = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.floats(-2, 2, width=32),
    st.sampled_from(["alive", "set", "fseq", "source", ""]),
)
_message = st.builds(
    lambda address, arguments: message(address, *arguments),
    st.sampled_from(["/tuio/2Dcur", "/tuio/2Dblb", "/tuio2/frm", "/tuio2/ptr", "/tuio2/alv"]),
    st.lists(_argument, max_size=9),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(_message, max_size=6), st.integers(0, 255), st.integers(0, 400))
def test_whatever_comes_is_understood_or_refused(messages, byte, at):
    whole = bundle(*messages)
    spoilt = bytearray(whole)
    spoilt[at % len(spoilt)] = byte
    reader = TuioReader(100, 100)
    for data in (whole, bytes(spoilt), whole[:at]):
        try:
            frames = reader.read(parse_packet(data))
        except BadPacket:
            continue
        for frame in frames:
            assert frame.places.keys() <= frame.alive
            assert all(0 <= place.x <= 1 and 0 <= place.y <= 1 for place in frame.places.values())
