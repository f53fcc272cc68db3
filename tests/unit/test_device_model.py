"""Contracts and drivers: compiled into one description, their mistakes said clearly."""

from enum import StrEnum

import pytest
from pydantic import ValidationError

from hub.device import (
    Action,
    ContractError,
    Device,
    DeviceSettings,
    DriverDescription,
    FrameStream,
    Problem,
    Property,
    Role,
    Unreachable,
    WrongDevice,
    contract_of,
    describe_device,
    describe_driver,
    describe_kind,
)


class Speed(StrEnum):
    SLOW = "slow"
    FAST = "fast"


class Fan(Device, kind="fan", title="Fan"):
    """Fan.

    It blows.
    """

    speed: Property[Speed] = Property(Speed, title="Speed", doc="How fast.", writable=True)
    turns: Property[float] = Property(
        float, title="Turns", doc="In a minute.", unit="1/min", minimum=0, optional=True
    )
    stop: Action[None, None] = Action(title="Stop", doc="Stops.", optional=True, role=Role.PUPIL)
    view = FrameStream(title="View", doc="The fan.", optional=True)


class DeskFan(Fan):
    """Desk fan."""

    class Settings(DeviceSettings):
        """Where it is."""

        port: int

    @Fan.speed.read
    async def _read_speed(self) -> Speed:
        return Speed.SLOW

    @Fan.speed.write
    async def _write_speed(self, value: Speed) -> None: ...

    @Fan.turns.polled(2.0)
    async def _read_turns(self) -> float:
        return 1.0


class Link:
    """Counts what it is told."""

    changes = 0

    def narrowed(self) -> None:
        self.changes += 1


def fan():
    return DeskFan(DeskFan.Settings(port=1), Link(), id="f")


def test_a_kind_is_described_whole():
    kind = describe_kind(Fan)
    assert (kind.kind, kind.title, kind.doc) == ("fan", "Fan", "It blows.")
    assert list(kind.properties) == ["speed", "turns"]
    assert kind.properties["speed"].writable
    assert kind.actions["stop"].role is Role.PUPIL


def test_a_driver_is_described_by_what_it_serves():
    driver = describe_driver("desk", DeskFan)
    assert driver.title == "Desk fan"
    assert set(driver.members.properties) == {"speed", "turns"}
    assert driver.members.actions == {}
    assert driver.members.streams == {}
    assert driver.members.properties["turns"].poll == 2.0
    assert driver.settings["required"] == ["port"]
    assert driver.kind == describe_kind(Fan)


def test_a_description_survives_the_wire():
    driver = describe_driver("desk", DeskFan)
    assert DriverDescription.model_validate_json(driver.model_dump_json()) == driver


def test_a_device_narrows_and_omits_what_it_does_not_have():
    device = fan()
    device.omit(Fan.turns)
    device.narrow(Fan.speed, choices=[Speed.SLOW], writable=False)
    described = describe_device(describe_driver("desk", DeskFan), device, 2)
    assert set(described.properties) == {"speed"}
    assert described.properties["speed"].value_schema["enum"] == ["slow"]
    assert not described.properties["speed"].writable
    assert described.revision == 2
    assert device.link.changes == 2
    assert describe_kind(Fan).properties["speed"].writable, "the contract has not changed"


def test_what_a_contract_requires_cannot_be_left_out():
    with pytest.raises(ValueError, match="speed is not optional"):
        fan().omit(Fan.speed)
    with pytest.raises(ContractError, match="must serve speed"):
        describe_driver("x", type("Lazy", (Fan,), {"__doc__": "Lazy."}))


def test_marks_that_serve_nothing_of_the_contract_are_said():
    class Other(Device, kind="other"):
        """Other."""

        colour: Property[str] = Property(str, title="Colour", doc="Its colour.")

    class Mixed(DeskFan):
        """Mixed."""

        @Other.colour.read
        async def _read_colour(self) -> str:
            return "red"

    with pytest.raises(ContractError, match=r"Mixed\._read_colour serves colour, which Fan lacks"):
        describe_driver("x", Mixed)

    class Writes(DeskFan):
        """Writes."""

        @Fan.turns.write
        async def _write_turns(self, value: float) -> None: ...

    with pytest.raises(ContractError, match="not writable"):
        describe_driver("x", Writes)


def test_a_driver_without_a_contract_is_told_what_to_do():
    class Lonely(Device):
        """Lonely."""

    with pytest.raises(ContractError, match="inherit one"):
        contract_of(Lonely)


def test_settings_that_do_not_exist_are_refused():
    with pytest.raises(ValidationError):
        DeskFan.Settings.model_validate({"port": 1, "prot": 2})


def test_an_error_says_what_happened_and_what_to_do():
    for cls in (Unreachable, WrongDevice):
        problem = Problem.of(cls("port 3"))
        assert problem.code == cls.code
        assert problem.title.endswith(".")
        assert problem.hint.endswith(".")
        assert problem.detail == "port 3"


def test_roles_include_those_before_them():
    assert Role.TEACHER.includes(Role.PUPIL)
    assert not Role.PUPIL.includes(Role.TEACHER)
    assert Role.DISPLAY.includes(Role.DISPLAY)
