"""The members of a device's contract: properties, actions, events, streams.

A contract declares them as class attributes; a driver marks the methods that serve them
(`@Microscope.focus.read`). A mark is a note on the method: it never changes the contract.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from hub.device._roles import Role
from hub.device._values import Frame

T = TypeVar("T")
In = TypeVar("In")
In_co = TypeVar("In_co", covariant=True)
Out = TypeVar("Out")
F = TypeVar("F", bound=Callable[..., Any])
D = TypeVar("D")

MARK = "__classhub_serves__"


@dataclass(frozen=True, slots=True)
class Serves:
    """The note that a mark leaves on a method: which member it serves, and how."""

    member: str
    how: str
    poll: float | None = None


def _mark(method: F, note: Serves) -> F:
    notes: list[Serves] = [*getattr(method, MARK, []), note]
    setattr(method, MARK, notes)
    return method


class Member:
    """What every member of a contract has: a name (from its attribute), a title, a docstring."""

    name: str

    def __init__(self, *, title: str, doc: str, optional: bool) -> None:
        self.title = title
        self.doc = doc
        self.optional = optional

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Property(Member, Generic[T]):
    """A value of the device that can be read, and perhaps written and observed.

    Args:
        type_: the Python type of the value; its JSON Schema is derived from it.
        title: a short name for people (message id).
        doc: what it means, one or two sentences (message id).
        unit: UCUM-style unit, such as `um`, `Cel`, `%`; None where it has none.
        minimum, maximum: the range that every driver of the kind stays within.
        choices: the values that may be written, where they are few; a driver may narrow them.
        optional: a driver may leave it out.
        writable: it can be set.
        role: who may read it. write_role: who may set it.
        limit: seconds within which a read or write must have answered.
        shown: the device's pictures show it. While it is being set, and between the reading that
            confirmed it last and the one that finds it changed, its reading is told as stale:
            nobody knows then what a picture shows.
        kept: what was set holds for good: the hub sets it again whenever the device is connected
            anew, also after a restart. For what the device itself forgets.
        follows: names of the properties on which this one depends. After one of them was set this
            one is read again before the write is answered; until then it is stale as well.
    """

    def __init__(
        self,
        type_: type[T],
        *,
        title: str,
        doc: str,
        unit: str | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        choices: Sequence[T] | None = None,
        optional: bool = False,
        writable: bool = False,
        role: Role = Role.DISPLAY,
        write_role: Role = Role.TEACHER,
        limit: float = 5.0,
        shown: bool = False,
        kept: bool = False,
        follows: Sequence[str] = (),
    ) -> None:
        super().__init__(title=title, doc=doc, optional=optional)
        self.type = type_
        self.unit = unit
        self.minimum = minimum
        self.maximum = maximum
        self.choices = None if choices is None else tuple(choices)
        self.writable = writable
        self.role = role
        self.write_role = write_role
        self.limit = limit
        self.shown = shown or bool(follows)
        self.kept = kept
        self.follows = tuple(follows)

    def read(self, method: "Callable[[D], Awaitable[T]]") -> "Callable[[D], Awaitable[T]]":
        """Mark the driver's method that reads this property: `async def m(self) -> T`."""
        return _mark(method, Serves(self.name, "read"))

    def polled(
        self, every: float
    ) -> "Callable[[Callable[[D], Awaitable[T]]], Callable[[D], Awaitable[T]]]":
        """Mark the method that reads this property, to be called every `every` seconds."""

        def mark(method: "Callable[[D], Awaitable[T]]") -> "Callable[[D], Awaitable[T]]":
            return _mark(method, Serves(self.name, "read", poll=every))

        return mark

    def write(
        self, method: "Callable[[D, T], Awaitable[None]]"
    ) -> "Callable[[D, T], Awaitable[None]]":
        """Mark the driver's method that sets this property: `async def m(self, value: T)`."""
        return _mark(method, Serves(self.name, "write"))


class Call(Protocol[In_co]):
    """A running action as its driver sees it. Cancellation arrives as `CancelledError`."""

    @property
    def input(self) -> In_co:
        """What the caller asked for."""

    async def progress(self, fraction: float, message: str = "") -> None:
        """Tell how far the action is: `fraction` 0..1, `message` a message id."""


class Action(Member, Generic[In, Out]):
    """Something that the device does, taking a while, with progress, result and cancellation.

    Args:
        input: the model of what the caller says, None where there is nothing to say.
        output: the model of the result, None where there is none.
        limit: seconds after which it has failed.
    """

    def __init__(
        self,
        *,
        title: str,
        doc: str,
        input: type[In] | None = None,  # noqa: A002 - the word of the Web of Things
        output: type[Out] | None = None,
        optional: bool = False,
        role: Role = Role.TEACHER,
        limit: float = 60.0,
    ) -> None:
        super().__init__(title=title, doc=doc, optional=optional)
        self.input = input
        self.output = output
        self.role = role
        self.limit = limit

    def run(
        self, method: "Callable[[D, Call[In]], Awaitable[Out]]"
    ) -> "Callable[[D, Call[In]], Awaitable[Out]]":
        """Mark the driver's method that does it: `async def m(self, call) -> Out`."""
        return _mark(method, Serves(self.name, "run"))


class Event(Member, Generic[T]):
    """Something that happens at the device: a button pressed, filament run out."""

    def __init__(
        self,
        data: type[T] | None = None,
        *,
        title: str,
        doc: str,
        optional: bool = False,
        role: Role = Role.PUPIL,
    ) -> None:
        super().__init__(title=title, doc=doc, optional=optional)
        self.data = data
        self.role = role


class FrameStream(Member):
    """A stream of pictures, pulled one at a time: the newest wins, none is queued."""

    content = "frames"

    def __init__(
        self, *, title: str, doc: str, optional: bool = False, role: Role = Role.DISPLAY
    ) -> None:
        super().__init__(title=title, doc=doc, optional=optional)
        self.role = role

    def frames(
        self, method: "Callable[[D], AsyncIterator[Frame]]"
    ) -> "Callable[[D], AsyncIterator[Frame]]":
        """Mark the driver's async generator of frames; it runs only while somebody watches."""
        return _mark(method, Serves(self.name, "frames"))


class SampleStream(Member, Generic[T]):
    """A stream of small samples (pen positions, touches): every one counts, sent in batches."""

    content = "samples"

    def __init__(
        self,
        type_: type[T],
        *,
        title: str,
        doc: str,
        optional: bool = False,
        role: Role = Role.PUPIL,
    ) -> None:
        super().__init__(title=title, doc=doc, optional=optional)
        self.type = type_
        self.role = role


class NoInput(BaseModel):
    """The input of an action that takes none."""
