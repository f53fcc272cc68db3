"""The ports that the hub wants: free, held by the hub itself, or by whom."""

import contextlib
import errno
import socket
from dataclasses import dataclass
from pathlib import Path

from hub.doctor._finding import Finding, failed, ok, skipped

PROC = Path("/proc")
_LISTENING = "0A"  # TCP_LISTEN of include/net/tcp_states.h, as /proc/net/tcp writes it
_GENERATIONS = 4


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens on a port.

    Attributes:
        pid: None where it is not ours to see.
        name: of its program; empty where it is not ours to see.
    """

    pid: int | None
    name: str


def port(
    check: str, host: str, number: int, key: str, *, hub: int | None, proc: Path = PROC
) -> Finding:
    """A port can be listened on, or it is the running hub that does.

    Args:
        check: the finding's name.
        host: the address that the hub listens on.
        number: the port; 0 means any.
        key: the setting to change, such as `port` or `mqtt.port`.
        hub: the process of the running hub, None where none runs.
        proc: where the kernel tells of processes.
    """
    if number == 0:
        return ok(check, "any free port is taken")
    trouble = _try(host, number)
    if trouble is None:
        return ok(check, f"port {number} is free")
    if trouble == errno.EACCES:
        return failed(
            check, f"port {number} is for root alone", f"choose one above 1023 as `{key}`"
        )
    if trouble != errno.EADDRINUSE:
        said = f"{host} is no address of this computer, or cannot be listened on"
        mend = "set the host to 127.0.0.1 or 0.0.0.0, or to an address that `ip -brief addr` lists"
        return failed(check, said, mend)
    holder = holder_of(number, proc)
    if hub is not None and holder is not None and _belongs(holder.pid, hub, proc):
        return ok(check, f"port {number} is the running hub's")
    return _taken(check, number, key, holder, hub)


def _taken(check: str, number: int, key: str, holder: Holder | None, hub: int | None) -> Finding:
    if holder is None or holder.pid is None:
        if hub is not None:
            return skipped(check, f"port {number} is in use; by whom, only root or its owner sees")
        return failed(
            check,
            f"port {number} is held by another user's program",
            f"see which: sudo ss -ltnp 'sport = :{number}'; end it, or set another `{key}`",
        )
    said = f"port {number} is held by {holder.name} (process {holder.pid})"
    if holder.name == "mosquitto":
        return failed(
            check,
            f"{said}: the distribution's own broker",
            "sudo systemctl disable --now mosquitto",
        )
    if holder.name in ("classhub", "python", "python3"):
        mend = f"end the other hub, or set another `{key}`: ps -fp {holder.pid}"
    else:
        mend = f"end it, or set another `{key}` in the settings file"
    return failed(check, said, mend)


def _try(host: str, number: int) -> int | None:
    """Return why the port cannot be listened on, None where it can."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the server does: connections that linger after an end are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error.errno or -1
    return None


def holder_of(number: int, proc: Path = PROC) -> Holder | None:
    """Return who listens on a TCP port, None where nobody does."""
    inodes = _inodes(number, proc)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in proc.iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):  # of somebody else, or just ended
            for link in (process / "fd").iterdir():
                if str(link.readlink()) in wanted:
                    return Holder(int(process.name), _name(process))
    return Holder(None, "")


def _inodes(number: int, proc: Path) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (proc / "net" / table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                here, state, inode = fields[1], fields[3], fields[9]
                if state == _LISTENING and int(here.rpartition(":")[2], 16) == number:
                    found.add(inode)
    return found


def _name(process: Path) -> str:
    return (process / "comm").read_text("utf-8", "replace").strip()


def _belongs(pid: int | None, hub: int, proc: Path) -> bool:
    """Tell whether a process is the hub or was started by it."""
    for _ in range(_GENERATIONS):
        if pid == hub:
            return True
        if not pid:
            return False
        pid = _parent(pid, proc)
    return False


def _parent(pid: int, proc: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        # The name stands in parentheses and may hold anything, parentheses too (proc(5), stat).
        fields = (proc / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(fields[1])
    return None
