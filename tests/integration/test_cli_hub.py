"""Commands that speak to a running hub, as people and scripts use them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from importlib.metadata import entry_points

import pytest
from click.testing import CliRunner

from hub.cli import main
from hub.plugins import GROUP

MICROSCOPE = "virtual-microscope"


def spawn(hub, *arguments, **environment):
    where = {} if hub is None else {"CLASSHUB_DATA": str(hub.data)}
    return subprocess.Popen(
        [sys.executable, "-m", "hub.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", **where, **environment},
    )


def classhub(hub, *arguments, **environment):
    """Run a command in this process, which is quicker; what is about processes is spawned."""
    where = {} if hub is None else {"CLASSHUB_DATA": str(hub.data)}
    given = {"LC_ALL": "C.UTF-8", **where, **environment}
    done = CliRunner().invoke(main, arguments, prog_name="classhub", env=given)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def answer(hub, *arguments, **environment):
    done = classhub(hub, *arguments, "--json", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def hub(virtual_hub):
    with virtual_hub.client("teacher") as teacher:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            state = teacher.get(f"/api/v1/devices/{MICROSCOPE}/state").json()
            if state["reachable"]:
                return virtual_hub
            time.sleep(0.1)
    raise AssertionError(state)


def living_tokens(hub):
    listed = answer(hub, "token", "list", "--all")
    return [t for t in listed if t["name"].startswith("classhub command") and not t["revoked"]]


# Which hub


def test_a_commands_token_is_over_when_the_command_is_and_listed_only_on_demand(hub):
    assert classhub(hub, "devices").returncode == 0
    made = [
        t for t in answer(hub, "token", "list", "--all") if t["name"].startswith("classhub command")
    ]
    assert made
    assert all(token["revoked"] for token in made)
    shown = answer(hub, "token", "list")
    assert not any(token["name"].startswith("classhub command") for token in shown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_ended_leaves_no_token(hub, number):
    with spawn(hub, "watch", MICROSCOPE) as watching:
        assert watching.stdout.readline()
        assert len(living_tokens(hub)) == 1
        watching.send_signal(number)
        _, said = watching.communicate(timeout=30)
    assert "Traceback" not in said
    assert watching.returncode == (0 if number == signal.SIGINT else 128 + number)
    assert living_tokens(hub) == []


def test_a_hub_elsewhere_is_reached_with_address_and_token(hub, tmp_path):
    there = {"CLASSHUB_URL": hub.url, "CLASSHUB_TOKEN": hub.token("teacher")}
    elsewhere = {**there, "CLASSHUB_DATA": str(tmp_path / "none")}
    assert MICROSCOPE in {one["id"] for one in answer(None, "devices", **elsewhere)}
    assert not (tmp_path / "none").exists()


def test_a_token_that_may_not_is_refused_with_6(hub):
    there = {"CLASSHUB_URL": hub.url, "CLASSHUB_TOKEN": hub.token("pupil")}
    tried = classhub(None, "people", "list", **there)
    assert (tried.returncode, tried.stdout) == (6, "")
    assert tried.stderr.startswith("classhub: You may not do this.")
    wrong = classhub(None, "devices", "--url", hub.url, "--token", "chub_wrong")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (6, 1)


def test_an_address_without_a_token_is_wrong_usage(hub):
    tried = classhub(None, "devices", "--url", hub.url)
    assert (tried.returncode, "CLASSHUB_TOKEN" in tried.stderr) == (2, True)
    tried = classhub(None, "devices", "--url", "hub.school", "--token", "x")
    assert (tried.returncode, "http://" in tried.stderr) == (2, True)


def test_where_no_hub_runs_it_is_said_with_5_and_nothing_is_made(tmp_path):
    tried = classhub(None, "devices", "--data", str(tmp_path / "none"))
    assert (tried.returncode, "classhub run" in tried.stderr) == (5, True)
    assert not (tmp_path / "none").exists()
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    tried = classhub(None, "devices", "--url", url, "--token", "x")
    assert (tried.returncode, url in tried.stderr) == (5, True)


def test_no_token_goes_to_another_hub_at_the_address_that_a_killed_one_left(hub, tmp_path):
    (tmp_path / "address").write_text(hub.url + "\n")
    (tmp_path / "hub.id").write_text("01aaaaaaaaaaaaaaaaaaaaaaaa\n")
    tried = classhub(None, "devices", "--data", str(tmp_path))
    assert (tried.returncode, "another one answers" in tried.stderr) == (5, True)
    assert not (tmp_path / "hub.sqlite").exists()


def test_what_the_hub_says_comes_in_the_language_of_the_environment(hub):
    wrong = classhub(hub, "call", MICROSCOPE, "light", "900", LC_ALL="ru_RU.UTF-8")
    assert wrong.returncode == 2
    assert any("а" <= letter <= "я" for letter in wrong.stderr)


# Devices


def test_devices_are_listed_for_people_and_for_scripts(hub):
    header, *rows = classhub(hub, "devices").stdout.splitlines()
    row = next(row for row in rows if MICROSCOPE in row)
    assert header.split() == ["ID", "NAME", "KIND", "STATE", "DRIVER", "SEAT"]
    assert row.split()[0] == MICROSCOPE
    assert " works " in row
    assert answer(hub, "devices", "list", "--kind", "microscope")[0]["state"]["reachable"] is True
    assert answer(hub, "devices", "list", "--kind", "cupboard") == []


def test_one_device_is_shown_with_what_is_allowed(hub):
    shown = classhub(hub, "devices", "show", MICROSCOPE).stdout
    assert "a number from 0 to 100" in shown
    assert "autofocus" in shown


def test_a_device_is_found_by_its_name_and_a_wrong_one_is_told(hub):
    assert answer(hub, "devices", "show", "virtual MICROSCOPE")["id"] == MICROSCOPE
    tried = classhub(hub, "devices", "show", "nothing/../x")
    assert (tried.returncode, MICROSCOPE in tried.stderr) == (3, True)


def test_a_property_is_read_and_set(hub):
    assert classhub(hub, "call", MICROSCOPE, "light", "33").stdout == "33 %\n"
    assert answer(hub, "call", MICROSCOPE, "light")["value"] == 33
    assert classhub(hub, "call", MICROSCOPE, "objective", "4x").stdout == "4x\n"
    moved = answer(hub, "call", MICROSCOPE, "stage", '{"x": 5, "y": -5}')
    assert moved["value"] == {"x": 5, "y": -5}


def test_an_action_runs_to_its_result(hub):
    done = answer(hub, "call", MICROSCOPE, "autofocus")
    assert done["status"] == "done"
    assert isinstance(done["result"]["focus"], float)


def test_ctrl_c_cancels_the_action_and_ends_with_130(hub):
    with spawn(hub, "call", MICROSCOPE, "autofocus") as running, hub.client("teacher") as teacher:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            items = teacher.get("/api/v1/operations", params={"limit": 200}).json()["items"]
            if items and items[-1]["status"] == "running":
                break
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
        ended = teacher.get(f"/api/v1/operations/{items[-1]['id']}").json()
    assert (running.returncode, said) == (130, "classhub: cancelled\n")
    assert ended["status"] == "cancelled"
    assert living_tokens(hub) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["lite"], 3, "did you mean light?"),
        (["light", "900"], 2, "at most 100"),
        (["scale", "3"], 2, "can be read, not set"),
        (["autofocus", "3"], 2, "takes no value"),
        (["view"], 2, f"classhub watch {MICROSCOPE} view"),
    ],
)
def test_a_wrong_call_says_what_is_right(hub, arguments, code, said):
    tried = classhub(hub, "call", MICROSCOPE, *arguments)
    assert (tried.returncode, tried.stdout) == (code, "")
    assert said in tried.stderr
    assert tried.stderr.count("\n") == 1


def test_watching_prints_each_change_as_a_line_of_json(hub):
    with spawn(hub, "watch", MICROSCOPE, "light", "--json") as watching:
        first = json.loads(watching.stdout.readline())
        assert first["topic"] == f"{MICROSCOPE}/p/light"
        assert classhub(hub, "call", MICROSCOPE, "light", "61").returncode == 0
        seen = first
        while seen["payload"]["value"] != 61:
            seen = json.loads(watching.stdout.readline())
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=30)
    assert watching.returncode == 0


def test_watching_for_people_ends_by_itself(hub):
    done = classhub(hub, "watch", "--seconds", "0.5")
    assert done.returncode == 0
    assert f"{MICROSCOPE}  works" in done.stdout
    assert "light = " in done.stdout


def test_watching_says_when_the_hub_ends(start):
    own = start(config='[[devices]]\nid = "gone"\ndriver = "none"\n')
    with spawn(own, "watch", CLASSHUB_URL=own.url, CLASSHUB_TOKEN=own.token("teacher")) as watching:
        assert "  gone  " in watching.stdout.readline()
        own.stop()
        _, said = watching.communicate(timeout=30)
    assert (watching.returncode, said.count("\n")) == (5, 1)
    assert said.startswith("classhub: the hub has closed the connection")


# Adopting, recording


def test_a_device_is_adopted_changed_renamed_and_removed(hub, camera):
    tried = classhub(hub, "devices", "adopt", "--driver", "steam")
    assert (tried.returncode, "did you mean stream?" in tried.stderr) == (3, True)
    tried = classhub(hub, "devices", "adopt", "--driver", "stream", "--set", "uri=x")
    assert (tried.returncode, "did you mean url?" in tried.stderr) == (2, True)
    tried = classhub(hub, "devices", "adopt")
    assert (tried.returncode, "devices found" in tried.stderr) == (2, True)
    tried = classhub(hub, "devices", "adopt", "usb:0000:0000")
    assert (tried.returncode, "nothing of the identity" in tried.stderr) == (3, True)

    about = ("--driver", "stream", "--name", "Window", "--set", f"url={camera.url}")
    made = classhub(hub, "devices", "adopt", *about, "--id", "window", "--set", "password=hush")
    assert (made.returncode, made.stdout, made.stderr) == (0, "window\n", "")
    shown = classhub(hub, "devices", "set", "window").stdout
    assert camera.url in shown
    assert "hush" not in shown
    assert answer(hub, "devices", "set", "window", "user=dana")["values"]["user"] == "dana"
    assert answer(hub, "devices", "set", "window")["secrets_set"] == ["password"]
    assert classhub(hub, "devices", "rename", "window", "Door").stdout == "window  Door\n"
    assert classhub(hub, "devices", "remove", "Door").returncode == 1
    assert classhub(hub, "devices", "remove", "Door", "--yes").returncode == 0
    assert "window" not in [one["id"] for one in answer(hub, "devices")]


def test_a_device_of_the_settings_is_changed_there(live_hub):
    tried = classhub(live_hub, "devices", "rename", "cam", "Other")
    assert (tried.returncode, tried.stderr.count("\n")) == (6, 1)
    assert "settings file" in classhub(live_hub, "devices", "set", "cam").stdout


def test_what_is_found_and_what_drives_it_are_listed(hub):
    assert classhub(hub, "devices", "found").returncode == 0
    assert "url*" in classhub(hub, "devices", "drivers").stdout
    tried = classhub(hub, "devices", "pair", "stream")  # which looks for nothing
    assert (tried.returncode, "Traceback" in tried.stderr) != (0, True)


def test_a_device_is_recorded_and_replayed_without_hub(hub, tmp_path):
    file = tmp_path / "light.jsonl"
    done = classhub(hub, "record", MICROSCOPE, str(file), "--seconds", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert file.stat().st_size > 100
    again = classhub(hub, "record", MICROSCOPE, str(file))
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    played = classhub(None, "replay", str(file), "--fast", "--json")
    assert played.returncode == 0, played.stderr
    told = [json.loads(line) for line in played.stdout.splitlines()]
    assert {"state", "description"} <= {one["what"] for one in told}
    assert "connections played" in played.stderr
    for_people = classhub(None, "replay", str(file), "--fast")
    assert "connected\n" in for_people.stdout


def test_a_file_that_is_no_recording_is_told(tmp_path):
    file = tmp_path / "no.jsonl"
    file.write_text("no recording\n")
    tried = classhub(None, "replay", str(file))
    assert (tried.returncode, tried.stderr.count("\n")) == (2, 1)


def test_ctrl_c_ends_a_recording_and_keeps_it_as_far_as_it_came(hub, tmp_path):
    file = tmp_path / "cut.jsonl"

    def under_way() -> bool:
        operations = engineer.get("/api/v1/operations").json()["items"]
        return any(one["ended"] is None for one in operations if one["action"] == "record")

    with (
        hub.client("engineer") as engineer,
        spawn(hub, "record", MICROSCOPE, str(file), "--seconds", "600") as recording,
    ):
        end = time.monotonic() + 30
        while not under_way() and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5)  # the hub has begun; the command is yet to hear of it
        recording.send_signal(signal.SIGINT)
        out, said = recording.communicate(timeout=60)
    assert (recording.returncode, said) == (0, "")
    assert str(file) in out
    assert file.stat().st_size > 0
    assert answer(hub, "audit", "--action", "recording.*", "--most", "2")


# People and lessons


def test_people_are_added_renamed_listed_and_erased(hub):
    made = answer(hub, "people", "add", "Aizhan\x1b[31m", "--role", "teacher")
    assert made["role"] == "teacher"
    assert classhub(hub, "people", "rename", made["id"], "Aigerim").returncode == 0
    shown = classhub(hub, "people").stdout
    assert "Aigerim" in shown
    assert "\x1b" not in shown
    unsure = classhub(hub, "people", "erase", made["id"])
    assert (unsure.returncode, "cannot be undone" in unsure.stderr) == (1, True)
    assert classhub(hub, "people", "erase", made["id"], "--yes").returncode == 0
    assert "Aigerim" not in classhub(hub, "people").stdout


def test_a_lesson_is_started_joined_listed_and_ended(hub):
    started = classhub(hub, "lesson", "start", "Onion skin").stdout.splitlines()
    digits = started[1].replace(" ", "")
    assert started[2].endswith(f"/join#{digits}")
    with hub.client(None) as pupil:
        joined = pupil.post("/api/v1/session", json={"digits": digits, "name": "Dana"})
    assert joined.status_code == 200
    assert digits in classhub(hub, "lesson", "list", "--running").stdout
    assert classhub(hub, "lesson", "end").stdout == "Onion skin has ended.\n"
    assert answer(hub, "lesson", "list", "--running") == []
    none = classhub(hub, "lesson", "end")
    assert (none.returncode, "no lesson is running" in none.stderr) == (3, True)


# The doctor


def test_the_doctor_asks_the_running_hub(hub):
    found = {one["check"]: one for one in answer(hub, "doctor")}
    assert found["hub"]["status"] == "ok"
    assert found["plugins"]["what"] == ", ".join(sorted(entry_points(group=GROUP).names))
    assert found["drivers"]["status"] == "ok"
    assert found["database"]["what"].startswith("whole")
    assert all(one["mend"] for one in found.values() if one["status"] in ("warning", "failed"))


def test_the_doctor_looks_where_no_hub_runs_and_names_what_is_wrong(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "hub.sqlite").write_bytes(b"no database at all" * 1000)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        file = tmp_path / "hub.toml"
        file.write_text(f"port = {busy.getsockname()[1]}\n[mqtt]\nport = 0\n")
        done = classhub(
            None, "doctor", "--json", "--data", str(data), "--config", str(file), NO_COLOR="1"
        )
    assert done.returncode == 1
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert (found["database"]["status"], found["port"]["status"]) == ("failed", "failed")
    assert "restore" in found["database"]["mend"]
    assert found["hub"]["status"] == "skipped"


def test_the_doctor_reads_wrong_settings_out(tmp_path):
    file = tmp_path / "hub.toml"
    file.write_text("prot = 3\n")
    done = classhub(None, "doctor", "--config", str(file), "--data", str(tmp_path / "data"))
    assert done.returncode == 1
    assert "line 1: prot: there is no such setting; did you mean port?" in done.stdout
    assert "→" in done.stdout
