#!/usr/bin/env python
"""Write docs/printers.md: the printers that the hub prints on, from what drivers and data say.

printers.py          write it
printers.py check    say whether it is current
"""

import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

from drivers.printer.contract import Printer
from hub.device import (
    Action,
    DriverDescription,
    MdnsMatch,
    Property,
    UsbMatch,
    describe_driver,
    handlers_of,
    members_of,
)

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/printers.md"
DATA = ROOT / "configs/printers"
NOTES = {
    "marlin": "The hub sends line by line, and leaves out what the printer's [policy](gcode-policy.md) says. A print ends"
    " with its connection: it is `interrupted`, and never resumed by itself. More: [printers on USB](printers-on-usb.md).",
    "octoprint": "Wants an application key (*Settings → Application Keys*). Tested against OctoPrint 1.11 with its virtual"
    " printer. *Stop* sends `M112`.",
    "moonraker": "For Klipper. Wants an API key where Moonraker does not trust the hub's computer. Tested against Moonraker"
    " 0.11, the printer behind it played by a peer. *Stop* is Klipper's emergency stop.",
    "prusalink": "User `maker` and the password on the printer's screen (*Settings → Network → PrusaLink*), or its API key."
    " Tested against a peer written from PrusaLink's published API, **not against a printer**. Its API has no heating,"
    " moving or stopping at once: *Stop* cancels the print; in danger use the printer's own switch.",
}
HEAD = """# Printers

<!-- Written by tools/printers.py from the drivers and configs/printers; change those. -->

## How they are reached
"""
SERVED = """
```toml
[[devices]]
id = "prusa"
driver = "octoprint"
name = "Prusa at the window"
settings = { host = "192.168.1.30", api_key = "…", volume = { x = 250, y = 210, z = 210 }, materials = ["PLA"] }
```

Behind a print server (OctoPrint, Moonraker, PrusaLink) the server has the file: it prints on while the hub or the network
is away. The hub says so, and afterwards asks how it ended; the file's name on the server carries the job. What others
print there is shown, and is nobody's job. When a print is over its file is taken away from the server.
"""


def drivers() -> list[tuple[str, type[Printer], DriverDescription]]:
    """Return the drivers of printers of this distribution: name, class, description."""
    found = []
    for point in entry_points(group="classhub.drivers"):
        cls = point.load()
        if (
            point.dist is not None
            and point.dist.name == "classroom-hub"
            and issubclass(cls, Printer)
        ):
            found.append((point.name, cls, describe_driver(point.name, cls)))
    return sorted(found, key=lambda one: one[0])


def found_by(cls: type[Printer]) -> str:
    """Say how printers of a driver are found."""
    usb = sorted(
        {f"`{m.vendor}:{m.product or '*'}`" for m in cls.discovery if isinstance(m, UsbMatch)}
    )
    mdns = [
        f"`{m.service.removesuffix('.local.')}`" for m in cls.discovery if isinstance(m, MdnsMatch)
    ]
    ways = [f"USB {', '.join(usb)}"] if usb else []
    return "; ".join(ways + ([f"mDNS {', '.join(mdns)}"] if mdns else [])) or "by its address"


def page() -> str:
    """Return the page."""
    out = [HEAD, "| driver | printers | found by |", "|---|---|---|"]
    found = drivers()
    out += [f"| `{name}` | {described.title} | {found_by(cls)} |" for name, cls, described in found]
    out += ["", *(f"- **{name}**: {NOTES[name]}" for name, _, _ in found), SERVED]
    out += ["## Printers with a profile", ""]
    out += [
        "| printer | plate, mm | nozzle | materials | policy | verified on hardware |",
        "|---|---|---|---|---|---|",
    ]
    for file in sorted(DATA.glob("*.toml")):
        one = tomllib.loads(file.read_text("utf-8"))
        size = " × ".join(f"{side:g}" for side in one["volume"])
        materials = ", ".join(name.upper() for name in one["materials"])
        sure = "yes" if one["verified"] else "no"
        out.append(
            f"| {one['title']} (`{file.stem}`) | {size} | {one['nozzle']:g} | {materials} | {one['policy']} | {sure} |"
        )
    out += [
        "",
        "Others print too: set volume, nozzle and materials, and slice with a profile of your own",
    ]
    out += ["([printing profiles](printing-profiles.md)).", "", "## What each can do", ""]
    return "\n".join(out + members(found)) + "\n"


def members(found: list[tuple[str, type[Printer], DriverDescription]]) -> list[str]:
    """Return the table of optional members, by whether a driver serves them."""
    optional = [m for m in members_of(Printer) if m.optional and isinstance(m, Property | Action)]
    rows = [
        "| | " + " | ".join(f"`{name}`" for name, _, _ in found) + " |",
        "|---|" + "---|" * len(found),
    ]
    for member in optional:
        marks = ["yes" if member.name in serves(cls) else "–" for _, cls, _ in found]
        rows.append(f"| {member.title} | " + " | ".join(marks) + " |")
    return [
        *rows,
        "",
        "What a driver can do in general, a printer may lack: its own description says (`GET …/td`).",
    ]


def serves(cls: type[Printer]) -> set[str]:
    """Return which optional members printers of a driver can have."""
    never = {member.name for member in getattr(cls, "without", ())}
    return {member for member, _ in handlers_of(cls)} - never


def main() -> int:
    """Do what the command line says."""
    text = page()
    if sys.argv[1:] == ["check"]:
        current = PAGE.is_file() and PAGE.read_text("utf-8") == text
        if not current:
            print(f"{PAGE} is not current: run tools/printers.py", file=sys.stderr)
        return 0 if current else 1
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
