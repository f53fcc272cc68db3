"""`python -m plugins.district.collector FILE`: collects until it is ended."""

import asyncio
import contextlib
import logging
import signal
import sys
import tomllib
from pathlib import Path

from pydantic import ValidationError

from plugins.district.collector.collector import Collector, CollectorSettings

WRONG = 2


async def _run(settings: CollectorSettings) -> None:
    task = asyncio.ensure_future(Collector(settings).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> None:
    """Read the settings, and collect."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m plugins.district.collector FILE")
    try:
        settings = CollectorSettings.model_validate(
            tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        )
    except (OSError, ValidationError, tomllib.TOMLDecodeError) as error:
        sys.stderr.write(f"{sys.argv[1]}: {error}\n")
        sys.exit(WRONG)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    asyncio.run(_run(settings))


if __name__ == "__main__":
    main()
