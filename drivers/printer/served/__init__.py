"""Printers behind a print server: it holds the file and prints it, the hub follows by the network.

What every such driver does alike is here: `ServedPrinter`. A driver of one says how its server is
asked (`drivers.printer.octoprint`, `moonraker`, `prusalink`).
"""

from drivers.printer.served.driver import ServedPrinter
from drivers.printer.served.heard import Heard, Running
from drivers.printer.served.problems import (
    DamagedUpload,
    NotStarted,
    NotWhilePrinting,
    PrinterBusy,
    PrinterGone,
    PrintsOn,
)

__all__ = [
    "DamagedUpload",
    "Heard",
    "NotStarted",
    "NotWhilePrinting",
    "PrinterBusy",
    "PrinterGone",
    "PrintsOn",
    "Running",
    "ServedPrinter",
]
