"""Which monitors are there, at which socket of the computer, and on which bus each listens.

Linux says it in `/sys/class/drm`: `card0-HDMI-A-1/status`, its `edid`, and its bus as link `ddc`,
as folder `i2c-N` (DisplayPort), or as `i2c-N` below `ddc/i2c-dev`. The number of a bus is another
after each start; the name of the socket stays. EDID: VESA E-EDID 1.4, section 3.
"""

import re
from dataclasses import dataclass
from pathlib import Path

DRM = Path("/sys/class/drm")
MOST = 32
_BUS = re.compile(r"i2c-(\d{1,4})")
_HEADER = bytes.fromhex("00ffffffffffff00")
_NAME, _SERIAL = 0xFC, 0xFF


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor that is plugged in.

    Attributes:
        socket: of the computer, such as `HDMI-A-1`.
        path: of its bus, empty where it has none.
        maker: three letters; model, serial: what it calls itself (untrusted), empty where nothing.
    """

    socket: str
    path: str
    maker: str = ""
    model: str = ""
    serial: str = ""


def read_edid(data: bytes) -> tuple[str, str, str]:
    """Return maker, model and serial number of an EDID; empty texts where it says nothing."""
    if len(data) < 128 or data[:8] != _HEADER or sum(data[:128]) & 0xFF:
        return "", "", ""
    number = int.from_bytes(data[8:10], "big")
    maker = "".join(chr(ord("@") + (number >> shift & 31)) for shift in (10, 5, 0))
    told = {}
    for at in range(54, 126, 18):
        block = data[at : at + 18]
        if block[:3] == b"\0\0\0" and block[3] in (_NAME, _SERIAL):
            text = block[5:].split(b"\n")[0].decode("cp437", "replace").strip()
            told[block[3]] = "".join(one for one in text if one.isprintable())
    return maker if maker.isalpha() else "", told.get(_NAME, ""), told.get(_SERIAL, "")


def monitors(root: Path = DRM) -> list[Monitor]:
    """Return those that are plugged in, by socket."""
    found = []
    for folder in sorted(root.glob("card*-*")):
        try:
            if (folder / "status").read_text().strip() != "connected":
                continue
            maker, model, serial = read_edid((folder / "edid").read_bytes())
            path = _bus_of(folder)
        except OSError:
            continue  # it was pulled out while it was looked at
        socket = folder.name.partition("-")[2]
        found.append(Monitor(socket, path, maker, model, serial))
    return found[:MOST]


def _bus_of(folder: Path) -> str:
    places = [folder / "ddc" / "i2c-dev", folder, folder / "ddc"]
    for place in places:
        if place.is_dir():
            for one in sorted(place.iterdir()):
                if _BUS.fullmatch(one.name):
                    return f"/dev/{one.name}"
    link = folder / "ddc"
    if link.is_symlink() and _BUS.fullmatch(link.resolve().name):
        return f"/dev/{link.resolve().name}"
    return ""
