"""The migrations of the touch tables."""
