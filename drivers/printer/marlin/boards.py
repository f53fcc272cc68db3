"""What boards with Marlin look like on USB; general converters among them are only offered."""

from hub.device import UsbMatch

BOARDS = (
    UsbMatch(subsystem="tty", vendor="2c99"),  # Prusa
    UsbMatch(subsystem="tty", vendor="27b1"),  # UltiMachine: RAMBo boards
    UsbMatch(subsystem="tty", vendor="1d50", product="6029"),  # Marlin on 32-bit boards
    UsbMatch(subsystem="tty", vendor="0483", product="5740"),  # STM32
    UsbMatch(subsystem="tty", vendor="1a86", product="7523"),  # CH340: Creality and others
    UsbMatch(subsystem="tty", vendor="10c4", product="ea60"),  # CP2102
    UsbMatch(subsystem="tty", vendor="2341", product="0042"),  # Arduino Mega 2560
)
