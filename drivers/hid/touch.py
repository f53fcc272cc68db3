"""Reports of touch screens into contacts, as Windows and the kernel have it.

A *frame* is what is true at once. A device says it in one report, or in several: the first one has
the number of contacts, those that follow have 0 there ("hybrid mode"), or each has one contact.
"""

from dataclasses import dataclass, field

from drivers.hid.descriptor import Descriptor, Field, Report
from drivers.hid.errors import BadDescriptor
from drivers.hid.usages import (
    CONFIDENCE,
    CONTACT_COUNT,
    CONTACT_ID,
    CONTACT_MOST,
    FINGER,
    HEIGHT,
    IN_RANGE,
    SCREENS,
    TIP_PRESSURE,
    TIP_SWITCH,
    TOUCH,
    WIDTH,
    X,
    Y,
)

_OF_CONTACT = frozenset(
    {X, Y, TIP_SWITCH, TOUCH, IN_RANGE, CONFIDENCE, CONTACT_ID, WIDTH, HEIGHT, TIP_PRESSURE}
)
MOST_IN_FRAME = 256
SILENT = 0.1


@dataclass(frozen=True, slots=True)
class HidContact:
    """One contact of a frame, in the device's own numbers; None for what it does not say.

    Attributes:
        id: as the device counts, or its place in the report where it says none.
        tip: it touches. confident: it is no palm, as far as the device knows.
    """

    id: int
    x: int
    y: int
    tip: bool
    in_range: bool | None = None
    confident: bool | None = None
    width: int | None = None
    height: int | None = None
    pressure: int | None = None


@dataclass(slots=True)
class _Layout:
    """What of a report is of which contact."""

    slots: list[dict[int, Field]] = field(default_factory=list)
    count: Field | None = None


class TouchDecoder:
    """Makes frames of a touch screen's reports.

    Attributes:
        x, y: the fields of the first contact: ranges and units.
        counted: reports say how many contacts there are.
        ids: contacts have ids.

    Raises:
        BadDescriptor: no report of it has contacts.
    """

    def __init__(self, descriptor: Descriptor) -> None:
        self._descriptor = descriptor
        self._layouts: dict[int, _Layout] = {}
        for (direction, number), report in descriptor.reports.items():
            if direction == "input":
                layout = _layout(report)
                if layout.slots:
                    self._layouts[number] = layout
        if not self._layouts:
            raise BadDescriptor("no report of it has contacts")
        first = next(iter(self._layouts.values()))
        self.x, self.y = first.slots[0][X], first.slots[0][Y]
        self.counted = first.count is not None
        self.ids = CONTACT_ID in first.slots[0]
        self.pressure = first.slots[0].get(TIP_PRESSURE)
        self.width = first.slots[0].get(WIDTH)
        self._expected = 0
        self._frame: list[HidContact] = []

    @property
    def slots(self) -> int:
        """How many contacts one report has room for."""
        return max(len(one.slots) for one in self._layouts.values())

    def feed(self, data: bytes) -> list[HidContact] | None:
        """Take a report; return the frame that it ends, None where it ends none."""
        found = self._descriptor.input(data)
        if found is None or (layout := self._layouts.get(found[0].number)) is None:
            return None
        bits = found[1]
        slots = layout.slots
        if layout.count is not None:
            # 0 in the reports that go on with a frame; some devices say the same number again.
            count = layout.count.value(bits)
            if count > 0:
                self._expected = min(count, MOST_IN_FRAME)
            slots = slots[: max(self._expected - len(self._frame), 0)]
        self._frame += [_contact(slot, bits, index) for index, slot in enumerate(slots)]
        if layout.count is not None and len(self._frame) < self._expected:
            return None
        frame, self._frame, self._expected = self._frame, [], 0
        return frame


def _contact(slot: dict[int, Field], bits: int, index: int) -> HidContact:
    def said(usage: int) -> int | None:
        field_ = slot.get(usage)
        return None if field_ is None else field_.value(bits)

    tip = said(TIP_SWITCH)
    if tip is None:
        tip = said(TOUCH)
    in_range, confident = said(IN_RANGE), said(CONFIDENCE)
    id_ = said(CONTACT_ID)
    return HidContact(
        id=index if id_ is None else id_,
        x=slot[X].value(bits),
        y=slot[Y].value(bits),
        tip=bool(in_range if tip is None else tip),
        in_range=None if in_range is None else bool(in_range),
        confident=None if confident is None else bool(confident),
        width=said(WIDTH),
        height=said(HEIGHT),
        pressure=said(TIP_PRESSURE),
    )


def _layout(report: Report) -> _Layout:
    """Sort a report's fields by contact.

    A contact has a collection of its own (Finger); where it has not, it begins where a usage comes
    again. X twice in a row is the place and the centre of a contact: the first one counts.
    """
    layout = _Layout()
    last: int | None = None
    slot: dict[int, Field] = {}
    home: int | None = None
    for one in report.fields:
        if one.array or one.collection is None or one.collection.application.usage not in SCREENS:
            continue
        if one.usage == CONTACT_COUNT and not one.constant:
            layout.count = one
        if one.usage not in _OF_CONTACT or one.constant:
            continue
        if one.usage == last and one.usage in (X, Y):
            continue
        last = one.usage
        place = one.collection.number
        apart = one.collection.usage == FINGER and place != home
        if slot and (one.usage in slot or apart):
            layout.slots.append(slot)
            slot = {}
        home = place if one.collection.usage == FINGER else home
        slot[one.usage] = one
    if slot:
        layout.slots.append(slot)
    layout.slots = [one for one in layout.slots if X in one and Y in one]
    return layout


class TouchTracker:
    """Follows contacts from frame to frame.

    Of two of one id in a frame the first counts. A contact that touches no longer is up. So is one
    that frames which say how many contacts there are have left out for `SILENT` seconds: some
    devices forget to say that a finger has gone.

    Args:
        counted: see `TouchDecoder`.
    """

    def __init__(self, *, counted: bool) -> None:
        self._counted = counted
        self._heard: dict[int, float] = {}

    def feed(self, frame: list[HidContact], time: float) -> list[tuple[int, HidContact | None]]:
        """Return what a frame changes: by id where a contact is, or None where it has gone."""
        changes: list[tuple[int, HidContact | None]] = []
        seen: set[int] = set()
        for contact in frame:
            if contact.id in seen:
                continue
            seen.add(contact.id)
            if contact.tip:
                self._heard[contact.id] = time
                changes.append((contact.id, contact))
            elif self._heard.pop(contact.id, None) is not None:
                changes.append((contact.id, None))
        if self._counted and len(frame) < len(self._heard):
            gone = [id_ for id_, heard in self._heard.items() if time - heard > SILENT]
            for id_ in gone:
                del self._heard[id_]
            # They left before what the frame says.
            changes[:0] = [(id_, None) for id_ in gone]
        return changes

    def end(self) -> list[int]:
        """Return the ids of those that touch still, and forget them."""
        ids = list(self._heard)
        self._heard.clear()
        return ids


def most_contacts(descriptor: Descriptor) -> int | None:
    """Return how many contacts the device says it can tell apart, as far as its ranges say."""
    for (direction, _), report in descriptor.reports.items():
        for one in report.fields:
            if direction == "feature" and one.usage == CONTACT_MOST and one.maximum > 0:
                return one.maximum
    return None
