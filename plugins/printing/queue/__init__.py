"""The queue: which job is printed next on which printer, started once, followed to its end."""
