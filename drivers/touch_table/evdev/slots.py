"""The kernel's multitouch protocols: B with slots, A without, and tables with one finger only.

Source: Documentation/input/multi-touch-protocol.rst. Slots keep their values when a contact ends
and the next one begins in the same slot: what did not change is not said again. A tracking id that
changes directly is an end and a beginning.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from drivers.input.codes import (
    ABS_MT_SLOT,
    ABS_MT_TRACKING_ID,
    ABS_X,
    ABS_Y,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
    EV_SYN,
    SYN_MT_REPORT,
)
from drivers.touch_table.contacts import Contacts, Place
from drivers.touch_table.contract import MOST_CONTACTS, Touch
from drivers.touch_table.evdev.place import Places
from hub.device.transports import InputEvent

MOST_SLOTS = 4 * MOST_CONTACTS
_FARTHEST = 0.15
"""Share of the table that a finger moves between two reports at most (protocol A without ids)."""

SlotValues = Mapping[int, Sequence[int]]


class SlotReader:
    """Protocol B.

    Attributes:
        beyond: values for slots past `MOST_SLOTS`, which are not followed.
    """

    def __init__(self, places: Places, contacts: Contacts) -> None:
        self.beyond = 0
        self._places = places
        self._contacts = contacts
        self._slot = 0
        self._values: dict[int, dict[int, int]] = {}
        self._tracking: dict[int, int] = {}

    def read(self, slot: int, slots: SlotValues, time: float) -> list[Touch]:
        """Take the state of all slots as it was read, at the start and after a loss.

        Args:
            slot: the one that comes next.
            slots: by axis the values in each slot, the tracking ids among them.
            time: of the reading.
        """
        self._slot = slot
        self._contacts.begin_frame()
        touches: list[Touch] = []
        ids = slots.get(ABS_MT_TRACKING_ID, ())
        for index, tracking in enumerate(ids):
            values = {code: all_[index] for code, all_ in slots.items() if index < len(all_)}
            values.pop(ABS_MT_TRACKING_ID, None)
            self._values[index] = values
            if self._tracking.get(index, -1) != tracking:
                touches += self._end(index, time)
            if tracking >= 0:
                self._tracking[index] = tracking
                touches += self._contacts.move(index, self._places.place(values), time)
        return touches

    def take(self, events: Iterable[InputEvent], time: float) -> list[Touch]:
        """Take a frame."""
        self._contacts.begin_frame()
        touches: list[Touch] = []
        changed: dict[int, None] = {}
        for event in events:
            if event.type != EV_ABS:
                continue
            code, value = event.code, event.value
            if code == ABS_MT_SLOT:
                self._slot = value
            elif not 0 <= self._slot < MOST_SLOTS:
                self.beyond += 1
            elif code == ABS_MT_TRACKING_ID:
                if value != self._tracking.get(self._slot, -1):
                    # It ends where it was told last; what came before in this frame is told first.
                    touches += self._tell(self._slot, changed, time)
                    touches += self._end(self._slot, time)
                if value >= 0:
                    self._tracking[self._slot] = value
                    changed[self._slot] = None
            elif code > ABS_MT_SLOT:
                self._values.setdefault(self._slot, {})[code] = value
                changed[self._slot] = None
        for slot in list(changed):
            touches += self._tell(slot, changed, time)
        return touches

    def _tell(self, slot: int, changed: dict[int, None], time: float) -> list[Touch]:
        if slot not in changed:
            return []
        del changed[slot]
        if slot not in self._tracking:
            return []
        place = self._places.place(self._values.get(slot, {}))
        return self._contacts.move(slot, place, time)

    def _end(self, slot: int, time: float) -> list[Touch]:
        self._tracking.pop(slot, None)
        return self._contacts.up(slot, time)


class FrameReader:
    """Protocol A: every frame says all contacts, each ended by SYN_MT_REPORT.

    Where it says no tracking ids, a contact is the nearest one of the frame before.
    """

    def __init__(self, places: Places, contacts: Contacts) -> None:
        self._places = places
        self._contacts = contacts
        self._where: dict[int, Place] = {}
        self._count = 0

    def take(self, events: Iterable[InputEvent], time: float) -> list[Touch]:
        """Take a frame."""
        said: list[dict[int, int]] = []
        values: dict[int, int] = {}
        reported = False
        for event in events:
            if event.type == EV_ABS and event.code > ABS_MT_SLOT:
                values[event.code] = event.value
            elif event.type == EV_SYN and event.code == SYN_MT_REPORT:
                reported = True
                if self._places.x_code in values and len(said) < MOST_CONTACTS:
                    said.append(values)
                values = {}
        if not reported:  # a frame of keys only says nothing of contacts
            return []
        self._contacts.begin_frame()
        touches: list[Touch] = []
        if all(ABS_MT_TRACKING_ID in one for one in said):
            found = {("id", one[ABS_MT_TRACKING_ID]): self._places.place(one) for one in said}
        else:
            places = [self._places.place(one) for one in said]
            found = {("near", key): place for key, place in self._nearest(places).items()}
        touches += self._contacts.only(found, time)
        for key, place in found.items():
            touches += self._contacts.move(key, place, time)
        return touches

    def _nearest(self, places: list[Place]) -> dict[int, Place]:
        """Give each place the key of the contact before that is nearest to it, or a new one."""
        pairs = sorted(
            (math.hypot(place.x - was.x, place.y - was.y), index, key)
            for index, place in enumerate(places)
            for key, was in self._where.items()
        )
        keys: dict[int, int] = {}
        taken: set[int] = set()
        for distance, index, key in pairs:
            if distance <= _FARTHEST and index not in keys and key not in taken:
                keys[index] = key
                taken.add(key)
        now: dict[int, Place] = {}
        for index, place in enumerate(places):
            if index not in keys:
                self._count += 1
                keys[index] = self._count
            now[keys[index]] = place
        self._where = now
        return now


class SingleReader:
    """A table that knows one finger: ABS_X, ABS_Y and BTN_TOUCH."""

    def __init__(self, places: Places, contacts: Contacts) -> None:
        self._places = places
        self._contacts = contacts
        self._values: dict[int, int] = {}
        self._down = False

    def read(self, values: Mapping[int, int], time: float, *, down: bool) -> list[Touch]:
        """Take the state as it was read."""
        self._values.update(values)
        self._down = down
        self._contacts.begin_frame()
        return self._told(time)

    def take(self, events: Iterable[InputEvent], time: float) -> list[Touch]:
        """Take a frame."""
        self._contacts.begin_frame()
        touches: list[Touch] = []
        for event in events:
            if event.type == EV_ABS and event.code in (ABS_X, ABS_Y):
                self._values[event.code] = event.value
            elif event.type == EV_KEY and event.code == BTN_TOUCH:
                if self._down and not event.value:
                    touches += self._told(time)
                self._down = event.value != 0
        return touches + self._told(time)

    def _told(self, time: float) -> list[Touch]:
        if self._down:
            return self._contacts.move(0, self._places.place(self._values), time)
        return self._contacts.up(0, time)
