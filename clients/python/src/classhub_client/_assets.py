"""Assets: listing, reading, downloading and adding what lessons have made."""

import asyncio
import hashlib
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from classhub_client._http import Http, path_of
from classhub_client.errors import ClientError
from classhub_client.models import Asset

CHUNK = 1 << 20
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}


def id_of(asset: Asset | str) -> str:
    """Return the id of an asset that is given by it or as a whole."""
    return asset if isinstance(asset, str) else asset.id


class AsyncAssets:
    """The assets that the token may see."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(
        self,
        *,
        lesson: str | None = None,
        owner: str | None = None,
        device: str | None = None,
        media_type: str | None = None,
        order: Literal["newest", "oldest"] = "newest",
        most: int | None = None,
    ) -> AsyncIterator[Asset]:
        """Iterate over assets; the next page is fetched when it is needed.

        Args:
            lesson: the id of the lesson that they belong to.
            owner: the id of who made them.
            device: the id of the device that they came from.
            media_type: `image/jpeg`, or `image/*`.
            order: what comes first.
            most: so many at most; all if left out.
        """
        query = {
            "lesson": lesson,
            "owner": owner,
            "device": device,
            "media_type": media_type,
            "order": order,
        }
        async for item in self._http.pages(path_of("assets"), query, most):
            yield Asset.of(item)

    async def get(self, id: str) -> Asset:  # noqa: A002 - the word of the API
        """Return an asset (NotFound where there is none)."""
        return Asset.of(await self._http.json("GET", path_of("assets", id)))

    async def read(self, asset: Asset | str) -> bytes:
        """Return its bytes."""
        async with self._http.answer("GET", path_of("assets", id_of(asset), "content")) as answer:
            return await answer.aread()

    async def download(self, asset: Asset | str, path: str | Path) -> Path:
        """Write its bytes to a file, piece by piece; what stood there is replaced at the end.

        Args:
            asset: the asset or its id.
            path: of the file, or of a folder: then the file is named by the asset's id.

        Raises:
            ClientError: what came is not what the hub has stored.
            OSError: the file cannot be written.
        """
        known = await self.get(asset) if isinstance(asset, str) else asset
        target = Path(path)
        if await asyncio.to_thread(target.is_dir):
            target /= known.id + _SUFFIXES.get(known.media_type, "")
        part = target.with_name(target.name + ".part")
        digest = hashlib.sha256()
        try:
            with await asyncio.to_thread(part.open, "wb") as file:
                async with self._http.answer(
                    "GET", path_of("assets", known.id, "content")
                ) as answer:
                    async for chunk in answer.aiter_bytes(CHUNK):
                        digest.update(chunk)
                        await asyncio.to_thread(file.write, chunk)
            if digest.hexdigest() != known.sha256:
                raise ClientError(f"asset {known.id} came damaged; try again")
            await asyncio.to_thread(part.replace, target)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return target

    async def upload(
        self,
        picture: bytes | str | Path,
        *,
        title: str = "",
        note: str = "",
        lesson: str | None = None,
        media_type: str | None = None,
    ) -> Asset:
        """Add a picture (JPEG or PNG, up to 64 MiB).

        Args:
            picture: its bytes, or the path of its file.
            title: its file's name if left out.
            note: what is to be seen.
            lesson: the id of the lesson that it belongs to.
            media_type: guessed if left out.
        """
        name = "picture"
        if isinstance(picture, (str, Path)):
            name = Path(picture).name
            picture = await asyncio.to_thread(Path(picture).read_bytes)
        if media_type is None:
            guessed = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
            media_type = mimetypes.guess_type(name)[0] or guessed
        fields = {"title": title, "note": note}
        if lesson is not None:
            fields["lesson"] = lesson
        files = {"file": (name, picture, media_type)}
        return Asset.of(await self._http.json("POST", path_of("assets"), data=fields, files=files))

    async def edit(
        self, asset: Asset | str, *, title: str | None = None, note: str | None = None
    ) -> Asset:
        """Change title or note; what is left out stays. Its owner and teachers may."""
        wanted = {"title": title, "note": note}
        body = {key: value for key, value in wanted.items() if value is not None}
        return Asset.of(await self._http.json("PATCH", path_of("assets", id_of(asset)), json=body))

    async def delete(self, asset: Asset | str) -> None:
        """Delete it for good. Its owner and teachers may."""
        await self._http.json("DELETE", path_of("assets", id_of(asset)))
