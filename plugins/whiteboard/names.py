"""Names of documents: whose they are and who writes them (docs/boards.md)."""

from typing import Literal

from hub.plugin import Access, Principal, Role, may

SHARED = "shared"
PANEL = "panel"
LONGEST = 300
Kind = Literal["shared", "person", "seat", "panel", "page"]

_TEACHES = Access(role=Role.TEACHER)


def kind_of(name: str) -> Kind | None:
    """Return what a document's name says it is, None where it is no such name."""
    if name in (SHARED, PANEL):
        return name  # type: ignore[return-value]
    kind, colon, rest = name.partition(":")
    if colon and rest and len(name) <= LONGEST and kind in ("person", "seat", "page"):
        return kind  # type: ignore[return-value]
    return None


def own_document(principal: Principal) -> str:
    """Return the document in which somebody draws."""
    return PANEL if is_display(principal) else f"person:{principal.owner}"


def person_of(name: str) -> str | None:
    """Return whose document it is, None where it is no person's."""
    return name.removeprefix("person:") if kind_of(name) == "person" else None


def page_of(name: str) -> str | None:
    """Return the page of which a document is, None where it is of none."""
    return name.removeprefix("page:") if kind_of(name) == "page" else None


def seat_document(seat: str | None, device: str) -> str:
    """Return the document of a seat where nobody sits; of the device where it has no seat."""
    return f"seat:{seat}" if seat else f"seat:device:{device}"


def teaches(principal: Principal) -> bool:
    """Tell whether somebody may write every document."""
    return may(principal, _TEACHES)


def is_display(principal: Principal) -> bool:
    """Tell whether it is the class's screen."""
    return not may(principal, Access(role=Role.PUPIL))
