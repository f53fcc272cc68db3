"""Loading a driver from its entry point: only ever in a child process."""

import importlib
from typing import Any

from hub.device import Device


def load_object(entry: str) -> Any:
    """Import what an entry point value names: `module:attribute`."""
    module, _, attribute = entry.partition(":")
    found: Any = importlib.import_module(module)
    for name in attribute.split("."):
        found = getattr(found, name)
    return found


def load(entry: str) -> type[Device]:
    """Import a driver's class (TypeError where it is none)."""
    found = load_object(entry)
    if not (isinstance(found, type) and issubclass(found, Device)):
        raise TypeError(f"{entry} is no driver: it must be a class that inherits a contract")
    return found
