"""Touch tables and touch screens."""
