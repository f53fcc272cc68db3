"""Microscopes: live view, captures with their scale, and what a class makes of them."""

from typing import Any

__all__ = ["MicroscopyPlugin"]


def __getattr__(name: str) -> Any:
    """Load the plugin when it is asked for: work functions in worker processes do without it."""
    if name != "MicroscopyPlugin":
        raise AttributeError(name)
    from plugins.microscopy.plugin import MicroscopyPlugin  # noqa: PLC0415 - see above

    return MicroscopyPlugin
