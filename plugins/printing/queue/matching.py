"""Which printer can print a job. Pure: it says why not, by a code that people get words for."""

from collections.abc import Sequence
from typing import Any, Literal

from plugins.printing.queue.values import PrinterNow

WhyNot = Literal[
    "other-printer",
    "other-profile",
    "too-big",
    "other-nozzle",
    "other-material",
    "other-policy",
]

_SLACK = 0.05
"""Millimetres of nozzle diameter that count as the same."""


def fitting(
    facts: dict[str, Any] | None, wanted: str | None, printers: Sequence[PrinterNow]
) -> list[PrinterNow]:
    """Return the printers that a job is for; arguments as `why_not`.

    Those whose policy is that by which it was judged, as long as there is one. Else it is judged
    anew before it is printed.
    """
    reasons = [(one, why_not(facts, wanted, one)) for one in printers]
    found = [one for one, reason in reasons if reason is None]
    return found or [one for one, reason in reasons if reason == "other-policy"]


def why_not(facts: dict[str, Any] | None, wanted: str | None, printer: PrinterNow) -> WhyNot | None:
    """Return why a job is not for a printer, None where it is.

    Args:
        facts: what its G-code needs (`nozzle`, `material`, `size` x, y, z mm, `profile`,
            `printer`), and by which `policy` it was judged; what is left out does not matter, nor
            what a printer does not say.
        wanted: the printer that somebody has chosen.
        printer: as it is now.
    """
    needed = facts or {}
    if (wanted or needed.get("printer")) not in (None, printer.id):
        return "other-printer"
    profile = needed.get("profile")
    if profile and printer.setup.profile not in ("", profile):
        return "other-profile"  # it begins as another printer must
    size = needed.get("size")
    if size and printer.volume is not None:
        volume = (printer.volume.x, printer.volume.y, printer.volume.z)
        if any(side > most + _SLACK for side, most in zip(size, volume, strict=True)):
            return "too-big"
    nozzle = needed.get("nozzle")
    if nozzle and printer.nozzle and abs(nozzle - printer.nozzle) > _SLACK:
        return "other-nozzle"
    material = needed.get("material")
    loaded = {one.casefold() for one in printer.materials or ()}
    if material and loaded and material.casefold() not in loaded:
        return "other-material"
    judged = str(needed.get("policy") or "").partition("@")[0]
    if judged and wanted is None and judged != printer.policy:
        return "other-policy"  # it would leave out other lines than were shown
    return None
