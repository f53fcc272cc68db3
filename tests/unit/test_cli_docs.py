"""The command line's page and its commands say the same."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hub.cli import _common, main
from hub.cli._completion import SHELLS
from hub.doctor import _examine, _hub

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
SHARED = {
    "--help",
    "--data",
    "--config",
    "--url",
    "--token",
    "--json",
    "--yes",
    "--version",
    "--certificate",
}


def commands(group=main, path=()):
    for name, command in group.commands.items():
        here = (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, here)
        else:
            yield here, command


COMMANDS = dict(commands())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_stands_on_the_page_with_its_options(path):
    *groups, name = path
    start = " ".join(["`classhub", *groups])
    line = next(
        line
        for line in PAGE.splitlines()
        if re.search(rf"{start} {name}\b|{start} \w+.*`{name}[`\s]", line)
    )
    options = {
        option
        for parameter in COMMANDS[path].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
    for option in options - SHARED:
        assert option in line, f"{option} of {' '.join(path)}"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(path):
    shown = CliRunner().invoke(main, [*path, "--help"], prog_name="classhub")
    assert shown.exit_code == 0
    assert COMMANDS[path].help
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.name == "role", parameter.name


def test_no_command_stands_on_the_page_that_is_not_there():
    for first, second in re.findall(r"(?<!-u )classhub ([a-z-]+)(?: ([a-z-]+))?", PAGE):
        found = main.get_command(click.Context(main), first)  # also those that others bring
        assert found is not None, first
        if isinstance(found, click.Group) and second and second != "alone":
            assert second in found.commands


def test_every_exit_code_stands_on_the_page():
    names = ("FAILED", "USAGE", "MISSING", "IN_USE", "NO_HUB", "REFUSED", "DEVICE", "INTERRUPTED")
    codes = {str(getattr(_common, name)) for name in names}
    assert set(re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)) == codes | {"0"}


def test_every_check_of_the_doctor_stands_on_the_page(tmp_path):
    named = set(re.split(r", |\| | \|", PAGE.split("| check |")[1]))
    found = {one.check for one in _examine.examine(None, tmp_path)}
    found |= {check.__name__ for check in _examine._OF_THE_HUB}
    assert _hub.broker in _examine._OF_THE_HUB
    assert found - {"MQTT port"} <= named


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_completion(shell):
    shown = CliRunner().invoke(main, ["completion", shell])
    assert shown.exit_code == 0
    assert f"_CLASSHUB_COMPLETE={shell}_complete" in shown.output


def test_a_shell_completes_commands_and_choices():
    def completed(*words):
        shown = CliRunner().invoke(
            main,
            prog_name="classhub",
            env={
                "_CLASSHUB_COMPLETE": "fish_complete",
                "COMP_WORDS": " ".join(["classhub", *words]),
                "COMP_CWORD": "",
            },
        )
        return shown.output

    assert "adopt" in completed("devices")
    assert "teacher" in completed("token", "create", "--role")
