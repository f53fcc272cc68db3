"""3D printers on a serial line whose firmware speaks as Marlin does."""

from drivers.printer.marlin.driver import MarlinPrinter

__all__ = ["MarlinPrinter"]
