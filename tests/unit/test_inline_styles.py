"""The pages' policy (`style-src 'self'`) lets no attribute `style` through: templates set the property."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ATTRIBUTE = re.compile(r"""[\s"'`]style=(["$])""")


def sources():
    for folder in (ROOT / "hub" / "web" / "src", *(ROOT / "plugins").glob("*/web/src")):
        yield from folder.rglob("*.ts")


def test_no_template_sets_the_attribute_style():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ATTRIBUTE.search(line)
    ]
    assert found == [], "write .style=${…}: the browser refuses the attribute"


def test_such_an_attribute_would_be_seen():
    assert ATTRIBUTE.search('<i class="a" style="--c: ${colour}">')
    assert ATTRIBUTE.search("<i style=${words}>")
    assert not ATTRIBUTE.search("<i .style=${words}>")
