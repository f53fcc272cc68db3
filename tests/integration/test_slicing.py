"""Models sliced by the real slicers, within their bounds, and what may come in the way."""

import asyncio
import os
import re
import shutil
import struct

import psutil
import pytest
import trimesh

from drivers.printer.gcode import Limits, load_policies, scan
from hub.programs import Bounds, ProgramFailed, ProgramHadNoRoom, ProgramTimedOut, run_program
from hub.workers import Workers
from plugins.printing.slicing import (
    NoSlicer,
    NothingToSlice,
    SliceWishes,
    Slicing,
    SlicingFailed,
    SlicingTooLarge,
    TooBigToSlice,
    slicers,
)
from plugins.printing.slicing.layers import MAGIC, read_index
from plugins.printing.slicing.profiles import Profiles
from plugins.printing.slicing.service import limits_of

PROFILE = "marlin-220"
DRAFT = SliceWishes(quality="draft", infill=10)
EVERY = ("prusa-slicer", "cura-engine")
PRUSA = "prusa-slicer"


def needs(slicer):
    command = slicers.SLICERS[slicer].command
    return pytest.mark.skipif(shutil.which(command) is None, reason=f"{command} is not installed")


WITH_PRUSA = needs(PRUSA)
SLICERS = [pytest.param(name, marks=needs(name)) for name in EVERY]


@pytest.fixture
async def workers():
    workers = Workers()
    await workers.start()
    yield workers
    await workers.stop()


@pytest.fixture
def make(workers, tmp_path):
    async def slicing(slicer=None):
        one = Slicing(workers, tmp_path / "work", slicer=slicer)
        await one.start()
        return one

    return slicing


@pytest.fixture
def model(tmp_path):
    def write(mesh, name="model.stl"):
        path = tmp_path / name
        mesh.export(path)
        return path

    return write


def box(*size):
    return trimesh.creation.box(size)


def of(text, pattern):
    return [float(one) for one in re.findall(pattern, text, re.MULTILINE)]


@pytest.mark.parametrize("slicer", SLICERS)
async def test_a_model_becomes_a_print_in_the_middle_of_the_plate(make, model, tmp_path, slicer):
    slicing, told = await make(slicer), []
    target = tmp_path / "print.gcode"
    sliced = await slicing.slice(
        model(box(20, 10, 6)), profile=PROFILE, wishes=DRAFT, target=target,
        progress=lambda part, said: told.append((part, said)),
    )  # fmt: skip
    assert not sliced.cached
    assert sliced.height == pytest.approx(6, abs=0.3)
    # A box's walls and floors and a tenth of its inside weigh less than the whole box, and not nothing.
    assert 0.3 < sliced.grams < 20 * 10 * 6 / 1000 * 1.24
    assert sliced.grams == pytest.approx(sliced.millimetres * 2.405 / 1000 * 1.24, rel=0.01)
    assert 60 < sliced.seconds < 3600
    assert [part for part, _ in told] == sorted(part for part, _ in told)
    assert told[-1][0] > 0.8
    text = target.read_text()
    assert text.count(";LAYER_CHANGE") + len(re.findall(r";LAYER:\d", text)) == sliced.layers
    body = text[text.index(";LAYER") :]
    xs = of(body[: body.rindex("M104 S0")], r"^G1 .*X([\d.]+) .*E\.?\d")
    assert (min(xs) + max(xs)) / 2 == pytest.approx(110, abs=1.5)
    found = scan(target, load_policies()["default"], Limits((220, 220, 240)))
    assert found.printable
    assert found.stripped == []
    assert found.facts.hottest_tool == 210


@pytest.mark.parametrize("slicer", SLICERS)
async def test_wishes_are_met(make, model, tmp_path, slicer):
    slicing, path, target = await make(slicer), model(box(12, 12, 5)), tmp_path / "print.gcode"

    async def made(**wishes):
        given = {"quality": "draft", "infill": 10, **wishes}
        return await slicing.slice(
            path, profile=PROFILE, wishes=SliceWishes(**given), target=target
        )

    plain = await made()
    assert (await made(infill=80)).grams > plain.grams * 1.3
    assert (await made(brim=True)).grams > plain.grams
    assert (await made(scale=2.0)).height == pytest.approx(plain.height * 2, abs=0.3)
    assert (await made(quality="fine")).layers > plain.layers * 2
    petg = await made(material="petg")
    assert petg.grams / petg.millimetres == pytest.approx(
        plain.grams / plain.millimetres * 1.27 / 1.24, rel=0.01
    )
    assert "M109 S235" in target.read_text()


@pytest.mark.parametrize("slicer", SLICERS)
async def test_supports_are_built_where_something_hangs_over(make, model, tmp_path, slicer):
    slicing, target = await make(slicer), tmp_path / "print.gcode"
    table = box(4, 4, 15)
    top = box(24, 8, 2)
    top.apply_translation((0, 0, 8))
    path = model(trimesh.util.concatenate([table, top]))
    wishes = {"profile": PROFILE, "target": target}
    without = await slicing.slice(path, wishes=DRAFT, **wishes)
    assert not re.search(r";TYPE:(Support|SUPPORT)", target.read_text())
    held = await slicing.slice(path, wishes=DRAFT.model_copy(update={"supports": True}), **wishes)
    assert re.search(r";TYPE:(Support|SUPPORT)", target.read_text())
    assert held.grams > without.grams


@WITH_PRUSA
async def test_copies_lie_side_by_side(make, model, tmp_path):
    slicing, path, target = await make(PRUSA), model(box(8, 8, 2)), tmp_path / "print.gcode"
    one = await slicing.slice(path, profile=PROFILE, wishes=DRAFT, target=target)
    four = DRAFT.model_copy(update={"copies": 4})
    assert (
        await slicing.slice(path, profile=PROFILE, wishes=four, target=target)
    ).grams > one.grams * 3


@WITH_PRUSA
async def test_the_same_wish_is_answered_from_the_cache(make, model, tmp_path):
    slicing, path, target = await make(PRUSA), model(box(9, 9, 2)), tmp_path / "a.gcode"
    first = await slicing.slice(path, profile=PROFILE, wishes=DRAFT, target=target)
    again = await make(PRUSA)  # as after a restart
    second = await again.slice(path, profile=PROFILE, wishes=DRAFT, target=tmp_path / "b.gcode")
    assert (first.cached, second.cached) == (False, True)
    assert (first.seconds, first.grams) == (second.seconds, second.grams)
    assert (tmp_path / "b.gcode").read_bytes() == target.read_bytes()
    other = await again.slice(path, profile="virtual", wishes=DRAFT, target=target)
    assert not other.cached
    model(box(9, 9, 3))
    assert not (await again.slice(path, profile=PROFILE, wishes=DRAFT, target=target)).cached


async def test_what_does_not_fit_is_told_before_a_slicer_sees_it(make, model, tmp_path):
    slicing = await make()
    with pytest.raises(TooBigToSlice):
        await slicing.slice(
            model(box(300, 20, 20)), profile=PROFILE, wishes=DRAFT, target=tmp_path / "x"
        )
    assert list((tmp_path / "work" / "under-way").iterdir()) == []


@WITH_PRUSA
async def test_copies_that_do_not_fit_are_told(make, model, tmp_path):
    slicing = await make(PRUSA)
    wishes = DRAFT.model_copy(update={"copies": 9})
    with pytest.raises(TooBigToSlice):
        await slicing.slice(
            model(box(120, 120, 1)), profile=PROFILE, wishes=wishes, target=tmp_path / "x"
        )


@pytest.mark.parametrize("slicer", SLICERS)
async def test_a_hair_is_too_thin_to_slice(make, model, tmp_path, slicer):
    slicing = await make(slicer)
    with pytest.raises(NothingToSlice) as caught:
        await slicing.slice(
            model(box(0.02, 0.02, 5)), profile=PROFILE, wishes=DRAFT, target=tmp_path / "x"
        )
    assert caught.value.title


async def test_without_a_slicer_it_is_told_what_to_install(make, model, tmp_path, monkeypatch):
    monkeypatch.setattr(slicers, "find_program", lambda command: None)
    slicing = await make()
    assert await slicing.slicers() == []
    with pytest.raises(NoSlicer) as caught:
        await slicing.slice(
            model(box(9, 9, 9)), profile=PROFILE, wishes=DRAFT, target=tmp_path / "x"
        )
    assert "sudo apt install prusa-slicer" in caught.value.hint
    gcode = tmp_path / "finished.gcode"
    gcode.write_text("G90\nM83\nM109 S200\nG28\nG1 X9 Y9 Z.2\nG1 X20 E1\n")
    assert (await slicing.facts(gcode, limits_of(Profiles().facts(PROFILE)))).printable


@WITH_PRUSA
async def test_no_command_of_a_strangers_3mf_reaches_the_slicer(make, model, tmp_path):
    """PrusaSlicer's own 3MF may name programs to run on the result, and its own start code."""
    import zipfile

    path = model(box(9, 9, 2), "project.3mf")
    ran = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {ran}\n")
    script.chmod(0o755)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "Metadata/Slic3r_PE.config", f"; post_process = {script}\n; start_gcode = M997\n"
        )
    slicing, target = await make(PRUSA), tmp_path / "print.gcode"
    await slicing.slice(path, profile=PROFILE, wishes=DRAFT, target=target)
    assert not ran.exists()
    assert "M997" not in target.read_text()


@WITH_PRUSA
async def test_slicing_that_is_called_off_ends_its_slicer_and_clears_up(make, model, tmp_path):
    slicing = await make(PRUSA)
    await slicing.slicers()  # asking for its version is no slicing
    ball = trimesh.creation.icosphere(subdivisions=5, radius=60)
    task = asyncio.create_task(
        slicing.slice(
            model(ball),
            profile=PROFILE,
            wishes=SliceWishes(quality="fine", infill=90),
            target=tmp_path / "x",
        )
    )

    def running():
        found = []
        for one in psutil.Process().children(recursive=True):
            try:
                found += ["prusa-slicer" in one.name() and one.nice()]
            except psutil.NoSuchProcess:
                continue
        return [one for one in found if one]

    async with asyncio.timeout(60):
        while not (seen := running()):
            assert not task.done()
            await asyncio.sleep(0.02)
    assert set(seen) == {19}
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert running() == []
    assert list((tmp_path / "work" / "under-way").iterdir()) == []
    assert not (tmp_path / "x").exists()


async def test_what_a_crash_left_under_way_is_cleared_at_the_start(make, tmp_path):
    left = tmp_path / "work" / "under-way" / "0123"
    left.mkdir(parents=True)
    (left / "print.gcode").write_text("half")
    await make()
    assert not left.exists()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("x ended with -6: terminate called\n what(): Objects could not fit on the bed", TooBigToSlice),
        ("x ended with 1: No layers were detected. You might want to repair", NothingToSlice),
        ("x ended with -6: std::bad_alloc", SlicingTooLarge),
        ("x ended with -25: ", SlicingTooLarge),
        ("x ended with 137: ", SlicingTooLarge),
        ("x ended with -11: ", SlicingFailed),
    ],
)  # fmt: skip
def test_how_a_slicer_ends_is_put_into_words(said, kind):
    assert type(slicers.failed(slicers.SLICERS[PRUSA], said)) is kind


@WITH_PRUSA
async def test_prusa_slicer_aborts_on_what_does_not_fit_as_is_expected_of_it(model, tmp_path):
    """Should a later one end in another way, `TOO_BIG` wants looking after."""
    path, target = model(box(300, 20, 20)), tmp_path / "x.gcode"
    command = [shutil.which("prusa-slicer"), "-g", "-o", str(target), str(path)]
    with pytest.raises(ProgramFailed) as caught:
        await run_program(command, limit=60, bounds=Bounds(tmp_path, 4 << 30, 1 << 30))
    assert type(slicers.failed(slicers.SLICERS[PRUSA], caught.value.detail)) is TooBigToSlice


# Bounds


async def test_a_program_within_bounds_has_its_own_home_and_no_network(tmp_path):
    bounds = Bounds(tmp_path, 1 << 30, 1 << 20)
    said = await run_program(
        [
            "/bin/sh",
            "-c",
            "echo $HOME; pwd; echo $TMPDIR; env | wc -l; cat /proc/net/dev; nice; chrt -p $$",
        ],
        limit=10,
        bounds=bounds,
    )
    folder = str(tmp_path)
    assert said[:3] == [folder] * 3
    assert "CLASSHUB_MQTT__ENABLED" in os.environ
    assert not any("eth" in line or "ens" in line for line in said)
    assert "19" in said
    assert any("SCHED_IDLE" in line for line in said)


async def test_a_program_within_bounds_writes_no_larger_file_and_takes_no_more_memory(tmp_path):
    bounds = Bounds(tmp_path, 256 << 20, 1 << 20)
    with pytest.raises(ProgramFailed):
        await run_program(
            ["/bin/sh", "-c", "head -c 3000000 /dev/zero > big"], limit=10, bounds=bounds
        )
    assert (tmp_path / "big").stat().st_size <= 1 << 20
    with pytest.raises(ProgramFailed):
        await run_program(
            ["/usr/bin/env", "python3", "-c", "b = bytearray(900 << 20)"], limit=10, bounds=bounds
        )


async def test_a_program_within_bounds_is_ended_at_its_limit(tmp_path):
    with pytest.raises(ProgramTimedOut):
        await run_program(
            ["/bin/sleep", "600"], limit=0.2, bounds=Bounds(tmp_path, 1 << 30, 1 << 20)
        )


@pytest.mark.parametrize("slicer", SLICERS)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
async def test_a_full_disk_is_told_as_such(make, model, tmp_path, slicer):
    (tmp_path / "work").mkdir()
    mounted = await asyncio.create_subprocess_exec(
        "mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(tmp_path / "work")
    )
    if await mounted.wait() != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        slicing = await make(slicer)
        with pytest.raises(ProgramHadNoRoom) as caught:
            await slicing.slice(
                model(trimesh.creation.icosphere(subdivisions=3, radius=15)),
                profile=PROFILE, wishes=SliceWishes(), target=tmp_path / "x",
            )  # fmt: skip
        assert caught.value.code == "storage-full"
    finally:
        await (await asyncio.create_subprocess_exec("umount", str(tmp_path / "work"))).wait()


# Layers


@pytest.mark.parametrize("slicer", SLICERS)
async def test_layers_are_read_one_by_one_and_lie_where_the_part_is(make, model, tmp_path, slicer):
    slicing, target, file = await make(slicer), tmp_path / "print.gcode", tmp_path / "layers"
    sliced = await slicing.slice(
        model(box(20, 10, 6)), profile=PROFILE, wishes=DRAFT, target=target
    )
    made = await slicing.layers(target, file)
    assert (made.layers, made.whole) == (sliced.layers, True)
    index = read_index(file)
    assert index["count"] == len(index["layers"]) == sliced.layers
    # The skirt goes round the part, at two or three millimetres.
    assert index["box"] == pytest.approx([97, 102, 123, 118], abs=3)
    data = file.read_bytes()
    assert data.startswith(MAGIC)
    features = set()
    for layer in index["layers"]:
        at, end, points = layer["offset"], layer["offset"] + layer["length"], 0
        while at < end:
            feature, _, count = struct.unpack_from("<BBH", data, at)
            xy = struct.unpack_from(f"<{2 * count}h", data, at + 4)
            assert all(95 < index["origin"][0] + index["unit"] * x < 125 for x in xy[0::2])
            features.add(index["features"][feature])
            points += count
            at += 4 + 4 * count
        assert (at, points) == (end, layer["points"])
    assert end == len(data)
    assert {"outer", "wall", "solid", "infill", "brim"} <= features
    assert [round(one["z"], 2) for one in index["layers"]] == sorted(
        {round(one["z"], 2) for one in index["layers"]}
    )
