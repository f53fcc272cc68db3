"""The routes of content packs."""

import asyncio
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

import httpx
from fastapi import Path, Request, Response
from pydantic import AnyHttpUrl, BaseModel, Field

from hub.audit import record
from hub.plugin import Body, Language, PluginHub, Principal, Requires, Role, Router, problems
from plugins.globe.atlas.place import PLACE_ID
from plugins.globe.packs.errors import BadPack, PackNotFetched
from plugins.globe.packs.file import MEDIA, MEMBER, MOST_FILE, CardKind, Said
from plugins.globe.packs.packs import Installed, Packs

Display = Annotated[Principal, Requires(Role.DISPLAY)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]
Engineer = Annotated[Principal, Requires(Role.ENGINEER)]
PackPath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
MemberPath = Annotated[str, Path(pattern=MEMBER)]
FETCH_LIMIT = 120.0

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class PackModel(BaseModel):
    """A pack that is used."""

    id: str
    version: int
    title: str
    licence: str
    date: str
    cards: int
    key: str = Field(description="Of whoever made and signed it.")
    before: int | None = Field(description="The version that Undo goes back to.")


class PacksModel(BaseModel):
    """All packs."""

    items: list[PackModel]


class CardModel(BaseModel):
    """A card about a place, in the caller's language."""

    pack: str
    kind: CardKind
    title: str
    text: str
    picture: str | None = Field(description="Address below `/api/v1`.")
    sound: str | None
    source: str
    date: str


class CardsModel(BaseModel):
    """The cards of a place."""

    items: list[CardModel]


class FetchPack(Body):
    """Where a pack is fetched from."""

    url: AnyHttpUrl


def make_pack_routes(hub: PluginHub, packs: Packs) -> Router:
    """Return the routes."""
    router = Router(tags=["Globe"])

    async def note(
        by: Principal, action: Literal["globe.pack", "globe.pack.remove"], pack: str
    ) -> None:
        await hub.store.write(lambda session: record(session, by, action, pack))

    @router.get(
        "/globe/packs",
        operation_id="listGlobePacks",
        summary="The content packs",
        response_model=PacksModel,
    )
    async def listed(caller: Teacher, language: Language) -> dict[str, Any]:  # noqa: ARG001
        """Those that are used."""
        return {"items": [_pack(one, language) for one in packs.all()]}

    @router.post(
        "/globe/packs",
        operation_id="installGlobePack",
        summary="Install a content pack from a file",
        response_model=PackModel,
        responses=problems(409, 413, 415, 422, 503, 507),
        openapi_extra=FORM,
    )
    async def install(request: Request, caller: Engineer, language: Language) -> dict[str, Any]:
        """A form with the file. It is used from now on, whole, or not at all."""
        async with hub.uploads.receive(request, caller) as sent:
            used = await packs.install(sent.path)
        await note(caller, "globe.pack", used.pack.says.id)
        return _pack(used, language)

    @router.post(
        "/globe/packs/fetch",
        operation_id="fetchGlobePack",
        summary="Install a content pack from the internet",
        response_model=PackModel,
        responses=problems(409, 422, 502),
    )
    async def fetch(body: FetchPack, caller: Engineer, language: Language) -> dict[str, Any]:
        """As from a file; what was fetched in part is not taken."""
        path, opened = await asyncio.to_thread(hub.files.scratch, MOST_FILE)
        try:
            with opened:
                await _fetch(str(body.url), opened)
            used = await packs.install(path)
        finally:
            await asyncio.to_thread(FilePath(path).unlink, missing_ok=True)
        await note(caller, "globe.pack", used.pack.says.id)
        return _pack(used, language)

    @router.post(
        "/globe/packs/{pack}/undo",
        operation_id="undoGlobePack",
        summary="Go back to the version before",
        response_model=PackModel,
        responses=problems(404, 409),
    )
    async def undo(pack: PackPath, caller: Engineer, language: Language) -> dict[str, Any]:
        """It can be done once after each update."""
        used = await packs.undo(pack)
        await note(caller, "globe.pack", pack)
        return _pack(used, language)

    @router.delete(
        "/globe/packs/{pack}",
        operation_id="removeGlobePack",
        summary="Remove a content pack",
        status_code=204,
        responses=problems(404),
    )
    async def remove(pack: PackPath, caller: Engineer) -> None:
        """With all its versions."""
        await packs.remove(pack)
        await note(caller, "globe.pack.remove", pack)

    @router.get(
        "/globe/packs/{pack}/files/{member}",
        operation_id="getGlobePackFile",
        summary="A picture or sound of a card",
        response_class=Response,
        responses={200: {"content": {"image/*": {}, "audio/*": {}}}, **problems(404)},
    )
    async def content(pack: PackPath, member: MemberPath, caller: Display) -> Response:  # noqa: ARG001
        """As the pack has it."""
        kind = MEDIA[f".{member.rsplit('.', 1)[1]}"]
        return Response(await packs.content(pack, member), media_type=kind)

    @router.get(
        "/globe/places/{place}/cards",
        operation_id="listGlobeCards",
        summary="The cards of a place",
        response_model=CardsModel,
    )
    async def cards(
        place: Annotated[str, Path(pattern=PLACE_ID)],
        caller: Display,  # noqa: ARG001
        language: Language,
    ) -> dict[str, Any]:
        """Of all packs that are used: landmarks, animals, history, anthems."""
        return {
            "items": [
                {
                    "pack": pack,
                    "kind": card.kind,
                    "title": _said(card.title, language),
                    "text": _said(card.text, language),
                    "picture": _address(pack, card.picture),
                    "sound": _address(pack, card.sound),
                    "source": card.source,
                    "date": card.date.isoformat(),
                }
                for pack, card in packs.cards(place)
            ]
        }

    return router


def _pack(used: Installed, language: str) -> dict[str, Any]:
    says = used.pack.says
    return {
        "id": says.id,
        "version": says.version,
        "title": _said(says.title, language),
        "licence": says.licence,
        "date": says.date.isoformat(),
        "cards": len(says.cards),
        "key": used.pack.key,
        "before": used.before,
    }


def _said(said: Said, language: str) -> str:
    return {"kk": said.kk, "ru": said.ru}.get(language, said.en)


def _address(pack: str, member: str | None) -> str | None:
    return None if member is None else f"/globe/packs/{pack}/files/{member}"


async def _fetch(url: str, into: Any) -> None:
    """Fetch a file. Raises `PackNotFetched`, `BadPack` where it is too large."""
    size = 0
    try:
        async with (
            asyncio.timeout(FETCH_LIMIT),
            httpx.AsyncClient(follow_redirects=True) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            async for piece in answer.aiter_bytes():
                size += len(piece)
                if size > MOST_FILE:
                    raise BadPack(f"it has more than {MOST_FILE >> 20} MiB")
                await asyncio.to_thread(into.write, piece)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TimeoutError) as error:
        raise PackNotFetched(f"{type(error).__name__}: {str(error)[:200]}") from None
