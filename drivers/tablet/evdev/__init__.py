"""Driver for graphics tablets that the kernel knows (linux/input.h)."""

from drivers.tablet.evdev.driver import KernelTablet

__all__ = ["KernelTablet"]
