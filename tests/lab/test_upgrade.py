"""A newer version is installed beside the old one; one that does not start is undone by itself."""

from pathlib import Path

from tests.lab.archive import another_version, unpack
from tests.lab.hub import Installed, LabHub, wait_until
from tests.lab.installing import upgrade
from tests.lab.pictures import add_picture, content_of

NEWER, BROKEN = "99.1.0", "99.2.0"


def test_upgrade_and_roll_back(
    hub: LabHub, installed: Installed, archive: Path, tmp_path: Path
) -> None:
    folder = unpack(archive, tmp_path / "old")
    newer, broken = tmp_path / "newer", tmp_path / "broken"
    another_version(folder, newer, NEWER)
    another_version(folder, broken, BROKEN, broken=True)
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


def serves(hub: LabHub) -> str:
    """Return the version that answers."""
    wait_until(hub.healthy, 60, "the hub answers")
    return str(hub.get("/hub", None)["version"])


def linked(hub: LabHub, name: str) -> str:
    """Return the version that a link of the installation names."""
    return hub.machine.run(
        f"sed -n s/^version=//p /opt/classhub/{name}/share/classhub/RELEASE"
    ).strip()
