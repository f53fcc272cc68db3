"""Which of this computer's device nodes take a picture for other programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SYS = Path("/sys/class/video4linux")
MODULE = Path("/sys/module/v4l2loopback")
MOST = 8
_VIRTUAL = "/devices/virtual/video4linux/"


@dataclass(frozen=True, slots=True)
class Node:
    """A node that can be written to.

    Attributes:
        id: the kernel's name of it, such as `video60`.
        path: to open. title: what other programs call it.
    """

    id: str
    path: str
    title: str


def nodes(named: Iterable[str] = (), sys: Path = SYS) -> list[Node]:
    """Return the nodes, in the kernel's order.

    Nothing is opened: v4l2loopback's are those that stand on no hardware, by their place in sysfs.

    Args:
        named: paths; where there are some, those alone, whatever they are.
        sys: where the kernel lists its video nodes.
    """
    wanted = {Path(path).name for path in named}
    entries = sorted(sys.glob("video*"), key=_number)
    found = [
        entry
        for entry in entries
        if (entry.name in wanted if wanted else _VIRTUAL in f"{entry.resolve()}/")
    ]
    return [Node(entry.name, f"/dev/{entry.name}", _title(entry)) for entry in found[:MOST]]


def _number(entry: Path) -> int:
    digits = entry.name.removeprefix("video")
    return int(digits) if digits.isdecimal() else 0


def _title(entry: Path) -> str:
    try:
        text = (entry / "name").read_text("utf-8", "replace")
    except OSError:
        return entry.name
    return "".join(letter for letter in text if letter.isprintable()).strip()[:64] or entry.name
