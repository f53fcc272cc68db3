"""`classhub run`: the data directory, the port, the hub, the server, and a clean end."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import sys
from pathlib import Path
from typing import IO, Any

import click
import uvloop

from hub import log as hub_log
from hub.api.application import Api
from hub.api.server import PortBusy, Server, address_of, listen
from hub.app import Hub
from hub.cli._common import ADDRESS_FILE, IN_USE, MISSING, fail, said, settings
from hub.errors import HubError
from hub.settings import Settings
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
    file = (data / _LOCK_FILE).open("a+", encoding="ascii")
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
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file


def run_hub(config: Path | None, **options: Any) -> None:
    """Run the hub; returns when it has ended, exits with a message where it cannot run."""
    chosen = settings(config, **options)
    hub_log.set_up(chosen.log_level)
    try:
        held = lock(chosen.data)
        bound = listen(chosen.host, chosen.port)
    except (DataInUse, PortBusy) as error:
        fail(str(error), IN_USE)
    except OSError as error:
        fail(f"{chosen.data} cannot be used: {error.strerror}", MISSING)
    with held, bound:
        try:
            uvloop.run(_serve(chosen, bound))
        except HubError as error:
            fail(said(error))
        except DataUnusable as error:
            fail(str(error), MISSING)


async def _serve(chosen: Settings, bound: Any) -> None:
    """Run until a signal comes; one that comes during the start ends that, as cleanly."""
    starting = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if starting is not None:
            loop.add_signal_handler(number, starting.cancel)
    try:
        await _start_and_serve(chosen, bound)
    except asyncio.CancelledError:
        log.info("ended before it was ready")


async def _start_and_serve(chosen: Settings, bound: Any) -> None:
    peers = VirtualClassroom()
    hub: Hub | None = None
    address = chosen.data / ADDRESS_FILE
    try:
        # Of a hub that was killed: nobody may take it for ours.
        address.unlink(missing_ok=True)
        extra = await peers.start() if chosen.virtual else []
        try:
            hub = Hub(chosen, extra_devices=extra)
        except OSError as error:
            raise DataUnusable(f"{chosen.data} cannot be used: {error.strerror}") from error
        await hub.start()
        api = Api(hub)
        running = hub

        async def ready() -> None:
            url = address_of(bound)
            try:
                said = await _way_in(running, url)
            except (HubError, OSError) as error:
                # A full disk is no reason to keep those out who could make room on it.
                log.error("no sign-in link could be made: %s", error)
                said = f"The hub is ready at {url}"
            click.echo(f"\n{said}\n")
            sys.stdout.flush()
            # Last: who finds the address finds a hub that has said all that it says.
            with contextlib.suppress(OSError):
                address.write_text(url + "\n", "ascii")

        async def end() -> None:
            running.stopping.set()
            await api.stop()

        await Server(api, on_ready=ready, on_stop=end).serve(sockets=[bound])
    finally:
        address.unlink(missing_ok=True)
        if hub is not None:
            await hub.stop()
        await peers.stop()


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
