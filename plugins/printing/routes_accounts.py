"""The routes of spools, the filament account and the classes' limits."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from hub.plugin import Body, Id, Page, Router, problems
from plugins.printing.accounts.account import Account
from plugins.printing.accounts.quotas import DAYS, Limits, Quotas
from plugins.printing.accounts.spools import Spools
from plugins.printing.models import Named
from plugins.printing.routes import Teacher

Grams = Annotated[float, Field(ge=0, le=100_000)]
Minutes = Annotated[float, Field(ge=0, le=1_000_000)]
Word = Annotated[str, Field(max_length=40, pattern=r"^[\w .+#()-]*$")]


class SpoolModel(BaseModel):
    """A spool of filament; masses in grams."""

    id: str
    name: str
    material: str
    colour: str
    diameter: float = Field(description="Millimetres.")
    density: float = Field(description="g/cm³.")
    grams: float = Field(description="Of filament when it was new.")
    left: float
    printer: str | None = Field(description="In which it is.")
    created: str


class SpoolBody(Body):
    """What is said of a spool; fields that are left out stay, or are as usual."""

    name: str | None = Field(None, min_length=1, max_length=80)
    material: Word | None = None
    colour: Word | None = None
    diameter: float | None = Field(None, gt=0.5, le=5)
    density: float | None = Field(None, gt=0.5, le=5, description="The material's if left out.")
    grams: float | None = Field(None, gt=0, le=20_000)
    left: Grams | None = None


class NewSpool(SpoolBody):
    """A spool that is new here."""

    name: str = Field(min_length=1, max_length=80)


class AccountLine(BaseModel):
    """What a person, a class, a spool or a printer has used."""

    id: str | None
    name: str
    jobs: int
    grams: float
    metres: float
    seconds: float
    failed_grams: float = Field(description="Of prints that did not become a part.")


class UsedModel(BaseModel):
    """What counts against a limit."""

    grams: float
    minutes: float


class QuotaModel(BaseModel):
    """What a class may print; null limits nothing."""

    group: Named | None = Field(description="null: every class without limits of its own.")
    grams: float | None
    minutes: float | None
    longest: float | None = Field(description="Minutes of one print.")
    days: int = Field(description="Grams and minutes are counted in so many days.")
    used: UsedModel


class QuotaBody(Body):
    """What a class may print; what is left out or null is not limited."""

    grams: Grams | None = None
    minutes: Minutes | None = None
    longest: Minutes | None = None
    days: int = Field(DAYS, ge=1, le=400)


def make_account_routes(account: Account, spools: Spools, quotas: Quotas) -> Router:
    """Return the routes, all for teachers."""
    router = Router(tags=["Printing"])

    @router.get(
        "/spools", operation_id="listSpools", summary="The spools", response_model=Page[SpoolModel]
    )
    async def listed(caller: Teacher) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """Those that were not put away."""
        return {"items": await spools.list(), "next": None}

    @router.post(
        "/spools",
        operation_id="addSpool",
        summary="Add a spool",
        status_code=201,
        response_model=SpoolModel,
    )
    async def add(body: NewSpool, caller: Teacher) -> dict[str, Any]:
        """A kilogram of PLA, 1.75 mm, where nothing else is said."""
        return await spools.add(body.model_dump(), by=caller)

    @router.patch(
        "/spools/{spool}",
        operation_id="editSpool",
        summary="Change a spool",
        response_model=SpoolModel,
        responses=problems(404),
    )
    async def edit(spool: Id, body: SpoolBody, caller: Teacher) -> dict[str, Any]:
        """What is left is weighed or guessed; from then on the hub counts."""
        return await spools.edit(spool, body.model_dump(exclude_unset=True), by=caller)

    @router.delete(
        "/spools/{spool}",
        operation_id="deleteSpool",
        summary="Put a spool away",
        status_code=204,
        responses=problems(404, 409),
    )
    async def put_away(spool: Id, caller: Teacher) -> None:
        """What was printed of it stays in the account."""
        await spools.put_away(spool, by=caller)

    @router.get(
        "/filament-account",
        operation_id="getFilamentAccount",
        summary="Who has used how much filament",
        response_model=Page[AccountLine],
    )
    async def used(
        caller: Teacher,  # noqa: ARG001 - who may call it
        by: Literal["person", "group", "spool", "printer"] = "person",
        start: Annotated[datetime | None, Query(alias="from")] = None,
        end: Annotated[datetime | None, Query(alias="to")] = None,
    ) -> dict[str, Any]:
        """The most first; prints that failed count with what they have used."""
        lines = await account.by(
            by,
            start=None if start is None else start.timestamp(),
            end=None if end is None else end.timestamp(),
        )
        return {"items": lines, "next": None}

    @router.get(
        "/print-quotas",
        operation_id="listPrintQuotas",
        summary="What each class may print",
        response_model=Page[QuotaModel],
    )
    async def limits(caller: Teacher) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """The limits of all first, then every class."""
        return {"items": await quotas.list(), "next": None}

    @router.put(
        "/print-quotas",
        operation_id="setPrintQuota",
        summary="Limit every class without limits of its own",
        response_model=QuotaModel,
    )
    async def limit_all(body: QuotaBody, caller: Teacher) -> dict[str, Any]:
        """In the place of what was set."""
        return await quotas.set(None, Limits(**body.model_dump()), by=caller)

    @router.put(
        "/print-quotas/{group}",
        operation_id="setPrintQuotaOfGroup",
        summary="Limit a class",
        response_model=QuotaModel,
        responses=problems(404),
    )
    async def limit(group: Id, body: QuotaBody, caller: Teacher) -> dict[str, Any]:
        """In the place of what was set for it."""
        return await quotas.set(group, Limits(**body.model_dump()), by=caller)

    return router
