"""Why a line is refused or left out, in words for whoever handed the file in."""

from dataclasses import dataclass

from hub.errors import N_


@dataclass(frozen=True, slots=True)
class Words:
    """What is wrong, and what to do now (message ids)."""

    title: str
    hint: str


_AGAIN = N_("Slice the model again for this printer.")
_LEFT_OUT = N_("It is left out; the rest is printed.")
_CLEAN = N_("Remove this line from your slicer's start or end code, and slice again.")

REASONS: dict[str, Words] = {
    # Refused.
    "empty": Words(N_("There is nothing to print in this file."), _AGAIN),
    "no-extrusion": Words(N_("This file pushes no plastic: it would print nothing."), _AGAIN),
    "not-text": Words(
        N_("This file is damaged, or it is no G-code: there are strange signs in it."), _AGAIN
    ),
    "not-gcode": Words(N_("There is something in this file that is no G-code."), _AGAIN),
    "packed": Words(
        N_("This G-code is packed. The hub takes plain G-code."),
        N_("Switch off binary or packed G-code in your slicer, and slice again."),
    ),
    "long-line": Words(N_("A line of this file is longer than printers can read."), _AGAIN),
    "placeholder": Words(
        N_("A place was left in this file that the slicer should have filled in."),
        N_("Tell your teacher: the start code of the slicer's profile has a mistake."),
    ),
    "other-printer": Words(N_("This file was made for another printer."), _AGAIN),
    "another-tool": Words(
        N_("This file uses more nozzles than the printer has."),
        N_("Slice the model again with one material."),
    ),
    "firmware": Words(N_("This file would replace the printer's own program."), _CLEAN),
    "card-writing": Words(N_("This file would write to the printer's memory card."), _CLEAN),
    "emergency": Words(N_("This file would stop the printer as in an emergency."), _CLEAN),
    "connection": Words(N_("This file would change how the printer is connected."), _CLEAN),
    "pins": Words(N_("This file would switch parts of the printer by hand."), _CLEAN),
    "password": Words(N_("This file would set or ask for the printer's password."), _CLEAN),
    "units": Words(
        N_("This file counts in other units than millimetres and degrees Celsius."),
        N_("Set your slicer to these units, and slice again."),
    ),
    "too-hot": Words(
        N_("This file heats more than the printer may."),
        N_("Choose the right material in your slicer, and slice again."),
    ),
    "outside": Words(
        N_("This file moves to where the printer cannot reach."),
        N_("Choose this printer in your slicer, put the model onto its plate, and slice again."),
    ),
    "never-heated": Words(N_("This file pushes plastic before it heats the nozzle."), _AGAIN),
    "never-homed": Words(
        N_("This file prints before the printer knows where its nozzle is."), _AGAIN
    ),
    # Left out.
    "card": Words(N_("It would use the printer's memory card."), _LEFT_OUT),
    "stored-settings": Words(N_("It would change what the printer remembers."), _LEFT_OUT),
    "calibration": Words(N_("It would change how the printer is calibrated."), _LEFT_OUT),
    "motors": Words(N_("It would change the printer's motors."), _LEFT_OUT),
    "protection": Words(N_("It would switch a protection of the printer off."), _LEFT_OUT),
    "talk": Words(N_("The hub itself says this to the printer when it is time."), _LEFT_OUT),
    "power": Words(N_("It would switch the printer off or on."), _LEFT_OUT),
    "host": Words(N_("It is meant for another program, not for the printer."), _LEFT_OUT),
    "unknown": Words(N_("The hub does not know what this does."), _LEFT_OUT),
}
"""By the codes that policies name. What cannot be printed at all comes first."""
