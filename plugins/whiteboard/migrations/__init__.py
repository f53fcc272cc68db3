"""Changes of the tables, in one line."""
