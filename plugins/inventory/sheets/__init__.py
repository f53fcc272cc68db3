"""The inventory as a table for spreadsheets, out and in."""

from plugins.inventory.sheets.table import MOST_BYTES, Plan, Planned, Wrong, plan_of, write_table
from plugins.inventory.sheets.taking import take_table

__all__ = ["MOST_BYTES", "Plan", "Planned", "Wrong", "plan_of", "take_table", "write_table"]
