"""The peers to compare with: the least that could do the same work.

python -m tests.bench.bare fanout   30 frames/s of 250 kB to every WebSocket, no acks, no rights
python -m tests.bench.bare fastapi FILE   GET / answers the model that FILE holds
python -m tests.bench.bare serial PATH N  N lines of G-code to a printer, by pyserial, framed before
"""

import asyncio
import base64
import hashlib
import json
import struct
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

FRAME = 250_000


async def fanout(port: int) -> None:
    """Serve frames to whoever opens a WebSocket: the least work that could do."""
    writers: set[asyncio.Transport] = set()
    data = bytes(FRAME)

    class Server(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport, self.head = transport, b""

        def data_received(self, received: bytes) -> None:
            if self.transport in writers:
                return
            self.head += received
            if b"\r\n\r\n" in self.head:
                key = self.head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
                digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
                accept = base64.b64encode(digest)
                self.transport.write(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
                )
                writers.add(self.transport)

        def connection_lost(self, exc: Exception | None) -> None:
            writers.discard(self.transport)

    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    due = time.monotonic()
    while True:
        now = datetime.now(UTC).isoformat()
        header = json.dumps(
            {"sub": 1, "frame": time.time_ns() // 1_000_000, "time": now, "type": "image/jpeg"}
        ).encode()
        size = 4 + len(header) + len(data)
        message = struct.pack("!BBQI", 0x82, 127, size, len(header)) + header + data
        for writer in list(writers):
            if writer.get_write_buffer_size() == 0:
                writer.write(message)
        due += 1 / 30
        await asyncio.sleep(due - time.monotonic())


def fastapi(file: str, port: int) -> None:
    """Serve one model by bare FastAPI."""
    import socket

    import uvicorn
    from fastapi import FastAPI

    from hub.api.models import DeviceModel
    from hub.api.paging import Page

    model = Page[DeviceModel].model_validate_json(Path(file).read_bytes())
    app = FastAPI()

    @app.get("/")
    async def devices() -> Page[DeviceModel]:
        return model

    sock = socket.create_server(("127.0.0.1", port))
    print(f"listening on http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app, log_level="error", access_log=False, loop="uvloop", http="httptools"
    )
    uvicorn.Server(config).run(sockets=[sock])


def serial(path: str, lines: int) -> None:
    """Send lines, each after the `ok` to the one before: the least work that could do."""
    from serial import Serial

    from drivers.printer.marlin.lines import framed

    moves = [b"G1 X%d.125 Y%d.25 E%.5f" % (n % 200, n % 180, n * 0.03) for n in range(lines)]
    ready = [framed(number, text) for number, text in enumerate([*moves, b"M400"], 1)]
    with Serial(path, 115200, timeout=60) as line:
        for one in ready:
            line.write(one)
            line.readline()


if __name__ == "__main__":
    if sys.argv[1] == "serial":
        serial(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "fanout":
        asyncio.run(fanout(0))
    else:
        fastapi(sys.argv[2], 0)
