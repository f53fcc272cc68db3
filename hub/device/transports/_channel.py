"""One open connection, seen from both sides: the seam where recording and faults take hold.

To what is below (asyncio's socket, a device node, a replay) a `Channel` is the protocol; to the
driver's protocol above it is the transport. While nobody records and no fault is in force, what is
below talks to the driver's protocol directly, so that the seam costs nothing on the way in.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from hub.device._errors import Unreachable
from hub.device.transports._errors import FAILURES, device_error
from hub.device.transports._faults import Direction, Faults, Lane
from hub.device.transports._recorder import Recorder


class Seam(Protocol):
    """What is in force on all connections of a device; `moving` unless they are to stall."""

    recorder: Recorder | None
    faults: Faults | None
    moving: asyncio.Event


class Answering(Protocol):
    """A connection that is replayed, or played by a peer, and answers control calls itself."""

    def answer(self, name: str, request: bytes) -> bytes:
        """Return what the device answers, or answered when the recording was made."""


class Channel(asyncio.Transport, asyncio.Protocol):
    """One connection between a driver and its device.

    Attributes:
        number: counts the device's connections. transport, target: what it is and where it leads.
        stream: bytes without borders; packets otherwise.
    """

    def __init__(
        self,
        seam: Seam,
        number: int,
        transport: str,
        target: str,
        driver: asyncio.Protocol,
        *,
        stream: bool,
    ) -> None:
        super().__init__()
        self.number = number
        self.transport = transport
        self.target = target
        self.stream = stream
        self._seam = seam
        self._driver: asyncio.BaseProtocol = driver
        self._below: asyncio.Transport | None = None
        self._lanes: dict[Direction, Lane] = {}
        self._told = False  # the driver knows that it is over
        self._noted = False  # the recording knows
        self._closed = False

    # What is below says (asyncio.Protocol).

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: the driver hears of it."""
        self._below = cast("asyncio.Transport", transport)
        self.note_open(late=False)
        self.tune()
        self._driver.connection_made(self)

    def data_received(self, data: bytes) -> None:
        """Take what the device says."""
        lane = self._lanes.get("rx")
        if lane is None:
            self._up(data)
        else:
            lane.put(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take that the connection is over."""
        lane = self._lanes.get("rx")
        if lane is None or self._closed:
            self._lost(exc)
        else:
            lane.then(lambda: self._lost(exc))

    def pause_writing(self) -> None:
        """The device does not keep up."""
        self._driver.pause_writing()

    def resume_writing(self) -> None:
        """The device keeps up again."""
        self._driver.resume_writing()

    # What the driver says (asyncio.Transport).

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send to the device."""
        if self._closed or self._below is None:
            return
        if self._seam.recorder is not None:
            self._seam.recorder.note(self.number, "tx", bytes(data), stream=self.stream)
        lane = self._lanes.get("tx")
        if lane is None:
            self._below.write(data)
        else:
            lane.put(bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        """Send several pieces."""
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        """Close; what was written is still sent."""
        if not self._closed:
            self._note_close("driver")
            self._closed = True
            if "tx" in self._lanes:
                self._lanes["tx"].release()
            self._drop_lanes()
            if self._below is not None:
                self._below.close()

    def abort(self) -> None:
        """Drop the connection."""
        if not self._closed or (self._below is not None and not self._below.is_closing()):
            self._note_close("driver")
            self._closed = True
            self._drop_lanes()
        if self._below is not None:
            self._below.abort()

    def is_closing(self) -> bool:
        """Tell whether it is over or about to be."""
        return self._closed or self._told or self._below is None or self._below.is_closing()

    def pause_reading(self) -> None:
        """The driver does not keep up."""
        if self._below is not None and not self._below.is_closing():
            self._below.pause_reading()

    def resume_reading(self) -> None:
        """The driver keeps up again."""
        if self._below is not None and not self._below.is_closing():
            self._below.resume_reading()

    def is_reading(self) -> bool:
        """Tell whether what the device says is taken."""
        return self._below is not None and self._below.is_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known of the connection below, as asyncio does."""
        return default if self._below is None else self._below.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol of the driver's go on."""
        self._driver = protocol
        self.tune()

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the driver's protocol."""
        return self._driver

    def get_write_buffer_size(self) -> int:
        """Return how many bytes have not been sent yet."""
        return 0 if self._below is None else self._below.get_write_buffer_size()

    def can_write_eof(self) -> bool:
        """Only whole connections are closed here."""
        return False

    async def call(
        self, name: str, request: bytes, work: Callable[[], bytes], *, blocking: bool = False
    ) -> bytes:
        """Do what is no reading or writing (an ioctl, a control transfer), recorded and replayed.

        Args:
            name: of what is done, such as `HIDIOCGFEATURE`.
            request: what tells this call from others of the name.
            work: does it on the real device and returns its answer.
            blocking: it may take a while, and is done in a thread.

        Raises:
            DeviceError: the device has gone, or the recording has no such call.
        """
        faults = self._seam.faults
        if self.is_closing() or (faults is not None and faults.unplug):
            raise Unreachable(f"{self.transport} {self.target}: it has gone")
        await self._seam.moving.wait()
        if hasattr(self._below, "answer"):
            answer = cast("Answering", self._below).answer(name, request)
        else:
            try:
                answer = await asyncio.to_thread(work) if blocking else work()
            except FAILURES as error:
                raise device_error(error, f"{self.transport} {self.target} {name}") from error
        if self._seam.recorder is not None:
            self._seam.recorder.note(
                self.number, "call", request, stream=self.stream, name=name, answer=answer
            )
        return answer

    # What the seam says.

    @property
    def recorded(self) -> bool:
        """Whether a recording is being made: what is plentiful may then come more rarely."""
        return self._seam.recorder is not None

    @property
    def begun(self) -> bool:
        """Whether it has been opened."""
        return self._below is not None

    @property
    def over(self) -> bool:
        """Whether nothing more comes or goes."""
        return self._told or (
            self._below is not None and self._below.is_closing() and not self._lanes
        )

    def note_open(self, *, late: bool) -> None:
        """Have the recording know of it; `late` where it was open before."""
        self._noted = False
        if self._seam.recorder is not None:
            self._seam.recorder.note(
                self.number,
                "open",
                transport=self.transport,
                target=self.target,
                stream=self.stream,
                late=late,
            )

    def tune(self) -> None:
        """Follow what is in force now: recording, faults, or nothing."""
        for lane in list(self._lanes.values()):
            lane.release()
        self._lanes.clear()
        below, faults = self._below, self._seam.faults
        if below is None or self._told or self._closed:
            return
        if faults is not None and faults.unplug:
            self.break_(ConnectionResetError("unplugged (a fault on command)"))
            return
        if faults is not None:
            if faults.touches("rx"):
                self._lanes["rx"] = Lane(faults, 2 * self.number, self._up)
            if faults.touches("tx"):
                self._lanes["tx"] = Lane(faults, 2 * self.number + 1, below.write)
        bare = self._seam.recorder is None and not self._lanes
        below.set_protocol(self._driver if bare else self)

    def break_(self, error: Exception) -> None:
        """Break the connection, as a cable that is pulled does."""
        self._drop_lanes()
        if self._below is not None:
            self._below.set_protocol(self)
            self._below.abort()
        self._lost(error)

    def _up(self, data: bytes) -> None:
        if self._told or self._closed:
            return
        if self._seam.recorder is not None:
            self._seam.recorder.note(self.number, "rx", data, stream=self.stream)
        cast("asyncio.Protocol", self._driver).data_received(data)

    def _lost(self, error: Exception | None) -> None:
        if self._told:
            return
        self._told = True
        if error is None or self._closed:
            self._note_close("device")
        elif not self._noted:
            self._noted = True
            told = device_error(error, f"{self.transport} {self.target}")
            if self._seam.recorder is not None:
                self._seam.recorder.note(self.number, "error", code=told.code, text=told.detail)
        self._drop_lanes()
        self._driver.connection_lost(error)

    def _note_close(self, by: str) -> None:
        if self._noted:
            return
        self._noted = True
        if self._seam.recorder is not None:
            self._seam.recorder.note(self.number, "close", by=by)

    def _drop_lanes(self) -> None:
        for lane in self._lanes.values():
            lane.clear()
        self._lanes.clear()
