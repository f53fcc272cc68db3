"""Printers of the network announce themselves by mDNS, are found, and taken into use."""

import asyncio

from drivers.virtual.prusalink import PASSWORD, VirtualPrusaLink
from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from tests.print_servers import announced, free_port
from tests.printing import PRINTERS, People, adopted


async def found(engineer) -> dict[str, list[str]]:
    """Return what there is, and which drivers are for it; other tests may announce things, too."""
    items = (await engineer.get("/api/v1/discoveries")).json()["items"]
    return {one["identity"]: one["drivers"] for one in items}


async def test_each_kind_of_print_server_is_found_and_one_is_taken_into_use(tmp_path):
    """It needs no address: what it announces is asked for it."""
    printer = VirtualPrusaLink(2.0)
    server = await asyncio.start_server(printer.talk, "127.0.0.1", 0)
    printer.port = server.sockets[0].getsockname()[1]
    off = {"microscopy": {"enabled": False}}
    hub = Hub(Settings(data=tmp_path, language="en", plugins=off))
    await hub.start()
    people = People(hub)
    try:
        engineer = await people.one("E", Role.ENGINEER)
        async with (
            announced("_prusalink._tcp", "Prusa MK4", printer.port) as identity,
            announced("_octoprint._tcp", "OctoPrint at the window", free_port()) as octo,
            announced("_moonraker._tcp", "Voron", free_port()) as voron,
        ):
            wanted = {identity: ["prusalink"], octo: ["octoprint"], voron: ["moonraker"]}
            async with asyncio.timeout(30):
                while not wanted.items() <= (await found(engineer)).items():
                    await asyncio.sleep(0.05)
            settings = {"password": PASSWORD}
            device = await adopted(engineer, identity, "prusalink", settings=settings)
            async with asyncio.timeout(30):
                while not hub.devices.get(device).state.reachable:
                    await asyncio.sleep(0.05)
        teacher = await people.one("T", Role.TEACHER)
        shown = (await teacher.get(f"{PRINTERS}/{device}")).json()
        assert (shown["state"], shown["reachable"]) == ("idle", True)
    finally:
        await people.close()
        await hub.stop()
        server.close()
        await server.wait_closed()
