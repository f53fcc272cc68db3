"""The driver: listens for a table's TUIO packets."""

import asyncio

from pydantic import Field

from drivers.input.calibration import Calibration
from drivers.input.clock import SampleClock
from drivers.input.values import LARGEST, Size
from drivers.touch_table.contacts import Contacts
from drivers.touch_table.contract import Touch, TouchTable
from drivers.touch_table.osc import BadPacket, parse_packet
from drivers.touch_table.tuio.reader import Key, TuioFrame, TuioReader
from hub.device import N_, BadSettings, DeviceSettings, TimedOut

SILENT = 3.0
"""Seconds without a packet after which nothing touches: what is alive is said every second."""


class TuioTable(TouchTable):
    """Touch table that speaks TUIO.

    Tables, frames and programs that send TUIO 1.1 or 2.0 by UDP. Set the hub's address and this
    port at the table. Where several send to the port, their touches are told together.
    """

    title = N_("Touch table that speaks TUIO")
    isolation = "driver"

    class Settings(DeviceSettings):
        """What an engineer sets.

        Attributes:
            address: of this computer's, on which packets are taken; the loopback one where the
                table's program runs here, `0.0.0.0` for any.
            port: UDP.
            width_mm, height_mm: of the table; TUIO does not say.
            palm_mm: what touches with more than this is told as a palm.
        """

        address: str = Field("127.0.0.1", title=N_("Address on which to listen"), max_length=100)
        port: int = Field(3333, title=N_("Port"), ge=1, le=65535)
        width_mm: float | None = Field(None, title=N_("Width in millimetres"), gt=0, le=LARGEST)
        height_mm: float | None = Field(None, title=N_("Height in millimetres"), gt=0, le=LARGEST)
        palm_mm: float | None = Field(
            None, title=N_("Palm from this size, in millimetres"), gt=0, le=LARGEST
        )

    settings: Settings
    _contacts: Contacts | None = None

    async def connect(self) -> None:
        """Listen; a table that says nothing is no error."""
        settings = self.settings
        self._clock = SampleClock()
        self._reader = TuioReader(settings.width_mm, settings.height_mm)
        self._size: Size | None = None
        if settings.width_mm is not None and settings.height_mm is not None:
            self._size = Size(width=settings.width_mm, height=settings.height_mm)
        self._contacts = Contacts(self._size, settings.palm_mm)
        self._count = self._bad = 0
        self._port = await self.transports.udp_listen(settings.address, settings.port)
        self.omit(TouchTable.grab, TouchTable.most_contacts)
        if self._size is None:
            self.omit(TouchTable.size)
        self.report(TouchTable.contacts, 0)
        self.background(self._follow())

    async def disconnect(self) -> None:
        """End all contacts and listen no more."""
        self._end_contacts()
        if hasattr(self, "_port"):
            self._port.close()

    @TouchTable.name.read
    async def _read_name(self) -> str:
        return f"TUIO {self.settings.port}"

    @TouchTable.size.read
    async def _read_size(self) -> Size:
        if self._size is None:
            raise BadSettings("width_mm, height_mm: the table does not say its size")
        return self._size

    @TouchTable.contacts.read
    async def _read_contacts(self) -> int:
        return 0 if self._contacts is None else len(self._contacts)

    @TouchTable.calibration.read
    async def _read_calibration(self) -> Calibration:
        return Calibration() if self._contacts is None else self._contacts.calibration

    @TouchTable.calibration.write
    async def _write_calibration(self, calibration: Calibration) -> None:
        if self._contacts is not None:
            self._end_contacts()
            self._contacts.calibration = calibration

    async def _follow(self) -> None:
        try:
            while True:
                try:
                    data = await self._port.receive(limit=SILENT)
                except TimedOut:
                    self._end_contacts()
                    continue
                self._take(data)
                await asyncio.sleep(0)
        finally:
            self._end_contacts()

    def _take(self, data: bytes) -> None:
        try:
            frames = self._reader.read(parse_packet(data))
        except BadPacket as error:
            if not self._bad:
                self.log.warning("what comes is no TUIO: %s", error)
            self._bad += 1
            return
        self._tell([touch for frame in frames for touch in self._touches(frame)])

    def _touches(self, frame: TuioFrame) -> list[Touch]:
        contacts = self._contacts
        if contacts is None:
            return []
        contacts.begin_frame()
        time = self._clock.now()
        touches: list[Touch] = []
        for key in contacts.keys():  # noqa: SIM118 - Contacts is no mapping
            if self._of(key, frame) and key not in frame.alive:
                touches += contacts.up(key, time)
        for key, place in frame.places.items():
            touches += contacts.move(key, place, time)
        return touches

    @staticmethod
    def _of(key: Key, frame: TuioFrame) -> bool:
        return (key[0], key[1]) == (frame.source, frame.profile)

    def _tell(self, touches: list[Touch]) -> None:
        if touches:
            self.sample(TouchTable.touches, touches)
        count = 0 if self._contacts is None else len(self._contacts)
        if count != self._count:
            self._count = count
            self.report(TouchTable.contacts, count)

    def _end_contacts(self) -> None:
        if self._contacts is not None and len(self._contacts):
            self._tell(self._contacts.end(self._clock.now()))
