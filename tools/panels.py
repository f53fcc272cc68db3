"""Write the table of tables into docs/panels.md: `python tools/panels.py`."""

import sys
from pathlib import Path

from drivers.panel.command_table.table import FOLDER, read

PAGE = Path(__file__).resolve().parent.parent / "docs" / "panels.md"
HEAD = "| table | panels | knows | document | tried on hardware |\n|---|---|---|---|---|\n"


def rows() -> str:
    """Return the rows, one a table that we ship."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        table = read(path)
        knows = ", ".join(table.properties)
        seen = "yes" if table.verified else "no"
        found.append(
            f"| `{path.stem}` | {table.title}: {table.models} | {knows} | {table.document} | {seen} |\n"
        )
    return "".join(found)


def written(page: str) -> str:
    """Return the page with the rows as they are now."""
    before, _, rest = page.partition(HEAD)
    after = rest[rest.index("\n\n") :]
    return f"{before}{HEAD}{rows().rstrip(chr(10))}{after}"


def main() -> int:
    """Write the page."""
    PAGE.write_text(written(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
