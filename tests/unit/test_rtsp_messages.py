"""RTSP is cut into messages and packets, whatever comes and however it arrives."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.microscope.video._conversation import Address, conversing
from drivers.microscope.video._messages import (
    MOST_BODY,
    MOST_HEAD,
    Message,
    MessageReader,
    Packet,
)
from hub.device import WrongDevice
from hub.device.transports import Transports
from tests.peers import serving

# RFC 2326, section 10.12, the second answer and the packets after it.
RFC = (
    b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 12345678\r\nDate: 05 Jun 1997 18:59:15 GMT\r\n"
    b"RTP-Info: url=rtsp://foo.com/bar.file;seq=232433;rtptime=972948234\r\n\r\n"
    b"$\000\000\004data$\001\000\002ok"
)


def cut(data: bytes, sizes: list[int] | None = None) -> list[Message | Packet]:
    reader, whole, at = MessageReader(), [], 0
    for size in sizes or []:
        whole += reader.feed(data[at : at + size])
        at += size
    return whole + reader.feed(data[at:])


def test_the_example_of_the_rfc() -> None:
    answer, first, second = cut(RFC)
    assert isinstance(answer, Message)
    assert (answer.status, answer.header("session"), answer.header("cseq")) == (
        200,
        "12345678",
        "3",
    )
    assert (first, second) == (Packet(b"$\0\0\4data"), Packet(b"$\1\0\2ok"))


def test_a_body_is_as_long_as_it_says_and_may_hold_anything() -> None:
    body = b"v=0\r\n\r\n$\0\0\1x"
    told = b"RTSP/1.0 200 OK\nContent-length: %d\n\n" % len(body) + body
    answer, after = cut(told + b"\r\n" + RFC[-6:])
    assert isinstance(answer, Message)
    assert answer.body == body
    assert after == Packet(b"$\1\0\2ok")


def test_what_it_writes_it_reads() -> None:
    asked = Message("SETUP rtsp://a/b RTSP/1.0", (("CSeq", "7"), ("Transport", "x;y=1")), b"body")
    (read,) = cut(asked.encode())
    assert isinstance(read, Message)
    assert read.request == ("SETUP", "rtsp://a/b")
    assert read.header("transport") == "x;y=1"
    assert read.body == b"body"


def test_challenges_in_two_headers_are_both_seen() -> None:
    (answer,) = cut(
        b"RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=r\r\n"
        b"WWW-Authenticate: Basic realm=r\r\n\r\n"
    )
    assert isinstance(answer, Message)
    assert answer.all("www-authenticate") == "Digest realm=r, Basic realm=r"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"220 mail.school.kz ESMTP\r\n",
        b"\x16\x03\x01\x02\x00",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * MOST_HEAD,
        b"A" * MOST_HEAD,
    ],
    ids=lambda said: repr(said[:20]),
)
def test_what_is_no_rtsp_is_refused(said: bytes) -> None:
    with pytest.raises(WrongDevice):
        cut(said)


pieces = st.one_of(
    st.binary(max_size=200).map(lambda d: b"$\0" + len(d).to_bytes(2, "big") + d),
    st.tuples(st.integers(100, 599), st.binary(max_size=100)).map(
        lambda t: (
            b"RTSP/1.0 %d x\r\nCSeq: 1\r\nContent-Length: %d\r\n\r\n" % (t[0], len(t[1])) + t[1]
        )
    ),
)


@given(st.lists(pieces, max_size=8), st.lists(st.integers(1, 60), max_size=40))
def test_however_it_arrives_the_same_comes_out(parts: list[bytes], sizes: list[int]) -> None:
    whole = cut(b"".join(parts))
    assert len(whole) == len(parts)
    assert cut(b"".join(parts), sizes) == whole


@given(st.binary(max_size=2000), st.lists(st.integers(1, 200), max_size=20))
def test_anything_is_survived_and_little_of_it_kept(noise: bytes, sizes: list[int]) -> None:
    for before in (b"", RFC, b"RTSP/1.0 200 OK\r\n"):
        reader = MessageReader()
        with contextlib.suppress(WrongDevice):
            for at in range(0, len(noise), 97):
                reader.feed((before if at == 0 else b"") + noise[at : at + 97])
        assert reader.pending <= MOST_HEAD + MOST_BODY + 65540


async def test_a_conversation_that_is_given_up_while_it_ends_closes_its_connection():
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    leave, streams = asyncio.Event(), []

    async def talk(port: int) -> None:
        address = Address.of(f"rtsp://127.0.0.1:{port}/")
        async with conversing(Transports(), address, None) as conversation:
            streams.append(conversation._stream)
            await leave.wait()

    async with serving(silent) as port, asyncio.timeout(30):
        talking = asyncio.create_task(talk(port), name="a conversation")
        while not streams:
            await asyncio.sleep(0.01)
        leave.set()
        await asyncio.sleep(0)  # it waits for whoever listens to end
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await talking
        assert streams[0].closed
