"""What people do with printing, as the audit log says it after a name."""

from collections.abc import Mapping
from types import MappingProxyType

from hub.plugin import N_
from plugins.printing.jobs.states import Step

_STEPS: Mapping[Step, str] = {
    Step.EDIT: N_("changed the settings of a print job"),
    Step.FILE: N_("sent another file for a print job"),
    Step.REPAIR: N_("had a model mended"),
    Step.CHANGE: N_("scaled or turned a model"),
    Step.APPROVE: N_("approved a print job"),
    Step.SEND_BACK: N_("sent a print job back"),
    Step.CANCEL: N_("cancelled a print job"),
    Step.PAUSE: N_("paused a print"),
    Step.RESUME: N_("let a print go on"),
    Step.MOVE: N_("changed the order of the print queue"),
    Step.REPRINT: N_("had something printed once more"),
    Step.DELETE: N_("deleted a print job"),
}
AUDITED: Mapping[str, str] = MappingProxyType(
    {
        **{f"printing.{step}": words for step, words in _STEPS.items()},
        "printing.brought-back": N_("took approvals back after a backup was brought back"),
        "printing.heaters-off": N_("switched heaters off that nobody used"),
        "printing.plate-cleared": N_("said that a printer's plate is clear"),
        "printing.printer-set-up": N_("changed what is said of a printer"),
        "printing.quota": N_("changed the limits of a class"),
        "printing.spool-add": N_("added a spool"),
        "printing.spool-delete": N_("deleted a spool"),
        "printing.spool-edit": N_("changed a spool"),
        "printing.upload": N_("handed in a print job"),
    }
)
