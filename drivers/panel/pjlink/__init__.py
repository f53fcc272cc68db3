"""Driver for projectors and panels that speak PJLink, class 1 and 2."""

from drivers.panel.pjlink.driver import PjlinkPanel

__all__ = ["PjlinkPanel"]
