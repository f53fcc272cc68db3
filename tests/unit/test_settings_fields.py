"""Every setting, wrong: the file, the line, the key and what is allowed are told.

The settings are taken from the model, so one that is added is tested without being named here.
"""

import tomllib

import pytest

from hub.allowed import inside, resolve
from hub.settings import Settings, SettingsError, load

SCHEMA = Settings.model_json_schema()
FREE = {"data"}  # any text is a path: only another type is wrong


class Nothing:
    """No TOML value is wrong there."""


def leaves(schema, place=()):
    """Yield the place and schema of every setting, those of tables and of list items too."""
    schema = resolve(schema, SCHEMA)
    if "properties" in schema:
        for name, one in schema["properties"].items():
            yield from leaves(one, (*place, name))
    elif isinstance(schema.get("items"), dict) and "$ref" in schema["items"]:
        yield from leaves(schema["items"], (*place, 0))
    elif isinstance(schema.get("additionalProperties"), dict):
        yield from leaves(schema["additionalProperties"], (*place, "some"))
    else:
        yield place, schema


LEAVES = dict(leaves(SCHEMA))


def wrong_values(schema):
    """Return values, written as TOML, that the schema does not allow."""
    found = []
    kinds = {one.get("type") for one in schema.get("anyOf", [schema])} | {schema.get("type")}
    if not kinds & {"object", None} or "enum" in schema or "const" in schema:
        found.append("{ odd = 1 }")
    if not kinds & {"array", None}:
        found.append("[[1]]")
    if "enum" in schema:
        found.append('"no such word"')
    if "minimum" in schema:
        found.append(str(schema["minimum"] - 1))
    if "exclusiveMinimum" in schema:
        found.append(str(schema["exclusiveMinimum"]))
    if "maximum" in schema:
        found.append(str(schema["maximum"] + 1))
    if "maxLength" in schema and schema.get("type") == "string":
        found.append('"' + "x" * (schema["maxLength"] + 1) + '"')
    if schema.get("minLength"):
        found.append('""')
    if "pattern" in schema:
        found.append('"\\u0007 no"')
    if schema.get("type") == "object":
        found.append('"no table"')
    if schema.get("type") == "array":
        found.append('"no list"')
    return found


CASES = [(place, value) for place, schema in LEAVES.items() for value in wrong_values(schema)]


def written(place, value):
    """Return a file in which the setting stands on line 3, with what must stand beside it."""
    first, *rest = place
    if not rest:
        return f"# a file\n\n{first} = {value}\n"
    if 0 in place:
        others = [
            f"{name} = {text}"
            for name, text in (("id", '"one"'), ("driver", '"stream"'))
            if name != rest[-1]
        ]
        return "\n".join([f"[[{first}]]", "# it", f"{rest[-1]} = {value}", *others]) + "\n"
    table = ".".join([first, *[str(step) for step in rest[:-1]]])
    return f"[{table}]\n# it\n{rest[-1]} = {value}\n"


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    import os

    for name in list(os.environ):
        if name.startswith("CLASSHUB_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def key_of(place):
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)[1:]


def told(file):
    with pytest.raises(SettingsError) as error:
        load(file)
    return str(error.value)


@pytest.mark.parametrize(("place", "value"), CASES, ids=[f"{key_of(p)}={v[:20]}" for p, v in CASES])
def test_a_wrong_value_is_told_with_file_line_key_and_what_is_allowed(tmp_path, place, value):
    file = tmp_path / "hub.toml"
    file.write_text(written(place, value))
    tomllib.loads(file.read_text())
    said = told(file)
    assert f"{file}, line 3: {key_of(place)}" in said
    assert "(allowed: " in said
    assert "any value" not in said


def test_every_setting_is_tried():
    tried = {place for place, _ in CASES}
    untried = {key_of(place) for place in LEAVES if place not in tried}
    # What a driver or plugin asks is checked by them; a list of plain items is tried as a whole.
    assert untried <= {"devices[0].settings"}, untried
    assert {place[0] for place in LEAVES} == set(Settings.model_fields)


TABLES = sorted({place[:-1] for place in LEAVES if 0 not in place and "some" not in place})


@pytest.mark.parametrize("table", TABLES, ids=[key_of(one) or "top" for one in TABLES])
def test_a_misspelt_setting_is_told_with_the_nearest(tmp_path, table):
    known = inside(SCHEMA, table, SCHEMA)["properties"]
    for name in known:
        misspelt = name[:-1] + "xx" if len(name) < 4 else name[:-2] + name[-1] + name[-2] + "x"
        file = tmp_path / "hub.toml"
        head = [f"[{key_of(table)}]"] if table else ["# top"]
        file.write_text("\n".join([*head, f"{misspelt} = 1"]) + "\n")
        said = told(file)
        assert f"line 2: {key_of((*table, misspelt))}: there is no such setting" in said
        if len(name) > 4:
            assert "did you mean " in said, (name, said)


def test_a_word_that_is_near_to_nothing_is_told_with_what_there_is(tmp_path):
    file = tmp_path / "hub.toml"
    file.write_text("[mqtt]\nqqqqqqqq = 1\n")
    assert "here are: " in told(file)


def test_what_is_missing_is_told(tmp_path):
    file = tmp_path / "hub.toml"
    file.write_text('[[devices]]\nid = "a"\n')
    assert f"{file}, line 1: devices[0].driver: field required (allowed: text" in told(file)


def test_a_wrong_value_is_repeated_and_a_secret_is_not(tmp_path):
    file = tmp_path / "hub.toml"
    file.write_text("port = 99999\n[mqtt]\npassword = 12345678\n")
    said = told(file)
    assert "here: 99999" in said
    assert "12345678" not in said


def test_the_file_is_blamed_for_what_stands_in_it_and_the_variable_for_its_own(
    tmp_path, monkeypatch
):
    file = tmp_path / "hub.toml"
    file.write_text("[mqtt]\nport = -1\n")
    monkeypatch.setenv("CLASSHUB_MQTT__ENABLED", "false")
    assert told(file).startswith(f"{file}, line 2: mqtt.port: ")
    monkeypatch.setenv("CLASSHUB_MQTT__PORT", "-2")
    assert told(file).startswith("environment variable CLASSHUB_MQTT__PORT: ")
    monkeypatch.delenv("CLASSHUB_MQTT__PORT")
    file.write_text("")
    monkeypatch.setenv("CLASSHUB_MQTT", '{"port": -3}')
    assert told(file).startswith("environment variable CLASSHUB_MQTT: ")


def test_a_variable_that_is_no_json_is_named_with_what_is_allowed(tmp_path, monkeypatch):
    file = tmp_path / "hub.toml"
    file.write_text("")
    monkeypatch.setenv("CLASSHUB_ALLOWED_HOSTS", "a,b")
    said = told(file)
    assert said.startswith("environment variable CLASSHUB_ALLOWED_HOSTS: ")
    assert "must be JSON (allowed: a list (of text), at most 50 of them)" in said
