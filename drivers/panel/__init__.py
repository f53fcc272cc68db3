"""Interactive panels, projectors and other screens of a class."""
