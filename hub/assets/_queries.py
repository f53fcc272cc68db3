"""What is asked of the table of assets."""

import re
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from hub.device import Role
from hub.errors import Invalid, NotFound
from hub.rights import Principal
from hub.store.tables import AssetRow

Order = Literal["newest", "oldest"]

_CURSOR = re.compile(r"[0-9]{1,18}\Z")


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
    return own if principal.lesson is None else or_(own, AssetRow.lesson == principal.lesson)


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
    """Say in SQL: of this media type, or of this kind (`image/*`)."""
    if media_type.endswith("/*"):
        return AssetRow.media_type.startswith(media_type[:-1], autoescape=True)
    return AssetRow.media_type == media_type
