"""The routes of films."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, Field

from hub.plugin import Body, Id, IdField, Principal, Requires, Role, Router, problems, when
from plugins.microscopy.film.service import TITLE, Film, Films, can_speak
from plugins.microscopy.film.storyboard import Storyboard

Caller = Annotated[Principal, Requires(Role.PUPIL)]


class NewFilm(Body):
    """A film to begin."""

    title: str = Field(min_length=1, max_length=TITLE)
    storyboard: Storyboard = Storyboard()
    lesson: IdField | None = Field(
        None, description="The lesson that the caller is in, if left out."
    )


class ChangedFilm(Body):
    """A film as it shall be."""

    title: str = Field(min_length=1, max_length=TITLE)
    storyboard: Storyboard
    revision: int = Field(ge=1, strict=True, description="The one that was read.")


class FilmModel(BaseModel):
    """A film."""

    id: str
    title: str
    owner: dict[str, str]
    lesson: str | None
    storyboard: Storyboard
    revision: int
    created: str
    changed: str
    asset: str | None = Field(description="The newest video that was made of it.")
    making: str | None = Field(description="The operation that is making one now.")
    speech: bool = Field(description="Whether this hub can speak titles and captions.")


class FilmList(BaseModel):
    """The newest films."""

    items: list[FilmModel]


class Rendering(BaseModel):
    """A film that is being made."""

    operation: str
    links: dict[str, str]


def make_router(films: Films) -> Router:
    """Return the routes, served by `films`."""
    router = Router(tags=["Microscopy"])

    def shown(film: Film) -> dict[str, Any]:
        return film_model(film, films.making(film.id))

    @router.get(
        "/films", operation_id="listFilms", summary="Films, newest first", response_model=FilmList
    )
    async def listed(caller: Caller) -> dict[str, Any]:
        """The newest hundred that the caller may see: their own and those of their lesson."""
        return {"items": [shown(one) for one in await films.newest(by=caller)]}

    @router.post(
        "/films",
        operation_id="createFilm",
        summary="Begin a film",
        status_code=201,
        response_model=FilmModel,
        responses=problems(404, 409, 422),
    )
    async def create(response: Response, body: NewFilm, caller: Caller) -> dict[str, Any]:
        """Of pictures and videos that the caller may see."""
        film = await films.create(body.title, body.storyboard, body.lesson, by=caller)
        response.headers["Location"] = f"/api/v1/films/{film.id}"
        return shown(film)

    @router.get(
        "/films/{film}",
        operation_id="getFilm",
        summary="One film",
        response_model=FilmModel,
        responses=problems(404),
    )
    async def one(film: Id, caller: Caller) -> dict[str, Any]:
        """Its storyboard, and the newest video of it."""
        return shown(await films.get(film, by=caller))

    @router.put(
        "/films/{film}",
        operation_id="changeFilm",
        summary="Change a film",
        response_model=FilmModel,
        responses=problems(404, 409, 422),
    )
    async def change(film: Id, body: ChangedFilm, caller: Caller) -> dict[str, Any]:
        """Refused where somebody else has changed it since `revision` was read."""
        changed = await films.change(film, body.revision, body.title, body.storyboard, by=caller)
        return shown(changed)

    @router.delete(
        "/films/{film}",
        operation_id="deleteFilm",
        summary="Delete a film",
        status_code=204,
        responses=problems(404),
    )
    async def delete(film: Id, caller: Caller) -> None:
        """Its storyboard; videos that were made of it stay in the album."""
        await films.delete(film, by=caller)

    @router.post(
        "/films/{film}/render",
        operation_id="renderFilm",
        summary="Make the film",
        status_code=202,
        response_model=Rendering,
        responses=problems(404, 409, 410, 422, 503, 504, 507),
    )
    async def render(film: Id, response: Response, caller: Caller) -> dict[str, Any]:
        """An MP4 of 1920 x 1080 pixels as an asset; its progress is the operation's."""
        operation = await films.render(film, by=caller)
        following = f"/api/v1/operations/{operation.id}"
        response.headers["Location"] = following
        return {"operation": operation.id, "links": {"operation": following}}

    return router


def film_model(film: Film, making: str | None) -> dict[str, Any]:
    """Return a film as JSON-ready data; `making` is the operation that makes it now."""
    return {
        "id": film.id,
        "title": film.title,
        "owner": {"id": film.owner, "name": film.owner_name},
        "lesson": film.lesson,
        "storyboard": film.document,
        "revision": film.revision,
        "created": when(film.created),
        "changed": when(film.changed),
        "asset": film.result,
        "making": making,
        "speech": can_speak(),
    }
