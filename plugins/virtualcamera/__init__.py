"""A microscope's picture as a camera of this computer, for video calls in the browser."""

from plugins.virtualcamera.plugin import VirtualCameraPlugin

__all__ = ["VirtualCameraPlugin"]
