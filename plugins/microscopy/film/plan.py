"""What the worker is told of a film: texts chosen, files found, lengths settled."""

from typing import Literal

from pydantic import BaseModel, Field

Language = Literal["kk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")


class Segment(BaseModel):
    """One piece of the film for the worker that makes it; files are the hub's own paths.

    `scale`: micrometres to a pixel of the picture at its own width; None for no bar.
    """

    kind: Literal["card", "still", "video"]
    file: str = ""
    seconds: float
    begin: float = 0.0
    fade: float = 0.0
    scale: float | None = None
    width: int = 0
    height: int = 0
    title: str = ""
    caption: str = ""


class Plan(BaseModel):
    """What the worker makes."""

    target: str
    folder: str
    font: str
    language: Language
    segments: list[Segment]
    recording: str = ""
    speaker: str = Field("", description="The path of espeak-ng where it is to be spoken.")
    ffmpeg: str
    width: int = 1920
    height: int = 1080
    rate: int = 25
