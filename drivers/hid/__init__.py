"""USB's human interface devices: what they say of their reports, and what reports say.

Pure and light: no device is opened here. Source: Device Class Definition for HID 1.11 (USB-IF) and
HID Usage Tables 1.5, page Digitizers (0x0D).
"""
