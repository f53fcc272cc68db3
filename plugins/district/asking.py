"""What the district can ask for, how far that is, and what came of it, in words.

Both ends have them: the school's page and the district's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.errors import N_
from hub.i18n import Translator


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be asked for.

    Attributes:
        title: what it is (message id).
        plain: what would happen (message id).
        device: whether it is done with a device.
    """

    title: str
    plain: str
    device: bool = False


COMMANDS: Mapping[str, Command] = {
    "check": Command(
        N_("Check all devices"),
        N_("Each device is tried, as before a lesson; nobody is disturbed. It takes a minute."),
    ),
    "restart-device": Command(
        N_("Begin a device anew"),
        N_("Its driver is ended and started again. It is away for some seconds."),
        device=True,
    ),
    "support-bundle": Command(
        N_("Make a support bundle"),
        N_("Logs and settings without secrets and names, in one file. It stays here: you send it."),
    ),
}
STATES: Mapping[str, str] = {
    "waiting": N_("waits for the school"),
    "doing": N_("is being done"),
    "done": N_("done"),
    "failed": N_("not done"),
    "refused": N_("not taken"),
    "declined": N_("declined"),
    "expired": N_("nobody agreed in time"),
    "unknown": N_("begun; the hub was ended meanwhile, nobody knows whether it was done"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What came of something, or what is wrong with it.

    Attributes:
        message: the message id. params: what fills it.
    """

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def within(self, say: Translator, language: str) -> str:
        """Return it in a language."""
        return say.say(self.message, language, self.params)
