"""The room's pens as one pen of the computer, for programs that know nothing of the hub."""

import base64
from collections.abc import Iterator

from drivers.input import codes
from hub.device.transports._evdev import parse_events
from plugins.tablets.pen_out.merging import HARDEST, HIGH, WIDE
from plugins.tablets.pen_out.uinput import NAME
from tests.lab.hub import LIMIT, LabHub, wait_until
from tests.lab.test_pens import INSIDE, adopt

# What docs/tablets.md has the engineer write.
RULE = 'KERNEL=="uinput", GROUP="classhub", MODE="0660", OPTIONS+="static_node=uinput"'
ALLOW = """[Unit]
Wants=modprobe@uinput.service
After=modprobe@uinput.service
[Service]
DeviceAllow=/dev/uinput rw
"""
PLACE = "/etc/systemd/system/classhub.service.d/virtual-pen.conf"
NODE = f"grep -lx '{NAME}' /sys/class/input/event*/device/name | cut -d/ -f5"
HEARD = "/run/heard-of-pen"
STEPS, TRIES = 40, 5  # of the stroke that pen.py draws


def strokes(heard: bytes) -> Iterator[list[dict[int, int]]]:
    """Yield each stroke as the frames that a program saw, each the whole state of the pen."""
    state: dict[int, int] = {}
    stroke: list[dict[int, int]] = []
    for event in parse_events(heard):
        if event.type != codes.EV_SYN:
            state[event.code] = event.value
        elif state.get(codes.BTN_TOUCH):
            stroke.append(dict(state))
        elif stroke:
            yield stroke
            stroke = []


def test_a_program_sees_the_rooms_pens_as_one(hub: LabHub) -> None:
    machine = hub.machine

    def pen() -> dict[str, object]:
        return hub.get("/tablets/virtual-pen", "teacher")

    assert pen() == {"wanted": False, "on": False, "title": "", "hint": ""}
    machine.run("printf '[plugins.tablets]\\nvirtual_pen = true\\n' >> /etc/classhub/classhub.toml")
    machine.run("systemctl restart classhub", limit=LIMIT)
    hub.wait_healthy()
    # Wanted, and not allowed: it is said, and nothing else suffers.
    wait_until(lambda: bool(pen()["title"]), LIMIT, "it says that it may not")
    assert (pen()["wanted"], pen()["on"]) == (True, False)

    machine.run(
        f"echo '{RULE}' > /etc/udev/rules.d/71-classhub-local.rules; printf '{ALLOW}' > {PLACE};"
        " systemctl daemon-reload; udevadm control --reload; udevadm trigger; udevadm settle;"
        " systemctl restart classhub",
        limit=LIMIT,
    )
    hub.wait_healthy()
    wait_until(lambda: pen()["on"] is True, LIMIT, "the pen is there")
    node = "/dev/input/" + machine.run(NODE).strip()
    # What udev makes of it is what a desktop goes by; the hub does not take its own pen for one.
    assert "ID_INPUT_TABLET=1" in machine.run(f"udevadm info -q property -n {node}")
    assert not any("tablet" in one["drivers"] for one in hub.discoveries())

    machine.send(INSIDE / "pen.py", "/root/pen.py")
    machine.run("systemd-run -q --collect python3 /root/pen.py")
    real = machine.run(
        "for n in $(seq 100); do [ -p /run/lab-pen ] && cat /run/lab-pen.node && exit 0;"
        " sleep 0.2; done; exit 1"
    ).strip()
    adopt(hub, "tablet", settings={"path": f"/dev/input/{real}"})
    machine.listen(node, HEARD, "listens")

    def heard() -> list[list[dict[int, int]]]:
        return list(strokes(base64.b64decode(machine.run(f"base64 {HEARD} 2>/dev/null || true"))))

    def written() -> list[dict[int, int]]:
        before = len(heard())
        machine.run("echo stroke > /run/lab-pen")
        wait_until(lambda: len(heard()) > before, LIMIT, "a program has seen a stroke")
        return heard()[-1]

    # The kernel keeps some dozen places for a driver that is not given a processor meanwhile; a
    # stroke of which it dropped some is drawn again.
    for _ in range(TRIES):
        stroke = written()
        if len(stroke) > STEPS:  # they, and the tip that came down
            break
    drawn = stroke[-STEPS:]
    assert len(drawn) == STEPS
    for step, one in enumerate(drawn):
        assert abs(one[codes.ABS_X] - 1270 * step / 50800 * WIDE) <= 1
        assert abs(one[codes.ABS_Y] - 200 / 31750 * HIGH) <= 1
        assert one[codes.ABS_PRESSURE] == max(round(200 * step / 8191 * HARDEST), 1)
        assert abs(one.get(codes.ABS_TILT_X, 0) - (step - 20)) <= 1

    # Pulled out in the middle of a stroke: the program sees it end.
    before = len(heard())
    machine.run("echo down > /run/lab-pen; sleep 1; rm /run/lab-pen.node; echo end > /run/lab-pen")
    wait_until(lambda: len(heard()) == before + 1, LIMIT, "the stroke has ended")
    machine.run("systemctl stop listens")
    assert hub.healthy()
