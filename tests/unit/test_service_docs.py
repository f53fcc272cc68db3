"""The pages for whoever installs and keeps a hub: what they name is there."""

import importlib
import pkgutil
import re
import shlex
from pathlib import Path

import click
import pytest

import hub
from hub.cli import main
from hub.errors import HubError
from hub.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = ("install.md", "operations.md", "security.md")
# Codes that a device's page may show come from these.
OF_DEVICES = ("hub.device._errors", "hub.driver_host.errors", "hub.processes")
# Of requests, never of a device's health.
OF_REQUESTS = {"cannot-now", "out-of-range"}


def commands(page):
    """Every command line of a page: in fences, and in code that begins with a program."""
    text = (DOCS / page).read_text("utf-8")
    fenced = "\n".join(re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    inline = re.findall(r"`((?:sudo )?(?:classhub|\./install\.sh|/opt/classhub/\S+) [^`]+)`", text)
    for line in [*fenced.splitlines(), *inline]:
        yield from (part.strip() for part in line.split("#")[0].split("&&"))


def taken(words):
    """Have click understand a command without running it."""
    command, context = main, click.Context(main, info_name="classhub")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, name
        command, context = found, click.Context(found, info_name=name, parent=context)
    known = {
        option for one in command.params if isinstance(one, click.Option) for option in one.opts
    }
    for word in words:
        if word.startswith("--"):
            assert word.split("=")[0] in known, word
    if not any(word.startswith("-") for word in words):
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        assert len(words) <= sum(99 if one.nargs == -1 else one.nargs for one in arguments), words


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_hub_is_one(page):
    seen = 0
    for line in commands(page):
        words = shlex.split(line)
        if words[:1] == ["sudo"]:
            words = words[1:]
        if words[:1] == ["classhub"]:
            taken(words[1:])
            seen += 1
    assert seen or page == "install.md"


def test_every_option_of_the_installer_is_one():
    known = set(
        re.findall(r'"(--[a-z-]+)"', (ROOT / "packaging/installer/__main__.py").read_text())
    )
    for page in PAGES:
        for line in commands(page):
            if "install.sh" in line:
                assert set(re.findall(r" (--[a-z-]+)", line)) <= known, line


def codes(*modules):
    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if not re.search(r"__main__|environment|migrations", module.name):
            importlib.import_module(module.name)
    waiting, found = [HubError], set()
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.startswith(modules or "hub"):
            found.add(one.code)
    return found


def test_every_health_code_is_one_and_none_is_left_out():
    text = (DOCS / "operations.md").read_text("utf-8")
    said = text[text.index("## Health codes") :]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+|unplugged|unreachable|busy)`", said))
    assert named <= codes()
    assert codes(*OF_DEVICES) - OF_REQUESTS - {"device-error"} <= named


def test_every_test_that_is_named_is_there():
    named = re.findall(r"`(test_\w+|driver_processes/)`", (DOCS / "security.md").read_text("utf-8"))
    assert len(named) > 20
    for name in named:
        assert [*ROOT.glob(f"tests/*/{name.strip('/')}.py"), *ROOT.glob(f"tests/*/{name}")], name


def test_every_page_that_is_linked_is_there():
    for page in PAGES:
        text = (DOCS / page).read_text("utf-8")
        for link in re.findall(r"\]\(([^):#]+)", text):
            assert (DOCS / link).exists(), f"{page}: {link}"


def test_the_settings_file_of_an_installation_is_taken_and_names_each_setting():
    file = ROOT / "configs/classhub.toml"
    load(file)
    text = file.read_text("utf-8")
    for name in Settings.model_fields:
        assert re.search(rf"^(# )?(\[+)?{name}\b", text, re.MULTILINE), name
