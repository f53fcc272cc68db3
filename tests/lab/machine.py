"""The virtual machine: its life, commands in it, its USB ports and its network cable.

It runs under qemu's own emulation, so no hardware virtualisation is needed. A booted machine can
be saved, memory and disk, and come back in a second or two: tests start from such a state.
"""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.disk import VolatileDisk, memory_stick, overlay
from tests.lab.qmp import Agent, Qmp, QmpError

KERNEL_LINE = (
    "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off tsc=reliable no_timer_check audit=0"
    " quiet systemd.show_status=false loglevel=4 random.trust_cpu=on nokaslr rootflags=noatime"
    " fsck.mode=skip"
)


class MachineError(Exception):
    """The machine did not do what was asked; the message says what, and what it printed."""


@dataclass(frozen=True)
class Saved:
    """A booted machine, asleep: its disk (also good for a cold boot) and its memory."""

    disk: Path
    memory: Path


class Machine:
    """One machine. `folder` holds its disk and logs; sockets lie under a short path of their own."""

    def __init__(self, image: Path, folder: Path, *, memory: int = 2048) -> None:
        self.image = image
        self.folder = folder
        self.memory = memory
        self.ssh_port = 0
        self.data: VolatileDisk | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._worked = 0.0
        self._ports: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)
        self.sockets = Path(tempfile.mkdtemp(prefix="lab-"))  # a unix socket's path is short

    # Life

    def boot(
        self,
        *,
        base: Path | None = None,
        data: VolatileDisk | None = None,
        hardware: Sequence[str] = (),
        limit: float = 240,
    ) -> None:
        """Start cold from a throw-away disk over `base` (default: the image).

        Args:
            base: the disk to start from, left as it is.
            data: a second disk.
            hardware: what else it has, as qemu's arguments.
            limit: seconds until it has to answer.
        """
        overlay(base or self.image / "root.img", self.folder / "root.qcow2")
        self.data = data
        more = list(hardware)
        if data is not None:
            data.serve()
            # cache=none: a flush reaches the disk's server or is lost together with qemu.
            drive = f"if=none,id=data,file={data.address},format=raw,cache=none"
            more += ["-drive", drive, "-device", "virtio-blk-pci,drive=data,serial=data"]
        self._start([*more, "-append", KERNEL_LINE])
        self._wait_for_ssh(limit)

    def wake(self, saved: Saved, *, limit: float = 120) -> None:
        """Go on from a saved state; the state stays as it is."""
        overlay(saved.disk, self.folder / "root.qcow2")
        self.data = None
        reads = f"exec:cat {shlex.quote(str(saved.memory))}"
        self._start(["-append", KERNEL_LINE, "-incoming", reads])
        self._continue(limit)
        self._wait_for_ssh(limit)
        self.run(f"date -s @{time.time():.3f} >/dev/null")  # its clock stood still

    def save(self, folder: Path) -> Saved:
        """Put the machine to sleep in `folder`; it ends here. Nothing may be plugged in."""
        folder.mkdir(parents=True, exist_ok=True)
        saved = Saved(folder / "root.qcow2", folder / "memory")
        self.run("sync; echo 1 > /proc/sys/vm/drop_caches")
        self._hang_up()
        with self.qmp() as qmp:
            qmp.call("stop")
            qmp.call("migrate-set-parameters", **{"max-bandwidth": 8 << 30})
            qmp.call("migrate", uri=f"exec:cat > {shlex.quote(str(saved.memory))}")
            end = time.monotonic() + 120
            while (status := qmp.call("query-migrate").get("status")) != "completed":
                if status == "failed" or time.monotonic() > end:
                    raise MachineError(f"the machine could not be saved: {status}")
                time.sleep(0.1)
            self.worked()
            qmp.call("quit")
        assert self._process is not None
        self._process.wait(30)
        self._process = None
        shutil.move(self.folder / "root.qcow2", saved.disk)
        return saved

    def cut_power(self) -> None:
        """End it as when the plug is pulled."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                # Frozen first, so that it sees nothing of its disk's end.
                self._process.send_signal(signal.SIGSTOP)
            if self.data is not None:
                self.data.kill()
            self._process.kill()
            self._process.wait()
            self._process = None
        self._hang_up()

    def power_off(self, limit: float = 90) -> None:
        """End it as its switch does; `MachineError` where it does not end."""
        assert self._process is not None
        self.run("systemctl poweroff --no-block", check=False)
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise MachineError(f"it did not end within {limit} s") from error
        self._process = None
        self._hang_up()
        if self.data is not None:
            self.data.kill()

    def close(self) -> None:
        """End it, whatever it does, and clear its sockets."""
        self.cut_power()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def worked(self) -> float:
        """Return how many seconds of a core it has used so far; what it used before it ended, too."""
        if self._process is not None:
            with contextlib.suppress(OSError):
                said = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
                self._worked = sum(int(one) for one in said[11:13]) / os.sysconf("SC_CLK_TCK")
        return self._worked

    # Commands

    def run(self, script: str, *, limit: float = 240, check: bool = True) -> str:
        """Run a shell script as root and return what it printed; `MachineError` where it failed."""
        command = [*self._ssh(), f"bash -c {shlex.quote(script)}"]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit,
            text=True,
            errors="replace",
            check=False,
        )
        if check and done.returncode:
            raise MachineError(f"exit code {done.returncode}: {script}\n{done.stdout}")
        return done.stdout

    def run_by_agent(self, script: str, *, limit: float = 240) -> str:
        """Run a shell script as root without the machine's network."""
        with Agent(self.sockets / "agent") as agent:
            return agent.run(script, limit=limit)

    def send(self, file: Path, to: str) -> None:
        """Copy a file into the machine."""
        with file.open("rb") as content:
            command = [*self._ssh(), f"cat > {shlex.quote(to)}"]
            subprocess.run(command, stdin=content, check=True, timeout=300)

    def fetch_tree(self, source: str, into: Path) -> Path:
        """Copy a folder out of the machine, owners and all, into an empty folder."""
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        packed = self.folder / "fetched.tar"
        with packed.open("wb") as file:
            command = [*self._ssh(), f"tar -C {shlex.quote(source)} -cf - ."]
            subprocess.run(command, stdout=file, check=True, timeout=300)
        unpack = ["tar", "--numeric-owner", "-C", str(into), "-xpf", str(packed)]
        subprocess.run(unpack, check=True)
        packed.unlink()
        return into

    def listen(self, node: str, into: str, unit: str) -> None:
        """Have a program of this unit read an event node into a file; it has it open on return."""
        self.run(
            f"systemd-run -q --unit={unit} sh -c 'exec cat {node} > {into}';"
            f" for i in $(seq 100); do p=$(systemctl show {unit} -p MainPID --value);"
            f" ls -l /proc/$p/fd | grep -q {node} && exit 0; sleep .1; done; exit 1"
        )

    def forward(self, port: int) -> int:
        """Return a port of this computer's loopback that leads to one of the machine's."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            here = int(probe.getsockname()[1])
        self.run("true")  # there must be a connection to share
        subprocess.run(
            [
                *self._ssh()[:-1],
                "-O",
                "forward",
                "-L",
                f"{here}:127.0.0.1:{port}",
                "root@127.0.0.1",
            ],
            check=True,
            capture_output=True,
        )
        return here

    def lead_back(self, port: int, here: int) -> None:
        """Lead a port of the machine's loopback to one of this computer's."""
        self.run("true")
        way = f"{port}:127.0.0.1:{here}"
        subprocess.run(
            [*self._ssh()[:-1], "-O", "forward", "-R", way, "root@127.0.0.1"],
            check=True,
            capture_output=True,
        )

    # Hardware

    @contextlib.contextmanager
    def qmp(self) -> Iterator[Qmp]:
        """Speak to qemu."""
        with Qmp(self.sockets / "qmp") as qmp:
            yield qmp

    def usb_port(self, name: str, port: int) -> Path:
        """Make a USB port (1 to 8) ready for a played device and return its socket.

        Connecting to the socket plugs the device in, closing the connection pulls it out.
        """
        path = self.sockets / f"{name}.sock"
        address = {"type": "unix", "data": {"path": str(path)}}
        backend = {"type": "socket", "data": {"addr": address, "server": True, "wait": False}}
        with self.qmp() as qmp:
            qmp.call("chardev-add", id=name, backend=backend)
            where = {"chardev": name, "bus": "xhci.0", "port": str(port)}
            qmp.call("device_add", driver="usb-redir", id=f"{name}-port", **where)
        self._ports.add(name)
        return path

    def free_usb_port(self, name: str) -> None:
        """Take the port of `name` away, and what is plugged into it."""
        self._ports.discard(name)
        with self.qmp() as qmp:
            gone = f"{name}-port"
            qmp.call("device_del", id=gone)
            qmp.wait_for("DEVICE_DELETED", lambda data: data.get("device") == gone)
            with contextlib.suppress(QmpError):
                qmp.call("chardev-remove", id=name)  # usb-redir takes it along

    def free_usb_ports(self) -> None:
        """Take all ports away."""
        for name in list(self._ports):
            self.free_usb_port(name)

    @contextlib.contextmanager
    def memory_stick(self, folder: Path) -> Iterator[str]:
        """Plug in a USB stick with the files of a folder; the value is where it is mounted."""
        file = memory_stick(folder, self.folder / "stick.img")
        node = {"driver": "file", "filename": str(file.resolve())}
        with self.qmp() as qmp:
            qmp.call("blockdev-add", driver="raw", file=node, **{"node-name": "stick"})
            where = {"bus": "xhci.0", "port": "8"}
            qmp.call("device_add", driver="usb-storage", id="stick-usb", drive="stick", **where)
        mount = "mkdir -p /media/stick; mount -o ro,noload /dev/disk/by-label/stick /media/stick"
        self.run(f"{await_node('/dev/disk/by-label/stick')}; {mount}")
        try:
            yield "/media/stick"
        finally:
            self.run("umount /media/stick")
            with self.qmp() as qmp:
                qmp.call("device_del", id="stick-usb")
                qmp.wait_for("DEVICE_DELETED", lambda data: data.get("device") == "stick-usb")
                qmp.call("blockdev-del", **{"node-name": "stick"})
            file.unlink()

    def network_cable(self, *, plugged: bool) -> None:
        """Plug the network cable in, or pull it."""
        with self.qmp() as qmp:
            qmp.call("set_link", name="n0", up=plugged)

    # Plumbing

    def _start(self, more: Sequence[str]) -> None:
        if self._process is not None:
            raise MachineError("it runs already")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.ssh_port = int(probe.getsockname()[1])
        self._ports.clear()
        for left in self.sockets.iterdir():
            left.unlink()
        # The root disk is thrown away, so its flushes may be (cache=unsafe).
        disk = f"if=none,id=root,file={self.folder / 'root.qcow2'},format=qcow2,cache=unsafe,discard=unmap"
        # restrict: as in a room without internet; only our own ssh reaches in.
        network = f"user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:{self.ssh_port}-:22"
        agent = f"socket,id=agent,path={self.sockets / 'agent'},server=on,wait=off"
        command = [
            *("qemu-system-x86_64", "-machine", "q35,sata=off,smbus=off,hpet=off"),
            *("-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max,-svm", "-smp", "2"),
            *("-m", str(self.memory), "-nodefaults", "-no-user-config", "-no-reboot"),
            *("-display", "none", "-vga", "none"),
            *("-kernel", str(self.image / "vmlinux"), "-initrd", str(self.image / "initrd.img")),
            *("-drive", disk, "-device", "virtio-blk-pci,drive=root"),
            *("-netdev", network, "-device", "virtio-net-pci,netdev=n0,romfile="),
            *("-object", "rng-random,id=rng0,filename=/dev/urandom"),
            *("-device", "virtio-rng-pci,rng=rng0"),
            *("-device", "qemu-xhci,id=xhci,p2=8,p3=8"),
            *("-device", "virtio-serial-pci,id=vser", "-chardev", agent),
            *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
            *("-qmp", f"unix:{self.sockets / 'qmp'},server=on,wait=off"),
            *("-serial", f"file:{self.folder / 'console.log'}"),
            *more,
        ]
        with (self.folder / "qemu.log").open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )

    def _continue(self, limit: float) -> None:
        """Let a machine go on whose memory is being read; it was saved while it stood still."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            with contextlib.suppress(OSError), self.qmp() as qmp:
                while qmp.call("query-status")["status"] == "inmigrate":
                    time.sleep(0.05)
                qmp.call("cont")
                return
            time.sleep(0.05)
        raise MachineError(f"the saved machine did not come back within {limit} s")

    def _wait_for_ssh(self, limit: float) -> None:
        began = time.monotonic()
        end = began + limit
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                said = (self.folder / "qemu.log").read_text()
                raise MachineError(f"qemu ended: {said}")
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.ssh_port), 2) as probe,
            ):
                # One that is up and busy would begin anew with each question.
                probe.settimeout(5 if time.monotonic() < began + 60 else 60)
                if probe.recv(4) == b"SSH-":
                    return
            time.sleep(0.1)
        raise MachineError(f"no answer after {limit} s, see {self.folder / 'console.log'}")

    def _ssh(self) -> list[str]:
        # The first connection costs about a second, those that share it far less.
        options = [
            *("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes"),
            *("ConnectTimeout=30", "ControlMaster=auto", "ControlPersist=600"),
            f"ControlPath={self.sockets / 'ssh'}",
        ]
        flags = [part for option in options for part in ("-o", option)]
        key = str(self.image / "id_ed25519")
        return ["ssh", "-q", "-i", key, "-p", str(self.ssh_port), *flags, "root@127.0.0.1"]

    def _hang_up(self) -> None:
        """End the shared ssh connection, and with it the forwarded ports."""
        subprocess.run(
            [*self._ssh()[:-1], "-O", "exit", "root@127.0.0.1"], capture_output=True, check=False
        )


def await_node(node: str) -> str:
    """Return a piece of shell that waits for a device node, half a minute at most."""
    wait = f"for i in $(seq 300); do [ -e {node} ] && break; sleep .1; done"
    return f"{wait}; udevadm settle; [ -e {node} ]"


def slowness(machine: Machine) -> float:
    """Return how many times this computer's time the machine takes for the same Python.

    Both are times of a core, so that other work on this computer does not count.
    """
    work = "sum(n * n % 7 for n in range({count}))"

    def used(count: int) -> float:
        before = machine.worked()
        machine.run(f'python3 -c "{work.format(count=count)}"')
        return machine.worked() - before

    began = time.process_time()
    sum(n * n % 7 for n in range(1_000_000))
    here = time.process_time() - began
    return (used(1_000_000) - used(1)) / here


def can_run() -> str:
    """Return why a machine cannot run here, empty where it can."""
    if os.geteuid() != 0:
        return "the lab makes its disk as root"
    for program in ("qemu-system-x86_64", "qemu-img", "mmdebstrap", "mkfs.ext4", "nbdkit", "ssh"):
        if shutil.which(program) is None:
            return f"{program} is missing; install what packaging/apt-lab.txt lists"
    return ""
