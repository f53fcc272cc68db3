"""The revisions of the kernel's tables, in a line."""
