"""What every table of the hub starts from."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of the kernel's own tables; plugins make a `MetaData` of their own."""

    metadata = MetaData(naming_convention=NAMING)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A piece of a longer list.

    Attributes:
        items: in the list's order.
        next: give it back as `cursor` for the piece that follows; None at the end.
    """

    items: list[T]
    next: str | None = None
