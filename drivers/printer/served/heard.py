"""What a print server says at one moment, whatever it is called there."""

from dataclasses import dataclass, field

from drivers.printer.values import Position, PrinterState, Temperatures


@dataclass(frozen=True, slots=True)
class Running:
    """The print that goes on, perhaps paused.

    Attributes:
        file: the server's name for the file that is printed.
        paused: whether it is.
        fraction: 0 to 1.
        byte: how far into the file, None where the server does not say.
        printed: seconds, without pauses.
        filament: millimetres pushed, None where the server does not say.
        height: millimetres above the plate, None likewise.
    """

    file: str
    paused: bool = False
    fraction: float = 0.0
    byte: int | None = None
    printed: float = 0.0
    filament: float | None = None
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """How printer and print are.

    Attributes:
        state: of the printer.
        temperatures: of its heaters.
        running: the print that goes on, None where none does.
        position: of the nozzle, None where the server does not say.
        gone: the server has lost its printer, and cannot say more.
        trouble: what the server says about that, or about why it halted; untrusted text.
    """

    state: PrinterState
    temperatures: Temperatures = field(default_factory=Temperatures)
    running: Running | None = None
    position: Position | None = None
    gone: bool = False
    trouble: str = ""
