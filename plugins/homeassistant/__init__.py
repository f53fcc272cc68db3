"""Home Assistant: devices of the room appear there by themselves, to be read."""

from plugins.homeassistant.plugin import HomeAssistantPlugin

__all__ = ["HomeAssistantPlugin"]
