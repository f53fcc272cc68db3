"""Home Assistant's core with its MQTT integration and nothing else, asked by lines: its Python runs this.

`python -c "$(cat inside.py)" FOLDER PORT USER PASSWORD PREFIX`. It connects to the broker on loopback as the
settings page would have it do, and answers each line of its input with one of JSON: `look` with the devices and
entities of its registries and their states, `set ENTITY VALUE` with nothing once the service was called.
"""

import asyncio
import json
import logging
import socket
import sys
from pathlib import Path

from homeassistant import auth, config_entries, core, loader
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.components.mqtt.const import CONFIG_ENTRY_MINOR_VERSION, CONFIG_ENTRY_VERSION
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.setup import async_setup_component

FOLDER, PORT, USER, PASSWORD, PREFIX = sys.argv[1:6]
complaints = []


class Complaints(logging.Handler):
    """Keeps what it warns of."""

    def emit(self, record):
        if not record.name.startswith("homeassistant.components"):
            return  # of how it is begun here
        what = record.exc_info[1] if record.exc_info else ""
        complaints.append(f"{record.name}: {record.getMessage()} {what!r}"[:600])


async def begun():
    """Return a running core, connected."""
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    (Path(FOLDER) / "configuration.yaml").touch()
    hass = core.HomeAssistant(FOLDER)
    loader.async_setup(hass)
    hass.config.skip_pip = True
    hass.config_entries = config_entries.ConfigEntries(hass, {})
    await async_load_base_functionality(hass)
    hass.auth = await auth.auth_manager_from_config(hass, [{"type": "homeassistant"}], [])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = {"server_host": ["127.0.0.1"], "server_port": probe.getsockname()[1]}
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "http", {"http": http})
    data = {"broker": "127.0.0.1", "port": int(PORT), "username": USER, "password": PASSWORD}
    data["protocol"] = "5"
    entry = config_entries.ConfigEntry(
        domain="mqtt",
        title="hub",
        data=data,
        options={"discovery": True, "discovery_prefix": PREFIX},
        version=CONFIG_ENTRY_VERSION,
        minor_version=CONFIG_ENTRY_MINOR_VERSION,
        source="user",
        unique_id=None,
        discovery_keys={},
        subentries_data=None,
    )
    await hass.config_entries.async_add(entry)
    await hass.async_start()
    assert entry.state is config_entries.ConfigEntryState.LOADED, (entry.reason, complaints)
    return hass


def look(hass):
    """Return what is in its registries."""
    entities = {}
    for entity in entity_registry.async_get(hass).entities.values():
        state = hass.states.get(entity.entity_id)
        attributes = (
            {} if state is None else json.loads(json.dumps(dict(state.attributes), default=str))
        )
        entities[entity.entity_id] = {
            "unique_id": entity.unique_id,
            "platform": entity.domain,
            "device": entity.device_id,
            "name": entity.original_name,
            "state": None if state is None else state.state,
            "attributes": attributes,
        }
    devices = {
        one.id: {
            "identifiers": sorted(value for _, value in one.identifiers),
            "name": one.name,
            "model": one.model,
            "manufacturer": one.manufacturer,
            "version": one.sw_version,
        }
        for one in device_registry.async_get(hass).devices.values()
    }
    return {"devices": devices, "entities": entities, "complaints": complaints}


async def change(hass, entity, value):
    """Set an entity, as its page does."""
    domain = entity.split(".")[0]
    service, data = {
        "number": ("set_value", {"value": value}),
        "select": ("select_option", {"option": value}),
        "switch": ("turn_on" if value == "on" else "turn_off", {}),
    }[domain]
    await hass.services.async_call(domain, service, {"entity_id": entity, **data}, blocking=True)
    return {}


async def main():
    """Answer until the input ends."""
    logging.getLogger().addHandler(Complaints(logging.WARNING))
    hass = await begun()
    say = lambda what: print(json.dumps(what), flush=True)  # noqa: E731
    say({"version": sys.modules["homeassistant.const"].__version__})
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    while line := (await lines.readline()).decode().split():
        await hass.async_block_till_done()
        say(look(hass) if line[0] == "look" else await change(hass, *line[1:]))
    await hass.async_stop(force=True)


asyncio.run(main())
