"""The compiled description of a kind, a driver and a device: plain data, the same for every face.

REST, WebSocket, MQTT, Thing Models, Thing Descriptions, generated pages and documentation are all
derived from it. The hub gets it from a child process and never imports a driver to know it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hub.device._device import Device, Isolation
from hub.device._discovery import Match
from hub.device._members import (
    MARK,
    Action,
    Event,
    FrameStream,
    Member,
    Property,
    SampleStream,
    Serves,
)
from hub.device._roles import Role

Schema = dict[str, Any]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True, populate_by_name=True)


class MemberDescription(_Model):
    """What every member has. `title` and `doc` are message ids."""

    name: str
    title: str
    doc: str
    optional: bool
    role: Role


class PropertyDescription(MemberDescription):
    """A property: the JSON Schema of its value (with minimum, maximum, enum), unit, rights."""

    value_schema: Schema = Field(alias="schema")
    unit: str | None
    writable: bool
    write_role: Role
    limit: float
    poll: float | None = None
    kept: bool = False


class ActionDescription(MemberDescription):
    """An action: JSON Schemas of input and output (None where there is none), time limit."""

    input: Schema | None
    output: Schema | None
    limit: float


class EventDescription(MemberDescription):
    """An event: the JSON Schema of its data (None where it says nothing more)."""

    data: Schema | None


class StreamDescription(MemberDescription):
    """A stream of frames or of samples (then with the JSON Schema of one sample)."""

    content: Literal["frames", "samples"]
    sample: Schema | None
    delay: float = 0.0
    """Seconds: a frame may show what was there that long before its time (see `Device.delay`)."""


class Members(_Model):
    """The members of a contract, a driver or a device, by name."""

    properties: dict[str, PropertyDescription]
    actions: dict[str, ActionDescription]
    events: dict[str, EventDescription]
    streams: dict[str, StreamDescription]


class KindDescription(Members):
    """A kind of device: its contract, whole."""

    kind: str
    title: str
    icon: str = "cpu"
    doc: str


class DriverDescription(_Model):
    """A driver: its contract, the members it serves, its settings, isolation, what it looks for."""

    name: str
    title: str
    doc: str
    isolation: Isolation
    settings: Schema
    discovery: tuple[Match, ...] = ()
    searching: float = 0.0
    kind: KindDescription
    members: Members


class DeviceDescription(Members):
    """One connected device: the driver's members, narrowed to what it really has."""

    kind: str
    revision: int


class ContractError(TypeError):
    """A contract or driver is written wrongly; says which class and what to change."""


def members_of(cls: type[Device]) -> Iterator[Member]:
    """Yield the members that a class has, its own and inherited, in order of declaration."""
    seen: set[str] = set()
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Member) and name not in seen:
                seen.add(name)
                yield value


def handlers_of(cls: type[Device]) -> dict[tuple[str, str], tuple[str, Serves]]:
    """Return which method serves which member: {(member, how): (method's name, the mark)}.

    `how` is `read`, `write`, `run` or `frames`.
    """
    found: dict[tuple[str, str], tuple[str, Serves]] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            notes: list[Serves] = getattr(value, MARK, [])
            for note in notes:
                found[note.member, note.how] = (name, note)
    return found


def _summary(cls: type) -> tuple[str, str]:
    lines = (cls.__doc__ or "").strip().split("\n", 1)
    rest = (
        "\n".join(line.strip() for line in lines[1].strip().splitlines()) if len(lines) > 1 else ""
    )
    return lines[0].rstrip("."), rest


def _schema(type_: Any) -> Schema:
    return TypeAdapter(type_).json_schema()


def property_schema(
    type_: Any,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Any = None,
) -> Schema:
    """Return the JSON Schema of a property's value."""
    schema = _schema(type_)
    if minimum is not None:
        schema["minimum"] = minimum
    if maximum is not None:
        schema["maximum"] = maximum
    if choices is not None:
        schema["enum"] = list(choices)
    return schema


def _describe_property(
    member: Property[Any], *, writable: bool, poll: float | None
) -> PropertyDescription:
    return PropertyDescription(
        name=member.name,
        title=member.title,
        doc=member.doc,
        optional=member.optional,
        role=member.role,
        value_schema=property_schema(
            member.type, minimum=member.minimum, maximum=member.maximum, choices=member.choices
        ),
        unit=member.unit,
        writable=writable,
        write_role=member.write_role,
        limit=member.limit,
        poll=poll,
        kept=member.kept,
    )


def _describe_action(member: Action[Any, Any]) -> ActionDescription:
    return ActionDescription(
        name=member.name,
        title=member.title,
        doc=member.doc,
        optional=member.optional,
        role=member.role,
        input=None if member.input is None else _schema(member.input),
        output=None if member.output is None else _schema(member.output),
        limit=member.limit,
    )


def _describe_event(member: Event[Any]) -> EventDescription:
    return EventDescription(
        name=member.name,
        title=member.title,
        doc=member.doc,
        optional=member.optional,
        role=member.role,
        data=None if member.data is None else _schema(member.data),
    )


def _describe_stream(member: FrameStream | SampleStream[Any]) -> StreamDescription:
    samples = isinstance(member, SampleStream)
    return StreamDescription(
        name=member.name,
        title=member.title,
        doc=member.doc,
        optional=member.optional,
        role=member.role,
        content="samples" if samples else "frames",
        sample=_schema(member.type) if isinstance(member, SampleStream) else None,
    )


def _collect(cls: type[Device], keep: Callable[[Member], bool], *, whole: bool) -> dict[str, Any]:
    handlers = handlers_of(cls)
    properties: dict[str, PropertyDescription] = {}
    actions: dict[str, ActionDescription] = {}
    events: dict[str, EventDescription] = {}
    streams: dict[str, StreamDescription] = {}
    for member in members_of(cls):
        if not keep(member):
            continue
        if isinstance(member, Property):
            read = handlers.get((member.name, "read"))
            properties[member.name] = _describe_property(
                member,
                writable=member.writable and (whole or (member.name, "write") in handlers),
                poll=None if whole or read is None else read[1].poll,
            )
        elif isinstance(member, Action):
            actions[member.name] = _describe_action(member)
        elif isinstance(member, Event):
            events[member.name] = _describe_event(member)
        elif isinstance(member, FrameStream | SampleStream):
            streams[member.name] = _describe_stream(member)
    return {"properties": properties, "actions": actions, "events": events, "streams": streams}


def contract_of(cls: type[Device]) -> type[Device]:
    """Return the contract that a driver implements: the nearest class that names a kind.

    Raises:
        ContractError: no class among the driver's bases names a kind.
    """
    for base in cls.__mro__:
        if (
            issubclass(base, Device)
            and "kind" in vars(base)
            and vars(base)["kind"]
            and base is not Device
        ):
            return base
    raise ContractError(
        f"{cls.__name__} implements no contract: inherit one, such as Microscope, or name a kind:"
        f" class {cls.__name__}(Device, kind='…')"
    )


def describe_kind(contract: type[Device]) -> KindDescription:
    """Compile a contract.

    Raises:
        ContractError: a property follows one that the contract lacks.
    """
    title, doc = _summary(contract)
    known = {member.name for member in members_of(contract)}
    for member in members_of(contract):
        if isinstance(member, Property) and not known.issuperset(member.follows):
            missing = ", ".join(sorted(set(member.follows) - known))
            raise ContractError(f"{contract.__name__}.{member.name} follows {missing}, not there")
    return KindDescription(
        kind=contract.kind,
        title=contract.kind_title or title,
        icon=contract.kind_icon,
        doc=doc or title,
        **_collect(contract, lambda _: True, whole=True),
    )


def describe_driver(name: str, cls: type[Device]) -> DriverDescription:
    """Compile a driver and check that it serves what its contract asks.

    Raises:
        ContractError: a member that is not optional is not served, or a mark serves no member.
    """
    contract = contract_of(cls)
    handlers = handlers_of(cls)
    known = {member.name: member for member in members_of(cls)}
    for (member, how), (method, _) in handlers.items():
        if member not in known:
            raise ContractError(
                f"{cls.__name__}.{method} serves {member}, which {contract.__name__} lacks"
            )
        if how == "write" and not getattr(known[member], "writable", False):
            raise ContractError(f"{cls.__name__}.{method} writes {member}, which is not writable")

    def served(member: Member) -> bool:
        if isinstance(member, Event | SampleStream):
            return True
        how = {Property: "read", Action: "run", FrameStream: "frames"}[type(member)]
        return (member.name, how) in handlers

    missing = [m.name for m in known.values() if not m.optional and not served(m)]
    if missing:
        raise ContractError(
            f"{cls.__name__} must serve {', '.join(missing)} of {contract.__name__}"
        )
    title, doc = _summary(cls)
    return DriverDescription(
        name=name,
        title=cls.title or title,
        doc=doc,
        isolation=cls.isolation,
        settings=cls.Settings.model_json_schema(),
        discovery=tuple(cls.discovery),
        searching=cls.searching,
        kind=describe_kind(contract),
        members=Members(**_collect(cls, served, whole=False)),
    )


def describe_device(driver: DriverDescription, device: Device, revision: int) -> DeviceDescription:
    """Return what one connected device has, after its `omit` and `narrow` calls."""
    properties = {}
    for name, described in driver.members.properties.items():
        if name in device.omitted:
            continue
        narrowing = dict(device.narrowings.get(name, {}))
        writable = bool(narrowing.pop("writable", described.writable))
        schema = dict(described.value_schema)
        if "choices" in narrowing:
            schema["enum"] = list(narrowing.pop("choices"))
        schema.update(narrowing)
        properties[name] = described.model_copy(
            update={"value_schema": schema, "writable": writable and described.writable}
        )

    def kept(members: dict[str, Any]) -> dict[str, Any]:
        return {name: m for name, m in members.items() if name not in device.omitted}

    return DeviceDescription(
        kind=driver.kind.kind,
        revision=revision,
        properties=properties,
        actions=kept(driver.members.actions),
        events=kept(driver.members.events),
        streams={
            name: stream.model_copy(update={"delay": device.delays.get(name, stream.delay)})
            for name, stream in kept(driver.members.streams).items()
        },
    )
