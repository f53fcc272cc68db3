"""USB sockets of a hub for tests: devices are plugged in and pulled, alone or with their USB hub.

What udev tells comes as it does from udev (`drivers_for_tests/played_udev.py`): a device in port 3
of a USB hub that is in the computer's port 2 is plugged into `1-2.3`.
"""

import json
import os
from pathlib import Path

DRIVERS = Path(__file__).parent / "integration" / "drivers_for_tests"


class Sockets:
    """The USB sockets of a computer: events of udev, and nodes that are files.

    Attributes:
        environment, before: what the hub is started with.
    """

    before = "import played_udev"

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self._fifo = folder / "events"
        os.mkfifo(self._fifo)
        self._file = os.open(self._fifo, os.O_RDWR)
        self._there: dict[str, str] = {}
        self.environment = {"PLAYED_UDEV": str(self._fifo)}

    def plug(self, port: str, node: str, serial: str = "S", vendor: str = "056a") -> None:
        """Plug a device in."""
        (self.folder / node).touch()
        self._there[port] = json.dumps([port, node, serial, vendor])
        self.tell(port)

    def tell(self, port: str) -> None:
        """Tell once more, as udev is asked to at the start of a hub."""
        _, node, serial, vendor = json.loads(self._there[port])
        own = {
            "SUBSYSTEM": "usb",
            "ID_VENDOR_ID": vendor,
            "ID_MODEL_ID": "0302",
            "ID_VENDOR": "Maker",
            "ID_MODEL": "Pen_Tablet",
            "ID_SERIAL_SHORT": serial,
        }
        self._event("add", self._path(port), self._path(port), own)
        about = {"SUBSYSTEM": "hidraw", "DEVNAME": str(self.folder / node)}
        self._event("add", self._path(port, node), self._path(port), about)

    def pull(self, port: str) -> None:
        """Pull a device."""
        _, node, _, _ = json.loads(self._there.pop(port))
        (self.folder / node).unlink()  # the kernel takes the node away first
        self._event("remove", self._path(port, node), "", {})
        self._event("remove", self._path(port), "", {})

    def close(self) -> None:
        """End."""
        os.close(self._file)

    @staticmethod
    def _path(port: str, node: str = "") -> str:
        device = f"/devices/pci0000:00/0000:00:14.0/usb1/{port}"
        return f"{device}/{port}:1.0/hidraw/{node}" if node else device

    def _event(self, *event: object) -> None:
        os.write(self._file, json.dumps(event).encode() + b"\n")


def found_drivers(folder: Path) -> dict[str, str]:
    """Install the drivers for tests of devices that are found; return the environment for it."""
    about = folder / "found_drivers-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: found-drivers\nVersion: 1.0\n")
    names = {"pen": "FoundPen", "shared-pen": "SharedPen"}
    lines = [f"{name} = found_drivers:{cls}" for name, cls in names.items()]
    (about / "entry_points.txt").write_text("[classhub.drivers]\n" + "\n".join(lines) + "\n")
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(DRIVERS)])}
