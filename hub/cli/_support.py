"""`classhub support-bundle`."""

from pathlib import Path

import click

from hub.cli._common import FAILED, fail
from hub.cli._remote import NoHub, Where, address_in, reach
from hub.clock import now
from hub.doctor import settings_of
from hub.settings import default_data
from hub.support import bundle_name, of_computer, write_bundle

PATH = "/support-bundle"


def support_bundle(where: Where, file: Path | None) -> None:
    """Write a bundle and print where it is.

    Args:
        where: which hub. One that does not run on this computer is done without.
        file: the file to write, or a folder; None for the folder one is in.
    """
    target = file if file is not None else Path()
    if target.is_dir():
        target /= bundle_name(now())
    try:
        if where.url is not None or _runs(where):
            with reach(where) as hub:
                hub.download(PATH, target)
        else:
            _without_hub(where, target)
    except OSError as error:
        fail(f"{target} could not be written: {error.strerror}", FAILED)
    click.echo(target)


def _runs(where: Where) -> bool:
    settings, _ = settings_of(where.config, where.data)
    if settings is None:
        return False
    try:
        address_in(settings.data)
    except (NoHub, OSError):
        return False
    return True


def _without_hub(where: Where, target: Path) -> None:
    click.echo("classhub: no hub runs here; the bundle tells of the computer alone", err=True)
    settings, _ = settings_of(where.config, where.data)
    data = where.data or (default_data() if settings is None else settings.data)
    config = where.config if settings is None else settings.file
    parts = of_computer(settings, data, config)
    unfinished = target.with_name(target.name + ".part")
    try:
        with unfinished.open("wb") as file:
            write_bundle(file, parts)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
