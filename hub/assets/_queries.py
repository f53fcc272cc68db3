"""What is asked of the table of assets."""

import re
from typing import Any, Literal, TypedDict

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from hub.device import Role
from hub.errors import Invalid, NotFound
from hub.folding import fold
from hub.rights import Principal
from hub.store.tables import AssetFavouriteRow, AssetRow, LessonRow

Order = Literal["newest", "oldest"]

_CURSOR = re.compile(r"[0-9]{1,18}\Z")
_TERMS = 8
_SEARCHED = ("device_name", "objective")


class Which(TypedDict, total=False):
    """Which assets are meant; what is None or left out does not matter.

    Attributes:
        lesson: of this lesson's album.
        group: of the lessons of this group.
        owner: of this person (or token).
        device: what this device made.
        media_type: of this type; `image/*` means every kind of picture. Several: `image/*,video/*`.
        text: each of its words is in the title, the note, the author's or the device's name, or the
            objective, whatever the case (`hub.folding`).
        handed_in: handed in or not.
        favourite_of: a favourite of this person (or token).
        keeper: kept by this plugin; else only what is in the albums.
    """

    lesson: str | None
    group: str | None
    owner: str | None
    device: str | None
    media_type: str | None
    text: str | None
    handed_in: bool | None
    favourite_of: str | None
    keeper: str | None


def known(session: Session, asset: str) -> AssetRow:
    """Return the row of an asset. Raises `NotFound`."""
    row = session.scalar(select(AssetRow).where(AssetRow.id == asset))
    if row is None:
        raise NotFound(f"asset {asset}")
    return row


def visible(principal: Principal) -> ColumnElement[bool]:
    """Say in SQL what `Assets.access` and `hub.rights.may` say of one asset."""
    if principal.role.includes(Role.TEACHER):
        return AssetRow.id.is_not(None)
    if not principal.role.includes(Role.PUPIL):
        return false()
    own = AssetRow.owner == principal.owner
    if principal.lesson is None:
        return own
    return or_(own, and_(AssetRow.lesson == principal.lesson, AssetRow.open))


def after(query: Select[Any], cursor: str | None, order: Order) -> Select[Any]:
    """Order a query, and begin it behind the cursor. Raises `Invalid` for a foreign cursor."""
    newest = order == "newest"
    if cursor is not None:
        if not _CURSOR.match(cursor):
            raise Invalid(f"{cursor[:40]!r} is no cursor of this list", field="cursor")
        at = int(cursor)
        query = query.where(AssetRow.seq < at if newest else AssetRow.seq > at)
    return query.order_by(AssetRow.seq.desc() if newest else AssetRow.seq)


def of_type(media_type: str) -> ColumnElement[bool]:
    """Say in SQL: of this media type, or of this kind (`image/*`); several stand behind commas."""
    kinds = [kind.strip() for kind in media_type.split(",")]
    return or_(
        *(
            AssetRow.media_type.startswith(kind[:-1], autoescape=True)
            if kind.endswith("/*")
            else AssetRow.media_type == kind
            for kind in kinds
        )
    )


def words_of(title: str, note: str, info: dict[str, Any]) -> str:
    """Return what of an asset is searched; its author is looked up, for names change."""
    said = (info.get(name) for name in _SEARCHED)
    return fold(title, note, *(text for text in said if isinstance(text, str)))


def chosen(session: Session, which: Which) -> ColumnElement[bool]:
    """Say in SQL: those that are meant."""
    keeper = which.get("keeper")
    conditions = [AssetRow.keeper.is_(None) if keeper is None else AssetRow.keeper == keeper]
    for name, column in _EQUAL.items():
        value = which.get(name)
        if value is not None:
            conditions.append(column == value)
    if (group := which.get("group")) is not None:
        lessons = select(LessonRow.id).where(LessonRow.group_id == group)
        conditions.append(AssetRow.lesson.in_(lessons))
    if (media_type := which.get("media_type")) is not None:
        conditions.append(of_type(media_type))
    if (handed_in := which.get("handed_in")) is not None:
        given = AssetRow.handed_in.is_not(None)
        conditions.append(given if handed_in else ~given)
    if (lover := which.get("favourite_of")) is not None:
        loved = select(AssetFavouriteRow.asset).where(AssetFavouriteRow.owner == lover)
        conditions.append(AssetRow.id.in_(loved))
    if (text := which.get("text")) is not None:
        conditions += _with_words(session, fold(text).split()[:_TERMS])
    return and_(AssetRow.seq.is_not(None), *conditions)


_EQUAL: dict[Literal["lesson", "owner", "device"], Any] = {
    "lesson": AssetRow.lesson,
    "owner": AssetRow.owner,
    "device": AssetRow.device,
}


def _with_words(session: Session, terms: list[str]) -> list[ColumnElement[bool]]:
    """Say in SQL: each term is among the words, or in the name of its author.

    Authors' names are not kept with the words: who is renamed or erased is so at once.
    """
    if not terms:
        return []
    names = {name: fold(name) for name in session.scalars(select(AssetRow.owner_name).distinct())}
    found = []
    for term in terms:
        authors = [name for name, folded in names.items() if term in folded]
        said = AssetRow.words.contains(term, autoescape=True)
        found.append(or_(said, AssetRow.owner_name.in_(authors)) if authors else said)
    return found
