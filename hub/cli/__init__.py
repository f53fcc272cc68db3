"""The command `classhub`.

Exit codes: 0 done, 1 it could not be done, 2 wrong usage or settings, 3 something is missing,
4 another hub is running there (its data directory or port is in use), 5 no hub is running, 6 the
hub refused it to the one who asked, 7 trouble with a device, 130 ended with Ctrl-C.
"""

from hub.cli._main import main

__all__ = ["main"]
