"""A thermometer for the classroom device hub: a kind of device, a driver, a plugin, a page."""
