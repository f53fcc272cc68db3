"""The contract of a touch table."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from drivers.input.calibration import Calibration
from drivers.input.values import LARGEST, Fraction, Millimetres, Seconds, Size
from hub.device import N_, Device, Property, Role, SampleStream

MOST_CONTACTS = 256


class Phase(StrEnum):
    """What a contact does."""

    DOWN = "down"
    MOVE = "move"
    UP = "up"


class TouchTool(StrEnum):
    """What touches the table."""

    FINGER = "finger"
    PEN = "pen"
    PALM = "palm"
    OBJECT = "object"


class Touch(BaseModel):
    """One report of one contact. What the table does not know is null.

    Every contact begins with `down` and ends with `up`, with the same id in between, also where
    both came in one report of the table, and where the device goes in between.
    """

    model_config = ConfigDict(frozen=True)

    time: Seconds
    frame: int = Field(
        ge=0, description="Counts the table's reports: what is true at once has the same number."
    )
    id: int = Field(
        ge=1, description="Of the contact; never used again while the table is connected."
    )
    phase: Phase
    x: Fraction = Field(description="From the left edge.")
    y: Fraction = Field(description="From the upper edge.")
    x_mm: Millimetres | None = Field(None, description="The same in millimetres.")
    y_mm: Millimetres | None = None
    width_mm: float | None = Field(
        None, ge=0, le=LARGEST, description="The longer axis of what touches."
    )
    height_mm: float | None = Field(None, ge=0, le=LARGEST, description="The shorter one.")
    angle: float | None = Field(
        None, ge=-180, le=180, description="Degrees that the longer axis is turned from upright."
    )
    pressure: Fraction | None = None
    tool: TouchTool = TouchTool.FINGER


class TouchTable(Device, kind="touch_table", icon="hand", title=N_("Touch table")):
    """Touch table.

    Many fingers work on it at once, of one pupil or of several.
    """

    touches: SampleStream[Touch] = SampleStream(
        Touch,
        title=N_("Touches"),
        doc=N_("Where fingers touch the table, move and leave it."),
    )
    name: Property[str] = Property(
        str,
        title=N_("Name"),
        doc=N_("What the device calls itself."),
    )
    size: Property[Size] = Property(
        Size,
        title=N_("Size"),
        doc=N_("Width and height of the area that can be used."),
        unit="mm",
        optional=True,
    )
    most_contacts: Property[int] = Property(
        int,
        title=N_("Most contacts"),
        doc=N_("How many fingers the table can tell apart at once."),
        minimum=1,
        maximum=MOST_CONTACTS,
        optional=True,
    )
    contacts: Property[int] = Property(
        int,
        title=N_("Contacts"),
        doc=N_("How many fingers touch the table now."),
        minimum=0,
        maximum=MOST_CONTACTS,
    )
    grab: Property[bool] = Property(
        bool,
        title=N_("For the hub alone"),
        doc=N_("Touches do not reach this computer's desktop."),
        optional=True,
        writable=True,
        kept=True,
        write_role=Role.TEACHER,
    )
    calibration: Property[Calibration] = Property(
        Calibration,
        title=N_("Calibration"),
        doc=N_("Where a touch is on the picture beneath it."),
        writable=True,
        kept=True,
        write_role=Role.TEACHER,
    )
