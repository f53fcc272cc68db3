"""Installs, upgrades, rolls back and removes the hub; `install.sh` starts it.

An upgrade makes the new environment beside the old one, tries it out, backs up, stops the hub,
switches, starts, and looks whether the hub is well. Where it is not, it goes back by itself.
"""

import argparse
import os
import sqlite3
import sys
import time
from pathlib import Path

import checks
import database
import environment
import health
import system
from place import UNIT, Place, Refused, release, remember, remembered, say, share, version_of


def main() -> int:
    """Do what the command line asks; return the exit code."""
    options = _options()
    os.umask(0o022)
    place = Place(Path(options.root).resolve())
    services = system.Services(used=not options.no_start)
    try:
        if os.geteuid() != 0:
            raise Refused("please run it as root: sudo ./install.sh", 2)
        if options.uninstall:
            services.disable()
            system.remove(place, purge=options.purge)
            services.reload()
        elif options.rollback:
            _roll_back(place, services, options)
        elif options.kiosk or options.virtual_camera:
            _more(place, services, options)
        else:
            _install(place, services, options)
    except Refused as refused:
        print(f"install.sh: {refused}", file=sys.stderr)
        return refused.code
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("install.sh", description="The classroom device hub.")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--rollback", action="store_true", help="go back to the version before")
    task.add_argument("--uninstall", action="store_true", help="remove; settings and data stay")
    parser.add_argument(
        "--kiosk",
        action="store_true",
        help="also show the class's screen on this computer: Chromium under cage, from boot",
    )
    parser.add_argument(
        "--virtual-camera",
        action="store_true",
        help="also give this computer a camera that shows the microscope in video calls",
    )
    parser.add_argument("--purge", action="store_true", help="with --uninstall: all data, too")
    parser.add_argument(
        "--restore-database",
        action="store_true",
        help="with --rollback: put the database of before the upgrade back as well",
    )
    parser.add_argument(
        "--disable-system-mosquitto",
        action="store_true",
        help="stop the distribution's own broker, which holds the port of the hub's",
    )
    parser.add_argument(
        "--no-backup", action="store_true", help="upgrade with a copy of the database alone"
    )
    parser.add_argument(
        "--wait", type=float, default=60.0, metavar="S", help="how long it may take to be well (60)"
    )
    parser.add_argument(
        "--no-compile",
        action="store_true",
        help="leave compiling out: installed sooner, and started slower each time; for trials",
    )
    parser.add_argument("--no-start", action="store_true", help="use no systemd: images, trials")
    parser.add_argument("--root", default="/", metavar="DIR", help="another root, for trials")
    parser.add_argument("--from", dest="folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.purge and not options.uninstall:
        parser.error("--purge goes with --uninstall")
    if options.uninstall or options.rollback:
        for given in ("kiosk", "virtual_camera"):
            if getattr(options, given):
                parser.error(f"--{given.replace('_', '-')} goes with installing")
    return options


def _install(place: Place, services: system.Services, options: argparse.Namespace) -> None:
    folder: Path = options.folder
    checks.computer(folder, place)
    services.check()
    old = place.linked("current")
    if services.used and (old is None or services.state() == "failed"):
        checks.port(place)
    version = release(folder)["version"]
    if old is not None:
        say(f"Upgrading from {version_of(old)} to {version}.")
    if old is None:
        system.prepare(folder, place)
    new = environment.make(folder, place, compiled=not options.no_compile)
    try:
        environment.try_out(new, place)
        if old is None:
            system.switch(place, new, services)
        else:
            _upgrade(place, services, options, old, new)
            return
    finally:
        environment.prune(place)
    services.enable()
    services.computer()
    services.mosquitto(disable=options.disable_system_mosquitto)
    services.start()
    if services.used:
        problem = health.wait(place, services, version, options.wait)
        if problem is not None:
            raise Refused(
                f"the hub is installed but not well: {problem}.\n{services.journal()}"
                f"Mend it, then: systemctl restart {UNIT}"
            )
    _welcome(version)


def _more(place: Place, services: system.Services, options: argparse.Namespace) -> None:
    """Have the class's screen, or a camera for video calls; of the installed version, or after."""
    if options.kiosk:
        system.kiosk_possible()
    if options.virtual_camera:
        system.virtual_camera_possible()
    now = place.linked("current")
    if now is None or share(now).resolve() != options.folder.resolve():
        _install(place, services, options)
        now = place.linked("current")
    if now is None:
        raise Refused("nothing is installed")
    services.check()
    if options.kiosk:
        system.kiosk(now, place, services)
    if options.virtual_camera:
        system.virtual_camera(now, place, services)


def _upgrade(
    place: Place,
    services: system.Services,
    options: argparse.Namespace,
    old: Path,
    new: Path,
) -> None:
    if not options.no_backup:
        _back_up(place, old)
    # One that had failed is tried, too; one that somebody stopped stays so.
    wanted = services.used and services.state() in ("active", "activating", "failed")
    services.stop()
    try:
        kept = _keep_database(place, old)
    except (OSError, sqlite3.Error) as error:
        if wanted:
            services.start()
        raise Refused(f"the database cannot be copied: {error}. Nothing was changed.") from None
    remember(new, {"from": old.name, "database": None if kept is None else str(kept)})
    place.link("previous", old)
    try:
        system.prepare(options.folder, place)
        system.switch(place, new, services)
        services.computer()
        services.mosquitto(disable=options.disable_system_mosquitto)
        if wanted:
            services.start()
            problem = health.wait(place, services, version_of(new), options.wait)
        else:
            problem = None
    except (Refused, OSError) as error:
        problem = str(error)
    if problem is not None:
        said = services.journal()
        _return_to(place, services, old, kept)
        if wanted:
            services.start()
        back = health.wait(place, services, version_of(old), options.wait) if wanted else None
        now = "runs again" if back is None else f"was put back, but: {back}"
        raise Refused(
            f"version {version_of(new)} is not well: {problem}.\n{said}"
            f"Version {version_of(old)} {now}. Nothing was lost."
        )
    _welcome(version_of(new))


def _back_up(place: Place, old: Path) -> None:
    """Have the old version back up while it still runs; older ones cannot."""
    if not place.database.exists():
        return
    program = str(old / "bin/classhub")
    if system.as_hub([program, "backup", "--help"], place).returncode != 0:
        say("This version knows no backup; the database alone is copied.")
        return
    say("Backing up …")
    done = system.as_hub([program, "backup"], place)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-1000:]
        raise Refused(
            f"the backup failed, nothing was changed: {said}\n"
            "With --no-backup only the database is copied."
        )
    say(done.stdout.strip())


def _keep_database(place: Place, old: Path) -> Path | None:
    if not place.database.exists():
        return None
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    kept = place.database.with_name(f"{place.database.name}.before-upgrade-{old.name}-{stamp}")
    database.copy(place.database, kept)
    pattern = f"{place.database.name}.before-upgrade-*Z"
    for older in sorted(place.data.glob(pattern), key=lambda p: p.stat().st_mtime)[:-3]:
        older.unlink(missing_ok=True)
    return kept


def _return_to(place: Place, services: system.Services, old: Path, kept: Path | None) -> None:
    """Stop the new version, put back what it changed, make the old one current."""
    say("Going back …")
    services.stop()
    if kept is not None and _tables_differ(place, kept):
        aside = database.put_back(kept, place.database)
        say(f"The database of before is back; the other one is kept as {aside}.")
    system.switch(place, old, services)
    (place.opt / "previous").unlink(missing_ok=True)


def _tables_differ(place: Place, kept: Path) -> bool:
    return not place.database.exists() or (database.schema(kept) != database.schema(place.database))


def _roll_back(place: Place, services: system.Services, options: argparse.Namespace) -> None:
    """Go back by hand, maybe days later: what was written since is given up only when asked."""
    now, old = place.linked("current"), place.linked("previous")
    if now is None or old is None:
        raise Refused("there is no version before this one", 2)
    services.check()
    named = remembered(now).get("database")
    kept = Path(named) if isinstance(named, str) and Path(named).exists() else None
    services.stop()
    if place.database.exists() and (kept is None or _tables_differ(place, kept)):
        if not options.restore_database or kept is None:
            services.start()
            hint = (
                f"--restore-database puts back the copy {kept}; what was added since then is lost"
                if kept is not None
                else "no copy of before the upgrade is left"
            )
            raise Refused(f"{version_of(old)} does not know the tables of this version; {hint}", 2)
    else:
        kept = None
    _return_to(place, services, old, kept)
    services.start()
    if services.used:
        problem = health.wait(place, services, version_of(old), options.wait)
        if problem is not None:
            raise Refused(f"version {version_of(old)} is back, but: {problem}")
    environment.prune(place)
    say(f"Version {version_of(old)} is back.")


def _welcome(version: str) -> None:
    say(f"\nThe classroom device hub {version} is installed.")
    say("Sign in with the link that this prints:   sudo classhub sign-in-link")
    say("How it is:   systemctl status classhub   sudo classhub doctor")


if __name__ == "__main__":
    sys.exit(main())
