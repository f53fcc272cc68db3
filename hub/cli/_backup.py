"""`classhub backup` and `classhub restore`: they work on the data directory itself.

A backup is made beside a running hub or without one; to restore, the hub must not run.
"""

import json
import sys
from pathlib import Path

import click

from hub.cli._common import FAILED, IN_USE, MISSING, fail, said, settings
from hub.errors import HubError
from hub.keeping import Backup, HubRunning, next_name
from hub.keeping import backup as make_backup
from hub.keeping import restore as restore_backup
from hub.settings import Settings
from hub.store import HeldAlready, StoreUnreachable


def backup(
    file: Path | None, data: Path | None, config: Path | None, *, as_json: bool = False
) -> None:
    """Make a backup and print where it is.

    Args:
        file: the file to make, or a folder to put a numbered one in; None takes `[keeping]
            backup_to` of the settings, else the folder `backups` of the data directory.
        data: the data directory.
        config: the settings file.
        as_json: for scripts.
    """
    chosen = settings(config, data=data)
    target = _target(chosen, file)
    try:
        with _bar("Backup") as report:
            made = make_backup(chosen.data, target, config=chosen.file, report=report)
    except HubError as error:
        fail(said(error), _code(error))
    if as_json:
        click.echo(json.dumps(_as_json(made)))
        return
    click.echo(made.path)
    if made.missing:
        click.echo(
            f"classhub: the files of {made.missing} asset(s) are missing or damaged in the hub"
            " itself; the backup has all the others",
            err=True,
        )


def restore(
    file: Path, data: Path | None, config: Path | None, *, yes: bool = False, as_json: bool = False
) -> None:
    """Put the hub of a backup in place of the data directory, which is kept aside.

    Args:
        file: the backup.
        data: the data directory.
        config: the settings file.
        yes: do not ask.
        as_json: for scripts.
    """
    chosen = settings(config, data=data)
    if not yes and chosen.data.is_dir() and sys.stdin.isatty():
        question = f"Put {file.name} in place of {chosen.data} (which is kept aside)?"
        click.confirm(question, abort=True, err=True)
    try:
        with _bar("Restore") as report:
            restored = restore_backup(file, chosen.data, report=report)
    except HubError as error:
        fail(said(error), _code(error))
    about = restored.manifest
    if as_json:
        told = {
            "data": str(chosen.data),
            "aside": None if restored.aside is None else str(restored.aside),
            "made": about.made,
            "version": about.version,
            "missing": len(about.missing),
        }
        click.echo(json.dumps(told))
        return
    click.echo(f"{chosen.data} is now as it was on {about.made} (version {about.version}).")
    if restored.aside is not None:
        click.echo(f"What was there before is in {restored.aside}; delete it once all is well.")


def _target(chosen: Settings, file: Path | None) -> Path:
    if file is not None and not file.is_dir():
        return file
    folder = file or chosen.keeping.backup_to or chosen.data / "backups"
    return folder / next_name(folder)


def _as_json(made: Backup) -> dict[str, object]:
    return {
        "file": str(made.path),
        "size": made.size,
        "files": made.assets,
        "missing": made.missing,
    }


def _code(error: HubError) -> int:
    if isinstance(error, HubRunning | HeldAlready):
        return IN_USE
    return MISSING if isinstance(error, StoreUnreachable) else FAILED


class _bar:  # noqa: N801 - read as a word of the `with` statement
    """Shows how far it is where a person looks on, and nothing else where a script does."""

    def __init__(self, label: str) -> None:
        self._shown = sys.stderr.isatty()
        self._label = label

    def __enter__(self) -> "_bar":
        return self

    def __call__(self, fraction: float) -> None:
        if self._shown:
            click.echo(f"\r{self._label} {fraction:4.0%}", nl=False, err=True)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo("\r\033[K", nl=False, err=True)
