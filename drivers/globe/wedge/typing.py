"""Keys into lines: what a pen types that the computer takes for a keyboard.

A wedge sends the keys of a US keyboard, whatever the desktop's layout; key codes are those of
linux/input-event-codes.h.
"""

from collections.abc import Sequence

from drivers.input.codes import EV_KEY, EV_SYN, SYN_DROPPED
from hub.device.transports import InputEvent

MOST_TYPED = 256
SHIFTS = frozenset({42, 54})
ENDS = frozenset({28, 96, 15})
"""Enter, Enter of the number pad, Tab."""

_ROWS = {2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 44: "zxcvbnm,./"}
_SHIFTED = str.maketrans("1234567890-=[];'`,./\\", '!@#$%^&*()_+{}:"~<>?|')
PLAIN = {
    **{first + at: sign for first, row in _ROWS.items() for at, sign in enumerate(row)},
    43: "\\",
    57: " ",
    **dict(zip((79, 80, 81, 75, 76, 77, 71, 72, 73, 82), "1234567890", strict=True)),
    74: "-",
    83: ".",
}
DIGITS = frozenset(range(2, 12))


class Typing:
    """Gathers what is typed into lines."""

    def __init__(self) -> None:
        self._line = ""
        self._shifts: set[int] = set()

    @property
    def begun(self) -> bool:
        """Whether a line has begun."""
        return bool(self._line)

    def take(self, events: Sequence[InputEvent]) -> list[str]:
        """Take events; return the lines that they end."""
        lines: list[str] = []
        for event in events:
            if event.type == EV_SYN and event.code == SYN_DROPPED:
                self.forget()
            elif event.type == EV_KEY:
                if event.code in SHIFTS:
                    (self._shifts.add if event.value else self._shifts.discard)(event.code)
                elif event.value == 1 and (line := self._press(event.code)):
                    lines.append(line)
        return lines

    def pause(self) -> str:
        """Note that nothing more is typed; return what was."""
        line, self._line = self._line, ""
        return line

    def forget(self) -> None:
        """Forget half a line: events were lost."""
        self._line = ""
        self._shifts.clear()

    def _press(self, code: int) -> str:
        if code in ENDS:
            return self.pause()
        sign = PLAIN.get(code)
        if sign is not None:
            self._line += sign.upper().translate(_SHIFTED) if self._shifts else sign
        return self.pause() if len(self._line) >= MOST_TYPED else ""
