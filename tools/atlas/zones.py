"""Time zones of countries that have one, of the IANA database (public domain)."""

from pathlib import Path
from typing import Any

TABLE = Path("/usr/share/zoneinfo/zone.tab")
VERSION = Path("/usr/share/zoneinfo/tzdata.zi")


def facts(codes: list[str]) -> dict[str, Any]:
    """Return the data file's content; which zone is meant where there are several stands in capitals.toml."""
    found: dict[str, list[str]] = {}
    for line in TABLE.read_text().splitlines():
        if not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            found.setdefault(code, []).append(zone)
    version = VERSION.read_text().splitlines()[0].split()[-1]
    return {
        "source": {
            "id": "tzdata",
            "title": "IANA Time Zone Database",
            "version": version,
            "date": "2025-03-22",
            "licence": "Public domain",
            "url": "https://www.iana.org/time-zones",
        },
        "zones": {code: found[code][0] for code in codes if len(found.get(code, ())) == 1},
    }
