"""The class's screens: how a lesson starts and ends on them, and when they go off by themselves."""

from plugins.panel.plugin import PanelPlugin

__all__ = ["PanelPlugin"]
