"""What one device has, and who may do what with it."""

from typing import Any, Literal, get_args

from hub.device import DeviceDescription, DriverDescription
from hub.errors import NotFound
from hub.rights import Access
from hub.wire import WireError

Op = Literal["read", "write", "invoke", "observe"]
Group = Literal["properties", "actions", "events", "streams"]


class DeviceMembers:
    """The members of one device.

    Attributes:
        driver: its driver's description, None while it is not known.
        description: what it has, once it was connected.
    """

    def __init__(self, device: str) -> None:
        self.driver: DriverDescription | None = None
        self.description: DeviceDescription | None = None
        self._device = device
        self._revision = 0
        self._audiences: dict[tuple[Group, str], Access] = {}

    @property
    def described(self) -> DeviceDescription | None:
        """What it has; before it was connected, what its driver says of all its devices."""
        if self.description is not None or self.driver is None:
            return self.description
        members = dict(self.driver.members)
        return DeviceDescription(kind=self.driver.kind.kind, revision=0, **members)

    def learn(self, data: Any) -> bool:
        """Take the description that its driver tells; returns whether it is another than before.

        Raises:
            ValueError: it is none.
        """
        description = DeviceDescription.model_validate(data)
        known = self.description
        if (
            known is not None
            and description.model_copy(update={"revision": known.revision}) == known
        ):
            return False
        self._revision += 1
        self._audiences.clear()
        self.description = description.model_copy(update={"revision": self._revision})
        return True

    def access(self, op: Op, member: str) -> Access:
        """Return who may do `op` with a member; NotFound where it has no such member."""
        found = _access(self.described, op, member)
        if found is None:
            raise NotFound(f"{self._device} has no {member} to {op}")
        return found

    def group_of(self, member: str) -> Group:
        """Return which of its groups has a member; NotFound where none has."""
        described = self.described
        for group in get_args(Group):
            if described is not None and member in getattr(described, group):
                found: Group = group
                return found
        raise NotFound(f"{self._device} has no {member}")

    def limit(self, name: str) -> float:
        """Return how many seconds a property may take; NotFound where it has no such property."""
        described = self.described
        if described is None or name not in described.properties:
            raise NotFound(f"{self._device} has no {name}")
        return described.properties[name].limit

    def audience(self, group: Group, name: Any) -> Access:
        """Return who hears of what its driver tells of a member; WireError where it has none."""
        # Pens speak two hundred times a second.
        if self.description is not None and (known := self._audiences.get((group, name))):
            return known
        described = self.described
        if described is None or name not in getattr(described, group):
            raise WireError(f"none of its {group} is {str(name)[:100]}")
        found = self.access("observe", name)
        if self.description is not None:
            self._audiences[group, name] = found
        return found


def _access(described: DeviceDescription | None, op: Op, member: str) -> Access | None:
    if described is None:
        return None
    if op in ("read", "write", "observe") and member in described.properties:
        found = described.properties[member]
        return Access(role=found.write_role if op == "write" else found.role)
    if op == "invoke" and member in described.actions:
        return Access(role=described.actions[member].role)
    if op == "observe" and member in described.events:
        return Access(role=described.events[member].role)
    if op == "observe" and member in described.streams:
        return Access(role=described.streams[member].role)
    return None
