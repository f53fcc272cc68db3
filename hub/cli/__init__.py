"""The command `classhub`.

Exit codes: 0 done, 1 it could not be done, 2 wrong usage or settings, 3 something is missing,
4 another hub is running there (its data directory or port is in use).
"""

from hub.cli._main import main

__all__ = ["main"]
