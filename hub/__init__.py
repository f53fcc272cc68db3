"""The kernel of the classroom device hub: it knows no kind of device."""

__version__ = "0.1.0"
