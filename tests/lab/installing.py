"""Installing the hub in the machine, from a memory stick, as docs/install.md says."""

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from tests.lab.archive import DRIVER, driver_wheel, unpack, version_of
from tests.lab.compiled import compiled_wheel
from tests.lab.hub import LIMIT, Installed, LabHub, Token, wait_until
from tests.lab.machine import Machine, Saved

NO_COMPILE = "--no-compile"
PATIENCE = 600  # seconds that the installer waits for the hub: this machine is emulated
# And systemd, which a real computer's hub is given 90 s by.
PATIENT = f"""d=/etc/systemd/system/classhub.service.d; mkdir -p $d
printf '[Service]\\nTimeoutStartSec={PATIENCE}\\n' > $d/lab.conf"""


def install(machine: Machine, archive: Path, folder: Path) -> Installed:
    """Install the hub and put the machine to sleep in `folder`; it runs when it wakes."""
    version, said = run_installer(machine, archive)
    with contextlib.closing(LabHub(machine, {}).connect()) as hub:
        link = begin(hub)
    return Installed(machine.save(folder), version, said, link, hub.tokens)


def run_installer(machine: Machine, archive: Path) -> tuple[str, str]:
    """Install from an archive on a memory stick; return its version and what was printed.

    What compiling would leave is brought along, unless `CLASSHUB_LAB_INSTALL=whole`.
    """
    version = version_of(archive)
    whole = os.environ.get("CLASSHUB_LAB_INSTALL") == "whole"
    with tempfile.TemporaryDirectory(dir=machine.folder) as work:
        stick = Path(work) / "stick"
        stick.mkdir()
        shutil.copy(archive, stick)
        driver_wheel(stick)
        if not whole:
            compiled_wheel(unpack(archive, Path(work) / "unpacked"), stick)
        with machine.memory_stick(stick) as media:
            # Drivers of others are kept as wheels in `extra`.
            machine.run(f"mkdir -p /opt/classhub/extra; cp {media}/*.whl /opt/classhub/extra")
            machine.run(f"cd /root; tar -xzf {media}/classroom-hub-*.tar.gz", limit=300)
    machine.run(PATIENT)
    options = "" if whole else NO_COMPILE
    command = f"cd /root/classroom-hub-*/ && ./install.sh --wait {PATIENCE} {options}"
    said = machine.run(command, limit=1500)
    machine.run("rm -r /root/classroom-hub-*")
    return version, said


def begin(hub: LabHub) -> str:
    """Sign in for the first time, make tokens, and see that everything runs; return the link."""
    machine = hub.machine
    hub.wait_healthy()
    link = machine.run("classhub sign-in-link --role admin 2>/dev/null").strip()
    hub.tokens.update(first_tokens(hub, link))
    if any(one["problem"] for one in hub.get("/drivers")["items"]):
        # Describing drivers has a limit that an emulated computer may miss; then it is done.
        machine.run("systemctl restart classhub", limit=600)
        hub.wait_healthy()
    wait_until(lambda: hub.get("/mqtt")["status"] == "connected", LIMIT, "MQTT")
    return link


def first_tokens(hub: LabHub, link: str) -> dict[str, Token]:
    """Sign in with a link, as a browser does, and make a token for each role."""
    with hub.client(None) as browser:
        browser.headers["Origin"] = hub.url
        code = link.split("/#code=")[1]
        browser.post("/api/v1/session", json={"code": code}).raise_for_status()
        tokens = {}
        for role in ("admin", "engineer", "teacher"):
            body = {"role": role, "name": f"lab {role}"}
            made = browser.post("/api/v1/tokens", json=body).raise_for_status().json()
            tokens[role] = Token(made["id"], made["token"])
        return tokens


def fingerprint(image: Path, archive: Path) -> str:
    """Return the hash of all that an installed machine is made from."""
    digest = hashlib.sha256(image.name.encode())
    driver = sorted(one for one in DRIVER.rglob("*") if one.suffix in (".py", ".toml"))
    for file in (archive, *driver):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def keep(installed: Installed, folder: Path) -> None:
    """Write beside a state what `kept` reads."""
    (folder / "installed.json").write_text(json.dumps(dataclasses.asdict(installed), default=str))


def kept(folder: Path) -> Installed | None:
    """Return what an earlier run installed, None where there is nothing."""
    try:
        said = json.loads((folder / "installed.json").read_text())
    except OSError:
        return None
    state = Saved(*(Path(said["state"][name]) for name in ("disk", "memory")))
    tokens = {role: Token(**token) for role, token in said["tokens"].items()}
    return Installed(**{**said, "state": state, "tokens": tokens})


def upgrade(machine: Machine, folder: Path, *, options: str = "") -> str:
    """Upgrade from an unpacked archive on a memory stick; return what the installer printed.

    Wheels that lie beside it become those of the machine's `extra`.
    """
    extra = "/opt/classhub/extra"
    with machine.memory_stick(folder) as media:
        machine.run(f"rm -rf {extra}; mkdir {extra}; cp {media}/*.whl {extra} 2>/dev/null || true")
        return machine.run(
            f"{media}/classroom-hub-*/install.sh {NO_COMPILE} --wait {PATIENCE} {options} 2>&1"
            " || echo exit code $?",
            limit=1800,
        )
