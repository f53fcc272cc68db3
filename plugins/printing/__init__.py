"""3D printing: from a pupil's model to a finished part."""

from typing import Any

__all__ = ["PrintingPlugin"]


def __getattr__(name: str) -> Any:
    """Load the plugin when it is asked for: work functions in worker processes do without it."""
    if name != "PrintingPlugin":
        raise AttributeError(name)
    from plugins.printing.plugin import PrintingPlugin  # noqa: PLC0415 - see above

    return PrintingPlugin
