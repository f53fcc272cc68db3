"""What a driver is comes from the cache until it changes."""

import os

from tests.integration.driver_processes.room import DRIVERS, ROOT


async def test_a_description_comes_from_the_cache_until_the_driver_changes(
    room, tmp_path, monkeypatch
):
    module = tmp_path / "here"
    module.mkdir()
    source = (DRIVERS / "probe_drivers.py").read_text()
    (module / "changing.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", f"{module}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(str(module))
    from hub.processes import Catalogue

    catalogue = Catalogue(tmp_path / "cache", {"c": "changing:GoodProbe"})
    entry = catalogue.entries()["c"]
    first = await catalogue.describe(entry)
    (kept,) = (tmp_path / "cache" / "drivers").glob("*.json")
    stamp = kept.stat().st_mtime_ns
    assert await catalogue.describe(entry) == first
    assert kept.stat().st_mtime_ns == stamp
    (module / "changing.py").write_text(source.replace("Good probe.", "Better probe."))
    assert (await catalogue.describe(entry)).title == "Better probe"
    kept.write_text("{")
    assert (await catalogue.describe(entry)).title == "Better probe"


async def test_a_change_of_the_contract_or_of_what_it_imports_is_seen_too(
    room, tmp_path, monkeypatch
):
    from hub.processes import Catalogue

    for name in ("driver", "contract"):
        (tmp_path / name).mkdir()
        monkeypatch.syspath_prepend(str(tmp_path / name))
    path = [tmp_path / "driver", tmp_path / "contract", ROOT]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, path)))
    (tmp_path / "contract" / "words_of_bells.py").write_text("TITLE = 'Bell'\n")
    (tmp_path / "contract" / "bells.py").write_text(
        "from hub.device import Device\nfrom words_of_bells import TITLE\n"
        "class Bell(Device, kind='bell', title=TITLE):\n    'A bell.'\n"
    )
    (tmp_path / "driver" / "my_bell.py").write_text(
        "from bells import Bell\nclass MyBell(Bell):\n    'My bell.'\n"
    )
    catalogue = Catalogue(tmp_path / "cache", {"bell": "my_bell:MyBell"})
    entry = catalogue.entries()["bell"]
    assert (await catalogue.describe(entry)).kind.title == "Bell"
    (tmp_path / "contract" / "words_of_bells.py").write_text("TITLE = 'School bell'\n")
    assert (await catalogue.describe(entry)).kind.title == "School bell"
