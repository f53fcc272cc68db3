"""The page that offers the Python client's wheel to rooms with no internet."""

import html
from pathlib import Path

CLIENTS = Path(__file__).parents[1] / "clients"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Python client</title>
<h1>The Python client of this hub</h1>
<p><code>pip install {address}</code></p>
<p><a href="/client/{name}">{name}</a>; it needs <code>httpx</code> and <code>websockets</code>.</p>
"""


def client_page(base: str, folder: Path = CLIENTS) -> bytes | None:
    """Return the page with the line that installs the client, None where no wheel was built.

    Args:
        base: the address that the hub is called by, with a slash at its end.
        folder: where the wheel stands.
    """
    wheels = sorted(folder.glob("classhub_client-*.whl"))
    if not wheels:
        return None
    name = html.escape(wheels[-1].name)
    return _PAGE.format(address=f"{html.escape(base)}client/{name}", name=name).encode()
