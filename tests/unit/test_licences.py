"""No GPL library in our processes; nothing bundled whose licence we do not know."""

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = re.findall(
    r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements/run.lock").read_text(), re.MULTILINE
)
COPYLEFT = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)


def licence_of(name: str) -> str:
    meta = metadata.metadata(name)
    classifiers = [c for c in meta.get_all("Classifier", []) if c.startswith("License ::")]
    return " / ".join(
        [meta.get("License-Expression") or "", (meta.get("License") or "")[:100], *classifiers]
    )


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-or-later", "AGPL-3.0", "GNU General Public License v3"]
)
def test_a_gpl_licence_would_be_seen(licence: str) -> None:
    assert COPYLEFT.search(licence)


@pytest.mark.parametrize("name", LOCKED)
def test_each_python_package_at_run_time_has_a_licence_that_is_not_gpl(name: str) -> None:
    try:
        licence = licence_of(name)
    except metadata.PackageNotFoundError:
        pytest.skip("locked for another platform")
    assert licence.strip(" /"), f"{name} names no licence"
    assert not COPYLEFT.search(licence.replace("LGPL", "")), f"{name}: {licence}"


def test_each_npm_package_that_reaches_a_browser_has_a_permissive_licence() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    bundled = {
        path: entry
        for path, entry in packages.items()
        if path.startswith("node_modules/") and not entry.get("dev") and not entry.get("link")
    }
    assert bundled
    allowed = {"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0"}
    unknown = {
        path: entry.get("license")
        for path, entry in bundled.items()
        if entry.get("license") not in allowed
    }
    assert not unknown
