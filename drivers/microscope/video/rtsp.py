"""Driver for cameras that speak RTSP, as surveillance and document cameras do."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr

from drivers.http import Credentials
from drivers.microscope._address import address_of
from drivers.microscope.contract import Microscope
from drivers.microscope.video._conversation import Address, conversing, refusal
from drivers.microscope.video._door import Door
from drivers.microscope.video._program import Ended, as_they_come, encoded, ffmpeg, pictures
from hub.device import (
    N_,
    DeviceSettings,
    Frame,
    Isolation,
    Unreachable,
    WrongDevice,
)

FIRST = 9.0
"""Seconds until the first picture: some cameras send a whole one every few seconds only."""
LATER = 5.0
_JPEG = re.compile(
    r"^m=video \d+ \S+ 26\b|^a=rtpmap:\d+ JPEG/90000\b", re.MULTILINE | re.IGNORECASE
)


Url = Annotated[str, Field(max_length=2000), AfterValidator(address_of("rtsp", "rtsps"))]


class RtspCamera(Microscope):
    """Camera that speaks RTSP.

    Its picture comes over TCP; what is not JPEG already is encoded once, by `ffmpeg`, which runs
    only while somebody watches.
    """

    title: ClassVar[str] = N_("Network camera (RTSP)")
    isolation: ClassVar[Isolation] = "device"

    class Settings(DeviceSettings):
        """Where the camera is."""

        url: Url = Field(
            title=N_("Address of the live picture"), examples=["rtsp://10.0.0.8:554/stream1"]
        )
        user: str = Field("", max_length=200, title=N_("User name"))
        password: SecretStr | None = Field(None, title=N_("Password"))

    settings: Settings

    async def connect(self) -> None:
        """Ask the camera what it has to show; nothing is shown yet."""
        ffmpeg()
        s = self.settings
        self._credentials = None
        if s.user or s.password:
            secret = s.password.get_secret_value() if s.password else ""
            self._credentials = Credentials(s.user, secret)
        self._address = Address.of(s.url)
        async with conversing(self.transports, self._address, self._credentials) as camera:
            accepted = [("Accept", "application/sdp")]
            answer = await camera.request("DESCRIBE", s.url, accepted)
        problem = refusal(answer, "DESCRIBE")
        if problem is not None:
            raise problem
        description = answer.body.decode("utf-8", "replace").replace("\r", "")
        if not re.search(r"^m=video ", description, re.MULTILINE):
            raise WrongDevice("what answers has no picture")
        self._output = as_they_come() if _JPEG.search(description) else encoded()
        self.omit(
            *(Microscope.objective, Microscope.scale, Microscope.focus, Microscope.light),
            *(Microscope.stage, Microscope.autofocus, Microscope.button),
        )

    @Microscope.view.frames
    async def _view(self) -> AsyncIterator[Frame]:
        door = Door(self.transports, self._address, self._credentials)
        async with contextlib.AsyncExitStack() as stack:
            local = await stack.enter_async_context(door.open())
            shown = await stack.enter_async_context(pictures(_source(local), self._output))
            while True:
                try:
                    data = await shown.newest(LATER if shown.given else FIRST)
                except TimeoutError:
                    raise door.failure or Unreachable("stalled: no picture comes") from None
                except Ended as error:
                    if door.failure is None and not shown.given:
                        raise WrongDevice(f"ffmpeg: {error.said}") from None
                    raise door.failure or Unreachable("the camera ended its picture") from None
                yield Frame(data)


def _source(local: str) -> list[str]:
    return [
        *("-protocol_whitelist", "rtsp,tcp,rtp", "-rtsp_transport", "tcp"),
        *("-allowed_media_types", "video", "-timeout", "10000000"),
        *(
            "-fflags",
            "nobuffer",
            "-flags",
            "low_delay",
            "-fpsprobesize",
            "0",
            "-analyzeduration",
            "1000000",
        ),
        *("-i", local),
    ]
