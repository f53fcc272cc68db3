"""The command line of the child process; the hub is its only user.

describe ENTRY --name NAME     print the driver's description, and what it was read from, as JSON
search ENTRY                   print the devices that a search of the driver finds, as JSON
check ENTRY                    print what is wrong with the settings on standard input, as JSON
run --control FD --frames FD   run a driver, told what to do through the control channel
nursery --socket FD            fork any of these, asked for through the socket
virtual                        print the peers of the virtual classroom as JSON
"""

import argparse
import asyncio
import json
import logging
import os
import socket
import sys
from importlib.metadata import entry_points
from typing import Any

from pydantic import ValidationError

from hub.device import Candidate, DeviceError, Problem, describe_driver
from hub.driver_host._guard import die_with_parent, watch_channel
from hub.driver_host._host import Host, exit_now
from hub.driver_host._load import load, load_object
from hub.driver_host._nursery import Nursery

log = logging.getLogger("classhub.driver_host")

GRACE_AFTER_HANG_UP = 3.0
MOST_FOUND = 200


def main(given: list[str] | None = None) -> None:
    """Run the command that the arguments name; those of the command line where none are given."""
    parser = argparse.ArgumentParser(prog="python -m hub.driver_host")
    commands = parser.add_subparsers(dest="command", required=True)
    describe = commands.add_parser("describe")
    describe.add_argument("entry")
    describe.add_argument("--name", required=True)
    run = commands.add_parser("run")
    run.add_argument("--control", type=int, required=True)
    run.add_argument("--frames", type=int, required=True)
    commands.add_parser("virtual")
    check = commands.add_parser("check")
    check.add_argument("entry")
    search = commands.add_parser("search")
    search.add_argument("entry")
    nursery = commands.add_parser("nursery")
    nursery.add_argument("--socket", type=int, required=True)
    nursery.add_argument("room")
    arguments = parser.parse_args(given)
    die_with_parent()
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s"
    )
    if arguments.command == "nursery":
        _nurse(arguments.socket)
    elif arguments.command == "run":
        _run(arguments.control, arguments.frames)
    elif arguments.command == "describe":
        answer = _own_stdout()
        _print(answer, _described(arguments.name, arguments.entry))
    elif arguments.command == "search":
        answer = _own_stdout()
        _print(answer, asyncio.run(_searched(arguments.entry)))
    elif arguments.command == "check":
        answer = _own_stdout()
        _print(answer, _faults(arguments.entry))
    else:
        answer = _own_stdout()
        _print(answer, _virtual())


def _own_stdout() -> int:
    """Return where the answer goes; whatever drivers print goes to standard error instead."""
    answer = os.dup(1)
    os.dup2(2, 1)
    return answer


def _print(answer: int, data: Any) -> None:
    with os.fdopen(answer, "w", encoding="utf-8") as stream:
        json.dump(data, stream)


def _described(name: str, entry: str) -> dict[str, Any]:
    """Return a driver's description and the files of the modules that it may depend on."""
    before = set(sys.modules)
    description = describe_driver(name, load(entry))
    files = {
        getattr(module, "__file__", None)
        for name, module in sys.modules.items()
        if name not in before or name.partition(".")[0] == "hub"
    }
    return {
        "description": description.model_dump(mode="json"),
        "files": sorted(file for file in files if file),
    }


async def _searched(entry: str) -> dict[str, Any]:
    """Return what a driver's search finds within its time, and why where it could not search."""
    driver = load(entry)
    found: list[Candidate] = []

    def heard(one: Candidate) -> None:
        if len(found) < MOST_FOUND and one not in found:
            found.append(one)

    problem = None
    try:
        async with asyncio.timeout(driver.searching):
            await driver.search(heard)
    except TimeoutError:
        pass  # its time is over: what was found counts
    except DeviceError as error:
        problem = Problem.of(error).model_dump(mode="json")
    return {"found": [one.model_dump(mode="json") for one in found], "problem": problem}


def _faults(entry: str) -> list[dict[str, str]]:
    """Return what the driver's own validators say of the settings on standard input."""
    try:
        load(entry).Settings.model_validate_json(sys.stdin.buffer.read())
    except ValidationError as error:
        return [
            {"field": ".".join(str(step) for step in one["loc"]), "message": one["msg"]}
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        ]
    return []


def _virtual() -> list[dict[str, Any]]:
    peers = []
    for point in entry_points(group="classhub.virtual"):
        try:
            peers += [
                {
                    "name": peer.name,
                    "argv": list(peer.argv),
                    "device": dict(peer.device),
                    "also": [dict(device) for device in peer.also],
                }
                for peer in load_object(point.value)()
            ]
        except Exception:
            # One that is broken takes nothing from the others.
            log.exception("the peers of %s (%s) are left out", point.name, point.value)
    return peers


def _nurse(fd: int) -> None:
    os.set_inheritable(fd, False)  # noqa: FBT003 - takes no keywords
    Nursery(socket.socket(fileno=fd), main).run()


def _run(control_fd: int, frames_fd: int) -> None:
    # A driver's own children must not hold our ends open.
    os.set_inheritable(control_fd, False)  # noqa: FBT003 - takes no keywords
    os.set_inheritable(frames_fd, False)  # noqa: FBT003 - takes no keywords
    watch_channel(control_fd, GRACE_AFTER_HANG_UP)
    asyncio.run(_serve(control_fd, frames_fd))


async def _serve(control_fd: int, frames_fd: int) -> None:
    host = Host(socket.socket(fileno=control_fd), socket.socket(fileno=frames_fd))
    status = await host.run()
    exit_now(status)


if __name__ == "__main__":
    main()
