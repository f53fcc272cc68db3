"""Asking somebody to draw, step by step, and writing what their tablet's reports say."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivers.hid.descriptor import parse
from drivers.hid.errors import BadDescriptor
from drivers.hid.pen import PenDecoder
from drivers.tablet.hid.known import KnownTablet
from drivers.tablet.hid.probe.layout import Steps, find_layout
from drivers.tablet.hid.probe.writing import descriptor
from hub.device import TimedOut
from hub.device.transports import HidrawPort, Transports

STEPS = {
    "hover": "Hold the pen just above the tablet, without touching it, and move it a little.",
    "across": "Touch the left edge and draw slowly, once, straight to the right edge.",
    "down": "Touch the upper edge and draw slowly, once, straight down to the lower edge.",
    "press": "Put the tip down in the middle, and press harder and harder, once.",
    "button_1": "Hold the pen above the tablet and press its lower button several times.",
    "button_2": "The same with its upper button; where it has none, do nothing.",
    "lean_across": "Tip down in the middle: lean the pen from far left to far right, once.",
    "lean_down": "Tip down in the middle: lean the pen from away from you to towards you, once.",
    "away": "Take the pen quite away from the tablet.",
}
_HIDRAW = Path("/sys/class/hidraw")
Ask = Callable[[str], Awaitable[None]]


class TabletProbe:
    """Writes the data file of a tablet that nobody has described yet."""

    @staticmethod
    def nodes() -> list[tuple[str, str]]:
        """Return the raw nodes of this computer's HID devices, and what they are."""
        found = []
        for one in sorted(_HIDRAW.glob("hidraw*"), key=lambda path: int(path.name[6:])):
            facts = _facts(one.name)
            ids = f"{facts['vendor']}:{facts['product']}"
            found.append((f"/dev/{one.name}", f"{ids} {facts['name']}"))
        return found

    @staticmethod
    async def run(
        node: str,
        ask: Ask,
        *,
        ids: str | None = None,
        width: float | None = None,
        height: float | None = None,
        seconds: float = 5.0,
    ) -> dict[str, Any]:
        """Go through the steps and return the data file.

        Args:
            node: such as /dev/hidraw2.
            ask: tells somebody what to do, and returns once they begin.
            ids: vendor and product, where the system does not know those of the node.
            width: of the active area in millimetres, as measured.
            height: likewise.
            seconds: how long each step is listened to.

        Raises:
            NotUnderstood: the reports do not show what they say.
            HubError: what the node answered.
        """
        transports = Transports()
        port = await transports.hidraw(node)
        try:
            name = (await port.name())[:200]
            own = await port.descriptor()
            steps = Steps()
            for step, words in STEPS.items():
                await ask(words)
                setattr(steps, step, await _listen(port, seconds))
        finally:
            port.close()
            transports.drop_all()
        facts = _facts(Path(node).name)
        vendor, product = ids.split(":") if ids else (facts["vendor"], facts["product"])
        about = {
            "vendor": vendor,
            "product": product,
            "name": name,
            "source": f"Found by classhub probe tablet; reports of {name!r} drawn step by step",
            "date": datetime.now(UTC).date().isoformat(),
            "verified": True,
        }
        if not _is_right(own, steps):
            layout = find_layout(steps)
            about["descriptor"] = descriptor(layout, width, height).hex(" ")
            about["near_inverted"] = layout.near_inverted
        return KnownTablet.model_validate(about).model_dump(mode="json", exclude_defaults=True)


async def _listen(port: HidrawPort, seconds: float) -> list[bytes]:
    heard: list[bytes] = []
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        try:
            heard.append(await port.receive(limit=left))
        except TimedOut:
            break
    return heard


def _is_right(own: bytes, steps: Steps) -> bool:
    """Tell whether the tablet's own descriptor explains what was drawn."""
    try:
        decoder = PenDecoder(parse(own))
    except BadDescriptor:
        return False
    across = [pen for one in steps.across if (pen := decoder.feed(one)) is not None]
    down = [pen for one in steps.down if (pen := decoder.feed(one)) is not None]
    return bool(across and down) and (
        len({pen.x for pen in across}) > 20
        and len({pen.y for pen in down}) > 20
        and any(pen.tip for pen in across)
    )


def _facts(node: str) -> dict[str, str]:
    """Return what the kernel knows of a node: HID_ID is bus:vendor:product in hexadecimal."""
    facts = {"vendor": "0000", "product": "0000", "name": ""}
    try:
        said = (_HIDRAW / node / "device" / "uevent").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return facts
    if ids := re.search(r"^HID_ID=\w+:\w{4}(\w{4}):\w{4}(\w{4})$", said, re.MULTILINE):
        facts["vendor"], facts["product"] = ids[1].lower(), ids[2].lower()
    if name := re.search(r"^HID_NAME=(.*)$", said, re.MULTILINE):
        facts["name"] = name[1]
    return facts
