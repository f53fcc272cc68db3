"""Where everything is installed, and what is installed there now."""

import contextlib
import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNIT = "classhub.service"
USER = "classhub"
KIOSK = "classhub-kiosk.service"
COMPUTER = "classhub-computer.service"
COMPUTER_TIMER = "classhub-computer.timer"
KIOSK_USER = "classhub-kiosk"


class Refused(Exception):
    """What was asked for cannot be done; the message says why and what to do.

    Args:
        message: for people.
        code: the exit code: 1 failed, 2 wrong use, 3 something is missing.
    """

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def say(message: str) -> None:
    """Tell whoever installs."""
    print(message, flush=True)


@dataclass(frozen=True)
class Place:
    """Every path of an installation.

    Args:
        root: `/`, or another folder for trying it out.
    """

    root: Path

    @property
    def real(self) -> bool:
        """Whether this computer itself is meant."""
        return self.root == Path("/")

    @property
    def opt(self) -> Path:
        """Where the environments stand, one a version."""
        return self.root / "opt/classhub"

    @property
    def config(self) -> Path:
        """The settings."""
        return self.root / "etc/classhub/classhub.toml"

    @property
    def command(self) -> Path:
        """The command on everybody's search path."""
        return self.root / "usr/local/bin/classhub"

    @property
    def data(self) -> Path:
        """The data directory that the settings name."""
        named = None
        with contextlib.suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
            named = tomllib.loads(self.config.read_text("utf-8")).get("data")
        return Path(named) if isinstance(named, str) else self.root / "var/lib/classhub"

    @property
    def database(self) -> Path:
        """The hub's database."""
        return self.data / "hub.sqlite"

    @property
    def system_files(self) -> dict[str, Path]:
        """Which file of `systemd/` goes where."""
        etc = self.root / "etc"
        return {
            UNIT: etc / "systemd/system" / UNIT,
            **{one: etc / "systemd/system" / one for one in (KIOSK, COMPUTER, COMPUTER_TIMER)},
            "classhub.sysusers": etc / "sysusers.d/classhub.conf",
            "classhub.tmpfiles": etc / "tmpfiles.d/classhub.conf",
            "70-classhub.rules": etc / "udev/rules.d/70-classhub.rules",
        }

    @property
    def kiosk_user(self) -> Path:
        """What says that the class's screen has a user of its own; there once it was asked for."""
        return self.root / "etc/sysusers.d/classhub-kiosk.conf"

    @property
    def virtual_camera(self) -> dict[str, Path]:
        """What has the kernel make a camera for video calls; there once it was asked for."""
        name = "classhub-virtualcamera"
        return {
            f"{name}.modprobe": self.root / f"etc/modprobe.d/{name}.conf",
            f"{name}.modules": self.root / f"etc/modules-load.d/{name}.conf",
        }

    def linked(self, name: str) -> Path | None:
        """Return the environment that `current` or `previous` names, None where there is none."""
        link = self.opt / name
        try:
            target = self.opt / link.readlink()
        except OSError:
            return None
        return target if (target / "bin/classhub").exists() else None

    def link(self, name: str, environment: Path) -> None:
        """Make `current` or `previous` name an environment, in one step."""
        new = self.opt / f".{name}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(environment.name)
        new.replace(self.opt / name)
        folder = os.open(self.opt, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def share(environment: Path) -> Path:
    """Return where an environment keeps what it was installed from, without the wheels."""
    return environment / "share/classhub"


def version_of(environment: Path) -> str:
    """Return the version that is in an environment."""
    return release(share(environment))["version"]


def release(folder: Path) -> dict[str, str]:
    """Read what an archive says of itself. Raises `Refused`."""
    try:
        lines = (folder / "RELEASE").read_text("ascii").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{folder} is no archive of the hub: {error}", 2) from None


def remember(environment: Path, facts: dict[str, Any]) -> None:
    """Keep beside an environment how it came to be switched to; a roll-back reads it."""
    (environment / "switched.json").write_text(json.dumps(facts, indent=2) + "\n", "utf-8")


def remembered(environment: Path) -> dict[str, Any]:
    """Return what `remember` kept, empty where there is nothing."""
    try:
        found = json.loads((environment / "switched.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
