"""libwacom's database, where Debian's package libwacom-common has put it: names, sizes, keys.

Its files (MIT licence) are read as they lie there; nothing of it is in the hub. See libwacom's
data/wacom.example for what they say.
"""

import configparser
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("classhub.tablets")

FOLDERS = (Path("/etc/libwacom"), Path("/usr/share/libwacom"))
_LARGEST = 100_000
_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Model:
    """What the database knows of a tablet.

    Attributes:
        name: such as "Wacom Intuos4 6x9", with the maker's number in brackets where it says one.
        width: of the active area in millimetres, to the nearest inch; None where it does not say.
        height: likewise.
        keys: how many keys are on the tablet itself.
        screen: the pen writes on a screen.
    """

    name: str
    width: float | None
    height: float | None
    keys: int
    screen: bool


def look_up(vendor: str, product: str, folders: Iterable[Path] = FOLDERS) -> Model | None:
    """Return what is known of a USB tablet, None where nothing is; reads files."""
    wanted = re.compile(
        rf"^DeviceMatch=(?:.*;)?usb:{re.escape(vendor)}:{re.escape(product)}(?:[;:]|\s*$)",
        re.MULTILINE | re.IGNORECASE,
    )
    for folder in folders:
        for file in sorted(folder.glob("*.tablet")):
            try:
                with file.open(encoding="utf-8", errors="replace") as opened:
                    text = opened.read(_LARGEST)
                if wanted.search(text):
                    return _model(text)
            except (OSError, configparser.Error, ValueError, KeyError) as error:
                log.warning("%s is left out: %s", file, error)
    return None


def _model(text: str) -> Model:
    said = configparser.ConfigParser(interpolation=None, strict=False)
    said.read_string(text)
    device = said["Device"]
    name, number = device.get("Name", "").strip(), device.get("ModelName", "").strip()
    features = said["Features"] if said.has_section("Features") else {}
    return Model(
        name=(f"{name} ({number})" if number else name)[:200],
        width=_millimetres(device.get("Width", "")),
        height=_millimetres(device.get("Height", "")),
        keys=min(max(int(features.get("Buttons", "0") or 0), 0), 64),
        screen="Display" in device.get("IntegratedIn", ""),
    )


def _millimetres(inches: str) -> float | None:
    number = float(inches) if inches.strip() else 0.0
    return number * _INCH if 0 < number < 100 else None
