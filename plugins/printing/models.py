"""What the routes of printing take and answer with."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.plugin import Body, IdField
from plugins.printing.jobs.settings import JobSettings
from plugins.printing.jobs.states import JobState

Triple = Annotated[list[float], Field(min_length=3, max_length=3)]


class Named(BaseModel):
    """Somebody, as others see them; the name is empty once they are erased."""

    id: str
    name: str


class Trouble(BaseModel):
    """What is wrong and what to do now, in the caller's language."""

    code: str
    title: str
    hint: str
    detail: str = ""


class Ending(Trouble):
    """How a print ended that did not end well, and where."""

    line: int | None = None
    lines: int | None = None
    height: float | None = Field(None, description="Millimetres above the plate.")
    layer: int | None = None


class Version(BaseModel):
    """A version of the file; the last one counts."""

    model_config = ConfigDict(extra="allow")

    asset: str
    made: Literal["upload", "repair", "scale", "turn", "slice"]
    created: str


class Estimate(BaseModel):
    """What the slicer says; null where it is not known."""

    seconds: float | None = None
    grams: float | None = None
    millimetres: float | None = Field(None, description="Of filament.")
    layers: int | None = None
    height: float | None = Field(None, description="Millimetres.")


class JobProgress(BaseModel):
    """How far the print is; while a job is checked or sliced only the fraction counts."""

    fraction: float = Field(ge=0, le=1)
    line: int | None = None
    lines: int | None = None
    layer: int | None = None
    layers: int | None = None
    height: float | None = None
    filament: float | None = Field(None, description="Millimetres of filament so far.")
    printed: float | None = Field(None, description="Seconds so far, without pauses.")
    seconds_left: float | None = None
    done_at: str | None = None


class PictureModel(BaseModel):
    """A picture of a print, or the video of its layers."""

    role: Literal["end", "time-lapse"]
    asset: str
    content: str


class CheckModel(BaseModel):
    """The verdict in short; the whole one stands in the single job."""

    printable: bool
    tone: Literal["good", "warn", "bad"] = Field(
        description="`warn`: it can be printed, but something should be looked at first."
    )
    title: str = Field(description="The gravest of what was found; empty where nothing was.")
    findings: int
    size: Triple = Field(description="Millimetres.")


class LeftOutWord(BaseModel):
    """A command that is left out: how often it stands in the file, and in which line first."""

    word: str
    count: int
    line: int


class LeftOut(BaseModel):
    """Lines of the G-code that the printer is not sent, by reason; see docs/gcode-policy.md."""

    reason: str
    title: str = Field(description="Why, in the caller's language.")
    hint: str
    count: int = Field(description="Lines.")
    line: int = Field(description="The first of them, from 1.")
    words: list[LeftOutWord]


class JobItem(BaseModel):
    """A print job as lists have it."""

    id: str
    name: str
    state: JobState
    kind: Literal["model", "gcode"]
    owner: Named
    lesson: str | None
    group: str | None = Field(description="The class for which it counts.")
    origin: str = Field(description="By which way it came.")
    printer: str | None = Field(description="On which it prints or was printed.")
    printer_wanted: str | None
    position: int | None = Field(description="In the queue, from 1.")
    model: str | None = Field(description="The asset of the model's newest version.")
    gcode: str | None = Field(description="The asset that is printed.")
    settings: JobSettings
    check: CheckModel | None = Field(description="What the check says, in short.")
    mark: str = Field(description="What an approval is for: its G-code and what is left out of it.")
    left_out_lines: int = Field(
        description="Lines of the G-code that the printer is not sent; `left_out` says which."
    )
    estimate: Estimate | None
    thumbnail: str | None = Field(description="Address of a PNG.")
    preview: str | None = Field(description="Address of a GLB.")
    layers: str | None = Field(description="Address of the layer preview's index.")
    note: str = Field(description="The teacher's, where it was sent back.")
    problem: Trouble | None = Field(description="Why it was refused, or what it waits for.")
    progress: JobProgress | None
    warning: Trouble | None = Field(
        description="For teachers: what may go wrong, such as too little filament on the spool."
    )
    ending: Ending | None
    done_at: str | None = Field(description="When it will probably be done.")
    reprint_of: str | None
    can: list[str] = Field(description="What the caller may do with it now.")
    created: str
    updated: str
    started: str | None
    ended: str | None


class JobModel(JobItem):
    """A whole print job."""

    versions: list[Version]
    verdict: dict[str, Any] | None = Field(
        description="What the check says: findings with places, size, mass, offers."
    )
    left_out: list[LeftOut] = Field(
        description="What the printer's policy leaves out of the G-code, known before approval."
    )
    pictures: list[PictureModel] = Field(description="That a camera took of its print.")


class HistoryItem(BaseModel):
    """A step of a job; `by` is null where the hub itself took it."""

    time: str
    what: str
    state: JobState
    by: Named | None
    detail: dict[str, Any]


class History(BaseModel):
    """The steps of a job, the first one first."""

    items: list[HistoryItem]


class UploadFields(Body):
    """What comes beside the file of an upload."""

    name: str = Field("", max_length=200)
    printer: IdField | None = None
    settings: str = Field("", max_length=4000)


class FromAsset(Body):
    """Which asset to print."""

    asset: IdField
    name: str | None = Field(None, min_length=1, max_length=200)
    printer: IdField | None = None
    settings: JobSettings | None = None


class EditJob(Body):
    """What shall change; fields that are left out stay as they are."""

    name: str | None = Field(None, min_length=1, max_length=200)
    printer: IdField | None = Field(None, description="null: any printer that fits.")
    settings: JobSettings | None = Field(None, description="In the place of all that were set.")

    @property
    def any_printer(self) -> bool:
        """Whether the wish for a printer is taken back: it is given, and is null."""
        return "printer" in self.model_fields_set and self.printer is None


class ChangeJob(Body):
    """How much larger the model shall be, and how it shall be turned."""

    factor: float = Field(1.0, gt=0, le=10_000)
    rotation: Annotated[list[Triple], Field(min_length=3, max_length=3)] | None = Field(
        None, description="3 x 3, by rows, as in the verdict's `turn` and `better`."
    )


class SendBack(Body):
    """What the owner shall change."""

    note: str = Field("", max_length=2000)


class Approve(Body):
    """On which printer; any that fits if left out."""

    printer: IdField | None = None
    mark: str | None = Field(
        None,
        max_length=64,
        description="The job's `mark` as it was looked at: what has another one is not approved.",
    )


class MoveJob(Body):
    """Before which job of the queue; null for the end."""

    before: IdField | None = None


class PlateModel(BaseModel):
    """Whether something lies on the plate."""

    clear: bool
    job: "JobOnPrinter | None" = Field(description="Whose part lies on it, where that is known.")
    since: str | None
    unseen_since: str | None = Field(
        description="On a plate that is not clear: since when its printer was out of sight."
    )
    by: Named | None = Field(description="Who said that it is clear.")


class JobOnPrinter(BaseModel):
    """The job on a printer; who it is for only those learn who may see the job."""

    id: str
    state: JobState
    progress: JobProgress | None
    name: str | None = None
    owner: Named | None = None
    thumbnail: str | None = None


class VolumeModel(BaseModel):
    """How large a part may be, millimetres."""

    x: float
    y: float
    z: float


class PolicyChoice(Body):
    """A G-code policy by its name; empty: as the device or the printer's profile says."""

    name: str = Field("", max_length=40, pattern=r"^([a-z][a-z0-9-]*)?$")


class PrinterModel(BaseModel):
    """A printer, its plate, and what was set of it."""

    id: str
    name: str
    state: str | None = Field(description="As the device tells it; null while it is unreachable.")
    reachable: bool
    ready: bool = Field(description="The next job may be started.")
    problem: Trouble | None
    plate: PlateModel
    job: JobOnPrinter | None = Field(description="What it prints.")
    queue_seconds: float | None = Field(description="Until all that waits for it is done.")
    volume: VolumeModel | None
    nozzle: float | None
    materials: list[str] | None
    profile: str
    camera: str | None
    spool: str | None
    heaters_off_after: float = Field(description="Minutes; 0 for never.")
    time_lapse: Literal["off", "layer"]
    policy: PolicyChoice = Field(description="As set here.")
    gcode_policy: str = Field(
        description="By which its G-code is judged and sent: as set here, else as set for the"
        " device, else as its profile says."
    )


class SetUpPrinter(Body):
    """What shall change; fields that are left out stay as they are."""

    profile: str | None = Field(None, max_length=80)
    camera: IdField | None = Field(None, description="null: none.")
    spool: IdField | None = Field(None, description="null: none is known.")
    heaters_off_after: float | None = Field(None, ge=0, le=1440)
    time_lapse: Literal["off", "layer"] | None = None
    policy: PolicyChoice | None = None


class TemperaturesModel(BaseModel):
    """How warm a printer was: rows of time, nozzle, its target, plate, its target."""

    items: list[list[float | None]] = Field(
        description="Seconds since the epoch, then degrees Celsius; null: it has none."
    )
