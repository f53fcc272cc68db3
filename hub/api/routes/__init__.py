"""The kernel's own routes, one module for each kind of thing."""
