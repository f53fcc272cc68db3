"""Films: kept, changed, and made."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import N_, Conflict, Invalid, NotFound
from hub.ids import new_id
from hub.plugin import Access, Asset, Operation, PluginHub, Principal, Role, check, may
from hub.programs import ffmpeg, find_program
from hub.school import clean_name
from hub.store import reserving
from plugins.microscopy.captures import Captures
from plugins.microscopy.film.errors import (
    EspeakMissing,
    FilmChanged,
    NothingToShow,
    SourceMissing,
)
from plugins.microscopy.film.plan import Plan, Segment
from plugins.microscopy.film.storyboard import Item, Storyboard
from plugins.microscopy.fonts import REGULAR, font_file
from plugins.microscopy.scales import scale_of
from plugins.microscopy.series.encoding import Encoder, probe
from plugins.microscopy.tables import FilmRow

TITLE = 120
MOST_LISTED = 100
MOST_OF_ONE = 200
_MEMORY = 3 << 30
_ROOM = 64 << 20
"""Those that have the letters of all three languages."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film; see `FilmRow`."""

    id: str
    owner: str
    owner_name: str
    lesson: str | None
    title: str
    document: dict[str, Any]
    revision: int
    created: float
    changed: float
    result: str | None

    @classmethod
    def of(cls, row: FilmRow) -> "Film":
        """Return a row as a value."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    @property
    def storyboard(self) -> Storyboard:
        """What is shown."""
        return Storyboard.model_validate(self.document)

    def access(self, op: str) -> Access:
        """Who may see it (its lesson, its owner, teachers) or change it (its owner, teachers)."""
        return Access(
            role=Role.PUPIL,
            lesson=self.lesson if op == "view" else None,
            persons=frozenset({self.owner}),
            private=True,
        )


class Films:
    """The films of the class."""

    def __init__(self, hub: PluginHub, captures: Captures, encoder: Encoder) -> None:
        self._hub = hub
        self._captures = captures
        self._encoder = encoder
        self._folder = hub.work / "films"
        self._making: dict[str, str] = {}

    async def start(self) -> None:
        """Remove what an earlier run was making: films are made again from their storyboards."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def newest(self, *, by: Principal) -> list[Film]:
        """Return the films that `by` may see, the newest first."""

        def work(session: Session) -> list[Film]:
            query = select(FilmRow).order_by(FilmRow.id.desc()).limit(MOST_LISTED)
            if not by.role.includes(Role.TEACHER):
                mine = FilmRow.owner == by.owner
                seen = mine if by.lesson is None else or_(mine, FilmRow.lesson == by.lesson)
                query = query.where(seen)
            return [Film.of(row) for row in session.scalars(query)]

        return [one for one in await self._hub.store.read(work) if may(by, one.access("view"))]

    async def get(self, id: str, *, by: Principal) -> Film:  # noqa: A002 - the word of the API
        """Return one. Raises `NotFound`, `Forbidden`."""
        film = await self._hub.store.read(lambda session: Film.of(_row(session, id)))
        check(by, film.access("view"))
        return film

    async def create(
        self, title: str, storyboard: Storyboard, lesson: str | None, *, by: Principal
    ) -> Film:
        """Begin a film. Raises `NotFound`, `Forbidden`, `BadName`, `Conflict`."""
        kept = await self._captures.lesson_for(by, lesson)
        await self._check_sources(storyboard, by, set())
        moment = now()
        row = {
            "id": new_id(),
            "owner": by.owner,
            "owner_name": by.name,
            "lesson": None if kept is None else kept.id,
            "title": clean_name(title, field="title", limit=TITLE),
            "document": storyboard.model_dump(mode="json"),
            "revision": 1,
            "created": moment,
            "changed": moment,
            "result": None,
        }

        def work(session: Session) -> Film:
            theirs = select(FilmRow.id).where(FilmRow.owner == by.owner).limit(MOST_OF_ONE)
            if len(list(session.scalars(theirs))) >= MOST_OF_ONE:
                raise Conflict(f"{by.owner} has {MOST_OF_ONE} films")
            made = FilmRow(**row)
            session.add(made)
            return Film.of(made)

        return await self._hub.store.write(work)

    async def change(
        self,
        id: str,  # noqa: A002 - the word of the API
        revision: int,
        title: str,
        storyboard: Storyboard,
        *,
        by: Principal,
    ) -> Film:
        """Replace title and storyboard of the revision that was read.

        Raises:
            FilmChanged: it has another revision by now.
        """
        film = await self.get(id, by=by)
        check(by, film.access("edit"))
        await self._check_sources(storyboard, by, set(film.storyboard.assets()))
        title = clean_name(title, field="title", limit=TITLE)

        def work(session: Session) -> Film:
            row = _row(session, id)
            if row.revision != revision:
                raise FilmChanged(f"revision {row.revision}, not {revision}")
            row.title = title
            row.document = storyboard.model_dump(mode="json")
            row.revision += 1
            row.changed = now()
            return Film.of(row)

        return await self._hub.store.write(work)

    async def delete(self, id: str, *, by: Principal) -> None:  # noqa: A002
        """Forget a film; its videos stay in the album."""
        film = await self.get(id, by=by)
        check(by, film.access("edit"))
        await self._hub.store.write(lambda session: session.delete(_row(session, id)))

    async def render(self, id: str, *, by: Principal) -> Operation:  # noqa: A002
        """Begin to make the film.

        Raises:
            NothingToShow, SourceMissing, BadVideo, Invalid: it cannot be made as it is.
            FfmpegMissing, EspeakMissing, NoFont: something is not installed.
            Conflict: it is being made already.
        """
        film = await self.get(id, by=by)
        check(by, film.access("edit"))
        if self.making(id) is not None:
            raise Conflict(f"film {id} is being made")
        ffmpeg()
        ffmpeg("ffprobe")
        plan, sources = await self._plan(film, by)
        operation = self._hub.operations.start(
            action="film",
            by=by,
            work=lambda tell: self._make(film, plan, sources, by, tell),
            title=N_("Film"),
        )
        self._making[id] = operation.id
        return operation

    def making(self, id: str) -> str | None:  # noqa: A002 - the word of the API
        """Return the id of the operation that is making this film now; None where none is."""
        running = {one.id for one in self._hub.operations.list() if one.ended is None}
        begun = self._making.get(id)
        return begun if begun in running else None

    async def _check_sources(self, storyboard: Storyboard, by: Principal, known: set[str]) -> None:
        """Check that `by` may see what is new in a storyboard."""
        for number, item in enumerate(storyboard.items, 1):
            if item.asset is not None and item.asset not in known:
                asset = await self._source(item.asset, number, by)
                if not asset.is_picture and not asset.is_video:
                    raise Invalid(f"asset {asset.id} is {asset.media_type}", field="items")
        narration = storyboard.narration.asset
        if narration is not None and narration not in known:
            asset = await self._source(narration, 0, by)
            if not asset.media_type.startswith("audio/"):
                raise Invalid(f"asset {asset.id} is {asset.media_type}", field="narration")

    async def _source(self, asset: str, number: int, by: Principal) -> Asset:
        try:
            found = await self._hub.assets.get(asset)
        except NotFound as error:
            raise SourceMissing(f"asset {asset}", number=number) from error
        check(by, self._hub.assets.access(found, "view"))
        return found

    async def _plan(self, film: Film, by: Principal) -> tuple[Plan, list[str]]:
        storyboard = film.storyboard
        if not storyboard.items:
            raise NothingToShow(f"film {film.id}")
        font = str(await asyncio.to_thread(font_file, REGULAR))
        speaker, recording = "", ""
        if storyboard.narration.kind == "spoken":
            speaker = _speaker()
            if not speaker:
                raise EspeakMissing("espeak-ng was not found")
        if storyboard.narration.asset is not None:
            sound = await self._source(storyboard.narration.asset, 0, by)
            recording = str(self._hub.assets.content(sound))
        segments = [
            await self._segment(storyboard, item, number, by)
            for number, item in enumerate(storyboard.items, 1)
        ]
        folder = self._folder / new_id()
        plan = Plan(
            target=str(folder / "film.mp4"),
            folder=str(folder),
            font=font,
            language=storyboard.language,
            segments=segments,
            recording=recording,
            speaker=speaker,
            ffmpeg=ffmpeg(),
        )
        sources = [item.asset for item in storyboard.items if item.asset is not None]
        return plan, list(dict.fromkeys(sources))

    async def _segment(
        self, storyboard: Storyboard, item: Item, number: int, by: Principal
    ) -> Segment:
        language = storyboard.language
        words = Segment(
            kind="card",
            seconds=item.seconds,
            fade=item.fade,
            title=item.title.of(language),
            caption=item.caption.of(language),
        )
        if item.asset is None:
            return words
        asset = await self._source(item.asset, number, by)
        known = {
            "file": str(self._hub.assets.content(asset)),
            "scale": scale_of(asset) if item.bar else None,
            "width": asset.width,
            "height": asset.height,
        }
        if asset.is_picture:
            return words.model_copy(update={**known, "kind": "still"})
        video = await probe(self._hub.assets.content(asset))
        left = video.seconds - item.begin
        if left <= 0:
            raise Invalid(f"video {number} has {video.seconds:g} s", field="items")
        size = {"width": video.width, "height": video.height}
        begun = {"begin": item.begin, "seconds": min(item.seconds, left)}
        return words.model_copy(update={**known, **size, **begun, "kind": "video"})

    async def _make(
        self,
        film: Film,
        plan: Plan,
        sources: list[str],
        by: Principal,
        tell: Callable[[float, str], None],
    ) -> dict[str, Any]:
        folder = Path(plan.folder)
        seconds = sum(one.seconds for one in plan.segments)
        try:
            async with self._encoder.place:
                await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
                reserving(folder)(_ROOM)
                made = await self._hub.workers.run(
                    "plugins.microscopy.film.assembling:assemble",
                    plan.model_dump(mode="json"),
                    timeout=120 + 20 * seconds,
                    memory=_MEMORY,
                    progress=tell,
                )
            asset = await self._hub.assets.add(
                content=Path(plan.target),
                media_type="video/mp4",
                title=film.title,
                owner=replace(by, id=film.owner, name=film.owner_name, person=None),
                lesson=film.lesson,
                derived_from=sources[0] if sources else None,
                info={
                    "process": "film",
                    "film": film.id,
                    "revision": film.revision,
                    "language": plan.language,
                    "sources": sources,
                    "seconds": made["seconds"],
                },
                width=plan.width,
                height=plan.height,
                also=lambda session, row: _note_result(session, film.id, row.id),
            )
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return {"film": film.id, "asset": asset.id, "seconds": made["seconds"]}


def can_speak() -> bool:
    """Tell whether this computer has what speaks films."""
    return _speaker() != ""


def _speaker() -> str:
    return find_program("espeak-ng") or ""


def _note_result(session: Session, film: str, asset: str) -> None:
    row = session.get(FilmRow, film)
    if row is not None:
        row.result = asset


def _row(session: Session, id: str) -> FilmRow:  # noqa: A002 - the word of the API
    row = session.get(FilmRow, id)
    if row is None:
        raise NotFound(f"no film {id}")
    return row
