"""A bad cable: lines that are changed, shortened or cut off on their way."""

import random


class Spoiler:
    """Changes a share of the lines that pass, in the ways that a bad cable has.

    Attributes:
        spoilt: how many so far.
    """

    def __init__(self, seed: int, share: float) -> None:
        self.spoilt = 0
        self._random = random.Random(seed)
        self._share = share

    def __call__(self, data: bytes) -> bytes:
        """Return what arrives."""
        return b"\n".join(self._spoilt(line) for line in data.split(b"\n"))

    def _spoilt(self, line: bytes) -> bytes:
        if not line or self._random.random() >= self._share:
            return line
        self.spoilt += 1
        at = self._random.randrange(len(line))
        how = self._random.randrange(3)
        if how == 0:
            return line[:at] + bytes([line[at] ^ (1 << self._random.randrange(7))]) + line[at + 1 :]
        if how == 1:
            return line[:at] + line[at + 1 :]
        return line[:at]
