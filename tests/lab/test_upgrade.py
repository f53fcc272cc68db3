"""A newer version is installed beside the old one; one that does not start is undone by itself."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from tests.lab.archive import another_version, unpack
from tests.lab.compiled import compiled_wheel
from tests.lab.hub import Installed, LabHub, wait_until
from tests.lab.installing import begin, run_installer, upgrade
from tests.lab.machine import Machine
from tests.lab.pictures import add_picture, content_of

NEWER, BROKEN = "99.1.0", "99.2.0"
PREVIOUS = os.environ.get("CLASSHUB_LAB_PREVIOUS", "")


def test_upgrade_and_roll_back(
    hub: LabHub, installed: Installed, archive: Path, tmp_path: Path
) -> None:
    folder = unpack(archive, tmp_path / "old")
    newer, broken = tmp_path / "newer", tmp_path / "broken"
    another_version(folder, newer, NEWER)
    another_version(folder, broken, BROKEN, broken=True)
    compiled_wheel(folder, newer)
    shutil.copy(next(newer.glob("*.whl")), broken)
    kept = [add_picture(hub)]

    said = upgrade(hub.machine, newer)
    assert f"The classroom device hub {NEWER} is installed" in said, said
    assert serves(hub) == NEWER
    assert linked(hub, "previous") == installed.version
    assert [content_of(hub, one) for one in kept] == [one.sha256 for one in kept]
    kept.append(add_picture(hub))

    said = upgrade(hub.machine, broken, options="--no-backup")
    assert f"version {BROKEN} is not well" in said, said
    assert "Nothing was lost" in said
    assert "exit code 1" in said
    assert serves(hub) == NEWER
    assert linked(hub, "current") == NEWER
    assert [content_of(hub, one) for one in kept] == [one.sha256 for one in kept]
    assert hub.machine.run("systemctl is-active classhub").strip() == "active"


@pytest.mark.skipif(not PREVIOUS, reason="CLASSHUB_LAB_PREVIOUS names no earlier archive")
def test_upgrade_from_an_earlier_archive(machine: Machine, archive: Path, tmp_path: Path) -> None:
    version, _ = run_installer(machine, Path(PREVIOUS))
    with contextlib.closing(LabHub(machine, {}).connect()) as hub:
        begin(hub)
        assert serves(hub) == version
        before = machine.run("readlink /opt/classhub/current")
        kept = add_picture(hub)
        address = {"url": "http://127.0.0.1:9/stream"}
        hub.add({"id": "cam", "driver": "stream", "name": "Camera", "settings": address})

        newer = unpack(archive, tmp_path / "newer")
        compiled_wheel(newer, newer.parent)
        said = upgrade(machine, newer.parent)
        assert "Upgrading from" in said, said
        assert "is installed" in said, said
        serves(hub)
        assert machine.run("readlink /opt/classhub/current") != before
        assert machine.run("readlink /opt/classhub/previous") == before
        # Its tokens are still good, its pictures whole, its devices in use.
        assert content_of(hub, kept) == kept.sha256
        assert hub.device("cam")["name"] == "Camera"
        assert hub.get("/mqtt")["status"] == "connected"


def serves(hub: LabHub) -> str:
    """Return the version that answers."""
    wait_until(hub.healthy, 60, "the hub answers")
    return str(hub.get("/hub", None)["version"])


def linked(hub: LabHub, name: str) -> str:
    """Return the version that a link of the installation names."""
    return hub.machine.run(
        f"sed -n s/^version=//p /opt/classhub/{name}/share/classhub/RELEASE"
    ).strip()
