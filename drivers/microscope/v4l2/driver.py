"""The driver: a camera's pictures as they are, its controls, and letting go of it for others."""

import asyncio
import contextlib
import hashlib
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from drivers.microscope._live import Damage
from drivers.microscope.contract import (
    CameraControl,
    ControlSetting,
    Microscope,
    PictureCounts,
    PowerLine,
    StillPicture,
)
from drivers.microscope.mjpeg import Counts
from drivers.microscope.v4l2.button import listen, open_button
from drivers.microscope.v4l2.controls import MEMBERS, CameraControls
from drivers.microscope.v4l2.jpeg import whole
from drivers.microscope.v4l2.modes import ENCODED, RAW, Mode, full, live, usable
from hub.device import (
    N_,
    BadSettings,
    Call,
    DeviceError,
    DeviceSettings,
    Frame,
    Isolation,
    Match,
    OutOfRange,
    Problem,
    Property,
    Severity,
    TimedOut,
    Unreachable,
    UsbMatch,
    WrongDevice,
)
from hub.device.transports import V4l2Mode, V4l2Port

SETTLED = 2.0
"""Seconds for stopping a camera that may be frozen."""
STALL = 3.0
"""Seconds without a picture after which a camera is frozen."""
NO_PICTURE = 8.0
"""Seconds with pictures of which none is whole."""
FIRST = 6.0
"""Seconds until the first picture: some cameras take that long to wake."""
SETTLING = 3
"""Pictures after a change of size in which the exposure settles."""
LATELY = 3.0
WAITING = 8.0
"""Seconds without a still after which its stream ends, to be begun again where it is watched."""
DAMAGED = Problem(
    code="damaged-pictures",
    title=N_("Many of the pictures arrive damaged."),
    hint=N_("Put the camera's plug into another socket, without a hub, or try another cable."),
    severity=Severity.WARNING,
)
RELEASED = Problem(
    code="camera-released",
    title=N_("The camera was released for another program."),
    hint=N_("Close the other program, then choose “Take the camera back”."),
    severity=Severity.WARNING,
)
Size = Annotated[str, Field(pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$")]


class CameraReleased(DeviceError):
    """The camera was released; it is taken back when somebody says so."""

    code = RELEASED.code
    status = 409
    title = RELEASED.title
    hint = RELEASED.hint


class UsbMicroscope(Microscope):
    """Microscope or camera on USB.

    For all that are standard cameras (USB Video Class), and others that Linux has a driver for.
    """

    title: ClassVar[str] = N_("Microscope or camera on USB")
    isolation: ClassVar[Isolation] = "device"
    discovery: ClassVar[tuple[Match, ...]] = (UsbMatch(subsystem="video4linux"),)

    class Settings(DeviceSettings):
        """What the camera begins with."""

        path: Annotated[str, Field(pattern=r"^/dev/[\w./:+@-]+$", max_length=200)] | None = Field(
            None, title=N_("Device node, for a camera that is not found by itself")
        )
        resolution: Size | None = Field(
            None, title=N_("Resolution to begin with"), examples=["1280x720"]
        )

    settings: Settings

    _camera: V4l2Port | None = None
    _wanted: str | None = None  # the size that was chosen; survives a reconnect

    async def connect(self) -> None:
        """Open the camera, see that a picture comes, and learn what it can do."""
        path = self.settings.path or (self.found and self.found.node("video4linux"))
        if not path:
            raise BadSettings("path: name the device node, or choose the camera where it is found")
        self._turn = asyncio.Lock()  # one at a time decides on what the camera does
        self._counts = Counts()
        self._damage = Damage(self._counts)
        self._times: deque[float] = deque(maxlen=60)
        self._watching = 0
        self._still_frame: Frame | None = None
        self._still_news = asyncio.Event()
        await self._open(path)
        await self._learn()
        self._path = path
        button = await open_button(self)
        if button is None:
            self.omit(Microscope.button)
        else:
            self.background(listen(self, button))

    async def disconnect(self) -> None:
        """Let go of the camera."""
        camera, self._camera = self._camera, None
        if camera is not None:
            await camera.let_go()

    async def _open(self, path: str) -> None:
        camera = self._camera = await self.transports.v4l2(path)
        self._before = self._counts.garbage  # that of earlier openings
        identity = await camera.identity()
        if not identity.capture:
            raise WrongDevice(f"{path} ({identity.card}) is no camera that gives pictures")
        self._modes = usable(await camera.formats())
        if not self._modes:
            raise WrongDevice(f"{path} ({identity.card}) has no format that the hub knows")
        asked = self._wanted or self.settings.resolution
        self._mode = self._modes.get(asked or "") or live(self._modes)
        if asked and asked != self._mode.name:
            self.log.warning("the camera has no size %s; it shows %s", asked, self._mode.name)
        async with self._turn:
            await self._begin(self._mode)
            await self._picture(limit=FIRST)
            await camera.stop()
        self.health(None)

    async def _learn(self) -> None:
        """Leave out what is not there, and narrow what is."""
        camera = self._held()
        known = await camera.controls()
        readable = [one.id for one in known if one.readable and one.kind != "other"]
        self._controls = CameraControls(camera, known, await camera.values(readable))
        for member in MEMBERS:
            found = self._controls.range_of(member)
            if found is None:
                self.omit(member)
                continue
            self.narrow(
                member,
                minimum=found.minimum,
                maximum=found.maximum,
                choices=found.choices,
                writable=self._controls.writable(member),
            )
        if not self._controls.has_others:
            self.omit(Microscope.controls, Microscope.set_control)
        self.narrow(Microscope.resolution, choices=list(self._modes), writable=len(self._modes) > 1)

    def _held(self) -> V4l2Port:
        if self._camera is None:
            raise CameraReleased(RELEASED.title)
        return self._camera

    # Pictures.

    async def _begin(self, mode: Mode) -> None:
        """Have the camera make pictures of a size; the caller has the turn."""
        camera = self._held()
        await camera.stop()
        got = await camera.set_mode(mode.fourcc, mode.width, mode.height, mode.rate)
        if got.fourcc not in (*ENCODED, *RAW):
            raise WrongDevice(f"asked for {mode.fourcc}, the camera gives {got.fourcc}")
        self._got: V4l2Mode = got
        await camera.start()

    async def _picture(self, *, limit: float) -> Frame:
        """Return the next whole picture; the caller has the turn.

        Raises:
            Unreachable: the camera is frozen, has gone, or gives nothing that is whole.
        """
        camera = self._held()
        asked = time.monotonic()
        while True:
            try:
                picture = await camera.picture(limit=limit)
            except TimedOut as error:
                raise Unreachable(f"the camera is frozen: {error.detail}") from error
            data = await self._shown(picture.data)
            if data is not None:
                self._counts.frames += 1
                self._times.append(picture.time)
                self._judge(camera)
                return Frame(data, time=picture.time)
            self._counts.truncated += 1
            self._judge(camera)
            if time.monotonic() > asked + NO_PICTURE:
                raise Unreachable("the camera sends pictures, but none that is whole")

    async def _shown(self, data: bytes) -> bytes | None:
        if self._got.fourcc in ENCODED:
            return whole(data)
        from drivers.microscope.v4l2.raw import encoded  # noqa: PLC0415 - needs OpenCV

        return await asyncio.to_thread(encoded, data, self._got)

    def _judge(self, camera: V4l2Port) -> None:
        """Tell when pictures begin to come damaged, and when no more."""
        self._counts.garbage = self._before + camera.counts.broken + camera.counts.missed
        news = self._damage.news()
        if news is not None:
            self.health(DAMAGED if news else None)

    @Microscope.view.frames
    async def _view(self) -> AsyncIterator[Frame]:
        self._watching += 1
        try:
            async with self._turn:
                await self._begin(self._mode)
            while True:
                async with self._turn:
                    frame = await self._picture(limit=max(STALL, 4 / (self._got.rate or 4)))
                yield frame
        finally:
            self._watching -= 1
            # Whoever has the turn now will see that nobody watches; here one cannot wait for it.
            if not self._watching and not self._turn.locked():
                async with self._turn:
                    await self._settle()

    async def _settle(self) -> None:
        """Go on with the live view, or let others use the camera where nobody watches."""
        if self._camera is not None:
            # What goes wrong here is told to whoever asks for the next picture.
            with contextlib.suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(FIRST if self._watching else SETTLED):
                    await (self._begin(self._mode) if self._watching else self._camera.stop())

    @Microscope.resolution.read
    async def _resolution(self) -> str:
        return self._mode.name

    @Microscope.resolution.write
    async def _set_resolution(self, value: str) -> None:
        mode = self._modes.get(value)
        if mode is None:
            raise OutOfRange(f"it has {', '.join(self._modes)}")
        async with self._turn:
            self._held()
            before, self._mode = self._mode, mode
            try:
                if self._watching:
                    await self._begin(mode)
            except DeviceError:
                self._mode = before
                await self._settle()
                raise
            self._wanted = value
            if not self._watching:
                await self._settle()

    @Microscope.still.run
    async def _take_still(self, call: Call[None]) -> StillPicture:
        async with self._turn:
            mode = full(self._modes)
            await call.progress(0.1, N_("Taking the picture"))
            if mode == self._mode and self._watching:
                frame = await self._picture(limit=FIRST)
                width, height = self._got.width, self._got.height
            else:
                frame, width, height = await self._still_of(mode)
        self._still_frame = frame
        self._still_news.set()
        return StillPicture(
            sha256=hashlib.sha256(frame.data).hexdigest(),
            width=width,
            height=height,
            size=len(frame.data),
        )

    async def _still_of(self, mode: Mode) -> tuple[Frame, int, int]:
        """Take a picture of a size and its true width and height; the caller has the turn."""
        try:
            await self._begin(mode)
            for _ in range(SETTLING):
                frame = await self._picture(limit=FIRST)
            width, height = self._got.width, self._got.height
        finally:
            await self._settle()
        return frame, width, height

    @Microscope.stills.frames
    async def _stills(self) -> AsyncIterator[Frame]:
        while True:
            frame, self._still_frame = self._still_frame, None
            if frame is not None:
                yield frame
                continue
            self._still_news.clear()
            try:
                async with asyncio.timeout(WAITING):
                    await self._still_news.wait()
            except TimeoutError:
                return

    @Microscope.pictures.read
    async def _pictures(self) -> PictureCounts:
        counts = self._held().counts
        return PictureCounts(
            good=self._counts.frames,
            damaged=self._counts.truncated + counts.broken,
            missed=counts.missed,
            late=counts.late,
            rate=self._rate(),
        )

    def _rate(self) -> float:
        times = [one for one in self._times if one > time.monotonic() - LATELY]
        return round((len(times) - 1) / (times[-1] - times[0]), 1) if len(times) > 1 else 0.0

    # Letting go.

    @Microscope.released.read
    async def _released(self) -> bool:
        return self._camera is None

    @Microscope.release.run
    async def _release(self, call: Call[None]) -> None:  # noqa: ARG002 - the member's
        async with self._turn:
            camera, self._camera = self._camera, None
            if camera is not None:
                await camera.let_go()
        self.report(Microscope.released, value=True)
        self.health(RELEASED)

    @Microscope.take_back.run
    async def _take_back(self, call: Call[None]) -> None:  # noqa: ARG002 - the member's
        if self._camera is None:
            try:
                await self._open(self._path)
                await self._learn()
            except BaseException:
                camera, self._camera = self._camera, None
                if camera is not None:
                    await camera.let_go()
                self.health(RELEASED)
                raise
        self.report(Microscope.released, value=False)

    # Controls.

    async def _read(self, member: Property[Any]) -> Any:
        self._held()
        return await self._controls.read(member)

    async def _write(self, member: Property[Any], value: Any) -> None:
        self._held()
        for other in await self._controls.write(member, value):
            self.report(other, await self._controls.read(other))

    @Microscope.exposure.read
    async def _exposure(self) -> float:
        return float(await self._read(Microscope.exposure))

    @Microscope.exposure.write
    async def _set_exposure(self, value: float) -> None:
        await self._write(Microscope.exposure, value)

    @Microscope.exposure_auto.read
    async def _exposure_auto(self) -> bool:
        return bool(await self._read(Microscope.exposure_auto))

    @Microscope.exposure_auto.write
    async def _set_exposure_auto(self, value: bool) -> None:
        await self._write(Microscope.exposure_auto, value)

    @Microscope.gain.read
    async def _gain(self) -> int:
        return int(await self._read(Microscope.gain))

    @Microscope.gain.write
    async def _set_gain(self, value: int) -> None:
        await self._write(Microscope.gain, value)

    @Microscope.white_balance.read
    async def _white_balance(self) -> int:
        return int(await self._read(Microscope.white_balance))

    @Microscope.white_balance.write
    async def _set_white_balance(self, value: int) -> None:
        await self._write(Microscope.white_balance, value)

    @Microscope.white_balance_auto.read
    async def _white_balance_auto(self) -> bool:
        return bool(await self._read(Microscope.white_balance_auto))

    @Microscope.white_balance_auto.write
    async def _set_white_balance_auto(self, value: bool) -> None:
        await self._write(Microscope.white_balance_auto, value)

    @Microscope.lens.read
    async def _lens(self) -> int:
        return int(await self._read(Microscope.lens))

    @Microscope.lens.write
    async def _set_lens(self, value: int) -> None:
        await self._write(Microscope.lens, value)

    @Microscope.lens_auto.read
    async def _lens_auto(self) -> bool:
        return bool(await self._read(Microscope.lens_auto))

    @Microscope.lens_auto.write
    async def _set_lens_auto(self, value: bool) -> None:
        await self._write(Microscope.lens_auto, value)

    @Microscope.light.read
    async def _light(self) -> float:
        return float(await self._read(Microscope.light))

    @Microscope.light.write
    async def _set_light(self, value: float) -> None:
        await self._write(Microscope.light, value)

    @Microscope.brightness.read
    async def _brightness(self) -> int:
        return int(await self._read(Microscope.brightness))

    @Microscope.brightness.write
    async def _set_brightness(self, value: int) -> None:
        await self._write(Microscope.brightness, value)

    @Microscope.contrast.read
    async def _contrast(self) -> int:
        return int(await self._read(Microscope.contrast))

    @Microscope.contrast.write
    async def _set_contrast(self, value: int) -> None:
        await self._write(Microscope.contrast, value)

    @Microscope.saturation.read
    async def _saturation(self) -> int:
        return int(await self._read(Microscope.saturation))

    @Microscope.saturation.write
    async def _set_saturation(self, value: int) -> None:
        await self._write(Microscope.saturation, value)

    @Microscope.sharpness.read
    async def _sharpness(self) -> int:
        return int(await self._read(Microscope.sharpness))

    @Microscope.sharpness.write
    async def _set_sharpness(self, value: int) -> None:
        await self._write(Microscope.sharpness, value)

    @Microscope.power_line.read
    async def _power_line(self) -> PowerLine:
        return PowerLine(await self._read(Microscope.power_line))

    @Microscope.power_line.write
    async def _set_power_line(self, value: PowerLine) -> None:
        await self._write(Microscope.power_line, value)

    @Microscope.controls.read
    async def _others(self) -> list[CameraControl]:
        self._held()
        return await self._controls.others()

    @Microscope.set_control.run
    async def _set_other(self, call: Call[ControlSetting]) -> CameraControl:
        self._held()
        return await self._controls.set_other(call.input.name, call.input.value)
