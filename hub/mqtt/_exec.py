"""Become another program that ends with the hub: `_exec.py <pid of the hub> <program> …`.

Run by its path with a bare interpreter, so it imports nothing of the hub.
"""

import ctypes
import os
import signal
import sys

if __name__ == "__main__":
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG, prctl(2)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the hub has ended")
    # The interpreter ignores it, and what is ignored stays so in the program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
