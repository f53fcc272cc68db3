"""The contract of a smart globe."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hub.device import N_, Device, Event, Property, Role

MOST_CODE = 64
MOST_PEN = 32

Code = Annotated[str, Field(min_length=1, max_length=MOST_CODE, pattern=r"^[!-~]+$")]
"""What is printed where the pen touched, as the pen says it: printable ASCII without spaces."""


MapId = Annotated[str, Field(max_length=64, pattern=r"^([a-z0-9][a-z0-9-]*)?$")]
"""The id of a globe map; empty where none was chosen."""


class TapKind(StrEnum):
    """How a place was touched."""

    TAP = "tap"
    DOUBLE = "double"
    HOLD = "hold"
    MODE = "mode"


class GlobeTap(BaseModel):
    """A pen touched a place of the globe, or a key of it was pressed.

    Of a double tap the first touch is told as `tap` at once and the second as `double`; a `hold`
    follows the `tap` that it began with. So nobody waits for what may still come.
    """

    model_config = ConfigDict(frozen=True)

    code: Code
    pen: Annotated[str, Field(max_length=MOST_PEN, pattern=r"^[!-~]*$")] = Field(
        "", description="Which of several pens; empty where they cannot be told apart."
    )
    kind: TapKind = Field(description="`mode`: a key on the pen or the globe; `code` says which.")


class Globe(Device, kind="globe", title=N_("Smart globe"), icon="globe"):
    """Smart globe.

    Pupils touch places with a pen, which says the code that is printed there. Which code is which
    place stands in a globe map, not here.
    """

    tap: Event[GlobeTap] = Event(
        GlobeTap,
        title=N_("Touch of the pen"),
        doc=N_("A pen touched a place, or a key was pressed."),
    )
    name: Property[str] = Property(
        str,
        title=N_("Name"),
        doc=N_("What the device calls itself."),
    )
    map: Property[str] = Property(
        str,
        title=N_("Globe map"),
        doc=N_("Which code is which place: the map of the globe that the pens belong to."),
        writable=True,
        write_role=Role.TEACHER,
        kept=True,
    )
    battery: Property[int] = Property(
        int,
        title=N_("Battery of the pen"),
        doc=N_("How full the battery of the pen is that spoke of it last."),
        unit="%",
        minimum=0,
        maximum=100,
        optional=True,
    )
