"""All checks, given this computer."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from hub.doctor import _data, _hub, _machine, _nodes, _ports, _programs
from hub.doctor._finding import Finding, failed, ok, skipped
from hub.doctor._hub import Ask, NotTold
from hub.settings import Settings, SettingsError, load

DATABASE = "hub.sqlite"
_OF_THE_HUB = (_hub.hub, _hub.broker, _hub.drivers, _hub.plugins, _hub.devices)


def examine(config: Path | None, data: Path | None) -> list[Finding]:
    """Return what is found on this computer, without asking the hub.

    Args:
        config: the settings file, None for the usual ones.
        data: the data directory, None for that of the settings.
    """
    settings, finding = settings_of(config, data)
    found = [_programs.python(), _programs.libraries(), _programs.programs(), finding]
    found += [_guarded("clock", _machine.clock), _guarded("modules", _machine.modules)]
    found.append(_guarded("plugin modules", _programs.plugin_modules))
    found += _devices()
    found.append(_guarded("service", _machine.service))
    found.append(_guarded("disks and USB", _machine.computer))
    if settings is None:
        return found
    where = settings.data
    running = hub_process(where)
    found += [
        _guarded("data", lambda: _data.folder(where)),
        _guarded("disk", lambda: _data.room(where)),
        _guarded("database", lambda: _data.database(where / DATABASE)),
        _ports.port("port", settings.host, settings.port, "port", hub=running),
    ]
    mqtt = settings.mqtt
    if mqtt.enabled and mqtt.url is None:
        found.append(_ports.port("MQTT port", mqtt.host, mqtt.port, "mqtt.port", hub=running))
    return found


def _devices() -> list[Finding]:
    user = _nodes.hub_user()
    vendors = _nodes.vendors_of(_machine.installed_rules())
    return [
        _guarded("udev rules", _machine.rules),
        _guarded("device nodes", lambda: _nodes.nodes(user)),
        _guarded("raw HID nodes", lambda: _nodes.raw_hid(user, vendors)),
    ]


def ask_the_hub(ask: Ask) -> list[Finding]:
    """Return what the running hub says of itself; what it does not tell is skipped."""
    found = []
    for check in _OF_THE_HUB:
        try:
            found.append(check(ask))
        except NotTold as error:
            found.append(skipped(check.__name__, str(error)))
    return found


def settings_of(config: Path | None, data: Path | None) -> tuple[Settings | None, Finding]:
    """Return the settings, None where they are wrong, and what there is to say of them."""
    try:
        settings = load(config, data=data)
    except SettingsError as error:
        said = "; ".join(str(error).splitlines())
        return None, failed(
            "settings", said, "correct the lines that are named; configs/classhub.toml shows all"
        )
    return settings, ok("settings", "every value is allowed")


def hub_process(data: Path) -> int | None:
    """Return the process of the hub that runs on a data directory, None where none does."""
    try:
        pid = int((data / "lock").read_text("ascii"))
        os.kill(pid, 0)
    except PermissionError:  # it runs, as another user; or the file is not ours to read
        with contextlib.suppress(OSError, ValueError):
            return int((data / "lock").read_text("ascii"))
        return None
    except (OSError, ValueError):
        return None
    return pid


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    """Run a check; one that the computer does not let look is skipped, and says so."""
    try:
        return check()
    except OSError as error:
        return skipped(name, f"it could not be looked at: {error}")
