"""The classroom of each test; what it leaves behind is a failure."""

import asyncio
import os

import pytest

from tests.integration.driver_processes.room import (
    DRIVERS,
    ROOT,
    Room,
    driver_processes,
    open_files,
)


@pytest.fixture(scope="session")
def descriptions(tmp_path_factory):
    return tmp_path_factory.mktemp("descriptions")


@pytest.fixture
async def room(descriptions, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{DRIVERS}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(str(DRIVERS))
    files, others = open_files(), driver_processes()
    room = Room(descriptions)
    yield room
    await room.stop()
    assert driver_processes() <= others
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert open_files() <= files
