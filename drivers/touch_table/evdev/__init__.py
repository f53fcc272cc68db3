"""Driver for touch tables and touch screens that the kernel knows (linux/input.h)."""

from drivers.touch_table.evdev.driver import KernelTouchTable

__all__ = ["KernelTouchTable"]
