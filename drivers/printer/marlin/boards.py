"""What boards with Marlin look like on USB; general converters among them are only offered.

Source: linux-usb.org/usb.ids; the tables of the kernel's drivers `ch341`, `cp210x`, `ftdi_sio`,
`pl2303` and `cdc_acm`; PlatformIO's board files, as Marlin is built with them.
"""

from hub.device import UsbMatch

BOARDS = (
    UsbMatch(subsystem="tty", vendor="2c99"),  # Prusa
    UsbMatch(subsystem="tty", vendor="27b1"),  # UltiMachine: RAMBo boards
    UsbMatch(subsystem="tty", vendor="1d50", product="6029"),  # Marlin on 32-bit boards
    UsbMatch(subsystem="tty", vendor="0483", product="5740"),  # STM32
    UsbMatch(subsystem="tty", vendor="1eaf", product="0004"),  # STM32 with Maple's loader
    UsbMatch(subsystem="tty", vendor="16c0", product="0483"),  # Teensy, Printrboard
    UsbMatch(subsystem="tty", vendor="2341", product="0010"),  # Arduino Mega 2560, the first
    UsbMatch(subsystem="tty", vendor="2341", product="0042"),  # Arduino Mega 2560
    UsbMatch(subsystem="tty", vendor="2341", product="003d"),  # Arduino Due, programming port
    UsbMatch(subsystem="tty", vendor="2a03", product="0042"),  # Arduino Mega 2560 of arduino.org
    # Converters, within printers and without.
    UsbMatch(subsystem="tty", vendor="1a86", product="7523"),  # CH340: Creality and others
    UsbMatch(subsystem="tty", vendor="1a86", product="7522"),  # CH340K
    UsbMatch(subsystem="tty", vendor="1a86", product="5523"),  # CH341
    UsbMatch(subsystem="tty", vendor="1a86", product="55d4"),  # CH9102: newer Creality
    UsbMatch(subsystem="tty", vendor="10c4", product="ea60"),  # CP2102
    UsbMatch(subsystem="tty", vendor="0403", product="6001"),  # FT232R: Melzi, Sanguino, Ultimaker
    UsbMatch(subsystem="tty", vendor="067b", product="2303"),  # PL2303
)
