"""The room's pens as one: who leads, and what the kernel is told."""

import os

import pytest

from drivers.input import codes
from plugins.tablets.errors import PenNotAllowed, PenNotThere
from plugins.tablets.pen_out.merging import HARDEST, HIGH, WIDE, OnePen
from plugins.tablets.pen_out.uinput import VirtualPen

EV_KEY, EV_ABS = codes.EV_KEY, codes.EV_ABS


def sample(x, *, contact=True, near=True, **more):
    return {"x": x, "y": 0.5, "contact": contact, "near": near, "pressure": 0.5, **more}


class Program:
    """Keeps what a program would believe of the pen, and what it saw of strokes."""

    def __init__(self):
        self.state, self.frames, self.strokes = {}, 0, []

    def hear(self, frames):
        for frame in frames:
            assert frame, "no frame is empty"
            assert len({code for _, code, _ in frame}) == len(frame)
            before = self.state.get(codes.BTN_TOUCH, 0)
            self.state |= {code: value for _, code, value in frame}
            tools = [self.state.get(c, 0) for c in (codes.BTN_TOOL_PEN, codes.BTN_TOOL_RUBBER)]
            assert sum(tools) <= 1, "one tool at once"
            assert not self.state.get(codes.BTN_TOUCH) or sum(tools) == 1
            self.frames += 1
            if self.state.get(codes.BTN_TOUCH):
                if not before:
                    self.strokes.append([])
                self.strokes[-1].append(self.state[codes.ABS_X] / WIDE)


def test_a_stroke_is_told_with_all_that_the_pen_measures():
    one, program = OnePen(), Program()
    frames = one.take("a", [sample(0.1, contact=False)])
    assert (EV_KEY, codes.BTN_TOOL_PEN, 1) in frames[0]
    assert (EV_ABS, codes.ABS_PRESSURE, 0) in frames[0]
    program.hear(frames)
    (frame,) = one.take("a", [sample(0.25, tilt_x=-30.4, tilt_y=12.0, buttons=[1])])
    assert set(frame) == {
        (EV_KEY, codes.BTN_TOUCH, 1),
        (EV_ABS, codes.ABS_X, WIDE // 4),
        (EV_ABS, codes.ABS_PRESSURE, round(HARDEST / 2)),
        (EV_ABS, codes.ABS_TILT_X, -30),
        (EV_ABS, codes.ABS_TILT_Y, 12),
        (EV_KEY, codes.BTN_STYLUS, 1),
    }
    program.hear([frame])
    program.hear(one.take("a", [sample(0.5), sample(0.5, contact=False, near=False)]))
    assert program.strokes == [[0.25, 0.5]]
    assert all(program.state[c] == 0 for c in (codes.BTN_TOOL_PEN, codes.BTN_TOUCH))
    assert program.state[codes.ABS_Y] == HIGH // 2
    assert one.take("a", [sample(0.5, contact=False, near=False)]) == []


def test_who_touches_leads_until_the_pen_is_lifted():
    one, program = OnePen(), Program()
    program.hear(one.take("a", [sample(0.1)]))
    assert one.take("b", [sample(0.9, contact=False), sample(0.8)]) == []
    program.hear(one.take("a", [sample(0.2), sample(0.2, contact=False)]))
    # The first only hovers now: the second takes over, in the middle of its own stroke.
    program.hear(one.take("b", [sample(0.7), sample(0.6)]))
    assert one.take("a", [sample(0.3, contact=False, near=False)]) == []
    program.hear(one.take("b", [sample(0.6, contact=False, near=False)]))
    assert program.strokes == [pytest.approx([0.1, 0.2]), pytest.approx([0.7, 0.6])]
    assert one.leads is None


def test_a_tablet_that_has_gone_leaves_no_stroke_behind():
    one, program = OnePen(), Program()
    program.hear(one.take("a", [sample(0.1)]))
    assert one.let_go("b") == []
    program.hear(one.let_go("a"))
    assert program.state[codes.BTN_TOUCH] == program.state[codes.ABS_PRESSURE] == 0
    assert one.let_go("a") == []


def test_the_other_end_of_a_pen_is_another_tool():
    one, program = OnePen(), Program()
    program.hear(one.take("a", [sample(0.1)]))
    program.hear(one.take("a", [sample(0.4, eraser=True)]))
    assert program.state[codes.BTN_TOOL_RUBBER] == 1
    assert program.strokes == [pytest.approx([0.1]), pytest.approx([0.4])]


def test_a_pen_that_measures_no_pressure_still_draws():
    one = OnePen()
    (frame,) = one.take("a", [{"x": 0, "y": 0, "contact": True, "near": True}])
    assert (EV_ABS, codes.ABS_PRESSURE, 1) in frame


def test_where_it_cannot_be_it_is_said(tmp_path):
    with pytest.raises(PenNotThere):
        VirtualPen(str(tmp_path / "uinput"))
    with pytest.raises(PenNotThere):
        VirtualPen("/dev/null")
    if os.geteuid() != 0:
        node = tmp_path / "closed"
        node.touch(0o000)
        with pytest.raises(PenNotAllowed):
            VirtualPen(str(node))
