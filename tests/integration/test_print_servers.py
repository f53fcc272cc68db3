"""The print servers of others that drivers are tested against run here, and are what they say."""

from tests.print_servers import moonraker, octoprint


async def test_octoprint_reaches_its_virtual_printer(tmp_path):
    async with octoprint(tmp_path / "octoprint") as server, server.client() as client:
        version = (await client.get("/api/version")).json()
        assert version["text"].startswith("OctoPrint 1.11")
        assert (await client.get("/api/printer")).json()["state"]["flags"]["operational"] is True


async def test_moonraker_gives_its_files_without_a_printer(tmp_path):
    async with moonraker(tmp_path / "m", tmp_path / "no.sock") as server, server.client() as client:
        told = (await client.get("/server/info")).json()["result"]
        assert told["klippy_connected"] is False
        assert (await client.get("/server/files/list")).json()["result"] == []
