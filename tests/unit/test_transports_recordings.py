"""Recordings: whatever a file says is bounded, no secret is in one, what is recorded is played."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import pty
import threading
import tty
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.device import Unreachable
from hub.device.transports import (
    BadRecording,
    Header,
    Mask,
    Recording,
    Replay,
    ReplayDiverged,
    ReplayOver,
    Secrets,
    Transports,
    read_header,
)
from hub.device.transports._format import MOST_LINE, line_of
from hub.device.transports._hidraw import HidrawPort
from tests.peers import serving

LIMIT = 30
HEADER = Header(driver="test")
FIRST = line_of(**HEADER.model_dump(mode="json"))
OPEN = line_of(t=0.0, c=1, e="open", transport="tcp", target="h:1", stream=True, late=False)


def masked(secrets: Secrets, *pieces: bytes) -> bytes:
    mask = Mask(secrets)
    return b"".join(mask.feed(piece) for piece in pieces) + mask.finish()


def read(path: Path, content: bytes) -> Recording:
    path.write_bytes(content)
    recording = Recording(path)
    recording.close()
    return recording


# Secrets


@given(
    secret=st.text(min_size=4, max_size=20).filter(lambda s: "*" not in s and s.strip()),
    before=st.binary(max_size=40),
    after=st.binary(max_size=40),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
@settings(deadline=None)
def test_no_form_of_a_secret_comes_through_however_it_is_cut(secret, before, after, cuts):
    raw = secret.encode("utf-8", "surrogatepass")
    for form in (
        raw,
        base64.b64encode(raw),
        base64.b64encode(b"user:" + raw),
        quote(raw).encode(),
        raw.hex().encode(),
        json.dumps(secret)[1:-1].encode(),
    ):
        data = before + form + after
        marks = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
        pieces = [data[a:b] for a, b in itertools.pairwise(marks)]
        out = masked(Secrets([secret]), *pieces)
        assert len(out) == len(data)
        assert raw not in out
        assert b"*" in out


def test_a_secret_in_kazakh_is_replaced_and_the_letters_in_it_that_others_have_too_stay():
    out = masked(Secrets(["құпия1"]), "1 құпия1 11".encode())
    assert out == b"1 " + b"*" * len("құпия1".encode()) + b" 11"


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_headers_that_authorise_are_replaced_in_pieces_of_any_size(step):
    text = (
        b"GET / HTTP/1.1\r\nauthorization: Digest abc\r\nHost: x\r\nCookie: id=7; a=b\r\n"
        b"Cookies: stay\r\n\r\nbody Cookie: stays"
    )
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    out = masked(Secrets(), *pieces)
    assert len(out) == len(text)
    assert b"abc" not in out
    assert b"id=7" not in out
    for kept in (b"Host: x", b"Cookies: stay", b"body Cookie: stays", b"GET / HTTP/1.1"):
        assert kept in out


def test_half_a_secret_is_replaced_where_a_connection_ends_in_it():
    assert masked(Secrets(["correct horse"]), b"x correct h") == b"x *********"
    assert masked(Secrets(["correct horse"]), b"x co") == b"x co"


@given(data=st.lists(st.binary(max_size=60), max_size=8))
def test_what_is_no_secret_is_not_touched(data):
    text = b"".join(data)
    if b"\n" not in text and not any(
        w in text.lower() for w in (b"authorization", b"cookie", b"x-a")
    ):
        assert masked(Secrets(["a secret of some length"]), *data) == text


# The file


def test_a_last_line_that_a_crash_cut_is_tolerated(tmp_path: Path):
    said = line_of(t=0.5, c=1, e="rx", data=b"hello")
    for cut in range(1, len(said)):
        recording = read(tmp_path / "a", FIRST + OPEN + said + said[:cut])
        assert len(recording.connections[0].events) == 1
        assert not recording.whole


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no JSON"),
        (b"{}\n", "does not say"),
        (b"[]\n", "object"),
        (FIRST.replace(b'"version":1', b'"version":2'), "version 2"),
        (FIRST.replace(b'"driver":"test"', b'"driver":7'), "driver"),
        (FIRST + b"nonsense\n", "line 2"),
        (FIRST + OPEN + OPEN, "line 3.*twice"),
        (FIRST + line_of(t=0, c=9, e="rx", data=b""), "not opened"),
        (FIRST + OPEN + line_of(t=-1, c=1, e="rx", data=b""), "time"),
        (FIRST + OPEN + b'{"t":NaN,"c":1,"e":"rx","data":""}\n', "time"),
        (FIRST + OPEN + b'{"t":0,"c":1,"e":"rx","data":"?"}\n', "base64"),
        (FIRST + OPEN + b'{"t":0,"c":true,"e":"rx","data":""}\n', "channel"),
        (FIRST + b"x" * (MOST_LINE + 10) + b"\n", "too long"),
        (b"x" * (MOST_LINE + 10), "too long"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(tmp_path: Path, content, says):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadRecording, match=says):
        Recording(tmp_path / "a")


@given(
    lines=st.lists(
        st.one_of(
            st.binary(max_size=80).map(lambda b: b + b"\n"),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["t", "c", "e", "data", "by", "code", "target"]), inner
                    )
                ),
                max_leaves=6,
            ).map(lambda data: json.dumps(data).encode() + b"\n"),
            st.fixed_dictionaries(
                {"t": st.integers(0, 9), "c": st.integers(0, 2)},
                optional={
                    "e": st.sampled_from(
                        ["open", "rx", "tx", "call", "close", "error", "fail", "end", "x"]
                    ),
                    "data": st.sampled_from(["", "YQ==", "?"]),
                    "transport": st.just("tcp"),
                    "target": st.just("h:1"),
                    "by": st.just("device"),
                    "name": st.just("N"),
                    "answer": st.just(""),
                    "code": st.just("c"),
                    "text": st.just("t"),
                },
            ).map(lambda data: json.dumps(data).encode() + b"\n"),
        ),
        max_size=8,
    ),
    cut=st.integers(0, 50),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused(tmp_path: Path, lines, cut):
    content = FIRST + b"".join(lines)
    with contextlib.suppress(BadRecording):
        read(tmp_path / "a", content[: len(content) - cut])


# Recording and playing


@contextlib.asynccontextmanager
async def answering(say):
    """A TCP peer that answers each line with what `say` makes of it."""

    async def answer(reader, writer):
        while line := await reader.readline():
            writer.write(say(line))

    async with serving(answer) as port:
        yield port


async def finished(transports: Transports, ended):
    if transports.recorder is not None:
        transports.recorder.stop()
    end = await asyncio.wait_for(ended, LIMIT)
    transports.drop_all()
    return end


async def ask(transports: Transports, port: int, *words: bytes) -> list[bytes]:
    stream = await transports.tcp("127.0.0.1", port)
    answers = []
    for word in words:
        await stream.write(word)
        answers.append(await stream.read_until(limit=LIMIT))
    stream.close()
    return answers


async def test_what_was_recorded_is_played_without_the_device(tmp_path: Path):
    file = tmp_path / "a"
    counted = iter(range(100))
    transports = Transports()
    async with answering(lambda line: line.strip() + b" %d\n" % next(counted)) as port:
        ended = transports.record(file, HEADER, most_bytes=1 << 20)
        first = await ask(transports, port, b"A\n", b"B\n")
        second = await ask(transports, port, b"C\n")
        end = await finished(transports, ended)
    assert (end.why, end.problem) == ("stopped", None)
    for pace in ("fast", "original"):
        replay = Replay(file, pace=pace)
        played = Transports(replay=replay)
        # Another order of the connections: each is known by what the driver says first.
        assert await ask(played, port, b"C\n") == second
        assert await ask(played, port, b"A\n", b"B\n") == first
        await asyncio.wait_for(replay.over.wait(), LIMIT)
        assert replay.played == replay.total == 2
        with pytest.raises(ReplayOver):
            await played.tcp("127.0.0.1", port)
        replay.close()


async def test_a_driver_that_says_something_else_is_told_where(tmp_path: Path):
    file = tmp_path / "a"
    transports = Transports()
    async with answering(bytes.upper) as port:
        ended = transports.record(file, HEADER, most_bytes=1 << 20)
        await ask(transports, port, b"hello\n", b"how are you\n")
        await finished(transports, ended)
    replay = Replay(file, pace="fast")
    played = Transports(replay=replay)
    with pytest.raises(ReplayDiverged, match="how old"):
        await ask(played, port, b"hello\n", b"how old are you\n")
    assert replay.problem is not None
    with pytest.raises(ReplayDiverged):
        await played.tcp("127.0.0.1", port)
    replay.close()


async def test_a_connection_that_could_not_be_opened_is_played_as_such(tmp_path: Path):
    async with answering(bytes.upper) as port:
        pass
    transports = Transports()
    ended = transports.record(tmp_path / "a", HEADER, most_bytes=1 << 20)
    with pytest.raises(Unreachable):
        await transports.tcp("127.0.0.1", port)
    await finished(transports, ended)
    replay = Replay(tmp_path / "a")
    with pytest.raises(Unreachable):
        await Transports(replay=replay).tcp("127.0.0.1", port)
    assert replay.over.is_set()
    replay.close()


async def test_a_serial_line_is_played_under_another_path(tmp_path: Path):
    """A replugged adapter has another name; a recording with one line only is meant anyway."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    transports = Transports()
    ended = transports.record(tmp_path / "a", HEADER, most_bytes=1 << 20)
    line = await transports.serial(os.ttyname(slave))
    await line.write(b"M115\n")
    os.write(master, b"FIRMWARE Marlin\n")
    assert await line.read_until(limit=LIMIT)
    await finished(transports, ended)
    os.close(master)
    os.close(slave)
    replay = Replay(tmp_path / "a", pace="fast")
    played = await Transports(replay=replay).serial("/dev/ttyUSB7")
    await played.write(b"M1")
    await played.write(b"15\n")
    assert await played.read_until(limit=LIMIT) == b"FIRMWARE Marlin\n"
    played.close()
    replay.close()


async def test_control_calls_are_recorded_and_played(tmp_path: Path):
    transports = Transports()
    ended = transports.record(tmp_path / "a", HEADER, most_bytes=1 << 20)
    node = tmp_path / "node"
    os.mkfifo(node)
    device = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    port: HidrawPort = await transports.hidraw(str(node))
    assert port.channel is not None
    assert await port.channel.call("HIDIOCGFEATURE", b"\x03", lambda: b"\x03abc") == b"\x03abc"
    await finished(transports, ended)
    os.close(device)
    replay = Replay(tmp_path / "a")
    played = await Transports(replay=replay).hidraw(str(node))
    assert played.channel is not None
    assert await played.channel.call("HIDIOCGFEATURE", b"\x03", lambda: b"") == b"\x03abc"
    with pytest.raises(ReplayDiverged):
        await played.channel.call("HIDIOCGFEATURE", b"\x04", lambda: b"")
    played.close()
    replay.close()


async def test_a_call_that_was_given_up_keeps_the_node_until_it_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What nobody waits for is still under way in its thread: the number must not be another's by then."""
    from hub.device.transports import _hidraw

    begun, go_on, used = threading.Event(), threading.Event(), []

    def slow(fd: int, code: int, request: bytes) -> bytes:
        begun.set()
        assert go_on.wait(LIMIT)
        try:
            used.append(os.fstat(fd).st_ino)
        except OSError as error:
            used.append(error)
        return request

    monkeypatch.setattr(_hidraw, "ioctl", slow)
    node = tmp_path / "node"
    os.mkfifo(node)
    port: HidrawPort = await Transports().hidraw(str(node))
    call = asyncio.create_task(port.feature(3, 8), name="a call")
    assert await asyncio.to_thread(begun.wait, LIMIT)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    port.close()
    await asyncio.sleep(0.05)
    go_on.set()
    async with asyncio.timeout(LIMIT):
        while not used:
            await asyncio.sleep(0.01)
        assert used == [node.stat().st_ino]
        while any(one.samefile(node) for one in Path("/proc/self/fd").iterdir() if one.exists()):
            await asyncio.sleep(0.01)  # and is let go of then


async def test_a_recording_ends_at_its_size_and_at_its_time_and_the_device_goes_on(tmp_path: Path):
    async with answering(lambda _: b"x" * 5000 + b"\n") as port:
        transports = Transports()
        stream = await transports.tcp("127.0.0.1", port)
        ended = transports.record(tmp_path / "a", HEADER, most_bytes=20_000)
        while not ended.done():
            await stream.write(b"more\n")
            await stream.read_until(limit=LIMIT)
        end = await ended
        assert end.why == "size"
        assert end.size == (tmp_path / "a").stat().st_size <= 20_000
        ended = transports.record(tmp_path / "b", HEADER, most_bytes=1 << 20, seconds=0.5)
        assert (await asyncio.wait_for(ended, LIMIT)).why == "time"
        await stream.write(b"more\n")
        assert await stream.read_until(limit=LIMIT)
        stream.close()
    for name in ("a", "b"):
        recording = Recording(tmp_path / name)
        assert recording.whole
        assert recording.connections[0].late  # it was open before
        recording.close()


async def test_a_full_disk_ends_the_recording_and_not_the_device():
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    async with answering(bytes.upper) as port:
        transports = Transports()
        original = os.open
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "open", lambda *_: original("/dev/full", os.O_WRONLY))
            ended = transports.record(Path("full"), HEADER, most_bytes=1 << 20)
        end = await asyncio.wait_for(ended, LIMIT)
        assert end.why == "failed"
        assert end.problem is not None
        assert "space" in end.problem.detail
        assert await ask(transports, port, b"on\n") == [b"ON\n"]


async def test_the_header_has_no_secrets(tmp_path: Path):
    transports = Transports(secrets=Secrets(["swordfish"]))
    header = Header(driver="test", settings={"url": "http://h/?key=swordfish", "n": {"a": [1]}})
    ended = transports.record(tmp_path / "a", header, most_bytes=1 << 20)
    await finished(transports, ended)
    assert b"swordfish" not in (tmp_path / "a").read_bytes()
    assert read_header(tmp_path / "a").settings["url"] == "http://h/?key=*********"
