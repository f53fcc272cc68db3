"""Processes: pictures in, a new picture out, in a worker that can be killed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hub.assets import Also
from hub.errors import Invalid, NotFound
from hub.plugin import Asset, HubError, Operation, PluginHub, Principal, check
from plugins.microscopy.imaging.errors import UnreadablePicture
from plugins.microscopy.processing.emptiness import EmptyFields
from plugins.microscopy.processing.errors import NotAPicture, OtherScale, SourceGone
from plugins.microscopy.processing.objects import CountedObjects
from plugins.microscopy.processing.wishes import (
    LEAST,
    MOST,
    OPTIONS,
    TITLES,
    FlatOptions,
    NewProcess,
)
from plugins.microscopy.scales import scale_of

Progress = Callable[[float, str], None]

LIMIT = 900.0
MEMORY = 3 << 30
"""Address space of a worker; a mosaic of 100 megapixels takes some 2 GB."""
_SAME_SCALE = 0.005
_ROOM = 64 << 20


@dataclass(frozen=True, slots=True)
class _Job:
    wish: NewProcess
    options: dict[str, Any]
    sources: list[Asset]
    references: list[Asset]
    by: Principal
    also: Also | None = None

    @property
    def common(self) -> dict[str, Any]:
        """What is true of all sources, and of what is made of them."""
        first = self.sources[0]
        same = {
            "device": {one.device for one in self.sources},
            "lesson": {one.lesson for one in self.sources},
            "objective": {one.info.get("objective") for one in self.sources},
        }
        return {
            name: values.copy().pop() if len(values) == 1 else None for name, values in same.items()
        } | {"scale": scale_of(first)}

    def info(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return what is kept beside the product."""
        common = self.common
        known = {
            "process": self.wish.process,
            "sources": [one.id for one in self.sources],
            "options": self.options,
            "scale": common["scale"],
            "objective": common["objective"],
            "facts": facts,
        }
        return {name: value for name, value in known.items() if value is not None}


class Processing:
    """Makes new assets of pictures; each is an operation."""

    def __init__(self, hub: PluginHub, objects: CountedObjects, fields: EmptyFields) -> None:
        self._hub = hub
        self._fields = fields
        self._objects = objects

    async def begin(self, wish: NewProcess, *, by: Principal) -> Operation:
        """Start to make something of pictures.

        Its result has `asset`, the product's id; of a stack also `heights`; of a count, which is
        kept beside its picture, the picture's, and `count`.

        Raises:
            Invalid: number of sources or options are not right.
            NotFound: one of the pictures is not there.
            Forbidden: `by` may not see one of them.
            NotAPicture, OtherScale: they do not do.
            NoEmptyField: none is kept of the picture's objective.
            TooMany: too much is under way.
        """
        job = await self._job(wish, by)

        async def run(progress: Progress) -> Any:
            return await self._done(job, progress)

        return self._hub.operations.start(
            action=wish.process,
            by=by,
            work=run,
            device=job.common["device"],
            title=TITLES[wish.process],
            limit=LIMIT + 60,
        )

    async def make(
        self, wish: NewProcess, progress: Progress, *, by: Principal, also: Also | None = None
    ) -> dict[str, Any]:
        """Make something within an operation that is under way; raises as `begin`.

        `also` adds rows in the transaction that keeps the product. Returns the result.
        """
        return await self._done(replace(await self._job(wish, by), also=also), progress)

    async def _job(self, wish: NewProcess, by: Principal) -> _Job:
        options = _options(wish)
        if not LEAST[wish.process] <= len(wish.sources) <= MOST[wish.process]:
            most = MOST[wish.process]
            raise Invalid(f"{LEAST[wish.process]} to {most} sources", field="sources")
        if len(set(wish.sources)) != len(wish.sources):
            raise Invalid("a picture stands twice", field="sources")
        sources = await self._pictures(wish.sources, by)
        references = await self._pictures(options.get("references", []), by)
        if options.get("kept"):
            if references:
                raise Invalid("either references or kept", field="options.kept")
            # Whoever may see the picture may have its light made even; the field shows nothing.
            references = [await self._fields.of(sources[0])]
            options["references"] = [references[0].id]
        if wish.process != "count":
            _check_scales(sources)
        return _Job(wish, options, sources, references, by)

    async def _done(self, job: _Job, progress: Progress) -> dict[str, Any]:
        work = self._counted if job.wish.process == "count" else self._made
        try:
            return await work(job, progress)
        except (UnreadablePicture, NotFound) as error:
            await self._check_there(job)
            raise error from None

    async def _pictures(self, ids: list[str], by: Principal) -> list[Asset]:
        found = []
        for place, one in enumerate(ids, 1):
            asset = await self._hub.assets.get(one)
            check(by, self._hub.assets.access(asset, "view"))
            if not asset.is_picture:
                raise NotAPicture(asset.media_type, which=place)
            found.append(asset)
        return found

    async def _check_there(self, job: _Job) -> None:
        for place, source in enumerate([*job.sources, *job.references], 1):
            try:
                await self._hub.assets.get(source.id)
            except NotFound:
                raise SourceGone(source.id, which=place) from None

    async def _made(self, job: _Job, progress: Progress) -> dict[str, Any]:
        targets = [await self._scratch(job) for _ in range(2 if job.wish.process == "stack" else 1)]
        try:
            facts = await self._worked(job, targets, progress)
            progress(0.99, "")
            product = await self._kept(
                job, targets[0], "image/jpeg", job.info(facts), also=job.also
            )
            if len(targets) == 1:
                return {"asset": product.id}
            heights = await self._kept(
                job, targets[1], "image/png", _heights(job, product), of=product.id
            )
            return {"asset": product.id, "heights": heights.id}
        finally:
            await asyncio.to_thread(_remove, targets)

    async def _worked(self, job: _Job, targets: list[Path], progress: Progress) -> dict[str, Any]:
        paths = [str(self._hub.assets.content(one)) for one in job.sources]
        outputs = [str(target) for target in targets]
        options = job.options
        work: dict[str, tuple[str, list[Any]]] = {
            "stack": ("stack:stack", [paths, *outputs]),
            "mosaic": ("mosaic:mosaic", [paths, *outputs, options.get("even")]),
            "flat-field": (
                "flat:flatten",
                [
                    paths[0],
                    *outputs,
                    [str(self._hub.assets.content(one)) for one in job.references],
                    options.get("white"),
                    options.get("patch"),
                ],
            ),
        }
        function, arguments = work[job.wish.process]
        facts: dict[str, Any] = await self._hub.workers.run(
            f"plugins.microscopy.imaging.{function}",
            *arguments,
            timeout=LIMIT,
            memory=MEMORY,
            progress=progress,
        )
        return facts

    async def _counted(self, job: _Job, progress: Progress) -> dict[str, Any]:
        options = {name: value for name, value in job.options.items() if name != "references"}
        (picture,) = job.sources
        found = await self._hub.workers.run(
            "plugins.microscopy.imaging.count:count",
            str(self._hub.assets.content(picture)),
            options,
            timeout=LIMIT,
            memory=MEMORY,
            urgent=True,
            progress=progress,
        )
        kept = await self._objects.keep(picture, {**found, "options": options}, by=job.by)
        return {"asset": picture.id, "count": kept.number}

    async def _kept(
        self,
        job: _Job,
        file: Path,
        media_type: str,
        info: dict[str, Any],
        of: str | None = None,
        also: Also | None = None,
    ) -> Asset:
        first, common = job.sources[0], job.common
        return await self._hub.assets.add(
            content=file,
            media_type=media_type,
            title=job.wish.title or first.title,
            owner=job.by,
            lesson=common["lesson"],
            device=common["device"],
            derived_from=of or first.id,
            info=info,
            also=also,
        )

    async def _scratch(self, job: _Job) -> Path:
        size = min(sum(one.size for one in job.sources), _ROOM)
        path, file = await asyncio.to_thread(self._hub.files.scratch, size)
        file.close()
        return path


def _options(wish: NewProcess) -> dict[str, Any]:
    kind = OPTIONS[wish.process]
    try:
        options = kind.model_validate(wish.options)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(["options", *(str(part) for part in first["loc"])])
        raise Invalid(f"{where}: {first['msg']}", field=where) from None
    chosen = options.model_dump()
    if isinstance(options, FlatOptions) and not options.references:
        chosen["references"] = []
    return chosen


def _check_scales(sources: list[Asset]) -> None:
    first = scale_of(sources[0])
    for place, source in enumerate(sources[1:], 2):
        scale = scale_of(source)
        if first is None or scale is None:
            if first != scale:
                raise OtherScale(f"{first}, {scale}", which=place)
        elif abs(scale / first - 1) > _SAME_SCALE:
            raise OtherScale(f"{first}, {scale}", which=place)


def _heights(job: _Job, product: Asset) -> dict[str, Any]:
    """Say what grey means: black is the focus of the first picture, white that of the last."""
    info = {**product.info, "process": "stack-heights"}
    focus = [source.info.get("focus") for source in (job.sources[0], job.sources[-1])]
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in focus):
        info["heights"] = {"black": focus[0], "white": focus[1], "unit": "um"}
    return info


def _remove(files: list[Path]) -> None:
    for file in files:
        with suppress(HubError, OSError):
            file.unlink(missing_ok=True)
