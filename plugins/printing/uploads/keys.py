"""Keys for slicers: tokens of people that are good for sending files and for nothing else.

A key belongs to a person and is named after them, so that the jobs that come with it do, too. That
of a pupil who has joined a lesson ends with the lesson, as their session does.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.errors import Conflict, Forbidden, NotFound
from hub.plugin import N_, Access, PluginHub, Principal, Role, check
from hub.school import Token
from hub.store import Page
from hub.store.tables import GroupRow, LessonRow, PersonRow

SEND = "send"
SENDING = f"printing:{SEND}"
"""The scope of these tokens; the routes of `uploads` take it, no others."""
DAYS = 120
"""About as long as two terms; then a new one is made."""
MOST = 5

_TEACHER = Access(role=Role.TEACHER)


class NobodysKey(Conflict):
    """Whoever asks is a program or a computer, not a person."""

    code = "nobodys-key"
    title = N_("A key belongs to a person.")
    hint = N_("Join the lesson or sign in under your name, and make the key there.")


class TooManyKeys(Conflict):
    """Somebody has as many keys as one may have."""

    code = "too-many-keys"
    title = N_("You have {most} keys already.")
    hint = N_("End one that you do not need any more, and make the new one then.")


@dataclass(frozen=True, slots=True)
class Key:
    """A key, never its secret.

    Attributes:
        owner: the person; `name` is theirs.
        group, lesson: their class, and the lesson with which the key ends: id and name.
    """

    id: str
    owner: str
    name: str
    group: tuple[str, str] | None
    lesson: tuple[str, str] | None
    created: float
    expires: float | None

    @property
    def access(self) -> Access:
        """Who may see and end it: its owner and teachers."""
        return _access(self.owner)


class Keys:
    """Makes, lists and ends keys; who may is judged here."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def make(self, by: Principal) -> tuple[str, Key]:
        """Make a key for whoever asks; returns its secret, which is not told again, and the key.

        Raises:
            NobodysKey: `by` is no person.
            Forbidden: `by` speaks from another site's page, whose leave ends with the visit.
            TooManyKeys: they have `MOST` already.
            LessonEnded: just now.
        """
        if by.restricted:
            raise Forbidden("keys are made on the hub's own pages")
        if by.person is None:
            raise NobodysKey(by.id)
        if len((await self._tokens(by.person)).items) >= MOST:
            raise TooManyKeys(f"{MOST} keys of {by.person}", most=MOST)
        secret, token = await self._hub.school.create_token(
            # The least that may send, whoever it is: with a key nobody is a teacher.
            Role.PUPIL,
            (await self._hub.school.person(by.person)).name,
            expires=timedelta(days=DAYS),
            person=by.person,
            scope=SENDING,
            lesson=by.lesson,
            by=by,
        )
        return secret, (await self._shown([token]))[0]

    async def own(self, by: Principal) -> list[Key]:
        """Return the keys of whoever asks that are good, the newest first."""
        if by.person is None:
            return []
        return await self._shown((await self._tokens(by.person)).items)

    async def all(
        self, by: Principal, *, lesson: str | None = None, cursor: str | None = None, limit: int
    ) -> Page[Key]:
        """Return a page of everybody's good keys, the newest first, for teachers.

        Args:
            by: who asks.
            lesson: only those that end with this lesson.
            cursor: `next` of the page before.
            limit: the most on the page.

        Raises:
            Forbidden: `by` is no teacher.
        """
        check(by, _TEACHER)
        found = await self._hub.school.tokens(
            scope=SENDING, lesson=lesson, good=True, cursor=cursor, limit=limit
        )
        return Page(await self._shown(found.items), found.next)

    async def end(self, key: str, by: Principal) -> None:
        """End a key at once; idempotent. Raises `NotFound`, `Forbidden`."""
        token = await self._hub.school.token(key)
        if token.scope != SENDING or token.person is None:
            raise NotFound(f"{key} is no key for slicers")
        check(by, _access(token.person))
        await self._hub.school.revoke_token(key, by=by)

    async def _tokens(self, person: str) -> "Page[Token]":
        return await self._hub.school.tokens(scope=SENDING, person=person, good=True)

    async def _shown(self, tokens: list[Token]) -> list[Key]:
        """Return tokens with the classes and lessons that they belong to."""
        persons = {token.person for token in tokens}
        lessons = {token.lesson for token in tokens if token.lesson is not None}

        def work(session: Session) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
            classes = select(PersonRow.id, GroupRow.id, GroupRow.name).join(
                GroupRow, GroupRow.id == PersonRow.group_id
            )
            titles = select(LessonRow.id, LessonRow.title).where(LessonRow.id.in_(lessons))
            return (
                {
                    one[0]: (one[1], one[2])
                    for one in session.execute(classes.where(PersonRow.id.in_(persons)))
                },
                {one[0]: one[1] for one in session.execute(titles)},
            )

        groups, called = await self._hub.store.read(work)
        return [
            Key(
                token.id,
                token.person or "",
                token.name,
                groups.get(token.person or ""),
                None if token.lesson is None else (token.lesson, called.get(token.lesson, "")),
                token.created,
                token.expires,
            )
            for token in tokens
        ]


def _access(person: str) -> Access:
    return Access(role=Role.PUPIL, persons=frozenset({person}), private=True)
