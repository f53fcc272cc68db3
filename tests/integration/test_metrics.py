"""The figures of devices that run, and their logs, over HTTP."""

import time

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

OPEN = {"Accept": "application/openmetrics-text; version=1.0.0"}
LABELS = {"device": "cam", "driver": "stream", "kind": "microscope"}


def scraped(engineer):
    answer = engineer.get("/metrics", headers=OPEN)
    assert answer.status_code == 200, answer.text
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in parse(answer.text)
        for one in family.samples
    }


def of_cam(found, name, **more):
    return found[(name, tuple(sorted({**LABELS, **more}.items())))]


def test_what_a_device_does_is_counted(live_hub):
    with live_hub.client("engineer") as engineer:
        assert engineer.get("/api/v1/devices/cam/streams/view/latest.jpg").status_code == 200
        end = time.monotonic() + 30
        while True:
            found = scraped(engineer)
            memory = found.get(("classhub_driver_memory_bytes", tuple(sorted(LABELS.items()))), 0)
            if memory and of_cam(found, "classhub_device_reachable"):
                break
            assert time.monotonic() < end
            time.sleep(0.1)
        assert memory > 1 << 20
        assert of_cam(found, "classhub_device_connects_total") >= 1
        assert of_cam(found, "classhub_device_losses_total") == 0
        assert of_cam(found, "classhub_device_frames_total", stream="view") >= 1
        assert of_cam(found, "classhub_device_frame_bytes_total", stream="view") > 100
        assert of_cam(found, "classhub_device_frames_dropped_total", stream="view") == 0
        assert of_cam(found, "classhub_driver_cpu_seconds_total") >= 0
        assert of_cam(found, "classhub_device_process", classhub_device_process="running") == 1
        assert of_cam(found, "classhub_device_process", classhub_device_process="fault") == 0
        count = of_cam(found, "classhub_device_call_duration_seconds_count")
        assert count == of_cam(found, "classhub_device_call_duration_seconds_bucket", le="+Inf")


SECRET = "tiger-7-lamp"

# Puts its password into whatever it says, and fails.
LEAKY = """
import logging
from typing import ClassVar
from pydantic import SecretStr
from hub.device import Device, DeviceSettings

class Leaky(Device):
    "A device that tells its password."
    kind = "leaky"
    class Settings(DeviceSettings):
        password: SecretStr
    async def connect(self):
        secret = self.settings.password.get_secret_value()
        print("WARNING cannot sign in with", secret)
        logging.getLogger("leaky").warning("settings %s", self.settings)
        raise RuntimeError(f"{secret} is wrong")
"""


@pytest.fixture
def leaky(tmp_path):
    """The environment in which that driver is installed."""
    about = tmp_path / "site" / "leaky-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: leaky\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[classhub.drivers]\nleaky = leaky_driver:Leaky\n")
    (tmp_path / "site" / "leaky_driver.py").write_text(LEAKY)
    return {"PYTHONPATH": str(tmp_path / "site")}


def test_the_log_of_a_device_is_told_to_engineers_without_its_secrets(start, leaky):
    config = f"""
language = "en"
[[devices]]
id = "cam"
driver = "stream"
settings = {{ url = "http://eve:{SECRET}@127.0.0.1:9/stream" }}
[[devices]]
id = "leaky"
driver = "leaky"
settings = {{ password = "{SECRET}" }}
"""
    hub = start(config=config, environment=leaky)
    with hub.client("engineer") as engineer:
        end = time.monotonic() + 30
        while True:
            lines = engineer.get("/api/v1/devices/leaky/log").json()["lines"]
            if any("cannot sign in" in line["text"] for line in lines):
                break
            assert time.monotonic() < end, hub.err.read_text()
            time.sleep(0.1)
        assert {"time", "level", "text"} == set(lines[0])
        assert any("••••" in line["text"] for line in lines)
        cam = engineer.get("/api/v1/devices/cam/log").json()["lines"]
        assert SECRET not in str(lines) + str(cam)
        assert engineer.get("/api/v1/devices/none/log").status_code == 404
    hub.stop()
    text = hub.err.read_text()
    assert SECRET not in text
    assert "is wrong" in text
