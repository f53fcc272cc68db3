"""Slicers send their files to the hub as they would to a printer; what they send is a job.

It is held for approval like any other, whoever sends it and whatever the slicer asks for.
"""

from plugins.printing.uploads.keys import SEND, Key, Keys
from plugins.printing.uploads.routes import ROOTS, make_protocols

__all__ = ["ROOTS", "SEND", "Key", "Keys", "make_protocols"]
