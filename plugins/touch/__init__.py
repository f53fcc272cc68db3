"""Touch: zones and gestures of touch tables, TUIO to other programs, activities of groups."""

from plugins.touch.plugin import TouchPlugin

__all__ = ["TouchPlugin"]
