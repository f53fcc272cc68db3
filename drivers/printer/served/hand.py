"""What is said to a printer by hand, as lines of G-code for its print server."""

from drivers.printer.values import Homing, Move, Targets
from hub.device import OutOfRange


def homing(want: Homing) -> list[str]:
    """Return the lines that home."""
    axes = [axis.upper() for axis in "xyz" if getattr(want, axis)]
    return [" ".join(["G28", *axes])]


def moving(want: Move) -> list[str]:
    """Return the lines that move from where the nozzle is; none where it is to stay."""
    ways = (("X", want.x), ("Y", want.y), ("Z", want.z))
    words = [f"{axis}{by:.3f}" for axis, by in ways if by]
    if not words:
        return []
    return ["G91", " ".join(["G1", *words, f"F{want.speed * 60:.0f}"]), "G90"]


def heating(want: Targets, tools: int) -> list[str]:
    """Return the lines that say how warm to be; none where nothing was asked for."""
    lines = []
    if want.tool is not None:
        if want.tool_number >= tools:
            raise OutOfRange(f"there is no tool {want.tool_number}")
        which = f" T{want.tool_number}" if tools > 1 else ""
        lines.append(f"M104{which} S{want.tool:.0f}")
    if want.bed is not None:
        lines.append(f"M140 S{want.bed:.0f}")
    if want.chamber is not None:
        lines.append(f"M141 S{want.chamber:.0f}")
    return lines


def cooling(tools: int, *, bed: bool = True) -> list[str]:
    """Return the lines that switch all heaters off."""
    off = [f"M104 T{tool} S0" for tool in range(tools)] if tools > 1 else ["M104 S0"]
    return [*off, *(["M140 S0"] if bed else [])]
