"""In the machine: say a line to a serial device and print its answer. `ask.py /dev/ttyACM0 ID?`."""

import os
import select
import sys
import termios
import tty

path, line = sys.argv[1:]
port = os.open(path, os.O_RDWR | os.O_NOCTTY)
tty.setraw(port)
termios.tcflush(port, termios.TCIOFLUSH)
os.write(port, line.encode() + b"\n")
answer = b""
while not answer.endswith(b"\n"):
    if not select.select([port], [], [], 20)[0]:
        sys.exit(f"{path}: no answer")
    answer += os.read(port, 256)
print(answer.decode().strip())
