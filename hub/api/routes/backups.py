"""Backups, and how long things are kept."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, Field

from hub.api.context import Language, TheHub
from hub.api.models import OperationModel
from hub.api.paging import Page
from hub.api.routes.operations import operation_model
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.clock import rfc3339
from hub.device import Role
from hub.rights import Principal

router = Router(prefix=PREFIX, tags=["Keeping"])


class BackupModel(BaseModel):
    """A backup that is there."""

    name: str = Field(description="Of the file; they are numbered.")
    size: int = Field(description="Bytes.")
    made: str


class RuleModel(BaseModel):
    """How long one kind of thing is kept."""

    name: str
    days: int = Field(description="0: for ever.")
    due: int = Field(description="How many would be deleted now.")


@router.get(
    "/backups",
    operation_id="listBackups",
    summary="Backups",
    response_model=Page[BackupModel],
    dependencies=[Requires(Role.ADMIN)],
)
async def list_backups(hub: TheHub) -> dict[str, Any]:
    """Those in the folder of backups, the newest first."""
    items = [
        {"name": one.name, "size": one.size, "made": rfc3339(one.made)}
        for one in await hub.keeper.backups()
    ]
    return {"items": items, "next": None}


@router.post(
    "/backups",
    operation_id="makeBackup",
    summary="Make a backup",
    status_code=201,
    response_model=OperationModel,
    responses=problems(429),
)
async def make(
    hub: TheHub,
    response: Response,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ADMIN)],
) -> dict[str, Any]:
    """Begin one, while everything goes on; the operation's result names the file."""
    operation = hub.keeper.start_backup(caller)
    response.headers["Location"] = f"/api/v1/operations/{operation.id}"
    return operation_model(operation, hub.say, language)


@router.get(
    "/retention",
    operation_id="getRetention",
    summary="How long things are kept",
    response_model=Page[RuleModel],
    dependencies=[Requires(Role.ENGINEER)],
)
async def retention(hub: TheHub) -> dict[str, Any]:
    """Each rule, and how many things it would delete now; nothing is deleted by asking."""
    due = await hub.keeper.retention.due()
    items = [
        {"name": rule.name, "days": rule.days, "due": due[rule.name]}
        for rule in hub.keeper.retention.rules
    ]
    return {"items": items, "next": None}


@router.post(
    "/retention",
    operation_id="sweep",
    summary="Delete what is due",
    status_code=201,
    response_model=OperationModel,
    responses=problems(429),
)
async def sweep(
    hub: TheHub,
    response: Response,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ADMIN)],
) -> dict[str, Any]:
    """What happens every day by itself; the operation's result says how many of each kind."""
    operation = hub.keeper.start_sweep(caller)
    response.headers["Location"] = f"/api/v1/operations/{operation.id}"
    return operation_model(operation, hub.say, language)
