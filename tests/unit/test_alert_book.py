"""The book of alerts: one for each cause, however many signs; nothing without bounds."""

from types import SimpleNamespace

import pytest

from plugins.health.alerts.book import (
    MANY,
    MOST_A_MINUTE,
    MOST_MEMBERS,
    REOPEN,
    Book,
    kept,
    restored,
)
from plugins.health.alerts.causes import Cause, Places, usb_hubs
from plugins.health.alerts.engine import Turn
from plugins.health.alerts.rules import DeviceRule, HubRule, SeriesRule
from plugins.health.alerts.signs import Key, Sign

RULES = {
    "lost": DeviceRule(watch="device", when="unreachable", escalate=30, lesson=True),
    "ill": DeviceRule(watch="device", when="fault"),
    "disk": HubRule(watch="hub", cause="disk", urgent=True),
    "full": SeriesRule(
        watch="series", series="disk", above=90, clear=85, plausible=(0, 100), cause="disk",
        title="Full.", hint="Delete.",
    ),
}  # fmt: skip
NOW = 1_796_000_000.0


def lost(device: str, *, wrong: bool = True) -> Turn:
    sign = Sign("fault", "It does not answer.", "Check its cable.", device=True, lost=True)
    return Turn(Key("lost", device), sign, firing=wrong, flapping=False)


def other(rule: str, subject: str, *, device: bool = False, wrong: bool = True) -> Turn:
    sign = Sign("warning", f"{rule} is wrong.", "Mend it.", device=device)
    return Turn(Key(rule, subject), sign, firing=wrong, flapping=False)


def alone(device: str) -> Cause:
    return Cause(f"device:{device}")


@pytest.fixture
def book():
    return Book(RULES, alone)


def test_it_fires_it_clears_and_goes_on_where_it_was(book):
    ((alert, what),) = book.take([lost("a")], 0, NOW)
    assert (what, alert.state, alert.lesson, alert.devices) == ("fired", "firing", True, ["a"])
    alert.state = "known"
    ((same, what),) = book.take([lost("a", wrong=False)], 60, NOW + 60)
    assert (same, what, same.cleared, book.open) == (alert, "cleared", NOW + 60, [])
    ((again, what),) = book.take([lost("a")], 60 + REOPEN, NOW + 100)
    assert (again.id, again.times, again.state, again.cleared) == (alert.id, 2, "known", None)
    book.take([lost("a", wrong=False)], 700, NOW)
    ((new, what),) = book.take([lost("a")], 701 + REOPEN, NOW)
    assert (new.id != alert.id, what, new.state) == (True, "fired", "firing")


def test_all_that_is_wrong_with_a_device_is_one_alert(book):
    book.take([lost("a"), other("ill", "a", device=True)], 0, NOW)
    (alert,) = book.open
    assert (alert.severity, alert.title) == ("fault", "It does not answer.")
    book.take([lost("a", wrong=False)], 1, NOW)
    assert [(one.severity, one.title) for one in book.open] == [("warning", "ill is wrong.")]


def test_a_warning_that_becomes_a_fault_is_told_anew_also_to_whoever_took_it_up(book):
    ((alert, _),) = book.take([other("ill", "a", device=True)], 0, NOW)
    alert.state = "known"
    ((same, what),) = book.take([lost("a")], 600, NOW)
    assert (same, what, same.severity, same.state) == (alert, "fired", "fault", "firing")
    assert book.overdue(600 + 29 * 60) == []
    assert [one for one, _ in book.overdue(600 + 30 * 60)] == [alert]
    ((_, what),) = book.take([lost("a", wrong=False)], 9000, NOW)
    assert (what, alert.severity, alert.worst) == ("changed", "warning", "fault")
    ((_, what),) = book.take([other("ill", "a", device=True, wrong=False)], 9001, NOW)
    assert (what, alert.worst) == ("cleared", "fault")


def test_rules_of_one_cause_are_one_alert(book):
    happened = book.take([other("disk", "disk-low"), other("full", "computer")], 0, NOW)
    assert [what for _, what in happened] == ["fired"]
    assert [one.cause for one in book.open] == ["shared:disk"]
    book.take([other("full", "computer", wrong=False)], 1, NOW)
    assert len(book.open) == 1
    ((_, what),) = book.take([other("disk", "disk-low", wrong=False)], 2, NOW)
    assert what == "cleared"


def test_it_is_told_again_when_nobody_takes_it_up_and_only_once(book):
    book.take([lost("a"), lost("b")], 0, NOW)
    first, second = book.open
    first.state = "acknowledged"
    assert book.overdue(1799) == []
    assert [(alert.id, what) for alert, what in book.overdue(1800)] == [(second.id, "escalated")]
    assert book.overdue(9999) == []


def test_what_is_given_back_waits_anew_to_be_taken_up(book):
    ((alert, _),) = book.take([lost("a")], 0, NOW)
    alert.state, alert.by, alert.note = "known", "Aigul", "A part is ordered"
    book.give_back(alert, 5000)
    assert (alert.state, alert.by, alert.note) == ("firing", "", "")
    assert book.overdue(5000 + 29 * 60) == []
    assert [what for _, what in book.overdue(5000 + 30 * 60)] == ["escalated"]


def test_a_thousand_in_a_minute_are_a_few_alerts(book):
    happened = []
    for number in range(1000):
        happened += book.take([lost(f"d-{number}")], number * 0.06, NOW)
    assert len(book.open) == MOST_A_MINUTE + 1
    many = next(one for one in book.open if one.cause == MANY)
    assert len(many.members) == MOST_MEMBERS
    assert [what for _, what in happened].count("fired") == MOST_A_MINUTE + 1


def test_what_is_kept_comes_back_the_same(book):
    book.take([lost("a"), other("ill", "a", device=True)], 0, NOW)
    (alert,) = book.open
    again = restored(kept(alert))
    assert again == alert
    later = Book(RULES, alone)
    later.start([again], 100, lambda _: 1790.0)
    assert later.overdue(109) == []
    assert [what for _, what in later.overdue(110)] == ["escalated"]
    ((_, what),) = later.take([lost("a", wrong=False)], 120, NOW)
    assert what == "changed"


# Causes


def device(id_: str, port: str = "", **settings: str) -> SimpleNamespace:
    found = SimpleNamespace(port=port, bus="usb") if port else None
    config = SimpleNamespace(settings=settings)
    driver = SimpleNamespace(isolation="device")
    return SimpleNamespace(id=id_, found=found, config=config, driver=driver, driver_name="any")


def test_the_hubs_above_a_port_are_read_from_its_path():
    assert list(usb_hubs("pci-0000:00:14.0-usb-0:2.1.3:1.0")) == [
        "usb:pci-0000:00:14.0-usb-0:2",
        "usb:pci-0000:00:14.0-usb-0:2.1",
    ]
    assert list(usb_hubs("pci-0000:00:14.0-usb-0:2:1.0")) == []
    assert list(usb_hubs("platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.4:1.0")) == [
        "usb:platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1"
    ]
    assert list(usb_hubs("nothing of the sort")) == []


def test_a_pulled_usb_hub_with_six_devices_is_one_alert():
    places = Places()
    port = "pci-0000:00:14.0-usb-0:2.{}:1.0"
    places.look([device(f"pen-{n}", port.format(n)) for n in range(6)] + [device("alone")])
    places.look([device(f"pen-{n}") for n in range(6)] + [device("alone")])  # all are gone
    down = {f"pen-{n}": 10.0 + n / 10 for n in range(6)}
    book = Book(RULES, lambda id_: places.cause(id_, down))
    happened = book.take([lost(f"pen-{n}") for n in range(6)], 0, NOW)
    assert [what for _, what in happened] == ["fired"]
    (alert,) = book.open
    assert (alert.cause, len(alert.devices)) == ("usb:pci-0000:00:14.0-usb-0:2", 6)
    assert (alert.title, alert.params["n"]) == ("A USB hub with {n} devices is gone.", 6)
    back = [lost(f"pen-{n}", wrong=False) for n in range(6)]
    assert [what for _, what in book.take(back, 60, NOW)] == ["cleared"]


def test_a_device_of_a_hub_that_works_is_its_own_cause():
    places = Places()
    port = "pci-0000:00:14.0-usb-0:2.{}:1.0"
    places.look([device("a", port.format(1)), device("b", port.format(2))])
    assert places.cause("a", {"a": 10.0}).key == "device:a"
    assert places.cause("a", {"a": 10.0, "b": 100.0}).key == "device:a"  # lost long before
    assert places.cause("a", {"a": 10.0, "b": 11.0}).key == "usb:pci-0000:00:14.0-usb-0:2"


def test_all_on_the_network_are_one_cause_and_those_of_this_computer_none():
    places = Places()
    places.look([device("a", host="10.0.0.5"), device("b", url="http://10.0.0.6/stream")])
    assert places.cause("a", {"a": 1.0, "b": 2.0}).key == "network:"
    places.look([device("a", host="127.0.0.1"), device("b", url="http://localhost:1/stream")])
    assert places.cause("a", {"a": 1.0, "b": 2.0}).key == "device:a"
