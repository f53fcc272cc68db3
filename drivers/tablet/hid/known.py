"""Tablets whose reports are not what they say themselves: data files, one a tablet.

A file says what the tablet's report descriptor should have been, and what it is told at the start.
"""

import logging
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from drivers.hid.descriptor import Descriptor, parse
from drivers.hid.pen import PenDecoder

log = logging.getLogger("classhub.tablets")

FOLDER = Path(__file__).parent / "tablets"
LOCAL = Path("/etc/classhub/tablets")
"""A school's own data files, such as `classhub probe tablet` writes; they come first."""
_LARGEST = 64_000

Hex = Annotated[str, Field(pattern=r"^([0-9a-f]{2}\s?)+$", max_length=16000)]
UsbId = Annotated[str, Field(pattern="^[0-9a-f]{4}$")]


class FirstWord(BaseModel):
    """What the tablet is told at the start."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["output", "feature"]
    data: Hex = Field(description="The report, its number first.")


class KnownTablet(BaseModel):
    """One data file.

    Attributes:
        vendor, product: USB ids. product_text: a part of what it calls itself, where several
            tablets have the same ids; empty for any.
        name: for people. source: where the facts come from. date: of the file.
        verified: tried on the very hardware by whoever wrote the file.
        descriptor: the report descriptor that fits its reports; None where its own is right.
        near_inverted: the bit "in range" is set where the pen is *not* near.
        first_words: what it is told at the start.
    """

    model_config = ConfigDict(extra="forbid")

    vendor: UsbId
    product: UsbId
    product_text: str = ""
    name: str
    source: str
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    verified: bool
    descriptor: Hex | None = None
    near_inverted: bool = False
    first_words: tuple[FirstWord, ...] = Field((), max_length=16)

    @field_validator("descriptor")
    @classmethod
    def _has_a_pen(cls, value: str | None) -> str | None:
        if value is not None:
            PenDecoder(parse(bytes.fromhex(value)))
        return value

    @property
    def parsed(self) -> Descriptor | None:
        """The descriptor, None where the tablet's own is right."""
        return None if self.descriptor is None else parse(bytes.fromhex(self.descriptor))


@cache
def known_tablets() -> tuple[KnownTablet, ...]:
    """Return what the data files say."""
    ours = [KnownTablet.model_validate_json(f.read_bytes()) for f in sorted(FOLDER.glob("*.json"))]
    return (*_local(), *ours)


def _local() -> list[KnownTablet]:
    """Return the school's own; one that makes no sense is left out, and said."""
    found = []
    for file in sorted(LOCAL.glob("*.json")):
        try:
            with file.open("rb") as opened:
                found.append(KnownTablet.model_validate_json(opened.read(_LARGEST)))
        except (OSError, ValueError) as error:
            log.warning("the data file %s is left out: %s", file, error)
    return found


def known(vendor: str, product: str, name: str) -> KnownTablet | None:
    """Return the data file that fits a tablet, None where there is none."""
    for one in known_tablets():
        if (one.vendor, one.product) == (vendor, product) and one.product_text in name:
            return one
    return None
