"""How to speak to each device: one driver for each make or protocol, behind its kind's contract."""
