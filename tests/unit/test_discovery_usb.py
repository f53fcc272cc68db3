"""udev's news become devices: by their parent, whole, at once when they go."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.device import Found, MdnsMatch, UsbMatch
from hub.discovery import UsbDevices, facts_of, fits, same_place, usable

CAM = "/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2"
OWN = {
    "SUBSYSTEM": "usb",
    "DEVNAME": "/dev/bus/usb/001/009",
    "ID_VENDOR_ID": "1B17",
    "ID_MODEL_ID": "0211",
    "ID_VENDOR": "Vendor",
    "ID_MODEL": "USB_Camera",
    "ID_SERIAL_SHORT": "A1",
    "TYPE": "239/2/1",
}


def video(number, capabilities=":capture:"):
    path = f"{CAM}/1-4.2:1.0/video4linux/video{number}"
    return path, {
        "SUBSYSTEM": "video4linux",
        "DEVNAME": f"/dev/video{number}",
        "ID_V4L_CAPABILITIES": capabilities,
        "ID_PATH": "pci-0000:00:14.0-usb-0:4.2:1.0",
    }


@pytest.fixture
async def usb():
    changes = []
    made = UsbDevices(lambda: changes.append(1), settle=0.01)
    made.changes = changes
    yield made
    made.clear()


async def settled(usb):
    usb.changes.clear()
    async with asyncio.timeout(30):
        while not usb.changes:
            await asyncio.sleep(0.005)


async def test_nodes_are_gathered_by_their_device_and_metadata_nodes_left_out(usb):
    usb.take("add", CAM, CAM, OWN)
    # As it happens: a later node's event may come before an earlier one's.
    for number, capabilities in ((11, ":capture:"), (3, ":"), (2, ":capture:")):
        path, properties = video(number, capabilities)
        usb.take("add", path, CAM, properties)
    assert usb.facts() == [], "it is not told before it is whole"
    await settled(usb)
    (one,) = usb.facts()
    assert one.nodes == {
        "usb": ("/dev/bus/usb/001/009",),
        "video4linux": ("/dev/video2", "/dev/video11"),
    }
    assert (one.vendor, one.product, one.serial) == ("1b17", "0211", "A1")
    assert (one.port, one.title) == ("pci-0000:00:14.0-usb-0:4.2", "Vendor USB Camera")


async def test_the_port_is_the_same_where_udev_does_not_name_it(usb):
    assert facts_of(CAM, OWN, []).port == "pci-0000:00:14.0-usb-0:4.2"
    platform = "/devices/platform/soc/fe980000.usb/usb3/3-1"
    assert facts_of(platform, OWN, []).port == "platform-fe980000.usb-usb-0:1"


async def test_a_node_and_a_device_that_go_are_gone_at_once(usb):
    path, properties = video(0)
    usb.take("add", path, CAM, properties)
    usb.take("add", CAM, CAM, OWN)
    await settled(usb)
    usb.changes.clear()
    usb.take("remove", path, "", {})
    assert usb.changes == [1]
    assert "video4linux" not in usb.facts()[0].nodes
    usb.take("remove", CAM, "", {})
    assert (usb.changes, usb.facts()) == ([1, 1], [])


async def test_events_that_say_nothing_new_disturb_nobody(usb):
    usb.take("add", CAM, CAM, OWN)
    await settled(usb)
    usb.changes.clear()
    usb.take("bind", CAM, CAM, dict(OWN))
    await asyncio.sleep(0.05)
    assert usb.changes == []


@pytest.mark.parametrize("own", [{**OWN, "TYPE": "9/0/1"}, {**OWN, "ID_MODEL_ID": "../x"}, {}])
def test_hubs_and_nonsense_are_no_devices(own):
    assert facts_of(CAM, own, []) is None


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*OWN, "ID_X"]), st.text(max_size=400)))
def test_whatever_a_device_says_is_bounded(said):
    facts = facts_of(CAM, {**OWN, **said}, [])
    for text in [] if facts is None else [facts.serial, facts.title, *facts.properties.values()]:
        assert len(text) <= 300
        assert text.isprintable()


def found(**more):
    return Found(
        identity="usb:1b17:0211:A1",
        bus="usb",
        vendor="1b17",
        product="0211",
        nodes={"video4linux": ("/dev/video2",)},
        properties={"ID_MODEL": "USB_Camera"},
        **more,
    )


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (UsbMatch(subsystem="video4linux"), True),
        (UsbMatch(subsystem="video4linux", vendor="1b17", product="0211"), True),
        (UsbMatch(subsystem="video4linux", vendor="1b18"), False),
        (UsbMatch(subsystem="tty"), False),
        (UsbMatch(subsystem="video4linux", properties={"ID_MODEL": "USB_*"}), True),
        (UsbMatch(subsystem="video4linux", properties={"ID_MODEL": "usb_*"}), False),
        (UsbMatch(subsystem="video4linux", properties={"ID_NONE": "*"}), False),
        (MdnsMatch(service="_ipp._tcp.local."), False),
    ],
)
def test_a_driver_finds_what_it_looks_for(match, expected):
    assert fits(match, found()) is expected


def test_a_service_is_found_by_its_type_and_records():
    one = Found(identity="mdns:_ipp._tcp.local.:Printer", bus="mdns", properties={"ty": "HP 5"})
    assert fits(MdnsMatch(service="_ipp._tcp.local."), one)
    assert fits(MdnsMatch(service="_ipp._tcp.local.", properties={"ty": "HP*"}), one)
    assert not fits(MdnsMatch(service="_ipps._tcp.local."), one)


def test_the_engineer_may_choose_a_driver_that_does_not_list_this_make():
    other_make = [UsbMatch(subsystem="video4linux", vendor="046d")]
    assert usable(other_make, found())
    assert not usable([UsbMatch(subsystem="tty")], found())
    assert not usable([MdnsMatch(service="_ipp._tcp.local.")], found())
    assert usable([], found())


def test_only_what_the_driver_opens_makes_a_device_start_anew():
    matches = [UsbMatch(subsystem="video4linux")]
    more = found().model_copy(update={"nodes": {**found().nodes, "input": ("/dev/input/event4",)}})
    moved = found().model_copy(update={"nodes": {"video4linux": ("/dev/video4",)}})
    assert same_place(matches, found(), more)
    assert not same_place(matches, found(), moved)
