"""Where in a report the code is: said by a data file or by the settings.

No maker of globes publishes its reports. So the hub ships no file: an engineer records the pen,
finds the code in the reports and writes where it is.
"""

import logging
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers.globe.contract import MOST_CODE
from drivers.globe.taps import Taps
from drivers.globe.words import Heard

log = logging.getLogger("classhub.globe")

LOCAL = Path("/etc/classhub/pens")
"""A school's data files."""
_LARGEST = 64_000
MOST_OFFSET = 1024

UsbId = Annotated[str, Field(pattern="^[0-9a-f]{4}$")]
Offset = Annotated[int, Field(ge=0, lt=MOST_OFFSET)]


class Layout(BaseModel):
    """Where a report says what.

    Attributes:
        report: the number that its reports begin with; None where they have none.
        offset: bytes from the report's beginning (its number counts) to the code.
        length: bytes of the code; of a number 26 at most, since a code has 64 digits at most.
        order: of a number the order of its bytes; `ascii` where the code is text.
        nothing: the number that says that the pen touches nothing; None where there is none.
        pen: where the byte is that says which pen; None where there is one pen.
        battery: where the byte is that says the battery's percent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    report: int | None = Field(None, ge=1, le=255)
    offset: Offset = 0
    length: int = Field(4, ge=1, le=32)
    order: Literal["little", "big", "ascii"] = "little"
    nothing: int | None = 0
    pen: Offset | None = None
    battery: Offset | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.order != "ascii" and len(str(2 ** (8 * self.length) - 1)) > MOST_CODE:
            raise ValueError("length: a number has 26 bytes at most")
        return self

    def hear(self, report: bytes, at: float, taps: Taps) -> Heard | None:
        """Return what a report says; None where it is too short, or no code."""
        if self.report is not None and report[:1] != bytes([self.report]):
            return Heard()  # another report of the same node is none of ours
        places = [self.offset + self.length - 1, self.pen or 0, self.battery or 0]
        if len(report) <= max(places):
            return None
        pen = "" if self.pen is None else str(report[self.pen])
        battery = None if self.battery is None else report[self.battery]
        if battery is not None and battery > 100:
            return None
        field = report[self.offset : self.offset + self.length]
        if self.order == "ascii":
            text = field.rstrip(b"\0 ").decode("ascii", "replace")
            if text and not (text.isascii() and text.isalnum()):
                return None
        else:
            number = int.from_bytes(field, self.order)
            text = "" if number == self.nothing else str(number)
        if not text:
            taps.lifted(pen)
            return Heard(battery=battery)
        return Heard(tuple(taps.said(text, at, pen)), battery)


class KnownPen(BaseModel):
    """One data file.

    Attributes:
        vendor, product: USB ids. name: for people. source: where the facts come from.
        date: of the file. verified: tried on the very hardware by whoever wrote it.
        layout: of its reports.
    """

    model_config = ConfigDict(extra="forbid")

    vendor: UsbId
    product: UsbId
    name: str
    source: str
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    verified: bool
    layout: Layout


@cache
def known_pens(folder: Path = LOCAL) -> tuple[KnownPen, ...]:
    """Return what the data files say; one that makes no sense is left out, and said."""
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            with file.open("rb") as opened:
                found.append(KnownPen.model_validate_json(opened.read(_LARGEST)))
        except (OSError, ValueError) as error:
            log.warning("the data file %s is left out: %s", file, error)
    return tuple(found)
