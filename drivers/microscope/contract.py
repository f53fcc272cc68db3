"""The contract of a digital microscope."""

from enum import StrEnum

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


class Microscope(Device, kind="microscope", title=N_("Digital microscope")):
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
    )
    scale: Property[float] = Property(
        float,
        title=N_("Scale"),
        doc=N_("Micrometres of the specimen to one pixel of the live view."),
        unit="um/px",
        minimum=0.0,
        optional=True,
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
