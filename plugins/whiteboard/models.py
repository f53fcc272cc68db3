"""What the routes of boards take and answer with."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from hub.plugin import Body, IdField

Coordinate = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Extent = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Title = Annotated[str, Field(max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
DocumentName = Annotated[str, Field(min_length=1, max_length=300)]


class Lines(Body):
    """A background that is drawn."""

    kind: Literal["lines", "squares", "dots"]


class PictureBehind(Body):
    """A picture behind a page. Place and size in page units (1/96 inch)."""

    kind: Literal["picture"]
    asset: IdField
    x: Coordinate
    y: Coordinate
    width: Extent
    height: Extent


Background = Annotated[Lines | PictureBehind, Field(discriminator="kind")]


class NewBoard(Body):
    """A board to be made; the lesson is the caller's where none is named."""

    title: str = Field("", max_length=200)
    lesson: IdField | None = None


class EditBoard(Body):
    """What shall be changed of a board. `pen`: names of documents that draw while it is locked."""

    title: str | None = Field(None, max_length=200)
    locked: bool | None = None
    pen: list[DocumentName] | None = Field(None, max_length=200)
    follow: bool | None = None
    table: bool | None = Field(None, description="Fingers on the touch table draw on the board.")
    page: Key | None = Field(None, description="The page that pens write on.")


class NewPage(Body):
    """A page to be added, at the end or after another one."""

    title: Title = ""
    background: Background | None = None
    after: Key | None = None


class EditPage(Body):
    """What shall be changed of a page; what is not named stays."""

    title: Title | None = None
    order: Coordinate | None = None
    hidden: bool | None = None
    locked: bool | None = None
    background: Background | None = None


class EditLayer(Body):
    """What shall be changed of an author's layer."""

    hidden: bool | None = None
    locked: bool | None = None


class Clear(Body):
    """What shall be taken off: of one page or all, of these authors or all."""

    page: Key | None = None
    documents: list[DocumentName] | None = Field(None, max_length=200)


class ImportFields(Body):
    """What comes beside the file of which pages are made."""

    after: Key | None = None


class PageModel(BaseModel):
    """A page of a board."""

    id: str
    title: str
    order: float
    hidden: bool
    locked: bool
    background: dict[str, Any] | None


class AuthorModel(BaseModel):
    """An author's layer."""

    document: str
    kind: Literal["person", "seat", "panel", "page"]
    name: str
    colour: str
    hidden: bool
    locked: bool


class BoardSummary(BaseModel):
    """A board, as it stands in a list."""

    id: str
    title: str
    lesson: str
    created: str
    updated: str


class BoardModel(BoardSummary):
    """A board. `page`: on which pens write."""

    locked: bool
    pen: list[str]
    follow: bool
    table: bool
    page: str
    pages: list[PageModel]
    authors: list[AuthorModel]
