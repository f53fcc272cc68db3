"""Driver for cameras that give their picture over HTTP, as most network microscopes do."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, Field, SecretStr

from drivers.http import Credentials, HttpClient
from drivers.microscope._address import address_of
from drivers.microscope._control import Control, ControlState
from drivers.microscope._live import Damage, LivePictures
from drivers.microscope.contract import AutofocusResult, Microscope, StagePosition
from hub.device import (
    N_,
    Call,
    DeviceSettings,
    Frame,
    Isolation,
    OutOfRange,
    Problem,
    Property,
    Severity,
    Unreachable,
    WrongDevice,
)

T = TypeVar("T")
POLL = 2.0
"""Seconds between looks at what was changed at the microscope itself."""
SETTLE = 0.2
"""Seconds after which a picture of the live stream shows a changed focus."""
DELAY = 0.5
"""Seconds that a picture may be on its way: exposure, the camera's own queue, the network. Cameras
of schools take 0.1 to 0.4 s over a cable and over good Wi-Fi."""
MAX_PICTURE = 32 * 1024 * 1024
DAMAGED = Problem(
    code="damaged-pictures",
    title=N_("Many of the pictures arrive damaged."),
    hint=N_("Check the network cable of the microscope, or bring it nearer to the access point."),
    severity=Severity.WARNING,
)


Url = Annotated[str, Field(max_length=2000), AfterValidator(address_of("http", "https"))]


class StreamMicroscope(Microscope):
    """Microscope or camera with a network address.

    Speaks MJPEG over HTTP (multipart/x-mixed-replace), or fetches stills one by one where the
    address gives a single JPEG. Objective, focus, light and stage where it has a JSON control.
    """

    title: ClassVar[str] = N_("Microscope or camera with a network address")
    isolation: ClassVar[Isolation] = "device"

    class Settings(DeviceSettings):
        """Where the microscope is."""

        url: Url = Field(
            title=N_("Address of the live picture"), examples=["http://10.0.0.7/stream"]
        )
        still_url: Url | None = Field(None, title=N_("Address of a single picture"))
        control_url: Url | None = Field(None, title=N_("Address of the JSON control"))
        user: str = Field("", max_length=200, title=N_("User name"))
        password: SecretStr | None = Field(None, title=N_("Password"))
        delay: float = Field(
            DELAY,
            ge=0,
            le=10,
            allow_inf_nan=False,
            title=N_("Seconds that a picture may be on its way"),
        )

    settings: Settings

    async def connect(self) -> None:
        """Check that a picture comes, and learn what can be driven."""
        s = self.settings
        credentials = None
        if s.user or s.password:
            credentials = Credentials(s.user, s.password.get_secret_value() if s.password else "")
        self._http = HttpClient(credentials, transports=self.transports)
        self._control = Control(self._http, s.control_url) if s.control_url else None
        async with contextlib.aclosing(self._live().frames()) as pictures:
            await anext(pictures)
        self._learn(await self._control.state() if self._control else ControlState())
        self.delay(Microscope.view, s.delay)

    def _live(self) -> LivePictures:
        return LivePictures(self._http, self.settings.url, limit=MAX_PICTURE)

    @Microscope.view.frames
    async def _view(self) -> AsyncIterator[Frame]:
        live = self._live()
        damage = Damage(live.counts)
        async with contextlib.aclosing(live.frames()) as pictures:
            async for frame in pictures:
                yield frame
                news = damage.news()
                if news is not None:
                    self.health(DAMAGED if news else None)

    def _learn(self, state: ControlState) -> None:
        """Leave out what is not there, and narrow what is."""
        offers: dict[Property[Any], object] = {
            Microscope.objective: state.objective,
            Microscope.scale: state.scale,
            Microscope.focus: state.focus,
            Microscope.light: state.light,
            Microscope.stage: state.stage,
        }
        absent = [member for member, value in offers.items() if value is None]
        self.omit(*absent, Microscope.button)
        if state.focus is None or state.focus_range is None:
            self.omit(Microscope.autofocus)
        if state.objective is not None:
            choices = state.objectives or [state.objective]
            self.narrow(Microscope.objective, choices=choices, writable=len(choices) > 1)
        if state.focus is not None and state.focus_range is not None:
            low, high = state.focus_range
            self.narrow(Microscope.focus, minimum=low, maximum=high)
        if state.light is not None and state.light_range is not None:
            low, high = state.light_range
            self.narrow(Microscope.light, minimum=max(low, 0.0), maximum=min(high, 100.0))

    def _driven(self) -> Control:
        if self._control is None:
            raise WrongDevice("this microscope has no control")
        return self._control

    async def _ask(self) -> ControlState:
        return await self._driven().state()

    async def _set(self, member: Property[Any], value: Any) -> None:
        await self._driven().set(**{member.name: value})

    @Microscope.objective.polled(POLL)
    async def _objective(self) -> str:
        return _there((await self._ask()).objective)

    @Microscope.objective.write
    async def _set_objective(self, value: str) -> None:
        await self._set(Microscope.objective, value)

    @Microscope.scale.polled(POLL)
    async def _scale(self) -> float:
        return _there((await self._ask()).scale)

    @Microscope.focus.polled(POLL)
    async def _focus(self) -> float:
        return _there((await self._ask()).focus)

    @Microscope.focus.write
    async def _set_focus(self, value: float) -> None:
        await self._set(Microscope.focus, value)

    @Microscope.light.polled(POLL)
    async def _light(self) -> float:
        return _there((await self._ask()).light)

    @Microscope.light.write
    async def _set_light(self, value: float) -> None:
        await self._set(Microscope.light, value)

    @Microscope.stage.polled(POLL)
    async def _stage(self) -> StagePosition:
        at = _there((await self._ask()).stage)
        return StagePosition(x=at.x, y=at.y)

    @Microscope.stage.write
    async def _set_stage(self, value: StagePosition) -> None:
        await self._set(Microscope.stage, {"x": value.x, "y": value.y})

    @Microscope.autofocus.run
    async def _autofocus(self, call: Call[None]) -> AutofocusResult:
        from drivers.microscope.autofocus import search, sharpness  # noqa: PLC0415 - needs OpenCV

        control = self._driven()
        before = await control.state(max_age=0.0)
        low, high = _there(before.focus_range)

        async def judge(height: float, reduce: int) -> float:
            await control.set(focus=height)
            return await asyncio.to_thread(sharpness, await self._fresh(), reduce)

        async def progress(fraction: float) -> None:
            await call.progress(fraction, N_("Looking for the sharpest picture"))

        try:
            best = await search(judge, low, high, progress)
        except BaseException:
            # Cancelled or failed: leave the picture as it was found.
            await control.set(focus=_there(before.focus))
            raise
        state = await control.set(focus=best)
        focus = _there(state.focus)
        self.report(Microscope.focus, focus)
        return AutofocusResult(focus=focus)

    async def _fresh(self) -> bytes:
        """Return a picture that was begun after this call, as far as the camera lets one know."""
        if self.settings.still_url is not None:
            reply = await self._http.fetch(self.settings.still_url, limit=MAX_PICTURE)
            return reply.body
        asked = time.monotonic()
        async with contextlib.aclosing(self._live().frames()) as pictures:
            async for frame in pictures:
                if frame.time >= asked + SETTLE:
                    return frame.data
        raise Unreachable("the stream ended")


def _there(value: T | None) -> T:
    if value is None:
        raise OutOfRange("the microscope no longer says this value")
    return value
