"""USB devices that are played here and plugged into the machine's real host controller."""
