"""The audit log: who did what."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from hub.api.context import Language, TheHub
from hub.api.paging import Page, Pages
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires
from hub.audit import Entry
from hub.audit_words import WORDS
from hub.clock import rfc3339
from hub.device import Role

router = Router(prefix=PREFIX, tags=["Audit"])


class ActorModel(BaseModel):
    """Who did it; the name is empty once they are erased."""

    id: str
    name: str
    role: str


class EntryModel(BaseModel):
    """One thing that somebody did."""

    seq: int = Field(description="The order in which it was done, whatever the clock said.")
    time: str
    by: ActorModel
    action: str = Field(examples=["token.create"])
    said: str = Field(
        description="The same in words, to be read after the name; the action itself where no"
        " plugin that works knows it.",
        examples=["made a token"],
    )
    subject: str = Field(description="The id of what it was done to; may be empty.")
    detail: dict[str, Any]


@router.get(
    "/audit",
    operation_id="listAudit",
    summary="Who did what",
    response_model=Page[EntryModel],
    dependencies=[Requires(Role.ENGINEER)],
)
async def entries(
    hub: TheHub,
    pages: Pages,
    language: Language,
    subject: Annotated[
        str | None, Query(max_length=200, description="Only what was done to this.")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=80, description="Only this; `token.*`: all of tokens.")
    ] = None,
    by: Annotated[
        str | None, Query(max_length=200, description="Only what this person or program did.")
    ] = None,
) -> dict[str, Any]:
    """The newest first."""
    found = await hub.audit.entries(
        subject=subject, action=action, by=by, cursor=pages.cursor, limit=pages.limit
    )
    words = {**WORDS, **hub.plugins.audited}
    items = [
        _model(entry, hub.say.say(words.get(entry.action, entry.action), language))
        for entry in found.items
    ]
    return {"items": items, "next": found.next}


def _model(entry: Entry, said: str) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "time": rfc3339(entry.time),
        "by": {"id": entry.by, "name": entry.name, "role": entry.role},
        "action": entry.action,
        "said": said,
        "subject": entry.subject,
        "detail": entry.detail,
    }
