"""Which installed package a plugin or a driver comes from."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package; both names are empty where nothing is known of it."""

    name: str
    version: str


def package_of(point: EntryPoint) -> Package:
    """Return the package that an entry point belongs to."""
    return _NONE if point.dist is None else _read(point.dist)


_NONE = Package("", "")


# One call of `entry_points` gives all points of a package the same object; its text is as long as
# the README and would be parsed for each point.
@lru_cache(64)
def _read(distribution: Distribution) -> Package:
    return Package(distribution.name, distribution.version)
