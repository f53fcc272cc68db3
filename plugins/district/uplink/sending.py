"""What was sent and is not confirmed: in order, so many at most, and again when nobody confirms."""

from collections import deque

WINDOW = 200
BATCH = 100
PATIENCE = 30.0
MOST_PATIENCE = 600.0


class Sending:
    """The numbers under way on one connection.

    Args:
        confirmed: up to which number the district has everything.
        at: the time now, in seconds that only go forward.
    """

    def __init__(self, confirmed: int, at: float) -> None:
        self._sent: deque[int] = deque()
        self._moved = at
        self._patience = PATIENCE
        self.cursor = confirmed

    @property
    def room(self) -> int:
        """How many more may be sent now."""
        return min(WINDOW - len(self._sent), BATCH)

    def next(self, seq: int, at: float) -> int:
        """Note that a number is sent; return what it comes after."""
        after = self._sent[-1] if self._sent else 0
        if not self._sent:
            self._moved = at
        self._sent.append(seq)
        self.cursor = seq
        return after

    def confirmed(self, seq: int, at: float) -> None:
        """Note that everything up to a number is confirmed."""
        moved = False
        while self._sent and self._sent[0] <= seq:
            self._sent.popleft()
            moved = True
        if moved:
            self._moved, self._patience = at, PATIENCE

    def again(self, confirmed: int, at: float) -> None:
        """Begin again after what is confirmed."""
        self._sent.clear()
        self._moved = at
        self.cursor = confirmed

    def overdue(self, at: float) -> bool:
        """Tell whether nobody has confirmed for so long that all is to be sent again."""
        if not self._sent or at - self._moved < self._patience:
            return False
        self._patience = min(self._patience * 2, MOST_PATIENCE)
        return True
