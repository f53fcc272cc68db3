"""The plugin as the hub loads it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub import __version__
from hub.plugin import N_, DeviceHandle, HubError, Message, Plugin, PluginHub
from plugins.homeassistant.discovery import Place, Property, discovery

log = logging.getLogger("classhub.plugins.homeassistant")
HERE = Path(__file__).parent
Member = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}/[a-z0-9_-]{1,64}$")]


class HomeAssistantSettings(BaseModel):
    """`[plugins.homeassistant]`.

    Attributes:
        discovery: whether devices are announced.
        language: of their properties' names.
        may_set: what Home Assistant may set, `device/property`; nothing unless it is named.
        user: the id of its token, where it may set something.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    discovery: bool = False
    language: Literal["kk", "ru", "en"] = "kk"
    may_set: tuple[Member, ...] = Field((), max_length=200)
    user: str = Field("", pattern=r"^[a-z0-9-]{0,63}$")

    @model_validator(mode="after")
    def _whole(self) -> "HomeAssistantSettings":
        if self.may_set and not self.user:
            raise ValueError("with may_set, user must be set: the id of Home Assistant's token")
        return self


class HomeAssistantPlugin(Plugin):
    """Announces devices to Home Assistant by MQTT; off unless it is switched on.

    Publishes `x/homeassistant/device/<device>/config` (retained).
    """

    id = "homeassistant"
    title = N_("Home Assistant")
    locale = HERE / "locale"

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._settings = HomeAssistantSettings.model_validate(dict(hub.settings))
        self._leave: Callable[[], None] | None = None

    async def start(self) -> None:
        """Follow the devices, where it is switched on."""
        if self._settings.discovery:
            self._leave = self.hub.bus.subscribe("+/td", self._hear)

    async def stop(self) -> None:
        """Leave off; what was announced stays, as the devices do."""
        if self._leave is not None:
            self._leave()

    def _hear(self, message: Message) -> None:
        id_ = message.topic.split("/", 1)[0]
        if message.payload is None:
            self.hub.bus.clear(f"x/{self.id}/device/{id_}")
            return
        try:
            device = self.hub.devices.get(id_)
        except HubError:
            return
        self.hub.publish(f"device/{id_}/config", self._config(device), retained=True)

    def _config(self, device: DeviceHandle) -> object:
        settings, say = self._settings, self.hub.say
        place = Place(self.hub.topics, __version__, settings.user)
        described = {} if device.description is None else device.description.properties
        properties = [
            Property(
                name,
                say.say(one.title, settings.language, {}),
                one.value_schema,
                one.unit,
                one.writable,
            )
            for name, one in described.items()
        ]
        mine = f"{device.id}/"
        allowed = frozenset(
            one.removeprefix(mine) for one in settings.may_set if one.startswith(mine)
        )
        kind = say.say(device.kind_title, settings.language, {})
        return discovery(place, device.id, device.name or kind, kind, properties, allowed)
