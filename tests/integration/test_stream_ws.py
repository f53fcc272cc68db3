"""The stream over a real socket: frames with acks, the bus, rights, and hostile clients."""

import asyncio
import contextlib
import json
import socket
import struct
import time
from datetime import timedelta

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus


@contextlib.asynccontextmanager
async def opened(hub, role="teacher", **options):
    headers = options.pop("headers", {})
    if role is not None:
        headers.setdefault("Authorization", f"Bearer {hub.token(role)}")
    async with connect(
        hub.ws, additional_headers=headers, max_size=None, proxy=None, **options
    ) as ws:
        yield ws


async def say(ws, **message):
    await ws.send(json.dumps(message))


async def hear(ws, seconds=10):
    async with asyncio.timeout(seconds):
        message = await ws.recv()
    if isinstance(message, str):
        return json.loads(message)
    size = int.from_bytes(message[:4], "big")
    return {**json.loads(message[4 : 4 + size]), "data": message[4 + size :]}


async def until(ws, fits, seconds=10):
    async with asyncio.timeout(seconds):
        while True:
            message = await hear(ws, seconds)
            if fits(message):
                return message


async def closed(ws, seconds=10):
    """The code with which the connection was closed, once it is."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(seconds):
            while True:
                await ws.recv()
    return ws.close_code


async def watch(ws, sub=2):
    await say(ws, op="frames", sub=sub, device="cam", stream="view")
    await until(ws, lambda m: m.get("op") == "subscribed" and m["sub"] == sub)


async def test_a_token_in_the_header_is_welcomed(live_hub):
    async with opened(live_hub) as ws:
        welcome = await hear(ws)
        assert welcome["op"] == "welcome"
        assert welcome["principal"]["role"] == "teacher"


async def test_a_token_in_the_first_message_is_welcomed(live_hub):
    async with opened(live_hub, None) as ws:
        await say(ws, op="subscribe", sub=1, filter="#")
        assert (await hear(ws))["problem"]["code"] == "not-signed-in"
        await say(ws, op="authenticate", token=live_hub.token("pupil"))
        assert (await hear(ws))["principal"]["role"] == "pupil"


async def test_a_wrong_token_is_shown_out(live_hub):
    with pytest.raises(InvalidStatus) as refused:
        async with opened(live_hub, None, headers={"Authorization": "Bearer chub_x"}):
            pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body)["code"] == "not-signed-in"
    async with opened(live_hub, None) as ws:
        await say(ws, op="authenticate", token="chub_wrong")
        assert await closed(ws) == 4401


async def test_who_never_signs_in_is_shown_out(live_hub):
    async with opened(live_hub, None) as ws:
        assert await closed(ws) == 4401


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://127.0.0.1:1"])
async def test_a_foreign_origin_gets_no_connection(live_hub, origin):
    for headers in ({}, {"Cookie": f"classhub={live_hub.token('teacher')}"}):
        with pytest.raises(InvalidStatus) as refused:
            async with opened(live_hub, None, headers=headers, origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_a_foreign_host_gets_no_connection(live_hub):
    with socket.create_connection(("127.0.0.1", live_hub.port), 5) as raw:
        raw.sendall(handshake(live_hub, host="evil.example"))
        assert raw.recv(100).startswith(b"HTTP/1.1 421")


async def test_a_cookie_needs_our_own_origin(live_hub):
    with live_hub.session("teacher") as browser:
        cookie = {"Cookie": f"classhub={browser.cookies['classhub']}"}
    with pytest.raises(InvalidStatus) as refused:
        async with opened(live_hub, None, headers=dict(cookie)):
            pass
    assert refused.value.response.status_code == 403
    async with opened(live_hub, None, headers=dict(cookie), origin=live_hub.url) as ws:
        assert (await hear(ws))["principal"]["role"] == "teacher"


async def test_a_page_of_a_listed_origin_has_a_pupils_rights(live_hub):
    async with opened(live_hub, None, origin="https://lessons.example") as ws:
        await say(ws, op="authenticate", token=live_hub.token("admin"))
        assert (await hear(ws))["principal"]["role"] == "pupil"


async def test_retained_messages_come_first_and_then_what_happens(live_hub):
    async with opened(live_hub) as ws:
        await say(ws, op="subscribe", sub=7, filter="+/state")
        assert (await until(ws, lambda m: "sub" in m)) == {"sub": 7, "op": "subscribed"}
        state = await hear(ws)
        assert (state["sub"], state["topic"]) == (7, "cam/state")
        await say(ws, op="subscribe", sub=8, filter="lessons/#")
        await until(ws, lambda m: m.get("op") == "subscribed")
        with live_hub.client("teacher") as teacher:
            lesson = (
                await asyncio.to_thread(teacher.post, "/api/v1/lessons", json={"title": "x"})
            ).json()
            told = await until(ws, lambda m: m.get("sub") == 8)
            assert told["topic"] == f"lessons/{lesson['id']}"
            await say(ws, op="unsubscribe", sub=8)
            await say(ws, op="subscribe", sub=8, filter="nothing")
            await asyncio.to_thread(teacher.post, f"/api/v1/lessons/{lesson['id']}/end")
            assert (await hear(ws)) == {"sub": 8, "op": "subscribed"}


async def test_the_binary_form_says_the_same_in_fewer_bytes(live_hub):
    async with opened(live_hub) as ws:
        await say(ws, op="subscribe", sub=7, filter="cam/state")
        await until(ws, lambda m: m.get("op") == "subscribed")
        text = await ws.recv()
        await say(ws, op="subscribe", sub=8, filter="cam/state", form="binary")
        await until(ws, lambda m: m.get("op") == "subscribed" and m["sub"] == 8)
        packed = await hear(ws)
        described = {key: packed[key] for key in ("sub", "topic", "type")}
        assert described == {"sub": 8, "topic": "cam/state", "type": "application/vnd.msgpack"}
        assert msgspec.msgpack.decode(packed["data"]) == json.loads(text)["payload"]
        assert len(packed["data"]) < len(text)
        # Each hears what happens in the form that it has chosen.
        await say(ws, op="subscribe", sub=9, filter="lessons/#", form="json")
        await say(ws, op="subscribe", sub=10, filter="lessons/#", form="binary")
        with live_hub.client("teacher") as teacher:
            await asyncio.to_thread(teacher.post, "/api/v1/lessons", json={"title": "Әліппе"})
        told = await until(ws, lambda m: m.get("sub") == 9 and "topic" in m)
        packed = await until(ws, lambda m: m.get("sub") == 10 and "topic" in m)
        assert msgspec.msgpack.decode(packed["data"]) == told["payload"]


async def test_pictures_come_whole_and_one_at_a_time(live_hub, tiny_jpeg):
    async with opened(live_hub) as ws:
        await watch(ws)
        first = await until(ws, lambda m: "data" in m)
        assert first["data"] == tiny_jpeg
        assert first["type"] == "image/jpeg"
        with pytest.raises(TimeoutError):
            await hear(ws, 0.3)
        await say(ws, ack=first["frame"] - 1, sub=2)
        await say(ws, ack=first["frame"], sub=99)
        await say(ws, ack="x", sub=[])
        with pytest.raises(TimeoutError):
            await hear(ws, 0.2)
        await say(ws, ack=first["frame"], sub=2)
        second = await hear(ws)
        assert second["frame"] > first["frame"]
        assert second["time"].endswith("Z")


async def test_a_slow_viewer_gets_the_newest_and_slows_nobody(live_hub):
    async with opened(live_hub) as slow, opened(live_hub) as fast:
        await watch(slow)
        await watch(fast)
        kept = await until(slow, lambda m: "data" in m)
        seen = []
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            picture = await until(fast, lambda m: "data" in m)
            seen.append(picture["frame"])
            await say(fast, ack=picture["frame"], sub=2)
        assert len(seen) > 5
        await say(slow, ack=kept["frame"], sub=2)
        newest = await hear(slow)
        assert newest["frame"] >= seen[-3], "it skipped what it missed"


async def test_two_streams_in_one_connection_are_told_apart(live_hub):
    async with opened(live_hub) as ws:
        await watch(ws, 2)
        await watch(ws, 3)
        assert (await until(ws, lambda m: "data" in m and m["sub"] == 2))["sub"] == 2
        await say(ws, op="unsubscribe", sub=2)
        assert (await until(ws, lambda m: "data" in m and m["sub"] == 3))["sub"] == 3


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"op": "frames", "sub": 1, "device": "none", "stream": "view"}, "not-found"),
        ({"op": "frames", "sub": 1, "device": "cam", "stream": "none"}, "not-found"),
        ({"op": "frames", "sub": 1, "device": 5, "stream": None}, "bad-message"),
        ({"op": "subscribe", "sub": 1}, "bad-message"),
        ({"op": "subscribe", "sub": 1, "filter": "x" * 301}, "bad-message"),
        ({"op": "subscribe", "sub": 1, "filter": "a", "form": "xml"}, "bad-message"),
        ({"op": "subscribe", "sub": 1, "filter": "a", "form": ["binary"]}, "bad-message"),
        ({"op": "subscribe", "sub": -1, "filter": "a"}, "bad-message"),
        ({"op": "subscribe", "sub": True, "filter": "a"}, "bad-message"),
        ({"op": "subscribe", "sub": "1", "filter": "a"}, "bad-message"),
        ({"op": "subscribe", "sub": 10**30, "filter": "a"}, "bad-message"),
        ({"op": "dance", "sub": 1}, "bad-message"),
        ({"op": ["subscribe"], "sub": 1}, "bad-message"),
        ({"sub": 1}, "bad-message"),
        ({"op": "authenticate", "token": "again"}, "bad-message"),
    ],
)
async def test_a_wrong_message_is_answered_with_a_problem(live_hub, message, code):
    async with opened(live_hub) as ws:
        await hear(ws)
        await ws.send(json.dumps(message))
        assert (await hear(ws))["problem"]["code"] == code
        await say(ws, op="subscribe", sub=1, filter="nothing")
        assert (await hear(ws))["op"] == "subscribed", "the connection goes on"


@pytest.mark.parametrize(
    ("message", "code"),
    [("{", 1008), ("[]", 1008), ("[" * 60_000, 1008), (b"\0\1", 1003), ("x" * 70_000, 1009)],
)
async def test_what_is_no_message_ends_the_connection(live_hub, message, code):
    async with opened(live_hub) as ws:
        await hear(ws)
        await ws.send(message)
        assert await closed(ws) == code


async def test_too_many_subscriptions_are_refused(live_hub):
    async with opened(live_hub) as ws:
        await hear(ws)
        for sub in range(201):
            await say(ws, op="subscribe", sub=sub, filter="nothing")
        assert (await until(ws, lambda m: m["op"] == "problem"))["sub"] == 200


async def test_a_revoked_token_ends_the_connection_within_a_second(live_hub):
    secret, identity = await asyncio.to_thread(live_hub.new_token, "teacher")
    async with opened(live_hub, None, headers={"Authorization": f"Bearer {secret}"}) as ws:
        await hear(ws)
        with live_hub.client("admin") as admin:
            answer = await asyncio.to_thread(admin.delete, f"/api/v1/tokens/{identity}")
        assert answer.status_code == 204
        assert await closed(ws, 1.5) == 4401


async def test_an_expired_token_ends_the_connection(live_hub):
    secret, _ = await asyncio.to_thread(
        live_hub.new_token, "teacher", expires=timedelta(seconds=1.5)
    )
    async with opened(live_hub, None, headers={"Authorization": f"Bearer {secret}"}) as ws:
        await hear(ws)
        assert await closed(ws, 4) == 4401


async def test_the_end_of_the_lesson_ends_its_pupils_connections(live_hub):
    with live_hub.client("teacher") as teacher, httpx.Client(base_url=live_hub.url) as tablet:
        lesson = (
            await asyncio.to_thread(teacher.post, "/api/v1/lessons", json={"title": "x"})
        ).json()
        body = {"digits": lesson["code"], "name": "Aizhan"}
        await asyncio.to_thread(tablet.post, "/api/v1/session", json=body)
        cookie = {"Cookie": f"classhub={tablet.cookies['classhub']}"}
        async with opened(live_hub, None, headers=cookie, origin=live_hub.url) as ws:
            assert (await hear(ws))["principal"]["lesson"] == lesson["id"]
            await asyncio.to_thread(teacher.post, f"/api/v1/lessons/{lesson['id']}/end")
            assert await closed(ws, 2) == 4401


async def test_fragments_and_pings_between_them_are_understood(live_hub):
    async with opened(live_hub) as ws:
        await hear(ws)

        async def pieces():
            yield '{"op": "subscribe", '
            await ws.ping()
            yield '"sub": 4, "filter"'
            yield ': "nothing"}'

        await ws.send(pieces())
        assert (await hear(ws)) == {"sub": 4, "op": "subscribed"}


# Bytes that no client library would send


def handshake(hub, host=None, token=None):
    return (
        f"GET /api/v1/stream HTTP/1.1\r\nHost: {host or f'127.0.0.1:{hub.port}'}\r\n"
        f"Authorization: Bearer {token or hub.token('teacher')}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def masked(payload, opcode=0x81):
    mask = b"\x01\x02\x03\x04"
    size = len(payload)
    head = bytes((opcode, 0x80 | size)) if size < 126 else struct.pack("!BBH", opcode, 0xFE, size)
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


@contextlib.contextmanager
def raw_socket(hub):
    with socket.create_connection(("127.0.0.1", hub.port), 10) as raw:
        raw.sendall(handshake(hub))
        received = b""
        while b"\r\n\r\n" not in received or b"welcome" not in received:
            received += raw.recv(65536)
        yield raw


def last_close(raw):
    """The code of the close frame with which the hub ends the connection, None without one."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := raw.recv(65536):
            received += chunk
    at = 0
    while at + 2 <= len(received):
        size, head = received[at + 1], 2
        if size == 126:
            size, head = int.from_bytes(received[at + 2 : at + 4], "big"), 4
        if received[at] == 0x88:
            return int.from_bytes(received[at + head : at + head + 2], "big")
        at += head + size
    return None


SUBSCRIBE = json.dumps({"op": "subscribe", "sub": 1, "filter": "nothing"}).encode()


def test_a_message_that_comes_byte_by_byte_is_understood(live_hub):
    with raw_socket(live_hub) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in masked(SUBSCRIBE):
            raw.sendall(bytes((byte,)))
        assert b"subscribed" in raw.recv(1000)


def test_many_messages_in_one_packet_are_all_understood(live_hub):
    with raw_socket(live_hub) as raw:
        many = b"".join(
            masked(json.dumps({"op": "subscribe", "sub": n, "filter": "x"}).encode())
            for n in range(50)
        )
        raw.sendall(many)
        received = b""
        while received.count(b"subscribed") < 50:
            received += raw.recv(65536)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x81\x05hello", 1002),  # not masked
        (masked(b"x", 0x91), 1002),  # a reserved bit
        (masked(b"x", 0x83), 1002),  # a reserved opcode
        (masked(b"x", 0x80), 1002),  # a continuation of nothing
        (masked(b"a", 0x01) + masked(b"b", 0x81), 1002),  # a message inside a message
        (masked(b"x" * 126, 0x89), 1002),  # a ping that is too long
        (masked(b"\xff\xfe"), 1007),
        (masked(b"\xff", 0x01) + masked(b"\xfe", 0x80), 1007),
        (masked(b"\x00", 0x88), 1002),  # a close code of one byte
        (b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"mask", 1009),  # nine exabytes are announced
        (b"\x81\xfe\x00", None),  # and then nothing more
        (bytes(range(256)) * 20, 1002),
        (masked(b"\x03\xe8", 0x88) + masked(SUBSCRIBE) * 10, 1000),  # talks on after the close
    ],
)
def test_garbage_ends_its_own_connection_and_nothing_else(live_hub, sent, code):
    with raw_socket(live_hub) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        found = last_close(raw)
        if code is not None:
            assert found == code
    assert httpx.get(f"{live_hub.url}/api/v1/health").status_code == 200


def test_a_viewer_that_never_reads_costs_no_memory(live_hub, camera):
    """It is sent one picture, and waits for its turn with everything else it asked for."""
    with raw_socket(live_hub) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        watch = {"op": "frames", "sub": 2, "device": "cam", "stream": "view"}
        raw.sendall(masked(json.dumps(watch).encode()))
        for n in range(3, 100):
            raw.sendall(masked(json.dumps({"op": "subscribe", "sub": n, "filter": "#"}).encode()))
        assert httpx.get(f"{live_hub.url}/api/v1/health").status_code == 200
