"""libwacom's database: names, sizes and keys of tablets."""

from pathlib import Path

import pytest

from drivers.tablet.evdev.libwacom import FOLDERS, look_up

PAD = """# A comment
[Device]
Name=Nobody Pad 9
ModelName=NP-9
DeviceMatch=bluetooth:1234:00ab;usb:1234:00AB;usb:1234:00ac:Nobody Pen
Width=9
Height=6
IntegratedIn=Display;System

[Features]
Stylus=true
Buttons=8

[Buttons]
Left=A;B;C;D
"""


def test_what_a_file_says(tmp_path: Path) -> None:
    (tmp_path / "pad.tablet").write_text(PAD)
    found = look_up("1234", "00ab", [tmp_path])
    assert found is not None
    assert found.name == "Nobody Pad 9 (NP-9)"
    assert (found.width, found.height) == pytest.approx((228.6, 152.4))
    assert (found.keys, found.screen) == (8, True)
    assert look_up("1234", "00ac", [tmp_path]) == found
    for vendor, product in (("1234", "00a"), ("1234", "0abc"), ("123", "00ab"), ("1234", ".*")):
        assert look_up(vendor, product, [tmp_path]) is None


@pytest.mark.parametrize(
    "text", ["DeviceMatch=usb:1:2\n", "[Device]\nDeviceMatch=usb:1:2\nWidth=wide\n", "\0" * 99]
)
def test_files_that_make_no_sense_are_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.tablet").write_text(text)
    (tmp_path / "b.tablet").write_text("[Device]\nName=B\nDeviceMatch=usb:1:2\n")
    found = look_up("1", "2", [tmp_path])
    assert found is not None
    assert (found.name, found.width, found.keys, found.screen) == ("B", None, 0, False)


@pytest.mark.skipif(not FOLDERS[1].is_dir(), reason="libwacom-common is not installed")
def test_real_tablets_are_known() -> None:
    intuos = look_up("056a", "00b9")
    assert intuos is not None
    assert (intuos.name, intuos.keys, intuos.screen) == ("Wacom Intuos4 6x9 (PTK-640)", 9, False)
    assert look_up("ffff", "ffff") is None
