"""What is said to a printer by hand: to home, move, heat, change filament, and lines as typed."""

from drivers.printer.gcode import word_of
from drivers.printer.marlin.job import cold
from drivers.printer.marlin.lines import LONGEST_COMMAND, REFUSED
from drivers.printer.values import FilamentChange, Gcode, Homing, Move, Targets
from hub.device import N_, BadSettings, DeviceError


class RefusedGcode(DeviceError):
    """A line that nobody may send by hand."""

    code = "refused-gcode"
    status = 422
    title = N_("This G-code is not sent by the hub.")
    hint = N_("Leave the line out; it would disturb the talk with the printer, or its firmware.")


def homing(want: Homing) -> list[bytes]:
    """Return the lines that home, and tell where the nozzle is then."""
    axes = b"".join(b" " + axis.upper().encode() for axis in "xyz" if getattr(want, axis))
    return [b"G28" + axes, b"M400", b"M114"]


def moving(want: Move) -> list[bytes]:
    """Return the lines that move from where the nozzle is; none where it is to stay."""
    words = b"".join(
        b" %b%.3f" % (axis, by)
        for axis, by in ((b"X", want.x), (b"Y", want.y), (b"Z", want.z))
        if by
    )
    if not words:
        return []
    line = b"G1%b F%.0f" % (words, want.speed * 60)
    return [b"G21", b"G91", line, b"G90", b"M400", b"M114"]


def heating(want: Targets, tools: int) -> list[bytes]:
    """Return the lines that say how warm to be; none where nothing was asked for."""
    lines = []
    if want.tool is not None:
        _check_tool(want.tool_number, tools)
        which = b" T%d" % want.tool_number if tools > 1 else b""
        lines.append(b"M104%b S%.0f" % (which, want.tool))
    if want.bed is not None:
        lines.append(b"M140 S%.0f" % want.bed)
    if want.chamber is not None:
        lines.append(b"M141 S%.0f" % want.chamber)
    return [*lines, b"M105"] if lines else []


def changing(want: FilamentChange, tools: int, *, forward: bool, stay_warm: bool) -> list[bytes]:
    """Return the lines that heat a nozzle and push filament in or out.

    The nozzle cools when it is done, unless it shall `stay_warm`, as in a pause.
    """
    _check_tool(want.tool, tools)
    lines = [b"T%d" % want.tool, b"M109 S%.0f" % want.temperature, b"G21", b"M83"]
    if forward:
        lines.append(b"G1 E%.1f F300" % want.length)
    else:
        # The first bit melts the tip, so that it comes out whole.
        lines += [b"G1 E5 F200", b"G1 E-%.1f F1200" % want.length]
    return [*lines, b"M400", b"M82", *([] if stay_warm else cold(tools))]


def typed(want: Gcode) -> list[bytes]:
    """Return the lines that an engineer typed.

    Raises:
        RefusedGcode: one is none, or nobody may send it.
    """
    lines = []
    for text in want.lines:
        line = text.strip().encode("ascii", "replace")
        if not line or b"\n" in line or b"\r" in line or len(line) > LONGEST_COMMAND:
            raise RefusedGcode(f"no line of G-code: {text[:80]!r}")
        if word_of(line) in REFUSED or line[:1] in b";N*":
            raise RefusedGcode(text[:80])
        lines.append(line)
    return lines


def _check_tool(number: int, tools: int) -> None:
    if number >= tools:
        raise BadSettings(f"there is no tool {number}")
