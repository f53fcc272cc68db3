"""The kernel of the classroom device hub: it knows no kind of device."""

__version__ = "0.1.0"
# No clock of a computer that runs this version can be before this day (see `hub.clock`).
__released__ = "2026-11-20"
