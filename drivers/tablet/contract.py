"""The contract of a graphics tablet."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers.input.calibration import Calibration
from drivers.input.values import Fraction, Millimetres, Rotation, Seconds, Size
from hub.device import N_, Device, Event, Property, Role, SampleStream

MOST_BUTTONS = 32

Degrees = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class PenSample(BaseModel):
    """One report of a pen. What the tablet does not know is null.

    A *stroke* is what is between two samples without contact. It ends, too, where the device goes:
    its driver then says a last sample (not in contact, not near) if it still can; whoever keeps
    strokes ends them as well where the device's state says that it is not reachable.
    """

    model_config = ConfigDict(frozen=True)

    time: Seconds
    x: Fraction = Field(description="From the left edge of the active area, mapped.")
    y: Fraction = Field(description="From its upper edge, mapped.")
    x_mm: Millimetres | None = Field(None, description="The same in millimetres.")
    y_mm: Millimetres | None = None
    pressure: Fraction = Field(0.0, description="1 is the hardest that the tablet measures.")
    tilt_x: Degrees | None = Field(
        None, description="Degrees from upright; positive where the pen leans to the right."
    )
    tilt_y: Degrees | None = Field(None, description="Positive where it leans towards the user.")
    twist: Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False)] | None = Field(
        None, description="Degrees that the pen is turned clockwise about its own axis."
    )
    distance: Fraction | None = Field(
        None, description="How far above the tablet it is; 1 is the farthest that is noticed."
    )
    wheel: Fraction | None = Field(None, description="Where the wheel of an airbrush is.")
    contact: bool = Field(description="The tip touches the tablet.")
    near: bool = Field(description="The tablet notices the pen; false in the last sample of it.")
    eraser: bool = Field(
        default=False, description="The pen's other end is used, or it is inverted."
    )
    buttons: tuple[Annotated[int, Field(ge=1, le=MOST_BUTTONS)], ...] = Field(
        (), max_length=MOST_BUTTONS, description="The buttons on the pen that are held, from 1."
    )
    tool: str = Field(
        "", max_length=32, description="The pen's own serial number, where it has one."
    )


class PadKey(BaseModel):
    """A key on the tablet itself was pressed or let go."""

    key: int = Field(ge=1, le=64, description="Which, from 1, as the tablet counts them.")
    pressed: bool


class PadRing(BaseModel):
    """A finger moved on the tablet's ring or strip."""

    ring: int = Field(ge=1, le=4, description="Which, from 1.")
    position: Fraction | None = Field(description="Where the finger is; null where it was lifted.")


class PenTool(BaseModel):
    """A pen came near the tablet, or left it."""

    tool: str = Field(max_length=32, description="Its serial number; empty where it has none.")
    eraser: bool
    near: bool


class Mapping(BaseModel):
    """Which part of the tablet is used, and how it lies before the pupil.

    Left, top, right and bottom are fractions of the active area as the tablet has it; what is
    outside is taken to its edge. The part is then turned.
    """

    model_config = ConfigDict(frozen=True)

    left: Fraction = 0.0
    top: Fraction = 0.0
    right: Fraction = 1.0
    bottom: Fraction = 1.0
    rotation: Rotation = Field(
        Rotation.NONE, description="180 for left-handed pupils whose keys are then on the right."
    )

    @model_validator(mode="after")
    def _has_an_area(self) -> Self:
        if self.right - self.left < 0.01 or self.bottom - self.top < 0.01:
            raise ValueError("the part must be at least one hundredth wide and high")
        return self


class PressureCurve(BaseModel):
    """How hard somebody presses: what they mean by a pressure that the pen measured.

    It belongs to the person, not to the tablet. Samples bear what was measured; whoever draws
    shapes it, so that the curve can be changed after the stroke was made.
    """

    model_config = ConfigDict(frozen=True)

    lightest: float = Field(0.0, ge=0, le=0.6, description="What is pressed less than this is 0.")
    hardest: float = Field(1.0, ge=0.2, le=1, description="What is pressed more than this is 1.")
    softness: float = Field(
        0.0,
        ge=-1,
        le=1,
        allow_inf_nan=False,
        description="0 is even; 1 makes a light hand strong, -1 a heavy hand fine.",
    )

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.hardest - self.lightest < 0.1:
            raise ValueError("the hardest must be a tenth above the lightest")
        return self

    def shape(self, pressure: float) -> float:
        """Return what is meant by a measured pressure, 0..1."""
        part = (pressure - self.lightest) / (self.hardest - self.lightest)
        return float(min(max(part, 0.0), 1.0) ** (4.0**-self.softness))


class Tablet(Device, kind="tablet", icon="pen-tool", title=N_("Graphics tablet")):
    """Graphics tablet.

    Pupils write and draw on it with a pen. Every report of the pen is told as it came, in batches:
    nothing is smoothed, nothing is left out.
    """

    pen: SampleStream[PenSample] = SampleStream(
        PenSample,
        title=N_("Pen"),
        doc=N_("Where the pen is, how hard it is pressed and how it is held."),
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
    resolution: Property[float] = Property(
        float,
        title=N_("Resolution"),
        doc=N_("How many places the tablet tells apart on a millimetre."),
        unit="/mm",
        minimum=0.0,
        optional=True,
    )
    pressure_levels: Property[int] = Property(
        int,
        title=N_("Levels of pressure"),
        doc=N_("How many steps of pressure the pen tells apart."),
        minimum=1,
        optional=True,
    )
    keys: Property[int] = Property(
        int,
        title=N_("Keys"),
        doc=N_("How many keys are on the tablet itself."),
        minimum=0,
        maximum=64,
        optional=True,
    )
    screen: Property[bool] = Property(
        bool,
        title=N_("With a screen"),
        doc=N_("The pen writes on a picture, so that it may need calibrating."),
        optional=True,
    )
    grab: Property[bool] = Property(
        bool,
        title=N_("For the hub alone"),
        doc=N_("The pen does not move the pointer of this computer's desktop."),
        optional=True,
        writable=True,
        kept=True,
        write_role=Role.TEACHER,
    )
    mapping: Property[Mapping] = Property(
        Mapping,
        title=N_("Area that is used"),
        doc=N_("Which part of the tablet is used, and which way up it lies."),
        writable=True,
        kept=True,
        write_role=Role.TEACHER,
    )
    calibration: Property[Calibration] = Property(
        Calibration,
        title=N_("Calibration"),
        doc=N_("Where the pen is on the picture beneath it; for screens with a pen."),
        writable=True,
        kept=True,
        write_role=Role.TEACHER,
    )
    tool: Event[PenTool] = Event(
        PenTool,
        title=N_("Pen nearby"),
        doc=N_("A pen came near the tablet, or left it."),
    )
    key: Event[PadKey] = Event(
        PadKey,
        title=N_("Key"),
        doc=N_("A key on the tablet was pressed or let go."),
        optional=True,
    )
    ring: Event[PadRing] = Event(
        PadRing,
        title=N_("Ring"),
        doc=N_("A finger moved on the ring or strip of the tablet."),
        optional=True,
    )
