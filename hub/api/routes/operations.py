"""Operations: following and cancelling what takes a while."""

from typing import Annotated, Any

from hub.api.context import Language, TheHub
from hub.api.models import Id, OperationModel
from hub.api.paging import Page, Pages
from hub.api.problems import problem_of
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires
from hub.device import Role
from hub.i18n import Translator
from hub.operations import Operation
from hub.rights import Principal, check, may

router = Router(prefix=PREFIX, tags=["Operations"])

STOPS = 3.0
"""Seconds for which the end of what was cancelled is waited for."""


def operation_model(operation: Operation, say: Translator, language: str) -> dict[str, Any]:
    """Return an operation as JSON-ready data, in the caller's language."""
    return {
        **operation.payload(),
        "title": say.say(operation.title, language),
        "message": say.say(operation.message, language),
        "problem": problem_of(operation.problem, say, language),
    }


@router.get(
    "/operations",
    operation_id="listOperations",
    summary="What is and was under way",
    response_model=Page[OperationModel],
)
async def operations(
    hub: TheHub,
    pages: Pages,
    language: Language,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
) -> dict[str, Any]:
    """The caller's own, and for teachers everybody's, in the order in which they were started."""
    seen = sorted((o for o in hub.operations.list() if may(caller, o.access)), key=lambda o: o.id)
    shown, following = pages.of(seen, lambda operation: operation.id)
    return {"items": [operation_model(o, hub.say, language) for o in shown], "next": following}


@router.get(
    "/operations/{operation}",
    operation_id="getOperation",
    summary="One operation",
    response_model=OperationModel,
)
async def operation(
    hub: TheHub,
    operation: Id,
    language: Language,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
) -> dict[str, Any]:
    """How far it is, its result or its problem."""
    found = hub.operations.get(operation)
    check(caller, found.access)
    return operation_model(found, hub.say, language)


@router.delete(
    "/operations/{operation}",
    operation_id="cancelOperation",
    summary="Cancel an operation",
    status_code=202,
    response_model=OperationModel,
)
async def cancel(
    hub: TheHub,
    operation: Id,
    language: Language,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
) -> dict[str, Any]:
    """Ask it to stop; the answer comes once it has, so that the next may begin.

    What needs longer for its end than three seconds is told as it is then. One that has ended
    stays as it is.
    """
    check(caller, hub.operations.access(operation))
    hub.operations.cancel(operation)
    ended = await hub.operations.wait(operation, STOPS)
    return operation_model(ended, hub.say, language)
