"""Somebody else's wheel adds a kind of device, a driver, a plugin and a page, and is taken away."""

import json
import os
import re
import socketserver
import textwrap
import threading
import time
import tomllib
from pathlib import Path

import httpx
import pytest

from hub.settings import Settings

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT / "tests" / "foreign"
PACKAGE = FOREIGN / "classhub_thermometer"
LIMIT = 30.0
NOTES = "/api/v1/x/thermometer/notes"


class ThermometerPeer(socketserver.ThreadingTCPServer):
    """What the driver speaks to: a thermometer that answers each line with one line."""

    daemon_threads = True
    alarm = 30.0

    class RequestHandlerClass(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while words := self.rfile.readline().decode().split():
                if words[0] == "ALARM" and len(words) == 2:
                    self.server.alarm = float(words[1])
                answers = {"ID?": "THERMOMETER 1", "T?": "21.5", "ALARM": f"{self.server.alarm}"}
                self.wfile.write(f"{answers[words[0]]}\n".encode())


@pytest.fixture
def thermometer():
    peer = ThermometerPeer(("127.0.0.1", 0), ThermometerPeer.RequestHandlerClass)
    thread = threading.Thread(target=peer.serve_forever, args=(0.05,))
    thread.start()
    yield peer
    peer.shutdown()
    peer.server_close()
    thread.join()


@pytest.fixture(scope="module")
def installed(install_foreign) -> Path:
    """The folder into which the wheel, built from its sources, was installed."""
    return install_foreign(FOREIGN)


def settings_for(peer: ThermometerPeer) -> str:
    return f"""
[[devices]]
id = "thermometer-1"
driver = "line-thermometer"
name = "Thermometer at the window"
settings = {{ host = "127.0.0.1", port = {peer.server_address[1]} }}
"""


def environment_with(folder: Path) -> dict[str, str]:
    known = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), known]))}


def until(client: httpx.Client, address: str, good) -> dict:
    """Ask until the answer is good."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        answer = client.get(address).json()
        if good(answer):
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{address} still says {answer}")


def pages_of_plugins(client: httpx.Client) -> dict[str, list[str]]:
    """The plugins that the shell's page names, each with the addresses of its pages' modules."""
    found = re.search(
        r'<script[^>]*id="hub-data"[^>]*>(.*?)</script>', client.get("/").text, re.DOTALL
    )
    if found is None:
        pytest.skip("the shell is not built")
    return {
        plugin["id"]: [plugin["base"] + page["module"] for page in plugin["pages"]]
        for plugin in json.loads(found[1])["plugins"]
    }


def test_a_foreign_wheel_adds_every_face_of_a_new_kind_of_device(installed, thermometer, start):
    hub = start(config=settings_for(thermometer), environment=environment_with(installed))
    with hub.client("teacher") as client:
        device = until(
            client, "/api/v1/devices/thermometer-1", lambda d: "temperature" in d["properties"]
        )
        assert device["kind"] == "thermometer"
        assert device["state"]["reachable"]
        assert device["properties"]["temperature"]["value"] == 21.5
        assert "too_hot" not in device["description"]["events"]
        model = client.get("/api/v1/kinds/thermometer").json()
        assert set(model["properties"]) >= {"temperature", "alarm"}
        thing = client.get("/api/v1/devices/thermometer-1/td").json()
        assert thing["properties"]["alarm"]["properties"]["value"]["maximum"] == 120.0

        alarm = "/api/v1/devices/thermometer-1/properties/alarm"
        assert client.put(alarm, json={"value": 25.5}).json()["value"] == 25.5
        assert client.put(alarm, json={"value": 500}).status_code == 422
        assert thermometer.alarm == 25.5


def test_a_foreign_plugin_has_routes_a_table_and_a_page(installed, thermometer, start):
    hub = start(config=settings_for(thermometer), environment=environment_with(installed))
    with hub.client("teacher") as client:
        until(client, "/api/v1/devices/thermometer-1", lambda d: d["state"]["reachable"])
        made = client.post(NOTES, json={"device": "thermometer-1"})
        assert (made.status_code, made.json()["celsius"]) == (201, 21.5)
        assert client.get(NOTES).json()["items"] == [made.json()]
        assert client.post(NOTES, json={"device": "none"}).json()["code"] == "not-found"
        assert NOTES in client.get("/api/v1/openapi.json").json()["paths"]
        with hub.client(None) as nobody:
            assert nobody.get(NOTES).status_code == 401

        (page,) = pages_of_plugins(client)["thermometer"]
        module = client.get(page)
        assert module.text == (PACKAGE / "web" / "page.js").read_text()
        assert module.headers["content-type"].startswith("text/javascript")


def test_taken_away_it_leaves_the_rest_working_and_its_data_in_place(installed, thermometer, start):
    config = settings_for(thermometer)
    hub = start(config=config, environment=environment_with(installed))
    with hub.client("teacher") as client:
        until(client, "/api/v1/devices/thermometer-1", lambda d: d["state"]["reachable"])
        made = client.post(NOTES, json={"device": "thermometer-1"}).json()
    assert hub.stop() == 0

    hub = start(config="", environment={})
    with hub.client("admin") as client:
        assert client.get("/api/v1/devices").json()["items"] == []
        for address in ("kinds", "drivers", "plugins", "openapi.json"):
            answer = client.get(f"/api/v1/{address}")
            assert answer.status_code == 200
            assert "thermometer" not in answer.text
        assert client.get("/api/v1/kinds/thermometer").status_code == 404
        assert client.get(NOTES).status_code == 404
        assert "thermometer" not in pages_of_plugins(client)
        assert client.post("/api/v1/lessons", json={"title": "Without"}).status_code == 201
    assert hub.stop() == 0

    hub = start(config=config, environment=environment_with(installed))
    with hub.client("teacher") as client:
        assert client.get(NOTES).json()["items"] == [made]


def test_a_device_whose_driver_is_gone_says_what_to_do(thermometer, start):
    with start(config=settings_for(thermometer)).client("engineer") as client:
        device = client.get("/api/v1/devices/thermometer-1").json()
        assert not device["state"]["reachable"]
        assert device["state"]["problem"]["hint"]


@pytest.mark.parametrize(
    ("document", "files"),
    [
        ("writing-a-driver.md", ["driver.py", "contract.py", "../pyproject.toml"]),
        ("writing-a-plugin.md",
         ["plugin.py", "tables.py", "migrations/0001_note.py", "web/web.json"]),
    ],
)  # fmt: skip
def test_the_documents_show_the_very_files_that_are_tested(document, files):
    text = (ROOT / "docs" / document).read_text()
    for file in files:
        assert f"\n{(PACKAGE / file).read_text()}```" in text, f"{document} differs from {file}"


def test_every_piece_of_code_of_the_document_is_in_a_file_that_is_tested():
    tested = [*FOREIGN.rglob("*.py"), ROOT / "tests" / "integration" / "test_stranger_recording.py"]
    code = [file.read_text() for file in tested]
    tables = [file.read_text() for file in FOREIGN.rglob("pyproject.toml")]
    text = (ROOT / "docs" / "writing-a-driver.md").read_text()
    pieces = re.findall(r"^( *)```(python|toml)\n(.*?)^\1```$", text, re.DOTALL | re.MULTILINE)
    assert len(pieces) > 5
    for _, language, found in pieces:
        piece = textwrap.dedent(found)
        if "[[devices]]" in piece:
            assert Settings.model_validate(tomllib.loads(piece)).devices
            continue
        ways = [textwrap.indent(piece, " " * depth) for depth in (0, 4, 8)]
        where = code if language == "python" else tables
        assert any(f"\n{way}" in f"\n{one}" for way in ways for one in where), piece


def test_the_documented_driver_is_short():
    assert len((PACKAGE / "driver.py").read_text().splitlines()) < 60
