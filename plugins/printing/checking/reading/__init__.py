"""Reading a model from a file of a stranger, recognised by its content and never by its name.

What a file announces is held against its size before anything is laid out for it; no other file
and no address is ever opened.
"""

from plugins.printing.checking.reading.files import LARGEST_FILE, Model, read

__all__ = ["LARGEST_FILE", "Model", "read"]
