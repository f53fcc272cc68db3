"""The layers of any G-code, drawn for the page."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.printing.slicing import layers
from plugins.printing.slicing.layers import NoLayers, read_index, read_layer, write

START = "G90\nM83\n"


@pytest.fixture
def drawn(tmp_path):
    def draw(content):
        source, target = tmp_path / "print.gcode", tmp_path / "layers"
        source.write_text(content)
        write(source, target)
        index = read_index(target)
        return index, [read_layer(target, number) for number in range(index["count"])]

    return draw


def paths(layer):
    return [(one["kind"], one["points"]) for one in layer["paths"]]


def test_marks_of_slicers_part_layers_and_name_lines(drawn):
    index, found = drawn(
        START + "G1 X2 Y20 Z.3\nG1 Y100 E9\n"  # the line that cleans the nozzle is not shown
        ";LAYER_CHANGE\n;TYPE:External perimeter\nG1 X10 Y10 Z.2\nG1 X20 E1\nG1 Y20 E1\n"
        ";TYPE:Internal infill\nG1 X12 Y12\nG1 X18 Y18 E1\n"
        ";LAYER_CHANGE\n;TYPE:Perimeter\nG1 X10 Y10 Z.4\nG1 X20 E1\n"
    )
    assert (index["count"], index["box"], index["whole"]) == (2, [10, 10, 20, 20], True)
    assert [(one["z"], one["height"]) for one in index["layers"]] == [(0.2, 0.2), (0.4, 0.2)]
    assert paths(found[0]) == [
        ("outer", [10, 10, 20, 10, 20, 20]),
        ("infill", [12, 12, 18, 18]),
    ]
    assert paths(found[1]) == [("wall", [10, 10, 20, 10])]


def test_without_marks_the_height_parts_layers_and_hops_do_not(drawn):
    index, _ = drawn(
        START + "G1 X0 Y0 Z.2\nG1 X9 E1\nG1 Z1\nG1 X0\nG1 Z.2\nG1 Y9 E1\nG1 Z.4\nG1 X9 E1\n"
    )
    assert [one["z"] for one in index["layers"]] == [0.2, 0.4]
    assert index["layers"][0]["paths"] == 2


def test_travel_and_pulling_back_draw_nothing(drawn):
    _, (layer,) = drawn(START + "G1 X0 Y0 Z.2\nG1 X9 E1\nG1 X0 E-1\nG1 X5\nG1 X8 E1\n")
    assert paths(layer) == [("wall", [0, 0, 9, 0]), ("wall", [5, 0, 8, 0])]


@pytest.mark.parametrize(
    "modes",
    [
        "M82\nG1 X10 Y10 Z.2\nG1 X20 E5\nG1 Y20 E9\n",
        "M83\nG92 X0 Y0\nG1 X10 Y10 Z.2\nG1 X20 E5\nG1 Y20 E4\n",
        "M83\nG1 X10 Y10 Z.2\nG91\nG1 X10 E5\nG1 Y10 E4\n",
        "M82\nG92 E100\nG1 X10 Y10 Z.2\nG1 X20 E105\nG1 Y20 E109\n",
        "M83\nG0 F600 X10 Y10 Z.2\nG1 F900 X20 E5 ; along\nN7 G1 Y20 E4*12\n",
    ],
)
def test_every_way_to_count_draws_the_same(drawn, modes):
    _, (layer,) = drawn("G90\n" + modes)
    assert paths(layer) == [("wall", [10, 10, 20, 10, 20, 20])]


def test_arcs_are_round(drawn):
    _, (layer,) = drawn(START + "G1 X20 Y10 Z.2\nG3 X20 Y10 I-10 J0 E9\n")
    ((_, points),) = paths(layer)
    assert len(points) > 40
    for x, y in zip(points[0::2], points[1::2], strict=True):
        assert math.hypot(x - 10, y - 10) == pytest.approx(10, abs=0.02)


def test_more_than_a_page_draws_is_left_out_and_told(drawn, monkeypatch):
    monkeypatch.setattr(layers, "MOST_IN_LAYER", 100)
    index, _ = drawn(
        START + "G1 X0 Y0 Z.2\n" + "".join(f"G1 X{n % 9} Y{n} E1\n" for n in range(500))
    )
    assert index["layers"][0]["points"] <= 102
    assert not index["whole"]
    monkeypatch.setattr(layers, "MOST_LAYERS", 3)
    index, _ = drawn(START + "".join(f"G1 Z{n}\nG1 X{n % 2} E1\n" for n in range(1, 50)))
    assert (index["count"], index["whole"]) == (3, False)


def test_what_draws_nothing_has_no_layers(drawn):
    for content in ("", "; words\n", "G1 X9 Y9\n", "\x00\x01", "<html>"):
        with pytest.raises(NoLayers):
            drawn(content)


def test_no_layer_beyond_the_last(drawn, tmp_path):
    drawn(START + "G1 X0 Y0 Z.2\nG1 X9 E1\n")
    assert read_layer(tmp_path / "layers", 1) is None
    assert read_layer(tmp_path / "layers", -1) is None
    (tmp_path / "other").write_bytes(b"no layers here")
    with pytest.raises(ValueError, match="holds no layers"):
        read_index(tmp_path / "other")


NUMBER = st.floats(-1e4, 1e4) | st.sampled_from([1e30, -1e30, 0.0, 1e-9])
LINE = st.tuples(
    st.sampled_from(
        ["G0", "G1", "G2", "G3", "G90", "G91", "G92", "G28", "M82", "M83", ";LAYER:1", ";TYPE:FILL"]
    ),
    st.lists(st.tuples(st.sampled_from("XYZEIJ"), NUMBER), max_size=5),
).map(lambda one: " ".join([one[0], *(f"{letter}{value}" for letter, value in one[1])]))


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE | st.text(max_size=20), max_size=50))
def test_whatever_is_in_a_file_its_layers_can_be_read_or_there_are_none(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("hostile")
    source, target = folder / "print.gcode", folder / "layers"
    source.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    try:
        write(source, target)
    except NoLayers:
        return
    index = read_index(target)
    for number in range(index["count"]):
        layer = read_layer(target, number)
        assert (
            sum(len(one["points"]) // 2 for one in layer["paths"])
            == index["layers"][number]["points"]
        )
