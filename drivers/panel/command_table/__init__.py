"""Driver for panels whose commands are in a data file: RS-232 or TCP, one file a family."""

from drivers.panel.command_table.driver import TablePanel

__all__ = ["TablePanel"]
