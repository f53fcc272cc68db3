"""Lessons: starting, ending, and which run."""

from classhub_client._http import Http, path_of
from classhub_client.models import Lesson


class AsyncLessons:
    """The lessons that the token may see."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def start(self, title: str, *, group: str | None = None) -> Lesson:
        """Start a lesson; pupils join with its `code` until it ends. For teachers."""
        body = {"title": title, "group": group}
        return Lesson.of(await self._http.json("POST", path_of("lessons"), json=body))

    async def end(self, lesson: Lesson | str) -> Lesson:
        """End a lesson; ending it twice changes nothing. For teachers."""
        id_ = lesson if isinstance(lesson, str) else lesson.id
        return Lesson.of(await self._http.json("POST", path_of("lessons", id_, "end")))

    async def get(self, id: str) -> Lesson:  # noqa: A002 - the word of the API
        """Return a lesson (NotFound where there is none)."""
        return Lesson.of(await self._http.json("GET", path_of("lessons", id)))

    async def running(self) -> list[Lesson]:
        """Return the lessons that run, the newest first."""
        return [lesson for lesson in await self.list() if lesson.ended is None]

    async def list(self, *, most: int | None = None) -> list[Lesson]:
        """Return the lessons, the newest first, at most so many."""
        return [Lesson.of(item) async for item in self._http.pages(path_of("lessons"), {}, most)]
