"""The support bundle: what somebody far away needs to help, in one file, without secrets or names.

A ZIP archive of text files, with `README.txt`, which says what is in it. It is bounded, however
much there is: of each log and list the newest. Passwords, tokens and addresses with a password are
left out where they are known to be such (`SecretStr`, settings of plugins) and blotted out of all
that is text; so are the names of the school's people.
"""

import asyncio
import contextlib
import json
import os
import platform
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from hub import __version__
from hub.clock import now, rfc3339
from hub.doctor import Finding, examine
from hub.logs import hide, secrets_of
from hub.recordings import SUFFIX
from hub.secret_settings import texts, without_secrets
from hub.settings import Settings
from hub.things import thing_description

if TYPE_CHECKING:
    from hub.app import Hub

MOST_FILE = 2 << 20
MOST_RECORDINGS = 16 << 20
RECORDINGS = 5
MOST_NAMES = 20_000
HIDDEN = "••••"
_one_at_a_time = asyncio.Semaphore(1)
_STATES = ("+/state", "hub/health", "hub/mqtt", "x/health/#")
_README = """Support bundle of a classroom device hub.

about.json       versions of the hub, of Python, of its packages, of the system
doctor.json      what `classhub doctor` finds on the computer
settings.json    the settings without secrets; of plugins only which are set
devices.json     each device: state, settings without secrets, description
state.json       what the hub tells of devices, of itself, of alerts
log.txt          the last lines of the hub's log
logs/<device>    the last lines of a device
recordings/      the newest recordings of devices that an engineer has made

Passwords, tokens and people's names are left out or blotted out. Recordings hold what a device
and its driver said to each other: of a camera that is pictures, of a tablet what was written.
Look through the file before you send it.
"""


@dataclass(slots=True)
class Parts:
    """What goes into a bundle.

    Attributes:
        texts: by the name of the file. recordings: files of recordings, the newest first.
        hidden: what is blotted out of every text.
    """

    texts: dict[str, str] = field(default_factory=dict)
    recordings: list[Path] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


def of_computer(settings: Settings | None, data: Path, config: Path | None) -> Parts:
    """Return what can be said without a running hub. Blocking, for some seconds.

    Args:
        settings: None where they are wrong; `doctor` says how.
        data: the data directory.
        config: the settings file.
    """
    parts = Parts()
    if settings is not None:
        parts.hidden += _secrets_in(settings)
        parts.texts["settings.json"] = _json(_settings(settings))
    parts.texts["about.json"] = _json(_about())
    parts.texts["doctor.json"] = _json(_findings(examine(config, data)))
    parts.recordings = _recordings(data / "recordings")
    return parts


async def of_hub(hub: "Hub") -> Parts:
    """Return what a running hub says of itself; nothing is asked of a device."""
    parts = Parts(hidden=await _names(hub))
    devices = []
    for device in hub.devices.list():
        schema = {} if device.driver is None else device.driver.settings
        parts.hidden += secrets_of(device.config.settings, schema)
        shown, secret = without_secrets(schema, device.config.settings) if schema else ({}, ["all"])
        devices.append(
            {
                "id": device.id,
                "kind": device.kind,
                "driver": device.driver_name,
                "state": device.state.model_dump(mode="json"),
                "settings": shown,
                "secrets": secret,
                "description": thing_description(device) if device.description else None,
            }
        )
        lines = hub.logs.lines(device.id, device.driver_name)
        if lines:
            parts.texts[f"logs/{device.id}.txt"] = _lines(lines)
    parts.texts["devices.json"] = _json(devices)
    parts.texts["log.txt"] = _lines(hub.logs.recent())
    said = {
        message.topic: message.payload
        for pattern in _STATES
        for message in hub.bus.retained(pattern)
    }
    parts.texts["state.json"] = _json(said)
    return parts


def write_bundle(file: BinaryIO, *parts: Parts) -> None:
    """Write a bundle. Blocking.

    Args:
        file: is written from where it stands.
        parts: what goes into it; of texts of the same name the last.
    """
    hidden = sorted({one for part in parts for one in part.hidden}, key=len, reverse=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("README.txt", _README)
        for name, text in {n: t for part in parts for n, t in part.texts.items()}.items():
            archive.writestr(name, _cut(hide(text, hidden)))
        left = MOST_RECORDINGS
        for path in [one for part in parts for one in part.recordings][:RECORDINGS]:
            with contextlib.suppress(OSError):
                left -= path.stat().st_size
                if left < 0:
                    break
                # They are written without secrets; names cannot be in them but as ink.
                archive.write(path, f"recordings/{path.name}")


async def make_bundle(hub: "Hub", file: BinaryIO) -> int:
    """Write a running hub's bundle into a file; return its size in bytes. It takes some seconds."""
    async with _one_at_a_time:
        settings = hub.settings
        computer = await asyncio.to_thread(of_computer, settings, settings.data, settings.file)
        running = await of_hub(hub)
        await asyncio.to_thread(write_bundle, file, computer, running)
        return file.tell()


def bundle_name(moment: float) -> str:
    """Return what a bundle of a moment is called."""
    stamp = rfc3339(moment)[:19].replace(":", "").replace("-", "").replace("T", "-")
    return f"classhub-support-{stamp}.zip"


async def _names(hub: "Hub") -> list[str]:
    """Return the names of all people, as texts to blot out."""
    found: list[str] = []
    cursor = None
    while len(found) < MOST_NAMES:
        page = await hub.school.people(cursor=cursor, limit=200)
        found += [person.name for person in page.items]
        cursor = page.next
        if cursor is None:
            break
    return [form for name in found for form in {name, json.dumps(name)[1:-1]}]


def _about() -> dict[str, Any]:
    return {
        "made": rfc3339(now()),
        "hub": __version__,
        "python": sys.version,
        "system": _release(),
        "kernel": " ".join(platform.uname()[i] for i in (0, 2, 3, 4)),
        "processors": os.cpu_count(),
        "packages": {
            str(one.metadata["Name"]): one.version
            for one in sorted(metadata.distributions(), key=lambda one: str(one.metadata["Name"]))
        },
    }


def _release() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def _settings(settings: Settings) -> dict[str, Any]:
    """Return the settings; secrets as they show themselves, of plugins and devices only names."""
    shown = settings.model_dump(mode="json", exclude={"plugins", "devices"})
    shown["plugins"] = {
        name: _shape(one.model_dump(mode="json")) for name, one in settings.plugins.items()
    }
    shown["devices"] = [{"id": one.id, "driver": one.driver} for one in settings.devices]
    return shown


def _shape(value: Any, depth: int = 0) -> Any:
    """Return what is set, without any text: the hub does not know what a plugin keeps secret."""
    if isinstance(value, str):
        return HIDDEN
    if depth > 8:
        return None
    if isinstance(value, Mapping):
        return {str(name): _shape(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_shape(one, depth + 1) for one in value]
    return value


def _secrets_in(settings: Settings) -> list[str]:
    """Return every secret of the settings, and every text of a plugin's that looks like one."""
    found = [*_secret_values(settings)]
    for one in settings.plugins.values():
        found += [part for text in texts(one.model_dump(mode="json")) for part in _in_address(text)]
    for text in texts(settings.model_dump(mode="json")):
        with contextlib.suppress(ValueError):
            if "@" in text and (password := urlsplit(text).password):
                found.append(password)
    return found


def _in_address(text: str) -> Iterator[str]:
    """Yield an address and its longer parts: Apprise keeps tokens in any of them."""
    if "://" not in text:
        return
    yield text
    for part in text.partition("://")[2].replace("?", "/").replace("@", "/").split("/"):
        yield from (
            one for one in part.replace("&", ":").replace("=", ":").split(":") if len(one) > 7
        )


def _secret_values(model: BaseModel) -> Iterator[str]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            yield from _secret_values(value)


def _findings(found: Sequence[Finding]) -> list[dict[str, str]]:
    return [one.as_json() for one in found]


def _recordings(folder: Path) -> list[Path]:
    try:
        files = [(one.stat().st_mtime, one) for one in folder.glob(f"*{SUFFIX}")]
    except OSError:
        return []
    return [path for _, path in sorted(files, reverse=True)[:RECORDINGS]]


def _lines(lines: Iterable[Any]) -> str:
    return "".join(f"{rfc3339(one.time)} {one.level} {one.text}\n" for one in lines)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


def _cut(text: str) -> bytes:
    """Return a text in bytes, its end where it is too long."""
    data = text.encode("utf-8", "replace")
    return (
        data if len(data) <= MOST_FILE else b"(what was before is left out)\n" + data[-MOST_FILE:]
    )


__all__ = ["Parts", "bundle_name", "make_bundle", "of_computer", "of_hub", "write_bundle"]
