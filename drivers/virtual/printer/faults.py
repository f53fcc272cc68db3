"""How the virtual printer misbehaves on command.

Counted faults spoil that many of the next lines, timed ones last that many seconds; the others
happen once. `at` has them wait until that many lines were executed.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class Faults(BaseModel):
    """What goes wrong, all at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Count = 0
    """Not before so many commands were executed since the printer was switched on."""
    checksum: Count = 0
    """Lines that arrive spoilt: `checksum mismatch`, `Resend`."""
    resends: Count = 0
    """Lines that arrive well and are asked for again, twice each."""
    earlier: Count = 0
    """`Resend` of the line before, which was executed already."""
    lost_ok: Count = 0
    """Lines whose `ok` is lost."""
    doubled_ok: Count = 0
    """Lines whose `ok` comes twice."""
    spoilt_ok: Count = 0
    """Lines whose `ok` arrives as something else."""
    garbage: Count = 0
    """Lines of noise before the next answers."""
    flood: Annotated[int, Field(ge=0, le=50_000_000)] = 0
    """Bytes of one line that never ends."""
    silence: Seconds = 0.0
    """The firmware hangs: it reads nothing, does nothing, says nothing."""
    mute: Seconds = 0.0
    """It works, but what it says is lost."""
    slow: Seconds = 0.0
    """The next command takes so long (of the host's time), and no `busy` is said meanwhile."""
    reset: bool = False
    """It starts anew, as after a dip of its voltage."""
    halt: bool = False
    """It stops itself: `Error:Printer halted. kill() called!`."""
    runaway: bool = False
    """The nozzle's heater comes off."""
    runout: bool = False
    """The filament ends."""
    unplug: Seconds = 0.0
    """Its cable is out for so long."""
