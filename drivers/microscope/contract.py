"""The contract of a digital microscope."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.device import N_, Action, Device, Event, FrameStream, Property, Role


class AutofocusResult(BaseModel):
    """Where autofocus found the sharpest picture."""

    focus: float = Field(description="Height of the focus in micrometres.")


class StagePosition(BaseModel):
    """Where the stage stands, in micrometres from its centre."""

    model_config = ConfigDict(allow_inf_nan=False)

    x: float
    y: float


class CaptureButton(StrEnum):
    """How the button on the microscope was pressed."""

    SHORT = "short"
    LONG = "long"


class PowerLine(StrEnum):
    """The mains frequency whose flicker the camera evens out."""

    OFF = "off"
    HZ_50 = "50 Hz"
    HZ_60 = "60 Hz"
    AUTO = "auto"


class StillPicture(BaseModel):
    """A still that was taken: the picture itself comes on the stream `stills`."""

    sha256: str = Field(description="Of the picture's bytes.")
    width: int
    height: int
    size: int = Field(description="Bytes.")


class ControlChoice(BaseModel):
    """One choice of a camera's menu."""

    value: int
    title: str = Field(description="As the camera calls it.")


class CameraControl(BaseModel):
    """A control that the camera has beside those with a name of their own here."""

    name: str = Field(description="To set it by; made of its title.")
    title: str = Field(description="As the camera calls it.")
    kind: Literal["integer", "boolean", "menu", "button"]
    minimum: int
    maximum: int
    step: int
    default: int
    value: int | None = Field(description="None for buttons, and what cannot be read.")
    choices: list[ControlChoice] = []
    active: bool = Field(description="Whether it has an effect now.")
    writable: bool


class ControlSetting(BaseModel):
    """Which control of the camera to set, and to what."""

    name: str = Field(max_length=80)
    value: int | None = Field(None, description="None for buttons.")


class PictureCounts(BaseModel):
    """How the camera's pictures came, since it was connected."""

    good: int
    damaged: int = Field(description="Not whole, or marked as broken.")
    missed: int = Field(description="Gaps in what came: lost on the cable.")
    late: int = Field(description="Gaps since this computer was too busy.")
    rate: float = Field(description="Pictures a second, over the last seconds.")


class Microscope(Device, kind="microscope", icon="microscope", title=N_("Digital microscope")):
    """Digital microscope.

    A microscope with a camera: a live view that the class watches, and whatever of objective,
    focus, light and stage can be driven from the computer.
    """

    view = FrameStream(
        title=N_("Live view"),
        doc=N_("The picture that the camera sees, as the camera encodes it."),
    )
    objective: Property[str] = Property(
        str,
        title=N_("Objective"),
        doc=N_("The objective in use, as written on it, such as 10x."),
        optional=True,
        writable=True,
        shown=True,
    )
    scale: Property[float] = Property(
        float,
        title=N_("Scale"),
        doc=N_("Micrometres of the specimen to one pixel of the live view."),
        unit="um/px",
        minimum=0.0,
        optional=True,
        follows=("objective", "resolution"),
    )
    focus: Property[float] = Property(
        float,
        title=N_("Focus"),
        doc=N_("Height of the focus above the middle of its travel."),
        unit="um",
        optional=True,
        writable=True,
    )
    light: Property[float] = Property(
        float,
        title=N_("Light"),
        doc=N_("Brightness of the lamp."),
        unit="%",
        minimum=0.0,
        maximum=100.0,
        optional=True,
        writable=True,
    )
    stage: Property[StagePosition] = Property(
        StagePosition,
        title=N_("Stage"),
        doc=N_("Position of the specimen under the objective."),
        unit="um",
        optional=True,
        writable=True,
    )
    autofocus: Action[None, AutofocusResult] = Action(
        output=AutofocusResult,
        title=N_("Autofocus"),
        doc=N_("Find the sharpest picture by moving the focus through its travel."),
        optional=True,
        role=Role.TEACHER,
        limit=30.0,
    )
    button: Event[CaptureButton] = Event(
        CaptureButton,
        title=N_("Capture button"),
        doc=N_("The button on the microscope was pressed."),
        optional=True,
    )
    # What cameras have. Numbers without a unit are the camera's own; drivers narrow their ranges.
    resolution: Property[str] = Property(
        str,
        title=N_("Resolution"),
        doc=N_("Width and height of the live picture in pixels."),
        optional=True,
        writable=True,
    )
    exposure: Property[float] = Property(
        float,
        title=N_("Exposure"),
        doc=N_("How long each picture is exposed. Setting it ends the automatic exposure."),
        unit="ms",
        minimum=0.0,
        optional=True,
        writable=True,
    )
    exposure_auto: Property[bool] = Property(
        bool,
        title=N_("Automatic exposure"),
        doc=N_("The camera chooses how long it exposes."),
        optional=True,
        writable=True,
    )
    gain: Property[int] = Property(
        int,
        title=N_("Gain"),
        doc=N_("How much the camera amplifies; more is brighter and noisier."),
        optional=True,
        writable=True,
    )
    white_balance: Property[int] = Property(
        int,
        title=N_("White balance"),
        doc=N_("Colour temperature of the light. Setting it ends the automatic white balance."),
        unit="K",
        optional=True,
        writable=True,
    )
    white_balance_auto: Property[bool] = Property(
        bool,
        title=N_("Automatic white balance"),
        doc=N_("The camera chooses what is white."),
        optional=True,
        writable=True,
    )
    lens: Property[int] = Property(
        int,
        title=N_("Lens"),
        doc=N_("Focus of the camera's own lens. Setting it ends its automatic focus."),
        optional=True,
        writable=True,
    )
    lens_auto: Property[bool] = Property(
        bool,
        title=N_("Automatic lens"),
        doc=N_("The camera focuses its own lens."),
        optional=True,
        writable=True,
    )
    brightness: Property[int] = Property(
        int,
        title=N_("Brightness"),
        doc=N_("How bright the camera makes the picture."),
        optional=True,
        writable=True,
    )
    contrast: Property[int] = Property(
        int,
        title=N_("Contrast"),
        doc=N_("How far apart the camera makes light and dark."),
        optional=True,
        writable=True,
    )
    saturation: Property[int] = Property(
        int,
        title=N_("Saturation"),
        doc=N_("How strong the camera makes colours."),
        optional=True,
        writable=True,
    )
    sharpness: Property[int] = Property(
        int,
        title=N_("Sharpness"),
        doc=N_("How much the camera sharpens edges."),
        optional=True,
        writable=True,
    )
    power_line: Property[PowerLine] = Property(
        PowerLine,
        title=N_("Mains frequency"),
        doc=N_("Evens out the flicker of lamps: 50 Hz in Kazakhstan."),
        optional=True,
        writable=True,
    )
    controls: Property[list[CameraControl]] = Property(
        list[CameraControl],
        title=N_("Other controls"),
        doc=N_("What else the camera can be told."),
        optional=True,
        role=Role.TEACHER,
    )
    pictures: Property[PictureCounts] = Property(
        PictureCounts,
        title=N_("Pictures"),
        doc=N_("How many pictures came, and how many did not come whole."),
        optional=True,
        role=Role.TEACHER,
    )
    released: Property[bool] = Property(
        bool,
        title=N_("Released"),
        doc=N_("The camera was let go of, so that another program can use it."),
        optional=True,
    )
    stills = FrameStream(
        title=N_("Stills"),
        doc=N_("Single pictures at the camera's full size, each once."),
        optional=True,
    )
    set_control: Action[ControlSetting, CameraControl] = Action(
        input=ControlSetting,
        output=CameraControl,
        title=N_("Set a control"),
        doc=N_("Set one of the other controls of the camera, and read it back."),
        optional=True,
        role=Role.TEACHER,
        limit=10.0,
    )
    still: Action[None, StillPicture] = Action(
        output=StillPicture,
        title=N_("Take a still"),
        doc=N_("Take a picture at the camera's full size; the live view stands still meanwhile."),
        optional=True,
        role=Role.PUPIL,
        limit=30.0,
    )
    release: Action[None, None] = Action(
        title=N_("Release the camera"),
        doc=N_("Let go of the camera, so that another program can use it, such as a video call."),
        optional=True,
        role=Role.TEACHER,
        limit=10.0,
    )
    take_back: Action[None, None] = Action(
        title=N_("Take the camera back"),
        doc=N_("Use the camera again after it was released."),
        optional=True,
        role=Role.TEACHER,
        limit=30.0,
    )
