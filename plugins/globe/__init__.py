"""The smart globe: what a pen touches is shown and told of, in the pupil's language."""

from plugins.globe.plugin import GlobePlugin

__all__ = ["GlobePlugin"]
