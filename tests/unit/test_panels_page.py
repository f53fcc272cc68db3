"""The page about panels lists the tables as they are."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_lists_our_tables_as_they_are():
    spec = importlib.util.spec_from_file_location("panels_page", ROOT / "tools" / "panels.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    page = (ROOT / "docs" / "panels.md").read_text()
    assert tool.written(page) == page, "run python tools/panels.py"
