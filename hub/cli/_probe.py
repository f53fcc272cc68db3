"""`classhub probe`: find out how an unknown device speaks, and write its data file."""

import asyncio
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from hub.cli._common import FAILED, MISSING, USAGE, fail
from hub.errors import HubError

GROUP = "classhub.probes"


def probe(kind: str, node: str | None, out: Path | None, **options: Any) -> None:
    """List the nodes where none is given; else ask step by step, and write the file."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if kind not in found:
        fail(f"there is a probe for: {', '.join(sorted(found)) or 'nothing'}", USAGE)
    prober = found[kind].load()
    if node is None:
        nodes = prober.nodes()
        if not nodes:
            fail("there is no such device here: plug it in", MISSING)
        for path, text in nodes:
            click.echo(f"{path}  {text}")
        click.echo("Name one of them: --node PATH")
        return
    try:
        made = asyncio.run(prober.run(node, _ask, **options))
    except HubError as error:
        fail(f"{error.title} {error.hint} ({error.detail})", FAILED)
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}", FAILED)
    click.echo(f"{out} is written: send it to the hub's makers, so that it works in every school")


async def _ask(words: str) -> None:
    click.echo(words, err=True)
    await asyncio.to_thread(_wait_for_enter)


def _wait_for_enter() -> None:
    click.prompt("Press Enter, then do it", default="", show_default=False, err=True)
