"""What a 3D printer tells and is told: the types of its contract.

Lengths are millimetres, temperatures degrees Celsius, speeds millimetres a second.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from drivers.printer.gcode import MARK
from hub.device import N_, AssetFile, DeviceSettings

HOTTEST_TOOL = 320.0
HOTTEST_BED = 140.0
HOTTEST_CHAMBER = 90.0
MOST_TOOLS = 8

Celsius = Annotated[float, Field(ge=-50, le=500, allow_inf_nan=False)]
Millimetres = Annotated[float, Field(ge=-2000, le=2000, allow_inf_nan=False)]
Size = Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)]


class PrinterState(StrEnum):
    """What the printer is doing."""

    IDLE = "idle"
    BUSY = "busy"
    """It does something that is no print: homing, heating, changing filament."""
    PRINTING = "printing"
    PAUSED = "paused"
    ATTENTION = "attention"
    """It waits for a person, in a print or without one."""
    HALTED = "halted"
    """It has stopped itself, or was stopped at once: it must be switched off and on again."""


class JobState(StrEnum):
    """How the print that the printer knows of is; the last one stays known until the next."""

    NONE = "none"
    PRINTING = "printing"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """The printer gave up: it halted, or refused the same line again and again."""
    INTERRUPTED = "interrupted"
    """The printer went away or started anew in the middle. It is never resumed by itself."""


class Heater(BaseModel):
    """How warm one heater is, and how warm it shall be (0: it is off)."""

    actual: Celsius = Field(title=N_("now"))
    target: Celsius = Field(0.0, title=N_("wanted"))


class Temperatures(BaseModel):
    """How warm the printer is. What it does not have is left out."""

    tools: list[Heater] = Field([], max_length=MOST_TOOLS, title=N_("Nozzle"))
    bed: Heater | None = Field(None, title=N_("Plate"))
    chamber: Heater | None = Field(None, title=N_("Chamber"))


class Position(BaseModel):
    """Where the nozzle is, in the printer's own coordinates; null where that is not known."""

    x: Millimetres | None = None
    y: Millimetres | None = None
    z: Millimetres | None = None


class Progress(BaseModel):
    """How far the print is: what the printer has taken, which is a little ahead of the nozzle."""

    state: JobState = JobState.NONE
    job: str = Field("", description="As whoever started it named it.")
    name: str = ""
    fraction: float = Field(0.0, ge=0, le=1)
    line: int = Field(0, ge=0, description="The last line of the file that was taken.")
    lines: int = Field(0, ge=0)
    byte: int = Field(0, ge=0)
    bytes: int = Field(0, ge=0)
    layer: int | None = Field(None, ge=0, description="From 1; null where the file names none.")
    layers: int | None = Field(None, ge=0)
    height: Millimetres | None = Field(None, description="Of the nozzle above the plate.")
    filament: float = Field(0.0, ge=0, description="Millimetres pushed forward so far.")
    started: float | None = Field(None, description="Seconds since the epoch, UTC.")
    printed: float = Field(0.0, ge=0, description="Seconds since then, without pauses.")


class Firmware(BaseModel):
    """What the printer says of itself; untrusted text."""

    name: str = Field("", max_length=200)
    machine: str = Field("", max_length=100)
    tools: int = Field(1, ge=1, le=MOST_TOOLS)
    capabilities: dict[str, bool] = {}


class Volume(BaseModel):
    """How large a part may be."""

    x: Size = 220.0
    y: Size = 220.0
    z: Size = 250.0


class Prompt(BaseModel):
    """What the printer asks the people who stand before it; untrusted text."""

    message: str = Field("", max_length=200, description="Empty where it asks nothing.")
    choices: list[Annotated[str, Field(max_length=60)]] = Field([], max_length=8)


class LineCounts(BaseModel):
    """How the talk with the printer goes, since it was connected."""

    sent: int = Field(0, description="Lines, those sent again included.")
    resent: int = Field(0, description="Lines that it asked for again, or did not confirm.")
    refused: int = Field(0, description="Lines that it did not know.")
    silences: int = Field(0, description="How often it said nothing and had to be asked.")
    garbled: int = Field(0, description="Answers that made no sense.")
    filament: float = Field(0.0, description="Millimetres of filament pushed forward.")


class PrintOrder(BaseModel):
    """Which G-code to print."""

    file: AssetFile
    job: str = Field("", max_length=80, description="Told again in progress and events.")
    policy: str = Field(
        "",
        pattern=MARK,
        description="Mark of the G-code policy by which the file was judged, and by which alone it"
        " may be sent; empty: the printer's own.",
    )


class PrintBegun(BaseModel):
    """What is in the file whose print has begun."""

    lines: int
    bytes: int
    layers: int | None
    stripped: int = Field(description="Lines that are not sent, see the printer's G-code policy.")


class Targets(BaseModel):
    """How warm to make what; what is left out stays as it is, 0 switches it off."""

    tool: float | None = Field(None, ge=0, le=HOTTEST_TOOL, allow_inf_nan=False)
    tool_number: int = Field(0, ge=0, lt=MOST_TOOLS)
    bed: float | None = Field(None, ge=0, le=HOTTEST_BED, allow_inf_nan=False)
    chamber: float | None = Field(None, ge=0, le=HOTTEST_CHAMBER, allow_inf_nan=False)


class Move(BaseModel):
    """How far to move the nozzle from where it is, and how fast."""

    x: Millimetres = 0.0
    y: Millimetres = 0.0
    z: Millimetres = 0.0
    speed: float = Field(50.0, gt=0, le=500, allow_inf_nan=False)


class Homing(BaseModel):
    """Which axes to bring to their ends; none means all."""

    x: bool = False
    y: bool = False
    z: bool = False


class FilamentChange(BaseModel):
    """Into or out of which tool, how warm, how far."""

    tool: int = Field(0, ge=0, lt=MOST_TOOLS)
    temperature: float = Field(205.0, ge=150, le=HOTTEST_TOOL, allow_inf_nan=False)
    length: float = Field(80.0, gt=0, le=1000, allow_inf_nan=False)


class Gcode(BaseModel):
    """Lines of G-code to send, one after the other."""

    lines: list[Annotated[str, Field(max_length=80)]] = Field(min_length=1, max_length=50)


class GcodeAnswer(BaseModel):
    """What the printer said to the lines; untrusted text."""

    answers: list[str]


class Answer(BaseModel):
    """Which of the prompt's choices was taken, from 0."""

    choice: int = Field(0, ge=0, lt=8)


class PrintHappened(BaseModel):
    """Something happened to a print."""

    job: str
    name: str
    line: int
    lines: int
    height: Millimetres | None
    layer: int | None
    filament: float = Field(description="Millimetres of filament pushed forward.")
    printed: float = Field(description="Seconds, without pauses.")
    reason: str = Field("", description="A code; empty where nothing is to be said.")
    detail: str = Field("", max_length=300, description="For the engineer; untrusted text.")


class PrinterSettings(DeviceSettings):
    """What is set for every printer, whatever it speaks."""

    volume: Volume = Field(Volume(), title="Volume")
    nozzle: float = Field(0.4, gt=0, le=2, title="Nozzle", description="Diameter in millimetres.")
    materials: list[Annotated[str, Field(max_length=30)]] = Field(
        ["PLA"], max_length=MOST_TOOLS, title="Materials", description="Loaded, one for each tool."
    )
