"""The wire between hub and driver process."""

import asyncio
import itertools
import socket
import struct

import pytest

from hub import wire
from hub.device import AccessRefused, Problem, Unreachable
from hub.driver_host.errors import DriverError
from hub.wire import ControlChannel, FrameReceiver, WireError


class Ends:
    """A control channel over a real socket pair; `far` is the other end."""

    def __init__(self, **options):
        self.messages = []
        self.closed = asyncio.get_running_loop().create_future()
        self.near, self.far = socket.socketpair()
        self.near.settimeout(0)
        self.far.settimeout(0)
        self.channel = ControlChannel(self.messages.append, self.closed.set_result, **options)

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self.channel, sock=self.near)
        return self

    async def __aexit__(self, *_):
        self.channel.close()
        self.far.close()
        await asyncio.wait_for(asyncio.shield(self.closed), 5)

    async def send(self, data):
        await asyncio.get_running_loop().sock_sendall(self.far, data)

    async def until(self, count):
        async with asyncio.timeout(5):
            while len(self.messages) < count:
                await asyncio.sleep(0)


async def test_messages_arrive_whole_however_they_are_cut():
    wanted = [{"op": "a", "text": "сабақ"}, {"op": "b", "n": [1.5, None]}, {"op": "c"}]
    stream = b"".join(wire.encode(message) for message in wanted)
    for size in (1, 2, 3, 7, len(stream)):
        async with Ends() as ends:
            for at in range(0, len(stream), size):
                await ends.send(stream[at : at + size])
            await ends.until(3)
            assert ends.messages == wanted


@pytest.mark.parametrize(
    "garbage",
    [
        struct.pack("!I", wire.MOST_CONTROL + 1),
        b"\xff" * 16,
        struct.pack("!I", 4) + b"{]}[",
        struct.pack("!I", 4) + b"\xff\xfe\xfd\xfc",
        struct.pack("!I", 2) + b"[]",
        struct.pack("!I", 9) + b'{"a":NaN}',
        struct.pack("!I", 0),
        struct.pack("!I", 200_000) + b"[" * 200_000,
        struct.pack("!I", 10_005) + b'{"a":' + b"9" * 9_999 + b"}",
    ],
)
async def test_garbage_ends_the_channel_with_a_reason(garbage):
    async with Ends() as ends:
        await ends.send(wire.encode({"op": "good"}) + garbage)
        error = await asyncio.wait_for(asyncio.shield(ends.closed), 5)
        assert isinstance(error, WireError)
        assert ends.messages == [{"op": "good"}]


async def test_a_message_that_its_reader_refuses_ends_the_channel():
    def refuse(message):
        raise WireError("not with me")

    async with Ends() as ends:
        ends.channel._on_message = refuse
        await ends.send(wire.encode({"op": "good"}))
        assert isinstance(await asyncio.wait_for(asyncio.shield(ends.closed), 5), WireError)


async def test_the_end_of_the_other_side_is_no_error():
    async with Ends() as ends:
        ends.far.close()
        assert await asyncio.wait_for(asyncio.shield(ends.closed), 5) is None


async def test_a_flood_is_taken_in_portions_so_that_others_have_their_turn():
    async with Ends() as ends:
        await ends.send(wire.encode({"op": "x"}) * (wire.MESSAGES_A_TURN * 3))
        turns = []
        async with asyncio.timeout(5):
            while len(ends.messages) < wire.MESSAGES_A_TURN * 3:
                turns.append(len(ends.messages))
                await asyncio.sleep(0)
        assert all(b - a <= wire.MESSAGES_A_TURN for a, b in itertools.pairwise(turns))


async def test_more_messages_than_the_rate_allows_wait_and_are_not_lost():
    async with Ends(rate=100) as ends:
        await ends.send(wire.encode({"op": "x"}) * 105)
        await ends.until(100)
        assert len(ends.messages) < 105
        await ends.until(105)


async def test_a_writer_is_told_when_the_other_side_does_not_keep_up():
    told = []
    async with Ends(on_writable=told.append) as ends:
        for _ in range(200):
            ends.channel.send({"op": "x", "text": "y" * 10_000})
        assert told == [False]
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(5):
            while told != [False, True]:
                await loop.sock_recv(ends.far, 1 << 20)


def test_what_json_cannot_say_is_refused_before_it_is_sent():
    with pytest.raises(ValueError, match="JSON"):
        wire.encode({"op": "x", "value": float("nan")})
    with pytest.raises(WireError):
        wire.encode({"op": "x", "text": "y" * wire.MOST_CONTROL})
    with pytest.raises(WireError):
        wire.encode_frame_head({}, wire.MOST_FRAME + 1)


async def _receive(data, cut):
    near, far = socket.socketpair()
    near.settimeout(0)
    far.settimeout(0)
    loop = asyncio.get_running_loop()
    frames, closed = [], loop.create_future()
    receiver = FrameReceiver(lambda *frame: frames.append(frame), closed.set_result)
    await loop.create_unix_connection(lambda: receiver, sock=near)
    try:
        for at in range(0, len(data), cut):
            await loop.sock_sendall(far, data[at : at + cut])
    except (BrokenPipeError, ConnectionResetError):
        pass
    far.close()
    return frames, await asyncio.wait_for(closed, 5)


@pytest.mark.parametrize("cut", [1, 5, 1 << 20])
async def test_frames_arrive_whole_however_they_are_cut(cut):
    pictures = [b"a" * 700, b"", b"b" * 3]
    data = b"".join(wire.encode_frame_head({"n": len(p)}, len(p)) + p for p in pictures)
    frames, error = await _receive(data, cut)
    assert frames == [({"n": len(p)}, p) for p in pictures]
    assert error is None


async def test_a_frame_larger_than_the_first_buffer_arrives_whole():
    picture = bytes(range(256)) * 8192
    frames, _ = await _receive(wire.encode_frame_head({"op": 1}, len(picture)) + picture, 1 << 16)
    assert frames == [({"op": 1}, picture)]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 64,
        struct.pack("!II", 0, 0),
        struct.pack("!II", wire.MOST_FRAME_HEADER + 1, 1),
        struct.pack("!II", 2, wire.MOST_FRAME + 1),
        struct.pack("!II", 2, 1) + b"[]x",
    ],
)
async def test_garbage_on_the_frame_channel_ends_it_with_a_reason(data):
    frames, error = await _receive(data, 1 << 16)
    assert frames == []
    assert isinstance(error, WireError)


def test_an_error_of_the_device_model_crosses_the_wire_as_itself():
    error = wire.error_from_wire(wire.error_to_wire(AccessRefused("port 3", port=3)))
    assert type(error) is AccessRefused
    assert (error.detail, error.params) == ("port 3", {"port": 3})


def test_an_error_of_a_drivers_own_class_keeps_code_title_and_hint():
    class Jammed(Unreachable):
        code = "jammed"
        status = 409
        title = "The paper is jammed."
        hint = "Pull it out."

    error = wire.error_from_wire(wire.error_to_wire(Jammed("tray 2")))
    assert (error.code, error.status, error.title, error.hint, error.retryable) == (
        "jammed",
        409,
        "The paper is jammed.",
        "Pull it out.",
        True,
    )
    assert Problem.of(error).code == "jammed"


@pytest.mark.parametrize("data", [{}, {"code": 1, "title": []}, {"code": "x"}])
def test_an_error_that_is_none_is_garbage(data):
    with pytest.raises(WireError):
        wire.error_from_wire(data)


def test_a_status_that_is_none_becomes_the_devices_fault():
    data = wire.error_to_wire(DriverError("x")) | {"status": 200}
    assert wire.error_from_wire(data).status == 502
