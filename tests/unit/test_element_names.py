"""Each element of the pages has a name of its own: of two of one name the later is not used."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
_DEFINED = re.compile(r'\b(?:define|customElements\.define)\(\s*"([a-z0-9-]+)"')


def test_no_two_elements_have_one_name():
    """Pages of several plugins are opened one after the other in one document."""
    sources = [ROOT / "hub/web/src", *ROOT.glob("plugins/*/web/src")]
    files = [file for folder in sources for file in folder.rglob("*.ts")]
    names = Counter(name for file in files for name in _DEFINED.findall(file.read_text()))
    assert len(names) > 50
    assert [name for name, count in names.items() if count > 1] == []
