"""The routes of the school's engineer: consent, keys, what waits, what was."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Response
from starlette.responses import FileResponse

from hub.clock import CLOCK, now, rfc3339
from hub.errors import Invalid, NotFound
from hub.plugin import Id, Language, PluginHub, Principal, Requires, Role, Router, problems
from plugins.district.hands.hands import Hands
from plugins.district.hands.models import (
    AskedModel,
    HandsModel,
    KeyModel,
    NewConsent,
    NewKey,
    asked_model,
    command_models,
    key_model,
)
from plugins.district.hands.register import Asked

Engineer = Annotated[Principal, Requires(Role.ENGINEER)]
MOST_AHEAD = 24 * 3600.0
MOST_KEYS = 50


def add_routes(router: Router, hands: Hands, hub: PluginHub) -> None:
    """Add the routes."""
    say = hub.say

    def names() -> dict[str, str]:
        return {one.id: one.name for one in hub.devices.list()}

    async def state(language: str) -> HandsModel:
        hands.need()
        register = hands.register
        consent, at = await register.consent(), now()
        standing = consent.allowed and at < consent.until
        kept = await asyncio.to_thread(hands.doer.bundles)

        def shown(found: Iterable[Asked]) -> list[AskedModel]:
            called = names()
            return [asked_model(one, say, language, called, kept) for one in found]

        return HandsModel(
            allowed=consent.allowed,
            standing=list(consent.commands) if standing else [],
            until=rfc3339(consent.until) if standing else None,
            commands=command_models(say, language),
            keys=[key_model(one) for one in await register.keys()],
            waiting=shown(reversed(await register.asked("waiting"))),
            earlier=shown(one for one in await register.asked() if one.state != "waiting"),
            time=rfc3339(at),
            clock_wrong=CLOCK.wrong(),
            unanswered=hands.unanswered,
        )

    @router.get("/district/hands", response_model=HandsModel, responses=problems(409))
    async def look(caller: Engineer, language: Language) -> HandsModel:
        """What the district may have done here, what it asks for, and what was done."""
        del caller
        return await state(language)

    _add_consent(router, hands, state)
    _add_keys(router, hands)
    _add_orders(router, hands, state)


State = Callable[[str], Awaitable[HandsModel]]


def _add_consent(router: Router, hands: Hands, state: State) -> None:
    @router.put("/district/hands/consent", response_model=HandsModel, responses=problems(409, 422))
    async def consent(body: NewConsent, caller: Engineer, language: Language) -> HandsModel:
        """Allow the district to ask, and for a while to have something done without asking."""
        hands.need()
        until = _until(body.until) if body.standing else 0.0
        await hands.allow(allowed=body.allowed, commands=body.standing, until=until, by=caller)
        return await state(language)


def _add_keys(router: Router, hands: Hands) -> None:
    @router.post(
        "/district/hands/keys",
        status_code=201,
        response_model=KeyModel,
        responses=problems(409, 422),
    )
    async def add_key(body: NewKey, caller: Engineer) -> KeyModel:
        """Believe the signature of somebody of the district."""
        hands.need()
        if len(await hands.register.keys()) >= MOST_KEYS:
            raise Invalid(f"{MOST_KEYS} keys are known; take one away first", field="key")
        return key_model(await hands.register.add_key(body.name, body.key, caller))

    @router.delete("/district/hands/keys/{id}", status_code=204, responses=problems(404, 409))
    async def remove_key(id: Id, caller: Engineer) -> Response:  # noqa: A002 - the word of the API
        """Believe it no more; what waits of it is declined."""
        hands.need()
        if not await hands.remove_key(id, caller):
            raise NotFound(f"no key {id}")
        return Response(status_code=204)


def _add_orders(router: Router, hands: Hands, state: State) -> None:
    @router.post(
        "/district/hands/orders/{id}/agree",
        response_model=HandsModel,
        responses=problems(409),
    )
    async def agree(id: Id, caller: Engineer, language: Language) -> HandsModel:  # noqa: A002
        """Have it done, once."""
        hands.need()
        await hands.agree(id, caller)
        return await state(language)

    @router.post(
        "/district/hands/orders/{id}/decline",
        response_model=HandsModel,
        responses=problems(409),
    )
    async def decline(id: Id, caller: Engineer, language: Language) -> HandsModel:  # noqa: A002
        """Say no to it."""
        hands.need()
        await hands.decline(id, caller)
        return await state(language)

    @router.get(
        "/district/hands/orders/{id}/bundle",
        response_class=Response,
        responses={200: {"content": {"application/zip": {}}}, **problems(404, 409)},
    )
    async def bundle(id: Id, caller: Engineer) -> Response:  # noqa: A002 - the word of the API
        """The support bundle that was made; the school sends it, or does not."""
        del caller
        hands.need()
        path: Path = hands.doer.folder / f"{id}.zip"
        if not await asyncio.to_thread(path.is_file):
            raise NotFound(f"no bundle of {id}")
        return FileResponse(
            path,
            media_type="application/zip",
            filename=f"classhub-support-{id}.zip",
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
        )


def _until(given: datetime | None) -> float:
    at = now()
    until = 0.0 if given is None else given.timestamp()
    if not at < until <= at + MOST_AHEAD:
        raise Invalid("until must be within a day from now", field="until")
    return until
