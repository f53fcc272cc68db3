"""Watches USB by udev: what is plugged in, with its nodes, once udev has finished with them.

Only events of the source "udev" count: when the kernel's own event comes, the node still belongs to
root. Links such as /dev/serial/by-id jump to the newest of two alike devices and are not used.
"""

import asyncio
import contextlib
import importlib
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from hub.device import Subsystem
from hub.discovery._facts import LONGEST, MOST_DEVICES, MOST_PROPERTIES, UsbFacts, plain

log = logging.getLogger("classhub.discovery")

SUBSYSTEMS: tuple[Subsystem, ...] = get_args(Subsystem)
SETTLE = 0.15
"""Seconds without news of a device after which its nodes are taken to be complete."""
EVENTS_AT_ONCE = 200
_RECEIVE_BUFFER = 4 << 20
_HEX = re.compile(r"[0-9a-f]{4}\Z")
_INTERFACE = re.compile(r"(-usb-\d+:[\d.]+):\d+\.\d+.*\Z")
_KEPT = frozenset({"DEVNAME", "SUBSYSTEM", "TYPE"})
_USB_PORT = re.compile(r"\d+-([\d.]+)\Z")

Properties = Mapping[str, str]


@dataclass(slots=True)
class _Plugged:
    """A device while it is plugged in: its own udev properties and those of its nodes, by path."""

    own: Properties | None = None
    nodes: dict[str, Properties] = field(default_factory=dict)
    settled: bool = False
    timer: asyncio.TimerHandle | None = None

    def rest(self) -> None:
        """Wait no more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def complete(self) -> None:
        """Take its nodes as complete."""
        self.rest()
        self.settled = True


class UsbDevices:
    """Groups udev's news into devices; knows nothing of where the news come from.

    Args:
        changed: called when what `facts` returns may have changed.
        settle: seconds to wait for further nodes of a device that has just come.
    """

    def __init__(self, changed: Callable[[], None], settle: float = SETTLE) -> None:
        self._changed = changed
        self._settle = settle
        self._plugged: dict[str, _Plugged] = {}
        self._homes: dict[str, str] = {}
        self._full = False

    def take(self, action: str, path: str, device: str, properties: Properties) -> None:
        """Take one event.

        Args:
            action: udev's: add, change, bind, remove …
            path: the device path below /sys of what it is about.
            device: that of the USB device which it belongs to; empty where there is none.
            properties: udev's.
        """
        if action == "remove":
            self._remove(path)
            return
        if not device or (path != device and not _wanted(properties)):
            return
        plugged = self._plugged.get(device)
        if plugged is None:
            if len(self._plugged) >= MOST_DEVICES:
                self._say_full()
                return
            plugged = self._plugged[device] = _Plugged()
        known = plugged.own if path == device else plugged.nodes.get(path)
        if known == properties:
            return
        if path == device:
            plugged.own = properties
        elif len(plugged.nodes) < MOST_DEVICES:
            plugged.nodes[path] = properties
            self._homes[path] = device
        self._soon(plugged)

    def settle_now(self) -> None:
        """Take all devices as complete: what was there before anybody looked has its nodes."""
        for plugged in self._plugged.values():
            plugged.complete()

    def clear(self) -> None:
        """Forget everything."""
        for plugged in self._plugged.values():
            plugged.rest()
        self._plugged.clear()
        self._homes.clear()

    def facts(self) -> list[UsbFacts]:
        """Return the devices that are complete."""
        found = []
        for device, plugged in self._plugged.items():
            if plugged.settled and plugged.own is not None:
                facts = facts_of(device, plugged.own, plugged.nodes.values())
                if facts is not None:
                    found.append(facts)
        return found

    def _remove(self, path: str) -> None:
        plugged = self._plugged.pop(path, None)
        if plugged is not None:
            plugged.rest()
            for node in plugged.nodes:
                self._homes.pop(node, None)
            if plugged.settled:  # one with a loose contact was never there for anybody
                self._changed()
            return
        home = self._plugged.get(self._homes.pop(path, ""))
        if home is not None and home.nodes.pop(path, None) is not None and home.settled:
            # At once, not once all is settled: whoever uses the node must let go of it.
            self._changed()

    def _soon(self, plugged: _Plugged) -> None:
        plugged.rest()
        loop = asyncio.get_running_loop()
        plugged.timer = loop.call_later(self._settle, self._settled, plugged)

    def _settled(self, plugged: _Plugged) -> None:
        plugged.complete()
        self._changed()

    def _say_full(self) -> None:
        if not self._full:
            log.warning("more than %d devices are plugged in: the rest is not seen", MOST_DEVICES)
        self._full = True


def _wanted(properties: Properties) -> bool:
    """Tell whether a node is one that drivers open."""
    node, subsystem = properties.get("DEVNAME", ""), properties.get("SUBSYSTEM")
    if subsystem == "video4linux":
        # A UVC camera's second node gives metadata only; its capabilities are ":".
        return "capture" in properties.get("ID_V4L_CAPABILITIES", "")
    if subsystem == "input":
        return node.startswith("/dev/input/event")
    return bool(node) and subsystem in ("tty", "hidraw")


def facts_of(device: str, own: Properties, nodes: Iterable[Properties]) -> UsbFacts | None:
    """Return what is known of one USB device, None where it is a hub or says no ids."""
    vendor, product = own.get("ID_VENDOR_ID", "").lower(), own.get("ID_MODEL_ID", "").lower()
    if not (_HEX.match(vendor) and _HEX.match(product)) or own.get("TYPE", "").startswith("9/"):
        return None
    ordered = sorted(nodes, key=lambda one: _natural(one.get("DEVNAME", "")))
    found: dict[Subsystem, tuple[str, ...]] = {}
    for subsystem in SUBSYSTEMS:
        names = [one["DEVNAME"] for one in ordered if one.get("SUBSYSTEM") == subsystem]
        if names:
            found[subsystem] = tuple(names)
    if own.get("DEVNAME"):
        found["usb"] = (own["DEVNAME"],)
    merged: dict[str, str] = {}
    for one in (own, *ordered):
        for name, value in one.items():
            if name.startswith("ID_") and len(merged) < MOST_PROPERTIES:
                merged.setdefault(plain(name), plain(value))
    return UsbFacts(
        key=device,
        vendor=vendor,
        product=product,
        serial=plain(own.get("ID_SERIAL_SHORT", ""), 200),
        port=_port(device, (own, *ordered)),
        title=_title(own),
        nodes=found,
        properties=merged,
    )


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part[:9] or 0), text) for text, part in re.findall(r"(\D*)(\d*)", name)]


def _title(own: Properties) -> str:
    vendor = own.get("ID_VENDOR_FROM_DATABASE") or own.get("ID_VENDOR", "").replace("_", " ")
    model = own.get("ID_MODEL", "").replace("_", " ")
    if not model or _HEX.match(model):
        model = own.get("ID_MODEL_FROM_DATABASE", model)
    if _HEX.match(vendor) or vendor.lower() in model.lower():
        vendor = ""
    return plain(f"{vendor} {model}", 120)


def _port(device: str, known: Iterable[Properties]) -> str:
    """Return the path of the port: udev's own, else made as udev makes it (systemd, path_id)."""
    for one in known:
        if one.get("ID_PATH"):
            return plain(_INTERFACE.sub(r"\1", one["ID_PATH"]))
    steps = device.split("/")
    match = _USB_PORT.match(steps[-1])
    root = next((i for i, step in enumerate(steps) if re.match(r"usb\d+\Z", step)), 0)
    if match is None or root < 1:
        return plain(device, LONGEST)
    controller = steps[root - 1]
    bus = "pci" if re.match(r"[0-9a-f]{4}:", controller) else "platform"
    return plain(f"{bus}-{controller}-usb-0:{match[1]}")


class Udev:
    """The source: libudev's monitor, read on the event loop.

    On a machine without udev (a container) it finds nothing and `problem` says so.
    """

    def __init__(self, settle: float = SETTLE) -> None:
        self.problem = ""
        self._settle = settle
        self._devices: UsbDevices | None = None
        self._changed: Callable[[], None] = lambda: None
        self._monitor: Any = None
        self._context: Any = None
        self._task: asyncio.Task[None] | None = None
        self._overrun = asyncio.Event()

    def devices(self) -> Sequence[UsbFacts]:
        """Return what is plugged in now."""
        return [] if self._devices is None else self._devices.facts()

    async def start(self, changed: Callable[[], None]) -> None:
        """Look once, then watch."""
        self._changed = changed
        self._devices = UsbDevices(changed, self._settle)
        try:
            await asyncio.to_thread(self._open)
        except (ImportError, OSError) as error:
            self.problem = f"udev cannot be asked: {error}"
            log.warning("%s; devices on USB are not found", self.problem)
            return
        if not await asyncio.to_thread(Path("/run/udev").exists):
            self.problem = "udev does not run here (a container?)"
            log.info("%s: devices on USB are not found", self.problem)
        await self._look()
        asyncio.get_running_loop().add_reader(self._monitor.fileno(), self._read)
        self._task = asyncio.create_task(self._look_again(), name="discovery: udev")

    async def stop(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._monitor is not None:
            asyncio.get_running_loop().remove_reader(self._monitor.fileno())
        self._monitor = self._context = None
        if self._devices is not None:
            self._devices.clear()

    def _open(self) -> None:
        # Imported here: 5 MB and 25 ms that a hub's start does not wait for.
        pyudev = importlib.import_module("pyudev")
        self._context = pyudev.Context()
        monitor = pyudev.Monitor.from_netlink(self._context, source="udev")
        for subsystem in SUBSYSTEMS:
            monitor.filter_by(subsystem)
        with contextlib.suppress(OSError):  # what the system has by default will do
            monitor.set_receive_buffer_size(_RECEIVE_BUFFER)
        monitor.start()
        self._monitor = monitor

    async def _look(self) -> None:
        """Take all that is there, after a loss of events too."""
        seen = await asyncio.to_thread(self._enumerate)
        devices = self._devices
        assert devices is not None  # noqa: S101 - `start` has made it
        devices.clear()
        for path, device, properties in seen:
            devices.take("add", path, device, properties)
        devices.settle_now()
        self._changed()

    def _enumerate(self) -> list[tuple[str, str, Properties]]:
        found: list[tuple[str, str, Properties]] = []
        for subsystem in SUBSYSTEMS:
            # What udev has not finished with yet gets an event when it has.
            found += [
                (str(one.device_path), _home(one), _kept(one))
                for one in self._context.list_devices(subsystem=subsystem)
                if one.is_initialized
            ]
        return found

    def _read(self) -> None:
        devices = self._devices
        if devices is None or self._monitor is None:
            return
        for _ in range(EVENTS_AT_ONCE):
            try:
                one = self._monitor.poll(0)
            except OSError as error:  # ENOBUFS: more happened than the buffer held
                log.warning("events of udev were lost (%s): looking again", error.strerror)
                self._overrun.set()
                return
            if one is None:
                return
            properties = _kept(one)
            home = "" if one.action == "remove" else _home(one)
            devices.take(one.action or "", one.device_path, home, properties)

    async def _look_again(self) -> None:
        while True:
            await self._overrun.wait()
            await asyncio.sleep(0.2)
            self._overrun.clear()
            await self._look()


def _kept(one: Any) -> Properties:
    """Return what says something of the device; the rest differs from event to event."""
    return {k: v for k, v in one.properties.items() if k.startswith("ID_") or k in _KEPT}


def _home(one: Any) -> str:
    """Return the device path of the USB device that something belongs to."""
    if one.subsystem == "usb":
        return str(one.device_path) if one.device_type == "usb_device" else ""
    parent = one.find_parent("usb", "usb_device")
    return "" if parent is None else str(parent.device_path)
