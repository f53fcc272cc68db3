"""Settings of discovery."""

from pydantic import BaseModel, ConfigDict, Field


class DiscoverySettings(BaseModel):
    """Where to look for devices."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    usb: bool = Field(default=True, description="Watch what is plugged in.")
    network: bool = Field(
        default=True, description="Watch the network for devices that drivers look for."
    )
