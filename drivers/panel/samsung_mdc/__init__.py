"""Driver for Samsung displays that speak MDC (Multiple Display Control)."""

from drivers.panel.samsung_mdc.driver import SamsungPanel

__all__ = ["SamsungPanel"]
