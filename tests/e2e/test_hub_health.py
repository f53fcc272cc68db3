"""What is wrong with the hub itself stands on the teacher's home page, and goes when it is well."""

import os
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_disk_that_fills_is_told_to_the_teacher(tmp_path, visit):
    from tests.e2e.conftest import Classroom

    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=900m", "tmpfs", str(folder)]
    if os.geteuid() or shutil.which("mount") is None or subprocess.run(mount).returncode:
        pytest.skip("a disk of its own cannot be made here (needs root)")
    room = Classroom(folder)
    try:
        filler = folder / "filler"
        filler.write_bytes(b"\0" * (500 << 20))
        room.start()
        teacher = visit()
        teacher.page.goto(room.link)
        notice = teacher.page.get_by_text("The hub's disk is nearly full.")
        expect(notice).to_be_visible(timeout=90_000)
        filler.unlink()
        expect(notice).to_be_hidden(timeout=90_000)
    finally:
        room.stop()
        subprocess.run(["umount", str(folder)], check=False)
