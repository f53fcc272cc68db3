"""Start the hub and its peers as a school would, and measure them from outside."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

HUB = [sys.executable, "-m", "hub.cli"]


@dataclass
class Running:
    """A hub that runs: its address, its process, its data folder, seconds until it was ready."""

    url: str
    process: psutil.Process
    data: Path
    ready: float

    def family(self) -> list[psutil.Process]:
        """Return the hub and its own children; peers of the virtual classroom are not its own."""
        children = self.process.children(recursive=True)
        return [self.process, *(c for c in children if not is_peer(c))]

    def token(self, role: str) -> str:
        """Make a token as an engineer would."""
        command = [*HUB, "token", "create", "--role", role, "--data", str(self.data)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def is_peer(process: psutil.Process) -> bool:
    """Tell whether a process plays a device, and so is not the hub's to answer for."""
    return "drivers.virtual" in " ".join(process.cmdline())


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """Return what processes have used of the processor, in seconds of one core."""
    return sum(sum(p.cpu_times()[:2]) for p in processes)


def pss_bytes(processes: list[psutil.Process]) -> int:
    """Return the memory of processes with shared pages divided fairly (PSS)."""
    return sum(p.memory_full_info().pss for p in processes)


def listen_address(process: subprocess.Popen[str], wait: float = 20.0) -> str:
    """Return the address that a peer prints when it is ready."""
    assert process.stdout is not None
    end = time.monotonic() + wait
    while time.monotonic() < end:
        line = process.stdout.readline()
        if found := re.search(r"http://\S+", line):
            return found[0]
        if process.poll() is not None:
            break
    raise RuntimeError(f"no address from {process.args}")


@contextlib.contextmanager
def peer(*argv: str) -> Iterator[str]:
    """Run a device's peer and yield its address."""
    process = subprocess.Popen([sys.executable, "-m", *argv], stdout=subprocess.PIPE, text=True)
    try:
        yield listen_address(process)
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def hub(*options: str, config: str = "") -> Iterator[Running]:
    """Run a hub on a free port with a data folder of its own."""
    with tempfile.TemporaryDirectory(prefix="classhub-bench-") as folder:
        data = Path(folder) / "data"
        file = Path(folder) / "classhub.toml"
        file.write_text(config)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [*HUB, "run", "--port", str(port), "--data", str(data), "--config", str(file)]
        with (Path(folder) / "log").open("w") as log:
            started = time.monotonic()
            # The broker is part of what is measured; it takes a port of its own.
            environment = {**os.environ, "CLASSHUB_MQTT__PORT": "0"}
            process = subprocess.Popen(
                [*command, *options], stdout=log, stderr=log, env=environment
            )
            try:
                ready = wait_ready(url, process, started)
                yield Running(url, psutil.Process(process.pid), data, ready)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(20)


def free_port() -> int:
    """Return a port of the loopback interface that is free now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_ready(url: str, process: subprocess.Popen[bytes], started: float) -> float:
    """Return the seconds until the hub says that it is ready."""
    while time.monotonic() - started < 90:
        if process.poll() is not None:
            raise RuntimeError(f"the hub ended with {process.returncode}")
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{url}/api/v1/health", timeout=1),
        ):
            return time.monotonic() - started
        time.sleep(0.01)
    raise RuntimeError("the hub is not ready after 90 s")


def quantile(values: list[float], q: float) -> float:
    """Return the q-th quantile (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def machine() -> str:
    """Say in one line what the figures were measured on."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {load:.1f}"
