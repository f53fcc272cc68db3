"""The system's side: users, folders, rules, the unit, the settings."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from place import COMPUTER_TIMER, KIOSK, KIOSK_USER, UNIT, USER, Place, Refused, say, share

LATER = ("classhub-kiosk.", "classhub-computer.")
"""Files of `systemd/` that older versions do not have."""


class Services:
    """systemd's services; does nothing where nothing is to be started.

    Args:
        used: whether services are started and stopped at all.
    """

    def __init__(self, *, used: bool) -> None:
        self.used = used

    def check(self) -> None:
        """See that systemd runs here. Raises `Refused`."""
        if self.used and self._answer("is-system-running") in ("", "offline", "unknown"):
            raise Refused("systemd does not run here; --no-start installs without starting", 3)

    def reload(self) -> None:
        """Have units and udev's rules read again, and known devices looked at anew."""
        if not self.used:
            return
        run(["systemctl", "daemon-reload"])
        if shutil.which("udevadm"):
            for command in (["control", "--reload"], ["trigger", "--action=change"]):
                subprocess.run(["udevadm", *command], check=False, capture_output=True)

    def enable(self) -> None:
        """Start the hub with the computer."""
        if self.used:
            run(["systemctl", "--quiet", "enable", UNIT])

    def disable(self) -> None:
        """Stop the hub, and start it no more."""
        if self.used:
            for unit in (KIOSK, COMPUTER_TIMER, UNIT):
                subprocess.run(
                    ["systemctl", "--quiet", "disable", "--now", unit],
                    check=False,
                    capture_output=unit != UNIT,  # an older one never had it
                )

    def computer(self) -> None:
        """Have the computer say how its disks, USB ports and clock are, every few minutes."""
        if self.used:
            command = ["systemctl", "--quiet", "enable", "--now", "--no-block", COMPUTER_TIMER]
            if subprocess.run(command, check=False).returncode:
                say(f"{COMPUTER_TIMER} could not be enabled; the hub works without it.")
            if shutil.which("smartctl", path=f"{os.defpath}:/usr/sbin:/sbin") is None:
                say("To know when a disk is about to fail: apt-get install smartmontools")

    def kiosk(self) -> None:
        """Show the class's screen on this computer, now and with each start."""
        if self.used:
            run(["systemctl", "--quiet", "enable", "--now", "--no-block", KIOSK])

    def load(self, module: str) -> None:
        """Have the kernel load a module now."""
        if self.used:
            modprobe = shutil.which("modprobe", path=f"{os.defpath}:/usr/sbin:/sbin") or "modprobe"
            run([modprobe, module])

    def start(self) -> None:
        """Start the hub; does not wait until it is ready."""
        if self.used:
            # After crashes in a row systemd would refuse to try again.
            command = ["systemctl", "reset-failed", UNIT]
            subprocess.run(command, check=False, capture_output=True)
            run(["systemctl", "start", "--no-block", UNIT])

    def stop(self) -> None:
        """Stop the hub, and wait until it has ended."""
        if self.used:
            run(["systemctl", "stop", UNIT])

    def state(self) -> str:
        """Return what systemd calls the hub's state: active, activating, failed, inactive."""
        return self._answer("is-active", UNIT)

    def mosquitto(self, *, disable: bool) -> None:
        """Name the distribution's own broker, which has the port that the hub's broker wants."""
        if not self.used:
            return
        if shutil.which("mosquitto", path=f"{os.defpath}:/usr/sbin:/usr/local/sbin") is None:
            say("For MQTT: apt-get install mosquitto. The hub works without it and finds it later.")
        if self._answer("is-enabled", "mosquitto.service") != "enabled":
            return
        if disable:
            run(["systemctl", "--quiet", "disable", "--now", "mosquitto.service"])
            say("The distribution's mosquitto.service is stopped and disabled.")
        else:
            say(
                "The distribution's mosquitto.service holds port 1883, which the hub's own broker"
                " wants. Unless something else needs it: systemctl disable --now mosquitto"
            )

    def journal(self) -> str:
        """Return the hub's last lines."""
        if not self.used or shutil.which("journalctl") is None:
            return ""
        command = ["journalctl", "--unit", UNIT, "--no-pager", "--output", "cat", "--lines", "15"]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout

    def _answer(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                ["systemctl", *arguments], check=False, capture_output=True, text=True
            )
        except OSError:
            return ""
        return done.stdout.strip()


def prepare(folder: Path, place: Place) -> None:
    """Make user, groups and folders, and the settings where there are none.

    Args:
        folder: the unpacked archive.
        place: where to.
    """
    for name in ("classhub.sysusers", "classhub.tmpfiles"):
        _place(folder / "systemd" / name, place.system_files[name])
    _tool("systemd-sysusers", place, "classhub.sysusers")
    place.config.parent.mkdir(parents=True, exist_ok=True)
    if not place.config.exists():
        text = (folder / "configs/classhub.toml").read_text("utf-8")
        # The first one in the file stands before every table, as it must.
        data = f'data = "{place.root / "var/lib/classhub"}"'
        lines = [data if line.startswith("# data = ") else line for line in text.splitlines()]
        if data not in lines:
            lines.insert(0, data)
        place.config.write_text("\n".join(lines) + "\n", "utf-8")
        say(f"Settings: {place.config}")
    _tool("systemd-tmpfiles", place, "classhub.tmpfiles", "--create")


def switch(place: Place, environment: Path, services: Services) -> None:
    """Make an environment the current one, with the unit and the rules that came with it."""
    kept = share(environment)
    for name, target in place.system_files.items():
        if name.startswith(LATER) and not (kept / "systemd" / name).exists():
            continue  # a version from before it was placed
        _place(kept / "systemd" / name, target)
    _place(kept / "classhub.sh", place.command, mode=0o755)
    place.link("current", environment)
    services.reload()


def kiosk_possible() -> None:
    """See that the programs of the class's screen are here. Raises `Refused`."""
    # Debian's cage starts only where Xwayland is, and its package does not say so.
    needed = {"cage": "cage", "chromium": "chromium", "Xwayland": "xwayland"}
    missing = [package for name, package in needed.items() if shutil.which(name) is None]
    if missing:
        named = " ".join(missing)
        raise Refused(
            f"the class's screen needs {' and '.join(missing)}, nothing was changed."
            f" apt-get install {named}",
            3,
        )


def kiosk(environment: Path, place: Place, services: Services) -> None:
    """Give the class's screen its user, and have it shown on this computer.

    Args:
        environment: the installed version.
        place: where.
        services: systemd's.
    """
    _place(share(environment) / "systemd/classhub-kiosk.sysusers", place.kiosk_user)
    root = [] if place.real else [f"--root={place.root}"]
    run(["systemd-sysusers", *root, place.kiosk_user.name])
    services.kiosk()
    if services.used:
        say(f"The class's screen is shown on this computer. How it is: systemctl status {KIOSK}")
    else:
        say(f"The class's screen: systemctl enable --now {KIOSK}")


def virtual_camera_possible() -> None:
    """See that the kernel's module is here. Raises `Refused`."""
    path = f"{os.defpath}:/usr/sbin:/sbin"
    modinfo = shutil.which("modinfo") or shutil.which("modinfo", path=path)
    if modinfo is not None:
        done = subprocess.run([modinfo, "v4l2loopback"], check=False, capture_output=True)
        if done.returncode == 0:
            return
    raise Refused(
        "the camera for video calls needs the kernel's module v4l2loopback, nothing was changed."
        " apt-get install v4l2loopback-dkms linux-headers-amd64",
        3,
    )


def virtual_camera(environment: Path, place: Place, services: Services) -> None:
    """Have the kernel make a camera that the hub can show a microscope by.

    Args:
        environment: the installed version.
        place: where.
        services: systemd's.
    """
    for name, target in place.virtual_camera.items():
        _place(share(environment) / "systemd" / name, target)
    if services.used:
        services.load("v4l2loopback")
        say("The camera for video calls is there. A teacher switches it on: page /virtual-camera")
    else:
        say("The camera for video calls: modprobe v4l2loopback, or restart the computer")


def remove(place: Place, *, purge: bool) -> None:
    """Remove the programs; with `purge` the settings, the data and the user, too."""
    data = place.data
    for target in place.system_files.values():
        target.unlink(missing_ok=True)
    place.kiosk_user.unlink(missing_ok=True)
    for target in place.virtual_camera.values():
        target.unlink(missing_ok=True)
    place.command.unlink(missing_ok=True)
    shutil.rmtree(place.opt, ignore_errors=True)
    if purge:
        shutil.rmtree(place.config.parent, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)
        if place.real:
            for user in (USER, KIOSK_USER):
                subprocess.run(["userdel", user], check=False, capture_output=True)
            shutil.rmtree("/var/lib/classhub-kiosk", ignore_errors=True)
    else:
        say(f"Settings and data are kept: {place.config.parent}, {data}")


def as_hub(command: Sequence[str], place: Place) -> subprocess.CompletedProcess[str]:
    """Run a command as the hub's user (as oneself where only a trial folder is meant)."""
    user = ["runuser", "-u", USER, "--"] if place.real else []
    environment = {**os.environ, "CLASSHUB_CONFIG": str(place.config)}
    return subprocess.run(
        [*user, *command], check=False, capture_output=True, text=True, env=environment, cwd="/"
    )


def run(command: Sequence[str]) -> None:
    """Run a program of the system. Raises `Refused`."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError as error:
        raise Refused(f"{command[0]}: {error.strerror}", 3) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise Refused(f"{' '.join(command)} failed: {said}")


def _tool(program: str, place: Place, file: str, *options: str) -> None:
    root = [] if place.real else [f"--root={place.root}"]
    run([program, *root, *options, place.system_files[file].name])


def _place(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, new)
    new.chmod(mode)
    new.replace(target)
