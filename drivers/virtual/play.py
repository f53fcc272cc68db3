"""Plays a recording that another tool made, as the device that it was made of.

    python -m drivers.virtual.play FILE [--once]

hid-recorder's and usbhid-dump's files become a HID device (the driver opens its path as it would
open `/dev/hidraw0`), those of evemu and `libinput record` an input device. Plays at the recording's
own pace, again and again; whoever opens it is waited for. FILE may be gzipped.
"""

import argparse
import asyncio
import gzip
import struct
import time
from pathlib import Path
from typing import TypeVar

from drivers.hid.recordings import (
    BadRecordingText,
    HidRecording,
    InputRecording,
    parse_evemu,
    parse_hid_recorder,
    parse_libinput,
    parse_usbhid_dump,
)
from drivers.input.frames import Framing
from drivers.virtual.node import VirtualInput, VirtualNode, folder_of_sockets
from drivers.virtual.peer import run, said

LONGEST_PAUSE = 1.0
T = TypeVar("T")
MOST_BYTES = 256 << 20


def load(path: Path) -> HidRecording | InputRecording:
    """Read a recording, whichever tool made it (BadRecordingText, OSError)."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as file:
        text = str(file.read(MOST_BYTES))
    head = text[:20_000]
    if head.lstrip().startswith("# libinput") or "\ndevices:" in head:
        return parse_libinput(text)
    if "# EVEMU" in head or "\nB: " in head:
        return parse_evemu(text)
    if ":STREAM" in head:
        interfaces = parse_usbhid_dump(text)
        return max(interfaces.values(), key=lambda one: len(one.reports))
    if head.lstrip().startswith(("R:", "D:", "#")):
        return parse_hid_recorder(text)
    raise BadRecordingText("this is none of hid-recorder, evemu, libinput record, usbhid-dump")


def node_of(recording: HidRecording | InputRecording, path: Path) -> VirtualNode:
    """Return the device of a recording."""
    if isinstance(recording, InputRecording):
        return VirtualInput(
            path,
            name=recording.name,
            axes=recording.axes,
            keys=recording.bits.get(1, ()),
            properties=recording.properties,
            others={t: c for t, c in recording.bits.items() if t not in (0, 1, 3)},
        )
    node = VirtualNode(path)
    node.answer("HIDIOCGRAWNAME", recording.name.encode()[:255] + b"\0")
    size = struct.pack("=I", len(recording.descriptor))
    node.answer("HIDIOCGRDESCSIZE", size)
    node.answer("HIDIOCGRDESC", size + recording.descriptor)
    return node


async def play(
    recording: HidRecording | InputRecording, node: VirtualNode, pace: float = 1.0
) -> None:
    """Play a recording once; `pace` 0 without pauses."""
    if isinstance(recording, HidRecording):
        for pause, data in _paced(recording.reports):
            await asyncio.sleep(pause * pace)
            node.send(data)
        return
    if not isinstance(node, VirtualInput):
        raise TypeError("events are played by an input device")
    frames = [(frame.time, frame.events) for frame in Framing().feed(recording.events)]
    for pause, events in _paced(frames):
        await asyncio.sleep(pause * pace)
        node.say(*((event.type, event.code, event.value) for event in events), at=time.monotonic())


def _paced(entries: list[tuple[float, T]]) -> list[tuple[float, T]]:
    """Return entries with the pause before each; long ones are cut."""
    before = entries[0][0] if entries else 0.0
    paced = []
    for at, what in entries:
        paced.append((min(max(at - before, 0.0), LONGEST_PAUSE), what))
        before = at
    return paced


async def main(file: Path, *, once: bool) -> None:
    """Play until told to end."""
    recording = await asyncio.to_thread(load, file)
    with folder_of_sockets() as folder:
        async with node_of(recording, Path(folder) / "node") as node:
            said(str(node.path))
            while True:
                await node.opened(limit=float("inf"))
                await play(recording, node)
                if once:
                    return
                await asyncio.sleep(LONGEST_PAUSE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Play a recording of a HID or input device.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    run(main(options.file, once=options.once))
