"""How the virtual microscope misbehaves on command.

Counted faults spoil that many of the next pictures; timed ones last that many seconds; `true` means
one picture, or until `false` comes.
"""

import random
import time
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

BOUNDARY = "virtual-microscope"
OVERSIZE = 40 * 1024 * 1024

Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Faults(BaseModel):
    """What is wrong now. Posted fields change, the others stay; `{"clear": true}` mends all."""

    model_config = ConfigDict(extra="forbid")

    unplug: bool | Seconds = False
    """Nothing answers any more but /faults and /truth: every connection is broken."""
    mute: bool | Seconds = False
    """Connections are taken, and no answer comes."""
    stall: bool | Seconds = False
    """Streams stay open and give nothing."""
    slow: Annotated[float, Field(ge=1, le=1000)] = 1.0
    """So many times fewer pictures a second, sent in small pieces."""
    close: bool = False
    """Every open stream is closed once, in the middle of a picture."""
    garbage: Count = 0
    """Random bytes stand in place of a picture."""
    truncate: Count = 0
    """The picture's end is missing."""
    oversize: Count = 0
    """A picture of 40 MB."""
    half_boundary: Count = 0
    """The boundary before the picture breaks off."""
    wrong_length: Count = 0
    """The part's Content-Length is not that of the picture."""
    no_length: bool = False
    """Parts have no Content-Length."""
    line_feeds: bool = False
    """Lines end with LF alone."""
    no_boundary: bool = False
    """Pictures follow each other bare."""

    def lasting(self, value: bool | float, since: float) -> bool:
        """Tell whether a timed fault set at `since` (monotonic) still holds."""
        return value if isinstance(value, bool) else time.monotonic() < since + value


class Misbehaviour:
    """The faults in force and when each was posted."""

    def __init__(self, seed: int) -> None:
        self.faults = Faults()
        self.closing = 0  # grows with each `close`
        self._since: dict[str, float] = {}
        self._random = random.Random(seed)  # noqa: S311 - noise, no secret

    def post(self, wanted: dict[str, Any]) -> Faults:
        """Change what is posted; raises ValidationError."""
        if wanted.pop("clear", False):
            self.faults = Faults()
        merged = Faults.model_validate({**self.faults.model_dump(), **wanted})
        if merged.close:
            self.closing += 1
            merged.close = False
        self._since.update(dict.fromkeys(wanted, time.monotonic()))
        self.faults = merged
        return merged

    def holds(self, name: str) -> bool:
        """Tell whether the timed fault `name` is in force."""
        return self.faults.lasting(getattr(self.faults, name), self._since.get(name, 0.0))

    def part(self, picture: bytes) -> bytes:
        """Return a part of the multipart body for `picture`, spoilt as was asked."""
        faults = self.faults
        body, length = picture, len(picture)
        spoilers: dict[str, Callable[[bytes], bytes]] = {
            "garbage": lambda b: self._random.randbytes(len(b)),
            "truncate": lambda b: b[: len(b) * 2 // 3],
            "oversize": lambda b: b[:-2] + bytes(OVERSIZE) + b[-2:],
        }
        for name, spoil in spoilers.items():
            if self._take(name):
                body = spoil(body)
                length = len(body)
        if self._take("wrong_length"):
            length = self._random.choice([7, length // 2, length + 1000, 3 * length, 10**12])
        if faults.no_boundary:
            return body
        lines = [f"--{BOUNDARY}", "Content-Type: image/jpeg", f"Content-Length: {length}", "", ""]
        if faults.no_length:
            del lines[2]
        if self._take("half_boundary"):
            lines[0] = lines[0][: len(lines[0]) // 2]
        end = "\n" if faults.line_feeds else "\r\n"
        return end.join(lines).encode() + body + end.encode()

    def _take(self, name: str) -> bool:
        left: int = getattr(self.faults, name)
        if left:
            setattr(self.faults, name, left - 1)
        return left > 0
