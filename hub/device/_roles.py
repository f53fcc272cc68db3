"""The roles of people and programs, in the order of what they may do."""

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is to the hub. Each role may do all that the roles before it may do."""

    DISPLAY = "display"
    PUPIL = "pupil"
    TEACHER = "teacher"
    ENGINEER = "engineer"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Tell whether this role may do what `other` may do."""
        return _RANK[self] >= _RANK[other]


_RANK = {role: rank for rank, role in enumerate(Role)}
