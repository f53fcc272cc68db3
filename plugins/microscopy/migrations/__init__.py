"""The migrations of the microscopy tables."""
