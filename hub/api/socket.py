"""The hub's WebSocket: uvicorn's own protocol with a short way out for frames and in for acks.

uvicorn hands each message through an ASGI call, joins header and payload into a new buffer, and
wakes a task for each message that comes in. At 900 frames of 250 kB a second that is most of the
hub's work. Here the application gets the connection itself from
`scope["extensions"]["classhub.socket"]` and calls it directly: header and picture are handed to the
transport as they are (`writelines`), and whole text frames are given to the application's callback.
Everything else (handshake, control frames, fragments, whatever is wrong) stays with uvicorn and
`websockets`.
"""

import asyncio
import json
import logging
import struct
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.utils import apply_mask

log = logging.getLogger("classhub.stream")

EXTENSION = "classhub.socket"
PATIENCE = 30.0
PARTING = 1.0
MOST_CORKED = 32 * 1024
_TEXT = 0x81
_BINARY = 0x82
_BEGINS, _GOES_ON, _ENDS = 0x02, 0x00, 0x80
_PART = 256 * 1024
_SMALL = 126


def head(opcode: int, size: int) -> bytes:
    """Return the header of an unmasked, unfragmented frame (RFC 6455, section 5.2)."""
    if size < _SMALL:
        return bytes((opcode, size))
    if size < 1 << 16:
        return struct.pack("!BBH", opcode, 126, size)
    return struct.pack("!BBQ", opcode, 127, size)


def text_frame(payload: bytes) -> bytes:
    """Return a text message, UTF-8, as a frame."""
    return head(_TEXT, len(payload)) + payload


def binary_frames(data: bytes) -> list[bytes]:
    """Return a binary message as frames; a long one in several, each a sign of life."""
    if len(data) <= _PART:
        return [head(_BINARY, len(data)) + data]
    parts = [data[at : at + _PART] for at in range(0, len(data), _PART)]
    first, *middle, last = parts
    return [
        head(_BEGINS, len(first)) + first,
        *(head(_GOES_ON, len(part)) + part for part in middle),
        head(_ENDS, len(last)) + last,
    ]


def packed_frame(described: bytes, payload: bytes) -> bytes:
    """Return a binary message as a frame: u32 length, JSON header, payload."""
    size = 4 + len(described) + len(payload)
    return head(_BINARY, size) + struct.pack("!I", len(described)) + described + payload


def picture_head(sub: int, frame: int, time: str, media_type: str, size: int) -> bytes:
    """Return all that precedes a picture: the WebSocket's header, u32 length, our JSON header."""
    described = json.dumps(
        {"sub": sub, "frame": frame, "time": time, "type": media_type}, separators=(",", ":")
    ).encode()
    length = struct.pack("!I", len(described))
    return head(_BINARY, len(length) + len(described) + size) + length + described


class HubSocket(WebSocketsSansIOProtocol):
    """One WebSocket connection.

    Attributes:
        paused: the peer does not read as fast as we write; nothing should be sent.
        closed: done once the connection is gone.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paused = False
        self.closed: asyncio.Future[None] = self.loop.create_future()
        self._on_text: Callable[[str], None] | None = None
        self._on_drain: Callable[[], None] | None = None
        self._received = bytearray()
        self._corked: list[bytes] = []
        self._corked_size = 0
        self._patience: asyncio.TimerHandle | None = None
        self._largest = self.config.ws_max_size

    def take_up_to(self, size: int) -> None:
        """Take messages of up to so many bytes from now on."""
        self._largest = self.conn.max_message_size = size

    def on_drain(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the peer reads again."""
        self._on_drain = callback

    def attach(self, on_text: Callable[[str], None], on_drain: Callable[[], None]) -> None:
        """Call `on_text` with each text message, `on_drain` when the peer reads again."""
        self._on_text, self._on_drain = on_text, on_drain
        while not self.queue.empty():
            event: Any = self.queue.get_nowait()
            if event.get("text") is not None:
                on_text(event["text"])
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def send_text(self, frame: bytes) -> None:
        """Send what `text_frame` or `packed_frame` returns; a closing connection forgets it."""
        # What is said in one turn of the loop goes out in one piece: pens speak all at once.
        if not self._corked:
            if not self._is_open():
                return
            self.loop.call_soon(self._uncork)
        self._corked.append(frame)
        self._corked_size += len(frame)
        if self._corked_size > MOST_CORKED:
            self._uncork()

    def _uncork(self) -> None:
        corked, self._corked, self._corked_size = self._corked, [], 0
        if corked and self._is_open():
            self.transport.write(b"".join(corked))

    def send_frame(self, frame: bytes) -> None:
        """Send a frame as `binary_frames` returns them."""
        if self._is_open():
            self._uncork()
            self.transport.write(frame)

    def send_picture(self, before: bytes, picture: bytes) -> None:
        """Send `picture_head(…)` and the picture, without copying the picture."""
        if self._is_open():
            self._uncork()
            self.transport.writelines((before, picture))

    def close(self, code: int, reason: str = "") -> None:
        """Start the closing handshake; the connection is cut if it takes longer than a second."""
        if not self._is_open():
            return
        self._uncork()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # what waits is not read any more, but its answer is
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(PARTING, self.transport.abort)

    # What follows is called by uvicorn and the transport.

    def handle_connect(self, event: Request) -> None:
        """Give the application a way to this connection."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def data_received(self, data: bytes) -> None:
        """Take whole text frames the short way; give all else to `websockets`, frame by frame."""
        if not self.handshake_initiated:
            super().data_received(data)
            return
        received = self._received
        received += data
        while len(received) >= 2 and not self.close_sent:
            size, payload = self._measure()
            if size == 0 or len(received) < size:
                break
            frame = bytes(received[:size])
            del received[:size]
            if (
                payload
                and frame[0] == _TEXT
                and self._on_text is not None
                and self.conn.current_size is None
            ):
                self._take_text(apply_mask(frame[payload:], frame[payload - 4 : payload]))
            else:
                super().data_received(frame)
        if self.close_sent:
            received.clear()

    def send_receive_event_to_app(self) -> None:
        """Give a message that came in fragments to the application's callback."""
        if self._on_text is None:
            super().send_receive_event_to_app()
            return
        data = b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "text":
            self._take_text(data)
        else:
            self.close(1003, "text messages only")

    def pause_writing(self) -> None:
        """Stop sending; after half a minute without reading, cut the connection."""
        super().pause_writing()
        self.paused = True
        self._patience = self.loop.call_later(PATIENCE, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        super().resume_writing()
        self.paused = False
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if self._on_drain is not None and not self.closed.done():
            self._on_drain()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application that the connection is gone."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        super().connection_lost(exc)
        if not self.closed.done():
            self.closed.set_result(None)

    def keepalive_timeout(self) -> None:
        """Cut a peer that answers no ping, also when it reads nothing."""
        super().keepalive_timeout()
        self.loop.call_later(PARTING, self.transport.abort)

    def shutdown(self) -> None:
        """Say good-bye, and do not wait for who does not read it."""
        super().shutdown()
        self.loop.call_later(PARTING / 2, self.transport.abort)

    def _measure(self) -> tuple[int, int]:
        """Return size and start of the payload of the first frame (RFC 6455, section 5.2).

        The size is 0 while the header is not whole. The start is 0 where `websockets` shall judge:
        a frame that is not masked, or so large that nobody waits for the rest of it.
        """
        received = self._received
        short = received[1] & 0x7F
        wide = {126: 2, 127: 8}.get(short, 0)
        if len(received) < 2 + wide:
            return 0, 0
        length = int.from_bytes(received[2 : 2 + wide], "big") if wide else short
        start = 2 + wide + (4 if received[1] & 0x80 else 0)
        if length > self._largest:
            return start, 0
        return start + length, start if received[1] & 0x80 else 0

    def _take_text(self, data: bytes | bytearray) -> None:
        try:
            text = bytes(data).decode()
        except UnicodeDecodeError:
            self.close(1007, "not UTF-8")
            return
        if self._on_text is not None:
            try:
                self._on_text(text)
            except Exception:
                log.exception("a message on the stream could not be handled")
                self.close(1011, "the hub failed")

    def _is_open(self) -> bool:
        return (
            self.handshake_complete
            and not self.close_sent
            and not self.disconnected
            and self.conn.state is OPEN
            and not self.transport.is_closing()
        )
