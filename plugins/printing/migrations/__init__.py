"""The migrations of the printing tables."""
