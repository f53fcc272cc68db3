"""`python -m plugins.district.page FILE`: serves the page until it is ended."""

import logging
import sys
import tomllib
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from plugins.district.page.application import PageSettings, application

WRONG = 2


def main() -> None:
    """Read the settings, and serve."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m plugins.district.page FILE")
    try:
        settings = PageSettings.model_validate(
            tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        )
    except (OSError, ValidationError, tomllib.TOMLDecodeError) as error:
        sys.stderr.write(f"{sys.argv[1]}: {error}\n")
        sys.exit(WRONG)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    uvicorn.run(
        application(settings),
        host=settings.host,
        port=settings.port,
        server_header=False,
        access_log=False,
        limit_concurrency=100,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
