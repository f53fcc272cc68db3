"""The check in a worker, as the hub runs it: within its memory, its refusals heard as such."""

import resource
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from hub.workers import Workers
from plugins.printing.checking import errors
from plugins.printing.checking.work import MEMORY

CHECK = "plugins.printing.checking.work:check"


@pytest.fixture
async def workers():
    workers = Workers()
    await workers.start()
    yield workers
    await workers.stop()


@pytest.fixture(scope="module")
def million(tmp_path_factory):
    """A bumpy ball of 1,310,720 triangles, 65 MB."""
    mesh = trimesh.creation.icosphere(subdivisions=8, radius=40)
    rough = np.random.default_rng(0).uniform(0.999, 1.001, (len(mesh.vertices), 1))
    path = tmp_path_factory.mktemp("million") / "model.stl"
    ball = trimesh.Trimesh(mesh.vertices * rough, mesh.faces, process=False)
    path.write_bytes(trimesh.exchange.stl.export_stl(ball))
    return str(path), ball.volume


async def test_a_verdict_comes_from_a_worker_with_picture_and_preview(workers, tmp_path):
    path, steps = tmp_path / "box.stl", []
    trimesh.creation.box((10, 20, 30)).export(path)
    options = {"volume": [250, 210, 200], "nozzle": 0.4}
    files = str(tmp_path / "p.png"), str(tmp_path / "p.glb")
    said = await workers.run(
        CHECK,
        str(path),
        options,
        *files,
        timeout=30,
        memory=MEMORY,
        progress=lambda f, _m: steps.append(f),
    )
    assert said["verdict"]["printable"]
    assert all(Path(file).stat().st_size for file in files)
    assert steps == sorted(steps)


async def test_a_refusal_comes_as_itself(workers, tmp_path):
    path = tmp_path / "model.stl"
    path.write_bytes(bytes(80) + struct.pack("<I", 5) + bytes(60))
    with pytest.raises(errors.NotAModel):
        await workers.run(CHECK, str(path), timeout=30, memory=MEMORY)


@pytest.mark.slow
async def test_a_million_triangles_are_checked_within_the_memory(workers, million, tmp_path):
    path, volume = million
    files = str(tmp_path / "p.png"), str(tmp_path / "p.glb")
    said = await workers.run(CHECK, path, {}, *files, timeout=120, memory=MEMORY)
    assert said["verdict"]["triangles"] == 1_310_720
    assert said["verdict"]["volume"] == pytest.approx(volume, rel=1e-4)
    assert said["verdict"]["watertight"]


@pytest.mark.slow
def test_the_worst_of_two_million_slivers_is_judged_within_memory(tmp_path):
    rng = np.random.default_rng(2)
    rows = np.zeros(1_990_000, np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("s", "<u2")]))
    rows["c"] = rng.uniform(0, 100, (len(rows), 3, 3))
    path = tmp_path / "slivers.stl"
    path.write_bytes(bytes(80) + struct.pack("<I", len(rows)) + rows.tobytes())
    code = (
        "import sys\nfrom plugins.printing.checking.work import check\n"
        "v = check(*sys.argv[1:2], {'volume': [250, 210, 200]}, *sys.argv[2:])['verdict']\n"
        "assert not v['printable'] and v['open_edges']"
    )
    command = [
        sys.executable,
        "-c",
        code,
        str(path),
        str(tmp_path / "p.png"),
        str(tmp_path / "p.glb"),
    ]

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_the_hub_may_load_the_words_without_the_tools():
    code = (
        "import sys\nimport plugins.printing.checking.verdict, plugins.printing.checking.words\n"
        "import plugins.printing.checking.errors\n"
        "assert not {'numpy', 'scipy', 'trimesh', 'PIL'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
