"""Who may do what with the members of a device, from its description."""

from typing import Literal, get_args

from hub.device import DeviceDescription
from hub.rights import Access

Op = Literal["read", "write", "invoke", "observe"]
Group = Literal["properties", "actions", "events", "streams"]


def access_in(described: DeviceDescription | None, op: Op, member: str) -> Access | None:
    """Return who may do `op` with a member, None where there is no such member."""
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


def group_in(described: DeviceDescription | None, member: str) -> Group | None:
    """Return which group has a member, None where none has; names are unique in a device."""
    for group in get_args(Group):
        if described is not None and member in getattr(described, group):
            found: Group = group
            return found
    return None
