"""The forms, as the files of `configs/readiness/` say them."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parents[3] / "configs" / "readiness"
FormName = Literal["readiness", "observation"]
SchoolKind = Literal["tirek", "magnet"]
AnswerKind = Literal["yes", "number", "points"]
Words = dict[Literal["kk", "ru", "en"], str]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Data):
    """A line of the head, or a signature."""

    id: str = Field(pattern=r"^[a-z_]{1,40}$")
    title: Words


class Row(Part):
    """A criterion.

    Attributes:
        answer: what is answered: yes or no, a number, or points from 1 to 3.
        unit: of a number, for people.
        measured: by what the hub fills it: `speed:…`, `devices:<kind>`, `inventory:<kind>`.
        least, most: of a number, for each kind of school.
    """

    answer: AnswerKind
    unit: str = ""
    measured: str | None = Field(None, pattern=r"^(speed|devices|inventory):[a-z_]+$")
    least: dict[SchoolKind, float] | None = None
    most: dict[SchoolKind, float] | None = None


class Form(_Data):
    """A form: its title, its head, its criteria, who signs."""

    id: FormName
    source: Words
    answer: Literal["check", "points"]
    title: Words
    head: tuple[Part, ...]
    signatures: tuple[Part, ...]
    rows: tuple[Row, ...]


@cache
def form_of(name: FormName) -> Form:
    """Return a form."""
    return Form.model_validate(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")))


def meets(row: Row, school: SchoolKind, value: float | bool | None) -> bool | None:
    """Tell whether an answer is what the form asks for; None where that is not known."""
    if value is None or row.answer == "points":
        return None
    if isinstance(value, bool):
        return value
    if row.least and value < row.least[school]:
        return False
    if row.most and value > row.most[school]:
        return False
    return True if row.least or row.most else None
