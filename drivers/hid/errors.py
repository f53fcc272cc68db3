"""What is wrong with what a HID device, or a recording of one, says."""


class BadDescriptor(ValueError):
    """A report descriptor makes no sense; says where."""
