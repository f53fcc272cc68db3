"""Bytes of a serial line into lines of text."""

MOST_LINE = 256
"""Bytes; what is longer makes no sense, and is given out as it is."""


class Lines:
    """Gathers bytes into lines.

    Args:
        end: what ends a line; None where only a pause does.
    """

    def __init__(self, end: bytes | None) -> None:
        self._end = end
        self._come = b""

    @property
    def waiting(self) -> bool:
        """Whether a line has begun."""
        return bool(self._come)

    def feed(self, data: bytes) -> list[str]:
        """Take bytes; return the lines that they end. Empty ones are left out."""
        self._come += data
        lines: list[bytes] = []
        if self._end is not None:
            *lines, self._come = self._come.split(self._end)
        while len(self._come) > MOST_LINE:
            lines.append(self._come[:MOST_LINE])
            self._come = self._come[MOST_LINE:]
        return _texts(lines)

    def pause(self) -> list[str]:
        """Note that nothing more came; return the line that this ends.

        Where lines have an end, one that never got it is half a code: it is given out with a mark
        that no pattern takes, so that it counts as senseless and never as a shorter code.
        """
        half, self._come = self._come, b""
        if not half:
            return []
        return _texts([half if self._end is None else b"\x00" + half])


def _texts(lines: list[bytes]) -> list[str]:
    texts = [line[:MOST_LINE].decode("ascii", "replace").strip("\r\n ") for line in lines]
    return [text for text in texts if text]
