"""A weighing scale for the classroom device hub: a kind of device, two drivers, a virtual one."""
