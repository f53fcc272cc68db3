"""Recording, replay and faults of one device: what the hub asks of its transports."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hub import __version__
from hub.device import DeviceError, DeviceSettings, DriverDescription, Found
from hub.device.transports import (
    BadRecording,
    Faults,
    Header,
    RecordingEnd,
    RecordingFailed,
    Replay,
    Secrets,
    Transports,
    without_secrets,
)
from hub.driver_host.errors import where
from hub.errors import Conflict, Invalid
from hub.wire import Message

log = logging.getLogger("classhub.driver_host")

TELL_EVERY = 1.0
END_LIMIT = 10.0

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Given:
    """What a driver is given when its device is made."""

    settings: Mapping[str, Any]
    found: Found | None


class Tape:
    """Records and replays one device, and spoils its connections.

    Args:
        id: the device's.
        driver: its description.
        replay: how it is replayed, None for a device that is there: `path`, and whether to play
            `again` and at which `pace`.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the device's
        driver: DriverDescription,
        replay: Mapping[str, Any] | None,
    ) -> None:
        self._id = id
        self._driver = driver
        self._wanted = replay
        self._replay: Replay | None = None
        self._transports: Transports | None = None
        self._settings: DeviceSettings | None = None
        self._found: Found | None = None
        self._faults: Faults | None = None

    @property
    def plays(self) -> bool:
        """Whether a recording is played, rather than a device asked."""
        return self._wanted is not None

    # What the device's runner asks.

    async def load(self, settings: Mapping[str, Any], found: Found | None) -> Given:
        """Open the recording where there is one, and return what the driver is given.

        A replay without settings of its own takes those of the recording.

        Raises:
            BadRecording: it cannot be read, or was made of another driver.
        """
        wanted = self._wanted
        if wanted is None:
            return Given(settings, found)
        if self._replay is None:
            path = Path(str(wanted["path"]))
            try:
                replay = await asyncio.to_thread(
                    Replay,
                    path,
                    pace="fast" if wanted.get("pace") == "fast" else "original",
                    again=wanted.get("again", True) is True,
                )
            except OSError as error:
                raise BadRecording(f"{path}: {error.strerror}") from None
            if replay.header.driver != self._driver.name:
                replay.close()
                raise BadRecording(f"it was made of the driver {replay.header.driver}")
            self._replay = replay
        header = self._replay.header
        try:
            then = None if header.found is None else Found.model_validate(header.found)
        except ValidationError as error:
            raise BadRecording(f"found: {where(error)}") from None
        return Given(settings or header.settings, found or then)

    def transports(self, settings: DeviceSettings, found: Found | None) -> Transports:
        """Return the driver's transports, made for its settings."""
        self._settings, self._found = settings, found
        self._transports = Transports(secrets=Secrets.of(settings), replay=self._replay)
        self._transports.set_faults(self._faults)
        return self._transports

    @property
    def problem(self) -> DeviceError | None:
        """Why the replay cannot go on."""
        return None if self._replay is None else self._replay.problem

    def rewind(self) -> None:
        """Begin a replay anew that its driver had left, where it is to be played again."""
        if self._replay is not None and self._replay.again and self._replay.problem is not None:
            self._replay.restart()

    def close(self) -> None:
        """End recording and replay."""
        if self._transports is not None and self._transports.recorder is not None:
            self._transports.recorder.stop()
        if self._replay is not None:
            self._replay.close()

    # What the hub asks.

    async def record(
        self, message: Message, revision: int, began: Callable[[], None], progress: Progress
    ) -> Message:
        """Record until the time is over; returns why it ended, and how much was written.

        Args:
            message: `path`, `seconds`, `most_bytes`.
            revision: of the device's description.
            began: called once everything that follows is recorded.
            progress: told every second.

        Raises:
            RecordingFailed: the file cannot be made or written to its end.
            Conflict: it is being recorded already, or its settings are not right yet.
        """
        transports, settings = self._transports, self._settings
        if transports is None or settings is None:
            raise Conflict("its settings are not right: there is nothing to record")
        if transports.recorder is not None:
            raise Conflict("it is being recorded already")
        seconds = float(message["seconds"])
        found = None if self._found is None else self._found.model_dump(mode="json")
        header = Header(
            driver=self._driver.name,
            kind=self._driver.kind.kind,
            device=self._id,
            revision=revision,
            date=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            hub=__version__,
            settings=without_secrets(settings),
            found=found,
        )
        try:
            ended = transports.record(
                Path(message["path"]),
                header,
                most_bytes=int(message["most_bytes"]),
                seconds=seconds,
            )
        except OSError as error:
            raise RecordingFailed(error.strerror or type(error).__name__) from None
        began()
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            while not ended.done():
                await asyncio.wait({ended}, timeout=TELL_EVERY)
                progress(min((loop.time() - start) / seconds, 1.0), "")
        finally:
            if not ended.done():
                self.stop()
                await asyncio.wait({ended}, timeout=END_LIMIT)
        return _told(ended.result())

    def stop(self) -> None:
        """End a recording before its time."""
        if self._transports is not None and self._transports.recorder is not None:
            self._transports.recorder.stop()

    def set_faults(self, data: Any) -> Faults | None:
        """Put faults into force, None for none, and return them (Invalid where they are none)."""
        try:
            faults = None if data is None else Faults.model_validate(data)
        except ValidationError as error:
            raise Invalid(where(error)) from None
        # A device that could not be made yet has them from its first connection.
        self._faults = faults if self._transports is None else None
        if self._transports is not None:
            self._transports.set_faults(faults)
        return faults

    async def replayed(self) -> Message:
        """Wait until the recording was played; returns how much of it.

        Raises:
            ReplayDiverged: the driver said something else than in the recording.
            Conflict: no recording is played.
        """
        while self._replay is None:
            if self._wanted is None:
                raise Conflict("no recording is played")
            await asyncio.sleep(0.05)
        await self._replay.over.wait()
        if self._replay.problem is not None:
            raise self._replay.problem
        return {"played": self._replay.played, "connections": self._replay.total}


def _told(end: RecordingEnd) -> Message:
    if end.problem is not None:
        raise end.problem
    return {"why": end.why, "size": end.size, "events": end.events}
