"""Every room of the kernel has a floor, so that import-linter watches it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Entry points and what has no code of its own; `worker` is a program that the hub never imports.
WITHOUT = {"hub.__init__", "hub.__main__", "hub.worker", "hub.api"}


def rooms():
    for path in (ROOT / "hub").iterdir():
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            yield f"hub.{path.stem}"


def contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {one["name"]: one for one in settings["tool"]["importlinter"]["contracts"]}


def test_every_package_of_the_kernel_stands_on_a_floor():
    layers = contracts()["The kernel's floors"]["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    assert set(rooms()) - placed == WITHOUT


def test_drivers_may_import_only_what_is_theirs():
    forbidden = contracts()["A driver uses the device model and nothing else of the hub"]
    open_to_drivers = set(rooms()) - set(forbidden["forbidden_modules"]) - {"hub.__init__"}
    # The device model, what it stands on, and the process that runs drivers (for tests' harnesses).
    assert open_to_drivers == {
        "hub.__main__",
        "hub.device",
        "hub.driver_host",
        "hub.errors",
        "hub.histogram",
        "hub.i18n",
        "hub.jsontext",
        "hub.v4l2",
        "hub.wire",
    }
