"""Tables of commands: their schema, and where they are.

A table is a file `configs/panels/<name>.toml`, or a school's own in `/etc/classhub/panels`; what a
message looks like is told by templates (see `template`). docs/panels.md explains each field.
"""

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from drivers.panel.command_table.checksums import Checksum
from drivers.panel.command_table.template import Check, Template, TemplateError, literal
from drivers.panel.values import Power, Source
from hub.device import N_, BadSettings

FOLDER: Final = Path(__file__).resolve().parents[3] / "configs" / "panels"
LOCAL: Final = Path("/etc/classhub/panels")
"""A school's own tables; they come first."""
MOST_BYTES: Final = 64 * 1024

FLAGS: Final[tuple[str, ...]] = ("mute", "blank", "freeze", "lock", "touch_lock")
NUMBERS: Final[tuple[str, ...]] = ("volume", "on_hours", "filter_hours", "temperature")
_SOURCE: Final = TypeAdapter(Source)
Text = Annotated[str, Field(min_length=1, max_length=300)]
Seconds = Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)]


class BadTable(BadSettings):
    """The table of commands is wrong, or there is none of this name."""

    code = "bad-panel-table"
    title = N_("The panel's table of commands is wrong.")
    hint = N_("Check it with `classhub panel check FILE`, or choose another table.")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Model):
    """How it is reached, and how much time it wants.

    Attributes:
        baudrate, parity, stop_bits: of the serial line. tcp_port: None where it has no network.
        gap: seconds between the end of an answer and the next command.
        patience: seconds within which it answers.
        warm_up, cool_down: seconds for which it may be silent after it was switched on or off.
        asleep: while it is off it answers "all" questions, those for "power" alone, or "none".
    """

    baudrate: int = Field(9600, ge=300, le=921600)
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    tcp_port: int | None = Field(None, ge=1, le=65535)
    gap: Seconds = 0.1
    patience: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 2.0
    warm_up: Seconds = 30.0
    cool_down: Seconds = 10.0
    asleep: Literal["all", "power", "none"] = "power"


class Frame(_Model):
    """What is common to all messages.

    Attributes:
        send, reply: around each command and answer, with `{body}` in it.
        end: the bytes that end an answer; empty where `{size}` is its first byte.
        check, check_from, check_text: the checksum, its first byte, whether it is written as text.
        nak: how it says that it will not.
    """

    send: Text = "{body}<0D>"
    reply: Text = "{body}<0D>"
    end: str = Field("<0D>", max_length=40)
    check: Checksum | None = None
    check_from: int = Field(0, ge=0, le=16)
    check_text: bool = False
    nak: tuple[Text, ...] = ()


class Identity(_Model):
    """The panel's number on a line with several: how it is written."""

    format: Literal["hex2", "dec2", "byte", "letter"] = "hex2"
    default: int = Field(1, ge=0, le=255)
    least: int = Field(1, ge=0, le=255)
    most: int = Field(99, ge=0, le=255)

    def written(self, number: int) -> bytes:
        """Return a number as it stands in messages: `letter` writes 1 as A."""
        match self.format:
            case "hex2":
                return b"%02X" % number
            case "dec2":
                return b"%02d" % number
            case "byte":
                return bytes([number])
        return bytes([64 + number])


class Command(_Model):
    """What a property is asked and set with; each without its frame.

    Attributes:
        ask: None where it cannot be asked for. told: the answer, with `{value}`.
        set: None where it cannot be set; with `{value}`. ack: the answer; `told` where None, and
            where that is None too, it answers nothing.
        values: of power, source and flags: what stands for `{value}`. More that it may tell are in
            `also`: they mean the property's value on the right.
        format: of numbers. low, high: the numbers for 0 and 100 of the volume.
        every: seconds from one question to the next.
        names: of inputs, for people.
    """

    ask: Text | None = None
    told: Text | None = None
    set: Text | None = None
    ack: Text | None = None
    values: Mapping[str, str] = {}
    also: Mapping[str, str] = {}
    names: Mapping[str, str] = {}
    format: Literal["hex2", "hex4", "dec3", "dec", "byte", "word"] | None = None
    low: int = 0
    high: int = 100

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.ask is None and self.set is None:
            raise ValueError("it can neither be asked for nor set")
        if self.ask is not None and self.told is None:
            raise ValueError("ask: `told` must say what it answers")
        if self.low == self.high:
            raise ValueError("low and high are the same")
        return self


class Example(_Model):
    """An exchange as the maker's document prints it: hexadecimal, or text where it is text.

    Attributes:
        property, value: what is meant. id: the panel's number.
        sent: what setting it (or, without a value, asking for it) must say.
        heard, means: an answer that the document prints, and the value that it tells.
    """

    property: str
    id: int = 1
    value: Any = None
    sent: Text
    heard: Text | None = None
    means: Any = None


class Table(_Model):
    """A table of commands.

    Attributes:
        schema_: of this format; 1. title: for people. maker, models: whose. document: the maker's,
            with its section. date: of the table. verified: tried on hardware. notes: for engineers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    schema_: Literal[1] = Field(alias="schema")
    title: Text
    maker: Text
    models: Text
    document: Text
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    verified: bool
    notes: str = Field("", max_length=2000)
    line: Line = Line()
    frame: Frame = Frame()
    identity: Identity = Identity()
    properties: Mapping[str, Command]
    examples: tuple[Example, ...] = Field(min_length=1, max_length=100)

    @cached_property
    def check(self) -> Check | None:
        """The checksum of messages."""
        frame = self.frame
        return (
            None if frame.check is None else Check(frame.check, frame.check_from, frame.check_text)
        )

    @cached_property
    def end(self) -> bytes | None:
        """What ends an answer."""
        return literal(self.frame.end) if self.frame.end else None

    def sent(self, body: str) -> Template:
        """Return the template of a command."""
        return Template(self.frame.send.replace("{body}", body), self.check)

    def heard(self, body: str) -> Template:
        """Return the template of an answer."""
        return Template(self.frame.reply.replace("{body}", body), self.check)

    @cached_property
    def naks(self) -> list[Template]:
        """How it says that it will not."""
        return [self.heard(body) for body in self.frame.nak]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if "power" not in self.properties:
            raise ValueError("properties: there is no power")
        for text in (self.frame.send, self.frame.reply):
            if text.count("{body}") != 1:
                raise ValueError(f"frame: {text!r} must have {{body}} once")
        for name, command in self.properties.items():
            try:
                _sensible(self, name, command)
            except (TemplateError, ValueError) as error:
                raise ValueError(f"properties.{name}: {error}") from None
        try:
            _ = self.end, self.naks
        except TemplateError as error:
            raise ValueError(f"frame: {error}") from None
        if not self.frame.end and not self.frame.reply.startswith("{size}"):
            raise ValueError("frame: without `end`, an answer must begin with {size}")
        return self


def _sensible(table: Table, name: str, command: Command) -> None:
    """Raise ValueError where a command cannot be."""
    if name == "source":
        _sensible_source(command)
    elif name in ("power", *FLAGS):
        _sensible_switch(command, {"on", "off"} if name != "power" else set(Power))
    elif name in NUMBERS:
        _sensible_number(name, command)
    else:
        raise ValueError("there is no such property of a panel in a table")
    for value in (*command.values.values(), *command.also):
        literal(value)
    for body, needs in ((command.ask, False), (command.set, True)):
        if body is not None and table.sent(body).has_value is not needs:
            raise ValueError(f"{body!r}: {{value}} belongs into `set` and not into `ask`")
    if command.told is not None and not table.heard(command.told).has_value:
        raise ValueError(f"told: {command.told!r} has no {{value}}")
    if command.ack is not None:
        table.heard(command.ack)


def _sensible_switch(command: Command, may: set[str]) -> None:
    if set(command.values) != {"on", "off"}:
        raise ValueError("values: on and off, and no more")
    if not set(command.also.values()) <= may:
        raise ValueError(f"also: means {', '.join(sorted(may))}")


def _sensible_source(command: Command) -> None:
    for source in (*command.values, *command.also.values()):
        _SOURCE.validate_python(source)
    if not command.values:
        raise ValueError("values: names no input")
    if not set(command.names) <= set(command.values):
        raise ValueError("names: of inputs that are not in values")


def _sensible_number(name: str, command: Command) -> None:
    if command.format is None:
        raise ValueError("format: how is the number written?")
    if command.set is not None and name != "volume":
        raise ValueError("set: only the volume can be set")


def read(path: Path) -> Table:
    """Return the table in a file.

    Raises:
        BadTable: it cannot be read, or is wrong; the text says where.
    """
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise BadTable(f"{path.name}: larger than {MOST_BYTES // 1024} KiB")
        return Table.model_validate(tomllib.loads(data.decode("utf-8")))
    except OSError as error:
        raise BadTable(f"{path.name}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadTable(f"{path.name}: {error}") from None
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(str(step) for step in one['loc']) or 'table'}: {one['msg']}"
            for one in error.errors(include_url=False, include_input=False)[:5]
        )
        raise BadTable(f"{path.name}: {said}") from None


def find(name: str) -> Table:
    """Return the table of a name: a school's own, else ours.

    Raises:
        BadTable: there is none, or it is wrong.
    """
    for folder in (LOCAL, FOLDER):
        path = folder / f"{name}.toml"
        if path.is_file():
            return read(path)
    raise BadTable(f"there is no table {name!r}; there are: {', '.join(names())}")


def names() -> list[str]:
    """Return the names of the tables that there are."""
    return sorted({path.stem for folder in (LOCAL, FOLDER) for path in folder.glob("*.toml")})
