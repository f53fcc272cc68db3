"""What an alert says, in a language."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hub.i18n import number
from hub.plugin import N_, Translator
from plugins.health.alerts.book import Alert, What

MOST_NAMES = 6
MOST_NAME = 60
AUDITED: Mapping[str, str] = MappingProxyType(
    {
        "health.acknowledge": N_("took up an alert"),
        "health.give-back": N_("no longer looks after an alert"),
        "health.known": N_("said that a fault is known and waits for a part"),
        "health.rule.add": N_("made a rule of alerts"),
        "health.rule.change": N_("changed a rule of alerts"),
        "health.rule.remove": N_("deleted a rule of alerts"),
        "health.rule.reset": N_("made a rule of alerts as it was shipped"),
        "health.quiet.change": N_("changed the quiet hours of alerts"),
        "health.destination.add": N_("added somebody who is told of alerts"),
        "health.destination.change": N_("changed who is told of alerts"),
        "health.destination.remove": N_("took away somebody who was told of alerts"),
    }
)
NAMES = {"computer": N_("The hub's computer")}
_HAPPENED: dict[str, str] = {
    "cleared": N_("Over: {title}"),
    "escalated": N_("Nobody has taken this up: {title}"),
    "fired": "{title}",
}

NameOf = Callable[[str], str]
"""What people call a device."""


def whole(alert: Alert, name_of: NameOf, say: Translator, language: str) -> str:
    """Return what is wrong with what: "Microscope: It does not answer."."""
    title = say.say(alert.title, language, shown(alert.params, language))
    about = whom(alert, name_of, say, language)
    return f"{about}: {title}" if about else title


def whom(alert: Alert, name_of: NameOf, say: Translator, language: str) -> str:
    """Return the names of what it is about; empty where that is the hub itself."""
    if alert.grouped:
        return ""
    names = [_cut(given(name_of(one), say, language)) for one in alert.devices]
    if not names:
        names = [
            say.say(NAMES[one.subject], language)
            for one in alert.members.values()
            if one.subject in NAMES
        ][:1]
    return _joined(names, say, language)


def message(
    alert: Alert, what: What, place: str, name_of: NameOf, say: Translator, language: str
) -> tuple[str, str]:
    """Return the title and the text of a message about it."""
    said = whole(alert, name_of, say, language)
    title = say.say(_HAPPENED.get(what, "{title}"), language, {"title": said})
    lines = []
    if what != "cleared":
        hint = say.say(alert.hint, language, shown(alert.params, language))
        lines.append(say.say(N_("What to do now: {hint}"), language, {"hint": hint}))
        if alert.grouped:
            names = [_cut(given(name_of(one), say, language)) for one in alert.devices]
            lines.append(_joined(names, say, language))
        if alert.flapping:
            lines.append(say.say(N_("It comes and goes."), language))
    lines.append(place)
    return title, "\n".join(line for line in lines if line)


def hint_of(alert: Alert, say: Translator, language: str) -> str:
    """Return what to do now."""
    return say.say(alert.hint, language, shown(alert.params, language))


def given(name: str, say: Translator, language: str) -> str:
    """Return a device's name; that of a virtual one in the language."""
    known, space, number = name.rpartition(" ")
    if space and number.isdigit():
        return f"{say.say(known, language)} {number}"
    return say.say(name, language)


def shown(params: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return what fills an alert's words; measured values as the language writes them."""
    said = {name: _cut(str(value), 200) for name, value in params.items()}
    if "value" in said:
        said["value"] = _values(said["value"], language)
    return said


def _values(text: str, language: str) -> str:
    """Return measured values, "3.5, 4", as a language writes them: "3,5; 4"."""
    try:
        values = [number(float(one), language) for one in text.split(", ")]
    except ValueError:
        return text
    return ("; " if any("," in one for one in values) else ", ").join(values)


def _joined(names: list[str], say: Translator, language: str) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        more = {"names": shown, "n": len(names) - MOST_NAMES}
        return say.say(N_("{names} and {n} more"), language, more)
    return shown


def _cut(text: str, most: int = MOST_NAME) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


SHIPPED = (
    N_("Its connection is lost again and again."),
    N_("Try another cable and another socket, then another power supply."),
    N_("Its driver had to be started again several times."),
    N_(
        "Plug the device in anew. If it stays so, send the support bundle to whoever looks after "
        "the hub."
    ),
    N_("It answers slowly."),
    N_("Look whether the network or its cable is overloaded, and switch it off and on again."),
    N_("The disk of the hub's computer is filling up."),
    N_(
        "Delete what is no longer needed on the page “Backups and log”, or move the backups to "
        "another disk."
    ),
    N_("The hub's computer is short of memory."),
    N_("Close other programs on it. If it stays so, it needs more memory."),
    N_("The processor of the hub's computer is busy all the time."),
    N_("Close other programs on it, and see whether a print or a film is being prepared."),
    N_("The hub's computer is too hot."),
    N_("Free its vents, blow the dust out of its fan, and put it where air gets to it."),
    N_("The school's network cannot be reached."),
    N_(
        "Look whether the network cable of the hub's computer is in at both ends and the router is "
        "on; switch the router off and on again."
    ),
    N_("Names on the internet cannot be looked up."),
    N_(
        "Switch the router off and on again. If it stays so, call the internet provider. Lessons "
        "go on without the internet."
    ),
    N_("Nothing can be saved: another program holds the hub's database."),
    N_(
        "Close what else uses the hub's data, such as a backup or a database program. If it stays "
        "so, start the hub's computer again."
    ),
    N_("A print has waited for a teacher's approval for long."),
    N_("Open the page of 3D printing, look at what waits there, and approve it or send it back."),
    N_("A print waits since nobody has said that the plate of the printer is clear."),
    N_("Take the part off the plate, and press “The plate is clear” on the page of 3D printing."),
    N_("A print waits that no printer of the school can print."),
    N_(
        "Look at the print on the page of 3D printing: put in the material or the nozzle that "
        "it needs, or have it made ready for another printer."
    ),
    N_("The internet does not answer."),
    N_(
        "Look whether other pages open. If none does, call the internet provider and ask whether "
        "it is paid. Lessons go on without the internet."
    ),
    N_("The internet is slower than it should be."),
    N_(
        "Measure it again when nobody uses it. If it stays so, show the measurements to the "
        "internet provider."
    ),
    N_("There is no mains power: the hub's computer runs on the battery of its UPS."),
    N_(
        "Save what is open. If the power does not come back within a few minutes, switch the hub's "
        "computer off properly."
    ),
    N_("The battery of the UPS is worn out."),
    N_(
        "Order a battery of the same sort and have it replaced; until then a power cut switches "
        "the computer off at once."
    ),
    N_("The disk {part} of the hub's computer says that it is about to fail."),
    N_(
        "Make a backup now, on the page “Backups and log”, and take it to another computer. Then "
        "have the disk replaced."
    ),
    N_("The disk {part} of the hub's computer has places that cannot be read: {value}."),
    N_(
        "Make a backup now, on the page “Backups and log”. Have the disk replaced within a few "
        "days."
    ),
    N_("The disk {part} of the hub's computer has replaced {value} of its sectors."),
    N_("See that backups are made every day, and order another disk."),
    N_(
        "The disk {part} of the hub's computer is worn: {value} % of what it can be written"
        " is used up."
    ),
    N_("The disk {part} of the hub's computer is too hot: {value} °C."),
    N_("The file system of the hub's computer has noted errors."),
    N_(
        "Make a backup, on the page “Backups and log”, then start the computer again with "
        "fsck.mode=force, or have somebody do it who knows how."
    ),
    N_("Its USB cable or port is bad: {value} errors in the last hour."),
    N_(
        "Plug it into another port of the computer; if errors go on, take another cable. "
        "The alert ends an hour after the last error."
    ),
    N_(
        "Something on USB that is none of the hub's devices makes errors: {value} in the last hour."
    ),
    N_("Look on the page of device health which port it is, and unplug what is in it."),
    N_("A USB device takes more current than its port can give."),
    N_("Unplug what was plugged in last, and give it a USB hub with a power supply of its own."),
    N_("The clock of the hub's computer was set while the hub ran."),
    N_(
        "Look whether date and time are right now. If it happens with each start, have the "
        "battery on the computer's board replaced (CR2032)."
    ),
    N_("No time server has kept the clock of the hub's computer right for a day."),
    N_(
        "Look whether date and time are right. Where there is internet: sudo timedatectl "
        "set-ntp true."
    ),
    N_("The hub's computer has not said for long how its disks and USB ports are."),
    N_(
        "sudo systemctl restart classhub-computer.timer, then look at: journalctl -u "
        "classhub-computer."
    ),
)
"""What the shipped rules say (`configs/alerts`), for the catalogues."""
