"""Driver for microscopes and cameras on USB that are standard cameras (USB Video Class)."""

from drivers.microscope.v4l2.driver import UsbMicroscope

__all__ = ["UsbMicroscope"]
