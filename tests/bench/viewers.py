"""Viewers of a live view: raw WebSocket clients, cheap enough to measure a server with.

Run as a program, it opens N viewers of one device in one process and prints what each received.
The frames' age is taken from the time in their header, on this computer's clock.
"""

import argparse
import asyncio
import base64
import json
import os
import struct
import sys
import time
from datetime import datetime
from urllib.parse import urlsplit


class Viewer(asyncio.BufferedProtocol):
    """One viewer: subscribes, reads frames, acknowledges each after `pause` seconds."""

    def __init__(self, host: str, token: str, device: str, pause: float, size: str) -> None:
        self.hello = (
            f"GET /api/v1/stream HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self.device = device
        self.pause = pause
        self.size = size
        self.buffer = bytearray(1 << 20)
        self.view = memoryview(self.buffer)
        self.fill = 0
        self.upgraded = False
        self.ages: list[float] = []
        self.shown: list[tuple[float, float]] = []
        self.closed = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.hello)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = self.closed or repr(exc)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.view[self.fill :]

    def buffer_updated(self, nbytes: int) -> None:
        self.fill += nbytes
        if not self.upgraded:
            end = self.buffer.find(b"\r\n\r\n", 0, self.fill)
            if end < 0:
                return
            if b" 101 " not in self.buffer[:32]:
                self.closed = bytes(self.buffer[:200]).decode(errors="replace")
                self.transport.close()
                return
            self.upgraded = True
            self.take(end + 4)
            wanted = {"op": "frames", "sub": 1, "device": self.device, "stream": "view"}
            self.say(wanted | ({"size": self.size} if self.size != "full" else {}))
        while self.fill >= 2 and self.message():
            pass

    def take(self, count: int) -> None:
        rest = self.fill - count
        if rest:
            self.buffer[:rest] = self.buffer[count : self.fill]
        self.fill = rest

    def message(self) -> bool:
        """Handle one whole WebSocket message; false where more bytes are wanted."""
        opcode, size, head = self.buffer[0] & 15, self.buffer[1] & 127, 2
        if size == 126:
            size, head = struct.unpack_from("!H", self.buffer, 2)[0], 4
        elif size == 127:
            size, head = struct.unpack_from("!Q", self.buffer, 2)[0], 10
        if self.fill < head + size:
            return False
        if opcode == 2:
            length = struct.unpack_from("!I", self.buffer, head)[0]
            self.frame(json.loads(bytes(self.view[head + 4 : head + 4 + length])))
        elif opcode == 8:
            self.closed = "closed by the hub"
        self.take(head + size)
        return True

    def frame(self, header: dict[str, object]) -> None:
        now = time.time()
        taken = datetime.fromisoformat(str(header["time"])).timestamp()
        self.ages.append(now - taken)
        self.shown.append((now, taken))
        ack = {"ack": header["frame"], "sub": 1}
        if self.pause:
            asyncio.get_running_loop().call_later(self.pause, self.say, ack)
        else:
            self.say(ack)

    def say(self, message: dict[str, object]) -> None:
        if self.transport.is_closing():
            return
        data = json.dumps(message).encode()
        mask = b"\0\0\0\0"  # a mask of zeros is a mask: the bytes need no work
        self.transport.write(bytes([0x81, 0x80 | len(data)]) + mask + data)


async def watch(
    url: str, token: str, device: str, count: int, slow: int, small: int, seconds: float
) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    viewers: list[Viewer] = []
    for index in range(count + slow + small):
        pause = 0.5 if count <= index < count + slow else 0.0
        size = "small" if index >= count + slow else "full"
        _, viewer = await loop.create_connection(
            lambda pause=pause, size=size: Viewer(parts.netloc, token, device, pause, size),
            parts.hostname,
            parts.port,
        )
        viewers.append(viewer)
    await asyncio.sleep(2.0)
    for viewer in viewers:
        viewer.ages.clear()
        viewer.shown.clear()
    print("measuring", flush=True)
    started = time.monotonic()
    await asyncio.sleep(seconds)
    elapsed = time.monotonic() - started
    fast = viewers[:count]
    ages = sorted(age for v in fast for age in v.ages)
    late = [staleness(v) for v in viewers[count : count + slow]]
    lesser = viewers[count + slow :]
    return {
        "fps_min": min((len(v.ages) / elapsed for v in fast), default=0.0),
        "fps_slow": max(
            (len(v.ages) / elapsed for v in viewers[count : count + slow]), default=0.0
        ),
        "fps_small": min((len(v.ages) / elapsed for v in lesser), default=0.0),
        "age_p50": ages[len(ages) // 2] if ages else None,
        "age_p95": ages[int(len(ages) * 0.95)] if ages else None,
        "slow_age_max": max(
            (max(v.ages, default=0.0) for v in viewers[count : count + slow]), default=0.0
        ),
        "slow_staleness_max": max(late, default=0.0),
        "closed": [v.closed for v in viewers if v.closed],
    }


def staleness(viewer: Viewer) -> float:
    """Return the worst age of a picture at the moment when it was received."""
    return max((received - taken for received, taken in viewer.shown), default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("device")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--slow", type=int, default=1)
    parser.add_argument("--small", type=int, default=0, help="viewers of the small picture")
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    result = asyncio.run(
        watch(
            options.url,
            options.token,
            options.device,
            options.count,
            options.slow,
            options.small,
            options.seconds,
        )
    )
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
