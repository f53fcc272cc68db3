"""The routes of boards."""

from typing import Annotated, Any

from fastapi import Query, Response
from starlette.responses import FileResponse

from hub.plugin import Id, Page, Pages, PluginHub, Principal, Requires, Role, Router, problems
from plugins.whiteboard.boards import Boards
from plugins.whiteboard.models import (
    BoardModel,
    BoardSummary,
    Clear,
    EditBoard,
    EditLayer,
    EditPage,
    NewBoard,
    NewPage,
)
from plugins.whiteboard.shown import summary

Pupil = Annotated[Principal, Requires(Role.PUPIL)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]


def make_router(hub: PluginHub, boards: Boards) -> Router:
    """Return the routes, served by `boards`."""
    router = Router(tags=["Boards"])

    @router.post(
        "/boards",
        operation_id="addBoard",
        summary="Make a board for a lesson",
        status_code=201,
        response_model=BoardModel,
        responses=problems(404, 409, 429, 503, 507),
    )
    async def add(response: Response, body: NewBoard, caller: Teacher) -> dict[str, Any]:
        """It has one empty page; everybody in the lesson draws on it."""
        made = await boards.make(body.title, body.lesson, caller)
        response.headers["Location"] = f"/api/v1/boards/{made['id']}"
        return made

    @router.get(
        "/boards",
        operation_id="listBoards",
        summary="Boards that the caller may see",
        response_model=Page[BoardSummary],
        responses=problems(404),
    )
    async def listed(
        caller: Pupil,
        page: Pages,
        lesson: Annotated[str | None, Query(max_length=64, description="Of this lesson.")] = None,
    ) -> dict[str, Any]:
        """The newest first."""
        found = await boards.listed(lesson, caller, cursor=page.cursor, limit=page.limit)
        return {"items": [summary(one) for one in found.items], "next": found.next}

    @router.get(
        "/boards/{board}",
        operation_id="getBoard",
        summary="A board: pages, authors, locks",
        response_model=BoardModel,
        responses=problems(404),
    )
    async def get(board: Id, caller: Pupil) -> dict[str, Any]:
        """What is drawn on it comes by the WebSocket `/boards/{id}/sync` (docs/boards.md)."""
        return await boards.get(board, caller)

    @router.patch(
        "/boards/{board}",
        operation_id="editBoard",
        summary="Name, lock, lead a board, give the pen",
        response_model=BoardModel,
        responses=problems(404, 503, 507),
    )
    async def edit(board: Id, body: EditBoard, caller: Teacher) -> dict[str, Any]:
        """What is not named stays as it is."""
        changes = body.model_dump(exclude_unset=True, exclude_none=True)
        return await boards.edit(board, changes, caller)

    @router.delete(
        "/boards/{board}",
        operation_id="deleteBoard",
        summary="Delete a board with all that is on it",
        status_code=204,
        responses=problems(404, 503),
    )
    async def delete(board: Id, caller: Teacher) -> None:
        """Whoever is at it is sent away."""
        await boards.delete(board, caller)

    @router.patch(
        "/boards/{board}/layers/{document}",
        operation_id="editBoardLayer",
        summary="Hide or lock what one author draws",
        response_model=BoardModel,
        responses=problems(404, 503, 507),
    )
    async def edit_layer(
        board: Id, document: str, body: EditLayer, caller: Teacher
    ) -> dict[str, Any]:
        """A layer is all that one author has drawn on the board."""
        changes = body.model_dump(exclude_none=True)
        return await boards.edit_layer(board, document, changes, caller)

    @router.post(
        "/boards/{board}/clear",
        operation_id="clearBoard",
        summary="Take off what is drawn",
        status_code=204,
        responses=problems(404, 503, 507),
    )
    async def clear(board: Id, body: Clear, caller: Teacher) -> None:
        """Of one page or all of them, of these authors or everybody."""
        await boards.clear(board, body.page, body.documents, caller)

    @router.post(
        "/boards/{board}/show",
        operation_id="showBoard",
        summary="Show a board on the class's screen",
        status_code=204,
        responses=problems(404),
    )
    async def show(board: Id, caller: Teacher) -> None:
        """The screen may then be drawn on, too."""
        await boards.show(board, caller)

    @router.get(
        "/boards/{board}/assets/{asset}",
        operation_id="getBoardPicture",
        summary="A picture that lies on the board",
        response_class=Response,
        responses={
            200: {
                "description": "The bytes.",
                "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
            },
            **problems(404, 410),
        },
    )
    async def picture(
        board: Id, asset: Id, caller: Annotated[Principal, Requires(Role.DISPLAY)]
    ) -> Response:
        """For all who see the board, also where they may not see the asset itself."""
        found = await boards.picture(board, asset, caller)
        headers = {"Cache-Control": "private, max-age=300"}
        path = hub.assets.content(found)
        return FileResponse(path, media_type=found.media_type, headers=headers)

    _add_page_routes(router, boards)
    return router


def _add_page_routes(router: Router, boards: Boards) -> None:
    @router.post(
        "/boards/{board}/pages",
        operation_id="addBoardPage",
        summary="Add a page",
        status_code=201,
        response_model=BoardModel,
        responses=problems(404, 429, 503, 507),
    )
    async def add_page(board: Id, body: NewPage, caller: Teacher) -> dict[str, Any]:
        """At the end, or after another page."""
        behind = None if body.background is None else body.background.model_dump()
        given = {"title": body.title, "hidden": False, "locked": False, "background": behind}
        await boards.add_pages(board, [given], body.after, caller)
        return await boards.get(board, caller)

    @router.patch(
        "/boards/{board}/pages/{page}",
        operation_id="editBoardPage",
        summary="Change a page",
        response_model=BoardModel,
        responses=problems(404, 503, 507),
    )
    async def edit_page(board: Id, page: str, body: EditPage, caller: Teacher) -> dict[str, Any]:
        """Title, place, background, whether pupils see it and draw on it."""
        changes = body.model_dump(exclude_unset=True)
        kept = {key: one for key, one in changes.items() if one is not None or key == "background"}
        return await boards.edit_page(board, page, kept, caller)

    @router.delete(
        "/boards/{board}/pages/{page}",
        operation_id="deleteBoardPage",
        summary="Take a page away",
        status_code=204,
        responses=problems(404, 409, 503),
    )
    async def delete_page(board: Id, page: str, caller: Teacher) -> None:
        """With what is on it. The last page stays."""
        await boards.delete_page(board, page, caller)
