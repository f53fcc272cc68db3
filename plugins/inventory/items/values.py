"""What is known of a thing, and what a line of its log says."""

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from hub.plugin import Body

MOST_ITEMS = 5_000
MOST_ENTRIES = 2_000
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
# What nobody can see, and what turns the direction of letters round; joiners belong to writing.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    r"\ufeff\ufffe\uffff]"
)


def one_line(text: str) -> str:
    """Return a text without what cannot be seen, in one line."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def plain(text: str) -> str:
    """Return a text without what cannot be seen; its lines stay."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _named(text: str) -> str:
    line = one_line(text)
    if not line:
        raise ValueError("nothing of it can be seen")
    return line


def _cents(value: float) -> float:
    return round(value, 2) if math.isfinite(value) else value


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(one_line)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"\S"),
    AfterValidator(_named),
]
Text = Annotated[str, StringConstraints(max_length=5_000), AfterValidator(plain)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Money = Annotated[float, Field(ge=0, le=1e12), AfterValidator(_cents)]
Day = Annotated[date, Field(ge=FIRST, le=LAST)]
EntryKind = Literal["fault", "repair", "part", "firmware", "safety", "note"]


class ItemFields(Body):
    """What people say of a thing. Money is in tenge; days are dates of the calendar."""

    name: Name
    kind: Kind = Field("other", description="A device's kind, or `computer`, `furniture`, …")
    number: Line = Field("", description="The school's own inventory number.")
    serial: Line = ""
    maker: Line = ""
    model: Line = ""
    quantity: int = Field(1, ge=1, le=10_000, description="So many that are alike.")
    purchased: Day | None = None
    price: Money | None = Field(None, description="Of one, in tenge.")
    warranty: Day | None = Field(None, description="The last day of it.")
    room: Line = ""
    responsible: Line = Field("", description="Who answers for it.")
    notes: Text = ""


class EntryFields(Body):
    """What people say in a line of a log."""

    kind: EntryKind
    text: Text = ""
    day: Day | None = Field(None, description="When it was; today where it is left out.")
    who: Line = Field(
        "", description="Who did it, or read the safety instruction; the caller where left out."
    )
    cost: Money | None = Field(None, description="In tenge.")


@dataclass(frozen=True, slots=True)
class Item:
    """A thing that somebody answers for.

    Attributes:
        id: of the inventory.
        device: the id of the hub's device that it is, None of things that the hub does not know.
        fields: what people say of it.
        firmware: what the device last said; empty where it says nothing.
        revision: counts the changes.
        changed: when the last one was, in seconds since the epoch.
        faults: how many faults in its log are not mended.
        safety: the newest day on which somebody has read the safety instruction.
    """

    id: str
    device: str | None
    fields: ItemFields
    firmware: str
    revision: int
    changed: float
    faults: int = 0
    safety: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an item's log.

    Attributes:
        id, item: of the inventory; ids sort by the time they were made.
        kind: what sort of line it is.
        day: when it was.
        text: what was; a message id where the hub wrote it.
        params: of the message.
        code: of the problem that the device told; empty where people wrote.
        who: who did it.
        cost: in tenge.
        times: how often the device told of it.
        ended: of a fault, the day on which it was over.
        by: the owner that wrote it; `hub` for the hub itself.
        made: when it was written, in seconds since the epoch.
    """

    id: str
    item: str
    kind: str
    day: date
    text: str
    params: dict[str, Any]
    code: str
    who: str
    cost: float | None
    times: int
    ended: date | None
    by: str
    made: float
