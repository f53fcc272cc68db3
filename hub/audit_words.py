"""What the audit log's actions are called, to be read after a name: "Aizhan made a token".

Those of the kernel; a plugin brings the words for its own (`Plugin.audited`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from hub.errors import N_

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "asset.delete": N_("deleted a picture or file"),
        "backup.make": N_("made a backup"),
        "backup.restore": N_("restored a backup"),
        "clock.jump": N_("saw the clock jump"),
        "device.adopt": N_("took a device into use"),
        "device.search": N_("searched for devices"),
        "device.change": N_("changed the set-up of a device"),
        "device.remove": N_("took a device out of use"),
        "faults.clear": N_("ended the faults made on purpose"),
        "faults.set": N_("made faults on purpose"),
        "hub.start": N_("was started"),
        "hub.stop": N_("was stopped"),
        "lesson.end": N_("ended a lesson"),
        "lesson.remove": N_("took somebody out of a lesson"),
        "lesson.seat": N_("changed who sits where"),
        "lesson.share": N_("changed whether a lesson's pictures are shared"),
        "lesson.start": N_("started a lesson"),
        "lesson.task": N_("sent a task sheet"),
        "lesson.task-withdrawn": N_("took a task sheet back"),
        "person.erase": N_("erased a name"),
        "person.role": N_("changed somebody's role"),
        "recording.delete": N_("deleted a device's recording"),
        "recording.start": N_("recorded a device"),
        "retention.sweep": N_("deleted what was old enough"),
        "session.open": N_("signed in"),
        "session.refuse": N_("was refused when signing in"),
        "support.bundle": N_("fetched a support bundle"),
        "token.create": N_("made a token"),
        "token.revoke": N_("revoked a token"),
    }
)
