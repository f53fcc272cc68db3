"""The virtual printer is like a real one: heat, motion, buffers, numbers, what it says when."""

import json
import math
from functools import reduce
from operator import xor

import pytest

from drivers.virtual.printer import Faults, Firmware, Options
from drivers.virtual.printer.control import Wish, grant
from drivers.virtual.printer.heating import ThermalFault, heated_bed, hot_end
from drivers.virtual.printer.motion import FIRST_WAITS, PLANNED, Planner


def framed(number, text):
    body = f"N{number} {text}".encode()
    return body + b"*%d\n" % reduce(xor, body)


class Host:
    """A firmware and the host's clock."""

    def __init__(self, *, speed=1.0, **options):
        self.now = 0.0
        self.executed = []
        self.printer = Firmware(
            0.0,
            options=Options(boot=0.0, **options),
            speed=speed,
            executed=lambda number, text: self.executed.append((number, text)),
        )
        self.heard = []
        self.listen(0.01)

    def say(self, *lines):
        for line in lines:
            data = line if isinstance(line, bytes) else line.encode() + b"\n"
            self.printer.receive(data, self.now)

    def listen(self, seconds):
        """Return what it says within so many seconds."""
        end, said = self.now + seconds, b""
        while self.now < end:
            said += self.printer.run(self.now)
            self.now = min(max(self.printer.due, self.now + 0.001), end)
        heard = said.decode(errors="replace").splitlines()
        self.heard += heard
        return heard


def seconds_until(heater, target, most=1000.0):
    heater.aim(target, 0.0)
    now = 0.0
    while not heater.there and now < most:
        now += 0.5
        heater.advance(0.5, now)
    return now


def test_a_nozzle_and_a_plate_take_as_long_to_get_warm_as_real_ones():
    assert 60 < seconds_until(hot_end(), 200) < 120
    assert 60 < seconds_until(heated_bed(), 60) < 150


def test_what_is_warm_stays_so_and_cools_when_it_is_switched_off():
    nozzle = hot_end()
    seconds_until(nozzle, 200)
    nozzle.advance(300, 1000)
    assert nozzle.actual == pytest.approx(200, abs=1)
    nozzle.aim(0, 1000)
    nozzle.advance(600, 1600)
    assert nozzle.actual < 40


def test_a_heater_that_does_not_heat_and_one_that_comes_off_are_noticed():
    cold = hot_end()
    cold.broken = True
    with pytest.raises(ThermalFault, match="Heating failed"):
        seconds_until(cold, 200)
    warm = hot_end()
    seconds_until(warm, 200)
    warm.advance(10, 100)
    warm.broken = True
    with pytest.raises(ThermalFault, match="Thermal Runaway"):
        warm.advance(200, 300)


def test_a_move_takes_what_speed_and_acceleration_allow():
    planner = Planner()
    planner.move((150.0, 0.0, 0.0, 0.0), 100)
    # 100 mm/s at 1500 mm/s²: 3.33 mm to speed up, as much to stop, the rest at full speed.
    seconds = 2 * 100 / 1500 + (150 - 2 * 10000 / 3000) / 100
    assert planner.done == pytest.approx(FIRST_WAITS + seconds)
    planner.advance(FIRST_WAITS + seconds / 2)
    assert planner.here[0] == pytest.approx(75)


def test_moves_in_a_line_do_not_stop_between_and_corners_do():
    straight, corner = Planner(), Planner()
    for number in range(1, 5):
        straight.move((10.0 * number, 0.0, 0.0, 0.0), 100)
    for x, y in ((10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)):
        corner.move((x, y, 0.0, 0.0), 100)
    one = Planner()
    one.move((40.0, 0.0, 0.0, 0.0), 100)
    assert straight.done == pytest.approx(one.done)
    assert corner.done > 1.3 * straight.done


def test_sixteen_moves_are_planned_and_the_next_waits_for_room():
    host = Host()
    host.say("G91", "G21")
    host.listen(0.1)
    said = []
    for _ in range(PLANNED):
        host.say("G1 X1 F60")
        said += host.listen(0.01)
    assert len([line for line in said if line.startswith("ok")]) == PLANNED
    host.say("G1 X1 F60")
    assert not any(line.startswith("ok") for line in host.listen(0.5))
    assert any(line.startswith("ok") for line in host.listen(1.0))


def test_numbers_and_checksums_are_minded():
    host = Host()
    host.say(framed(1, "M105"))
    assert host.listen(0.1)[0].startswith("ok T:21")
    host.say(framed(3, "G90"))
    assert host.listen(0.1)[:2] == [
        "Error:Line Number is not Last Line Number+1, Last Line: 1",
        "Resend: 2",
    ]
    host.say(b"N2 G90*1\n")
    assert host.listen(0.1)[:2] == ["Error:checksum mismatch, Last Line: 1", "Resend: 2"]
    host.say(b"N2 G90\n")
    assert host.listen(0.1)[0] == "Error:No Checksum with line number, Last Line: 1"
    host.say(framed(2, "G90"), framed(0, "M110 N0"), framed(1, "G91"))
    host.listen(0.1)
    assert host.executed[1:] == [(2, "G90"), (0, "M110 N0"), (1, "G91")]


def test_what_its_buffer_does_not_hold_is_lost():
    host = Host(receive=128)
    host.say("G4 S5")
    host.listen(0.01)
    for number in range(20):
        host.say(f"M117 line {number} with some more words")
    host.listen(10)
    heard = [text for _, text in host.executed if text.startswith("M117")]
    assert 3 <= len(heard) <= 8
    assert heard[0] == "M117 line 0 with some more words"


def test_it_says_that_it_is_busy_every_two_seconds_and_wait_when_it_is_not():
    host = Host(wait=True)
    host.say("G4 S5")
    assert host.listen(5.5).count("echo:busy: processing") == 2
    assert host.listen(5).count("wait") >= 3


def test_temperatures_are_told_by_itself_and_while_heating():
    host = Host()
    host.say("M155 S1")
    host.listen(0.1)
    assert len([line for line in host.listen(5) if "T:21" in line]) == 5
    host.say("M155 S0", "M109 S60")
    said = host.listen(30)
    assert any(line.strip().endswith("W:?") for line in said)
    assert said[-1].startswith("ok")


def test_its_emergency_parser_does_not_wait():
    host = Host()
    host.say("M109 S200")
    host.listen(5)
    host.say("M108")
    assert [line[:2] for line in host.listen(0.1)] == ["ok", "ok"]
    host.say("G4 S100", "M112")
    assert host.listen(0.1)[-1] == "Error:Printer halted. kill() called!"
    assert host.printer.killed
    assert host.printer.machine.nozzle.target == 0
    host.say("M105")
    assert host.listen(3) == []
    host.printer.restart()
    assert host.listen(0.1)[0] == "start"


def test_without_an_emergency_parser_it_stops_when_it_reads_the_line():
    host = Host(emergency_parser=False)
    host.say("M115")
    assert "Cap:EMERGENCY_PARSER:0" in host.listen(0.1)
    host.say("M112")
    host.listen(0.1)
    assert host.printer.killed


def test_the_card_is_refused_and_what_it_does_not_know_too():
    host = Host()
    host.say("M20", "M28 part.g", "G999")
    said = host.listen(0.1)
    assert [line for line in said if "Unknown" in line] == [
        'echo:Unknown command: "M20"',
        'echo:Unknown command: "M28 part.g"',
        'echo:Unknown command: "G999"',
    ]


def test_plastic_is_not_pushed_through_a_cold_nozzle():
    host = Host(speed=100)
    host.say("G28", "G1 E5 F100")
    assert "echo: cold extrusion prevented" in host.listen(5)


def test_it_switches_off_by_itself_when_nothing_moves():
    host = Host()
    host.say("M104 S150", "M85 S30")
    host.listen(29)
    assert not host.printer.killed
    host.listen(2)
    assert host.printer.killed
    assert host.printer.machine.nozzle.target == 0


def test_homing_finds_the_ends_and_m114_tells():
    host = Host(speed=100)
    host.say("G28", "G1 X10.5 Y3 Z2 F6000", "M400", "M114")
    said = host.listen(5)
    assert any(line.startswith("X:10.50 Y:3.00 Z:2.00") for line in said)
    host.say("G1 X9999", "M114")
    assert any(line.startswith("X:220.00") for line in host.listen(5))


def test_faults_wait_for_their_line_and_are_mended():
    host = Host()
    host.printer.misbehave(Faults(at=3, lost_ok=1))
    for _ in range(5):
        host.say("G90")
        host.listen(0.01)
    assert len([line for line in host.heard if line.startswith("ok")]) == 4
    host.printer.misbehave(Faults(silence=1000))
    host.listen(0.1)
    host.printer.mend()
    host.say("M105")
    assert host.listen(0.1)[0].startswith("ok T:")


def test_its_control_does_what_is_asked_and_tells_how_it_is():
    host = Host()
    told = grant(
        Wish.model_validate({"speed": 50, "filament": False, "executed": True}), host.printer, []
    )
    assert json.loads(json.dumps(told))["speed"] == 50
    assert (told["filament"], told["executed"], told["killed"]) == (False, [], False)
    assert not grant(Wish(mend=True, filament=True), host.printer, [])["killed"]
    assert grant(Wish(faults=Faults(halt=True)), host.printer, [])["count"] == 0
    host.listen(0.1)
    assert host.printer.killed
    assert math.isfinite(host.printer.speed)
