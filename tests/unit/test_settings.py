"""Settings: where they come from, and what is said when they are wrong."""

import textwrap
from pathlib import Path

import pytest

from hub.settings import Settings, SettingsError, load
from hub.settings_errors import line_of

EXAMPLE = Path(__file__).parents[2] / "configs" / "classhub.toml"


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    for name in ("CONFIG", "PORT", "HOST", "DATA", "ALLOWED_HOSTS", "LANGUAGE"):
        monkeypatch.delenv(f"CLASSHUB_{name}", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def write(tmp_path, text):
    file = tmp_path / "hub.toml"
    file.write_text(textwrap.dedent(text))
    return file


def test_the_example_says_the_defaults():
    assert load(EXAMPLE).model_dump() == load().model_dump()


def test_every_setting_stands_in_the_example():
    text = EXAMPLE.read_text()
    for name in Settings.model_fields:
        assert f"\n{name} = " in text or f"\n# {name} = " in text or f"[{name}" in text, name


def test_the_command_line_wins_over_the_environment_over_the_file(tmp_path, monkeypatch):
    file = write(tmp_path, 'port = 1001\nhost = "10.0.0.1"\nname = "File"')
    monkeypatch.setenv("CLASSHUB_PORT", "1002")
    monkeypatch.setenv("CLASSHUB_HOST", "10.0.0.2")
    found = load(file, port=1003, host=None)
    assert (found.port, found.host, found.name) == (1003, "10.0.0.2", "File")


def test_the_environment_names_the_file_too(tmp_path, monkeypatch):
    monkeypatch.setenv("CLASSHUB_CONFIG", str(write(tmp_path, 'name = "Named"')))
    assert load().name == "Named"


def test_lists_and_tables_can_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("CLASSHUB_ALLOWED_HOSTS", '["hub.local"]')
    assert load().allowed_hosts == ["hub.local"]
    monkeypatch.setenv("CLASSHUB_ALLOWED_HOSTS", "hub.local")
    with pytest.raises(SettingsError, match="allowed_hosts"):
        load()


def test_devices_and_plugins_come_from_the_file(tmp_path):
    found = load(write(tmp_path, """
        [[devices]]
        id = "one"
        driver = "stream"
        settings = { url = "http://10.0.0.9/" }
        [plugins.microscopy]
        enabled = false
        depth = 3
    """))  # fmt: skip
    assert found.devices[0].settings == {"url": "http://10.0.0.9/"}
    assert found.plugins["microscopy"].model_dump() == {"enabled": False, "depth": 3}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = 99999", "line 1: port: input should be less than or equal to 65535"),
        ('name = "a"\n\nport = "x"', "line 3: port: "),
        ("prot = 1", "line 1: prot: there is no such setting"),
        ('language = "fr"', "line 1: language: input should be 'kk', 'ru' or 'en'"),
        ('[[devices]]\nid="a"\ndriver="x"\n[[devices]]\nid="B"\ndriver="x"',
         "line 5: devices[1].id: "),
        ('[[devices]]\nid = "a"', "line 1: devices[0].driver: field required"),
        ('allowed_origins = ["evil"]', "line 1: allowed_origins[0]: must be an origin"),
        ("lesson_hours = nan", "line 1: lesson_hours: "),
        ("[plugins.a]\nenabled = 7", "line 2: plugins.a.enabled: "),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_file_line_and_what_is_allowed(tmp_path, text, said):
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as told:
        load(file)
    assert f"{file}, {said}" in str(told.value)


def test_each_wrong_value_is_told_where_it_came_from(tmp_path, monkeypatch):
    monkeypatch.setenv("CLASSHUB_LANGUAGE", "fr")
    with pytest.raises(SettingsError) as told:
        load(write(tmp_path, ""), port=-1)
    assert "option --port: " in str(told.value)
    assert "environment variable CLASSHUB_LANGUAGE: " in str(told.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="line 1"):
        load(write(tmp_path, "port = = 5"))
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="UTF-8"):
        load(broken)


def test_line_of_finds_the_nearest_table():
    text = "[a]\nb = 1\n[[c]]\nd = 2\n[c.e]\nf = 3"
    assert line_of(text, ("a", "b")) == 2
    assert line_of(text, ("c", 0, "d")) == 4
    assert line_of(text, ("c", 0, "e", "f")) == 6
    assert line_of(text, ("c", 0, "missing")) == 3
    assert line_of(text, ("x",)) is None
