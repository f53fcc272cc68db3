"""Two packages that bring a driver of one name: none is taken for the other, and it is told."""

import os
from pathlib import Path

DEVICES = """
[[devices]]
id = "cam"
driver = "stream"
settings = {{ url = "{url}" }}
[[devices]]
id = "other"
driver = "stream-too"
settings = {{ url = "{url}" }}
"""
TARGET = "drivers.microscope.stream:StreamMicroscope"


def install(folder: Path, name: str, *drivers: str) -> None:
    """Lay down what pip leaves of a distribution that brings drivers."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{driver} = {TARGET}" for driver in drivers]
    (info / "entry_points.txt").write_text("\n".join(["[classhub.drivers]", *lines]))


def test_a_name_that_two_packages_give_is_refused_and_told(start, camera, tmp_path: Path):
    """A stranger's package cannot put its driver in the place of another's in silence."""
    install(tmp_path / "more", "a-stranger", "stream", "stream-too")
    hub = start(
        config='language = "en"\n' + DEVICES.format(url=camera.url),
        environment={"PYTHONPATH": os.pathsep.join([str(tmp_path / "more"), str(Path.cwd())])},
    )
    with hub.client("engineer") as client:
        listed = client.get("/api/v1/drivers", params={"limit": 200}).json()["items"]
        known = {driver["name"]: driver for driver in listed}
        assert len(known) == len(listed)
        problem = known["stream"]["problem"]
        assert problem["code"] == "driver-twice"
        assert problem["hint"].endswith("one of the packages must be removed.")
        for package in ("a-stranger 1.0", "classroom-hub"):
            assert package in problem["detail"]
        assert known["stream-too"]["problem"] is None
        states = {
            device: client.get(f"/api/v1/devices/{device}/state").json()
            for device in ("cam", "other")
        }
        assert states["cam"]["process"] == "fault"
        assert states["cam"]["problem"]["code"] == "driver-twice"
        assert states["other"]["process"] != "fault"
        body = {"driver": "stream", "id": "third", "settings": {"url": camera.url}}
        answer = client.post("/api/v1/devices", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "no-such-driver")
        assert "a-stranger 1.0" in answer.text
    log = hub.err.read_text()
    assert log.count("the driver stream cannot be used: a driver stream is in each of:") == 1
    assert "Traceback" not in log
