"""The plugin's settings: the table `[plugins.tablets]`."""

from pydantic import BaseModel, ConfigDict


class TabletsSettings(BaseModel):
    """What an engineer may set.

    Attributes:
        virtual_pen: whether this computer gets a pen that does what the room's pens do. It needs
            `/dev/uinput`, which the hub may not open unless an engineer allows it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    virtual_pen: bool = False
