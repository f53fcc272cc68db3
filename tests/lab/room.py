"""The machine that tests share, each of which leaves it as it was."""

from pathlib import Path

from tests.lab.hub import LIMIT, Installed, LabHub, wait_until
from tests.lab.machine import Machine


class Room:
    """A machine with the installed hub, awake from one test to the next.

    After a test that failed it is thrown away, and the next test wakes another one.

    Args:
        image: the machine's disk and kernel.
        folder: for its disk and logs.
        installed: the state that it wakes from.
    """

    def __init__(self, image: Path, folder: Path, installed: Installed) -> None:
        self._image = image
        self._folder = folder
        self._installed = installed
        self._hub: LabHub | None = None
        self.machine = Machine(image, folder)

    def enter(self) -> LabHub:
        """Return the hub, ready, with no devices; wake the machine first where it is asleep."""
        if self._hub is None:
            self._hub = LabHub(self.machine, self._installed.tokens)
            try:
                self.machine.wake(self._installed.state)
                self._hub.connect().wait_healthy()
            except BaseException:
                self.leave()
                raise
        return self._hub

    def tidy(self) -> None:
        """Take all devices out of use and pull them out; where that fails, throw the machine away."""
        hub = self._hub
        assert hub is not None
        try:
            for device in hub.get("/devices")["items"]:
                hub.remove(device["id"])
            self.machine.free_usb_ports()
            wait_until(lambda: not hub.plugged_in(), LIMIT, "nothing is plugged in any more")
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Throw the machine away."""
        if self._hub is not None:
            self._hub.close()
            self._hub = None
        self.machine.close()
        self.machine = Machine(self._image, self._folder)
