"""`classhub run`: the data directory, the port, the hub, the server, and a clean end."""

import asyncio
import contextlib
import fcntl
import gc
import logging
import os
import signal
import sys
from pathlib import Path
from typing import IO, Any

import click
import uvloop

from hub import logs
from hub.api.application import Api
from hub.api.server import PortBusy, Server, address_of, listen
from hub.app import Hub
from hub.cli._common import ADDRESS_FILE, IN_USE, MISSING, USAGE, fail, said, settings
from hub.errors import HubError
from hub.keeping import HubRunning, finish_restore
from hub.network.tls import Tls, TlsUnusable
from hub.service import Service
from hub.settings import Settings
from hub.store import StoreUnreachable
from hub.virtual import VirtualClassroom

log = logging.getLogger("classhub")

_LOCK_FILE = "lock"


class DataInUse(Exception):
    """Another hub uses the data directory."""


class DataUnusable(Exception):
    """The data directory cannot be read or written."""


def lock(data: Path) -> IO[str]:
    """Make the data directory this process's own, until it ends.

    Raises:
        DataInUse: another hub has it.
        OSError: it cannot be made or written.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = os.open(data / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    file = os.fdopen(number, "r+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read().strip()
        file.close()
        raise DataInUse(
            f"another hub{f' (process {owner})' if owner else ''} uses {data}."
            " End it, or choose another directory with --data."
        ) from None
    # Over what stands there, then cut: a full disk has no room for anything new.
    file.seek(0)
    file.write(str(os.getpid()))
    file.truncate()
    file.flush()
    return file


class Address:
    """The file by which other programs of this computer find the hub that runs.

    It is there only while the hub is ready. Meanwhile its room on the disk is kept under another
    name, so that a hub on a full disk is found by those who could make room.
    """

    def __init__(self, data: Path) -> None:
        self._file = data / ADDRESS_FILE
        self._spare = data / f".{ADDRESS_FILE}"

    def hide(self) -> None:
        """Take it away; also that of a hub that was killed."""
        with contextlib.suppress(FileNotFoundError):
            self._file.replace(self._spare)

    def show(self, url: str) -> None:
        """Have the hub found at `url`; where that cannot be, the log says so."""
        try:
            number = os.open(self._spare, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            with os.fdopen(number, "r+", encoding="ascii") as file:
                file.write(f"{url}\n")
                file.truncate()
            self._spare.replace(self._file)
        except OSError as error:
            log.error(
                "commands do not find this hub by its data directory (%s): give them --url %s",
                error.strerror,
                url,
            )


def run_hub(config: Path | None, **options: Any) -> None:
    """Run the hub; returns when it has ended, exits with a message where it cannot run."""
    chosen = settings(config, **options)
    logs.set_up(chosen.log_level, chosen.log_format)
    try:
        tls = Tls.of(chosen.tls)
        finish_restore(chosen.data)
        held = lock(chosen.data)
        bound = listen(chosen.host, chosen.port)
    except (DataInUse, PortBusy) as error:
        fail(str(error), IN_USE)
    except TlsUnusable as error:
        fail(str(error), USAGE)
    except StoreUnreachable as error:
        fail(said(error), MISSING)
    except HubRunning as error:
        fail(said(error), IN_USE)
    except OSError as error:
        fail(f"{chosen.data} cannot be used: {error.strerror}", MISSING)
    with held, bound:
        try:
            uvloop.run(_serve(chosen, bound, tls))
        except HubError as error:
            fail(said(error))
        except DataUnusable as error:
            fail(str(error), MISSING)


async def _serve(chosen: Settings, bound: Any, tls: Tls | None) -> None:
    """Run until a signal comes; one that comes during the start ends that, as cleanly."""
    starting = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if starting is not None:
            loop.add_signal_handler(number, starting.cancel)
    try:
        await _start_and_serve(chosen, bound, tls)
    except asyncio.CancelledError:
        log.info("ended before it was ready")


async def _start_and_serve(chosen: Settings, bound: Any, tls: Tls | None) -> None:
    peers = VirtualClassroom()
    service = Service()
    service.start()
    hub: Hub | None = None
    address = Address(chosen.data)
    try:
        # Of a hub that was killed: nobody may take it for ours.
        address.hide()
        taken = {device.id for device in chosen.devices}
        extra = await peers.start(taken) if chosen.virtual else []
        try:
            hub = Hub(chosen, extra_devices=extra)
        except OSError as error:
            raise DataUnusable(f"{chosen.data} cannot be used: {error.strerror}") from error
        await hub.start()
        api = Api(hub)
        running = hub

        async def ready() -> None:
            url = address_of(bound, secure=tls is not None)
            try:
                said = await _way_in(running, url)
            except (HubError, OSError) as error:
                # A full disk is no reason to keep those out who could make room on it.
                log.error("no sign-in link could be made: %s", error)
                said = f"The hub is ready at {url}"
            click.echo(f"\n{said}\n")
            sys.stdout.flush()
            # Last: who finds the address finds a hub that has said all that it says.
            address.show(url)
            service.ready(lambda: _how(running, url))
            # What the start has made stays: the search for garbage leaves it out from now on.
            gc.freeze()
            gc.enable()

        async def end() -> None:
            service.stopping()
            running.stopping.set()
            await api.stop()

        def listening(port: int, secure: bool) -> None:
            running.network.serve(port, secure=secure)

        server = Server(api, on_ready=ready, on_stop=end, on_port=listening, tls=tls)
        await server.serve(sockets=[bound])
    finally:
        service.stopping()
        address.hide()
        if hub is not None:
            await hub.stop()
        await peers.stop()
        await service.close()


def _how(hub: Hub, url: str) -> str:
    """Return how the hub is, in a line for `systemctl status`."""
    devices = hub.devices.list()
    reachable = sum(device.state.reachable for device in devices)
    return f"{url} · {reachable} of {len(devices)} devices reachable · MQTT {hub.mqtt.state.status}"


async def _way_in(hub: Hub, url: str) -> str:
    if _into_journal():
        # The journal keeps what is printed, and others read it.
        return f"The hub is ready at {url} (`classhub sign-in-link` lets you in)"
    code = await hub.sign_in_code()
    return f"The hub is ready. Sign in, within ten minutes, at\n\n    {url}/#code={code}"


def _into_journal() -> bool:
    """Tell whether standard output goes to systemd's journal (systemd.exec(5), JOURNAL_STREAM)."""
    about = os.fstat(sys.stdout.fileno())
    return os.environ.get("JOURNAL_STREAM") == f"{about.st_dev}:{about.st_ino}"
