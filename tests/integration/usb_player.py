"""Plays USB devices to libudev by umockdev: run under its preload library, told by lines of JSON.

    {"op": "plug", "port": "1-1", "vendor": "056a", "product": "0302", "serial": "S", "node": "hidraw3"}
    {"op": "pull", "port": "1-1"}
    {"op": "tell", "port": "1-1"}      udev's event once more, as `udevadm trigger` makes it

The first line of output is the folder of the test bed; then one line for each that is done.
"""

import ctypes
import json
import sys
from pathlib import Path

BUS = "/devices/pci0000:00/0000:00:14.0/usb1"
lib = ctypes.CDLL("libumockdev.so.0")
lib.umockdev_testbed_new.restype = ctypes.c_void_p
lib.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
for name in ("get_root_dir", "add_from_string", "uevent", "remove_device"):
    getattr(lib, f"umockdev_testbed_{name}").argtypes = [ctypes.c_void_p, *[ctypes.c_char_p] * 2][
        : {"get_root_dir": 1, "remove_device": 2}.get(name, 3)
    ]


def device(about: dict) -> str:
    number = 10 + int(about["port"].rpartition("-")[2].replace(".", ""))
    serial = f"E: ID_SERIAL_SHORT={about['serial']}\n" if about["serial"] else ""
    return (
        f"P: {BUS}/{about['port']}\nN: bus/usb/001/{number:03}\n"
        f"E: DEVNAME=/dev/bus/usb/001/{number:03}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
        f"E: ID_VENDOR_ID={about['vendor']}\nE: ID_MODEL_ID={about['product']}\n"
        f"E: ID_VENDOR=Maker\nE: ID_MODEL=Pen_Tablet\nE: TYPE=0/0/0\n{serial}\n"
    )


def node_path(about: dict) -> str:
    return f"{BUS}/{about['port']}/{about['port']}:1.0/hidraw/{about['node']}"


def node(about: dict) -> str:
    return (
        f"P: {node_path(about)}\nN: {about['node']}\nE: DEVNAME=/dev/{about['node']}\n"
        f"E: SUBSYSTEM=hidraw\n\n"
    )


def main() -> None:
    bed = lib.umockdev_testbed_new()
    root = Path(lib.umockdev_testbed_get_root_dir(bed).decode())
    print(root, flush=True)
    plugged: dict[str, dict] = {}
    for line in sys.stdin:
        about = json.loads(line)
        if about["op"] == "plug":
            plugged[about["port"]] = about
            for text in (device(about), node(about)):
                lib.umockdev_testbed_add_from_string(bed, text.encode(), None)
        else:
            there = plugged[about["port"]]
            for path in (node_path(there), f"{BUS}/{about['port']}"):
                place = f"/sys{path}".encode()
                event = b"remove" if about["op"] == "pull" else b"add"
                if about["op"] == "pull" and path == node_path(there):
                    (root / "dev" / there["node"]).unlink()  # the kernel takes the node away first
                lib.umockdev_testbed_uevent(bed, place, event)
                if about["op"] == "pull":
                    lib.umockdev_testbed_remove_device(bed, place)
        print("done", flush=True)


main()
