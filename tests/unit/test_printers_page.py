"""docs/printers.md is what the drivers and the profiles say now."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_printers_is_current():
    spec = importlib.util.spec_from_file_location("printers_page", ROOT / "tools/printers.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text("utf-8") == tool.page(), "run python tools/printers.py"
    for name, _, _ in tool.drivers():
        assert f"- **{name}**: " in tool.page()
