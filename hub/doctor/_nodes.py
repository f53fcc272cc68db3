"""Device nodes: who may open them, and what is missing where the hub may not.

Nothing is opened: opening a serial port starts some printers again.
"""

import grp
import os
import pwd
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hub.doctor._finding import Finding, failed, ok, skipped

SERVICE_USER = "classhub"
# Rules name the vendor of a HID device by its kernel name (bus:vendor:product.n) or its parent.
_VENDOR = re.compile(r'(?:KERNELS=="\?{4}:|ATTRS\{idVendor\}==")([0-9a-fA-F]{4})', re.IGNORECASE)
_HID_ID = re.compile(r"^HID_ID=[0-9A-Fa-f]{4}:0*([0-9A-Fa-f]{4}):", re.MULTILINE)
_GROUPS = ("tty*", "video*", "input/event*", "usb/lp*")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class User:
    """For whom is asked.

    Attributes:
        name: of the account.
        uid: its number.
        gids: all its groups.
    """

    name: str
    uid: int
    gids: frozenset[int]


def hub_user() -> User:
    """Return the user that the hub runs as: the service's where there is one, else ourselves."""
    try:
        account = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        groups = frozenset({os.getegid(), *os.getgroups()})
        return User(_own_name(), os.geteuid(), groups)
    gids = os.getgrouplist(account.pw_name, account.pw_gid)
    return User(account.pw_name, account.pw_uid, frozenset(gids))


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def may_open(about: os.stat_result, user: User) -> bool:
    """Tell whether a node's owner and mode let a user read and write it."""
    if user.uid == 0:
        return True
    if about.st_uid == user.uid:
        wanted = stat.S_IRUSR | stat.S_IWUSR
    elif about.st_gid in user.gids:
        wanted = stat.S_IRGRP | stat.S_IWGRP
    else:
        wanted = stat.S_IROTH | stat.S_IWOTH
    return about.st_mode & wanted == wanted


def nodes(user: User, dev: Path = Path("/dev")) -> Finding:
    """The hub's user may open serial ports, cameras and input devices."""
    found = [node for pattern in _GROUPS for node in sorted(dev.glob(pattern)) if _is_device(node)]
    closed = [node for node in found if not _open_to(node, user)]
    if not found:
        return skipped("device nodes", f"no serial port, camera or input device in {dev}")
    if not closed:
        return ok("device nodes", f"{len(found)}, all open to {user.name}")
    groups = sorted({name for node in closed if (name := _useful_group(node)) is not None})
    said = ", ".join(_said(node, dev) for node in closed[:_SHOWN])
    more = f" and {len(closed) - _SHOWN} more" if len(closed) > _SHOWN else ""
    if groups:
        mend = f"sudo usermod -aG {','.join(groups)} {user.name}"
        mend += (
            " && sudo systemctl restart classhub"
            if user.name == SERVICE_USER
            else ", then sign out and in again"
        )
    else:
        mend = "give the node a group with a udev rule in /etc/udev/rules.d/71-classhub-local.rules"
    return failed("device nodes", f"{user.name} may not open {said}{more}", mend)


def _is_device(node: Path) -> bool:
    """Leave out consoles and what is no device: ttyUSB, ttyACM and such have letters behind tty."""
    name = node.name
    if name.startswith("tty") and not re.match(r"tty(USB|ACM|AMA|THS|mxc)\d", name):
        return False
    try:
        return stat.S_ISCHR(node.stat().st_mode)
    except OSError:
        return False


def _open_to(node: Path, user: User) -> bool:
    # For ourselves the kernel is asked: it knows of access lists, which stat does not show.
    if user.uid == os.geteuid():
        return os.access(node, os.R_OK | os.W_OK)
    return may_open(node.stat(), user)


def _useful_group(node: Path) -> str | None:
    """Return the group that opens a node; None where it has none, or root's."""
    about = node.stat()
    both = stat.S_IRGRP | stat.S_IWGRP
    if about.st_gid == 0 or about.st_mode & both != both:
        return None
    return group_name(about.st_gid)


def group_name(gid: int) -> str:
    """Return a group's name, or the number where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _said(node: Path, dev: Path) -> str:
    about = node.stat()
    owner = f"{about.st_uid}" if about.st_uid else "root"
    mode = stat.filemode(about.st_mode)[1:]
    return f"/dev/{node.relative_to(dev)} ({owner}:{group_name(about.st_gid)} {mode})"


def vendors_of(rules: Path | None) -> frozenset[str]:
    """Return the vendors of HID devices that a file of udev rules names, in lower case."""
    if rules is None:
        return frozenset()
    try:
        text = rules.read_text("utf-8", "replace")
    except OSError:
        return frozenset()
    return frozenset(found.lower() for found in _VENDOR.findall(text))


def raw_hid(
    user: User,
    vendors: Iterable[str],
    *,
    dev: Path = Path("/dev"),
    sys: Path = Path("/sys/class/hidraw"),
) -> Finding:
    """The raw HID nodes of the makers that our udev rules name are open to the hub's user."""
    name, wanted = "raw HID nodes", frozenset(vendors)
    if not wanted:
        return skipped(name, "no udev rules of the hub are installed")
    found = []
    for entry in sorted(sys.glob("hidraw*")):
        try:
            match = _HID_ID.search((entry / "device" / "uevent").read_text("utf-8", "replace"))
        except OSError:
            continue
        if match is not None and match[1].lower() in wanted and (dev / entry.name).exists():
            found.append(dev / entry.name)
    if not found:
        return skipped(name, "no device that is read directly is plugged in")
    closed = [node for node in found if not _open_to(node, user)]
    if not closed:
        return ok(name, f"{len(found)}, open to {user.name}")
    said = ", ".join(_said(node, dev) for node in closed[:_SHOWN])
    return failed(
        name,
        f"{user.name} may not open {said}",
        "sudo udevadm control --reload && sudo udevadm trigger, or plug it in again",
    )
