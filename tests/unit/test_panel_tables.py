"""Tables of panels' commands: templates, checksums, the tables we ship, and wrong ones."""

import contextlib
import tomllib

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from drivers.panel.command_table import table as tables
from drivers.panel.command_table.checking import check
from drivers.panel.command_table.checksums import CHECKSUMS
from drivers.panel.command_table.simulator import Simulator
from drivers.panel.command_table.table import FOLDER, BadTable, Table, find, read
from drivers.panel.command_table.template import Check, Template, TemplateError
from drivers.panel.command_table.values import meant, written
from hub.cli import main
from hub.device import DeviceError

OURS = sorted(path.stem for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize(
    ("kind", "sum_"),
    [
        # The check value of each, over "123456789", from the catalogue of CRC algorithms.
        ("crc16", "374b"),
        ("crc16-ccitt", "29b1"),
        ("sum8", "dd"),
        ("sum8-neg", "23"),
        ("xor8", "31"),
        ("bcc", "31"),
    ],
)
def test_checksums(kind, sum_):
    assert CHECKSUMS[kind](b"123456789").hex() == sum_


def test_a_template_says_and_understands():
    template = Template("{size}{id}<00><18>{value}{check}", Check("xor8"))
    said = template.say(b"\x01", b"\x02")
    assert said.hex() == "06010018021d"
    assert template.hear(b"\x01", said).value == b"\x02"
    assert template.hear(b"\x02", said) is None  # another panel's
    assert template.hear(b"\x01", said[:-1] + b"\x1e") is None  # garbled
    assert template.hear(b"\x01", b"\x07" + said[1:]) is None  # of another size


def test_what_stands_before_an_answer_is_passed_over_and_letters_are_heard_in_either_case():
    template = Template("a {id} OK{value}x")
    assert template.hear(b"01", b"\xff\x00junka 01 ok0Ax").value == b"0A"
    assert template.hear(b"01", b"a 01 OK0Ax junk") is None


@pytest.mark.parametrize(
    "text",
    ["", "{value}{value}", "{nothing}", "{check}", "<GG>", "<0", "a{", "é", "{skip*0}", "{skip*99}",
     "{value*2}", "x" * 300, "\n"],
)  # fmt: skip
def test_a_template_that_makes_no_sense_is_refused(text):
    with pytest.raises(TemplateError):
        Template(text)


@given(st.text(max_size=60))
def test_no_template_does_harm(text):
    with contextlib.suppress(TemplateError):
        template = Template(text, Check("crc16"))
        said = template.say(b"01", b"ab")
        heard = template.hear(b"01", said)
        # What it says it understands, but where a value and what surrounds it cannot be told apart.
        assert heard is None or isinstance(heard.value, bytes)


@pytest.mark.slow
@given(st.binary(max_size=64))
def test_no_answer_does_harm(heard):
    for name in OURS:
        table = find(name)
        for key, command in table.properties.items():
            if command.told is not None:
                answer = table.heard(command.told).hear(b"01", heard)
                if answer is not None:
                    with contextlib.suppress(DeviceError):
                        meant(key, command, answer.value)


@given(st.binary(max_size=200))
def test_a_simulated_panel_survives_noise(come):
    panel = Simulator(find("lg"), 1)
    panel.take(come)
    panel.take(b"\r")
    assert panel.take(b"ka 01 FF\r") == [b"a 01 OK00x"]


@pytest.mark.parametrize("name", OURS)
def test_each_table_says_what_its_makers_document_prints_and_plays_with_a_simulated_panel(name):
    said = check(FOLDER / f"{name}.toml")
    assert "simulated panel" in said[2]


@pytest.mark.parametrize("name", OURS)
def test_each_table_names_its_document_and_is_honest_about_hardware(name):
    table = find(name)
    assert len(table.document) > 20
    assert table.verified is False  # none of ours was: whoever tries one sets it


@pytest.mark.parametrize("name", OURS)
def test_every_value_of_a_table_can_be_written_and_is_read_back(name):
    for key, command in find(name).properties.items():
        for value in command.values:
            given_ = {"on": True, "off": False}.get(value, value) if key != "power" else value
            assert meant(key, command, written(key, command, given_)) == given_


def wrong(change):
    data = tomllib.loads((FOLDER / "lg.toml").read_text())
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(schema=2), "schema"),
        (lambda d: d.pop("document"), "document"),
        (lambda d: d.pop("examples"), "examples"),
        (lambda d: d["properties"].pop("power"), "no power"),
        (lambda d: d["properties"]["power"].update(values={"on": "01"}), "on and off"),
        (lambda d: d["properties"]["power"].pop("told"), "told"),
        (lambda d: d["properties"]["power"].update(set="ka {id}"), "value"),
        (lambda d: d["properties"]["power"].update(ask="ka {id} {value}"), "value"),
        (lambda d: d["properties"]["volume"].pop("format"), "format"),
        (lambda d: d["properties"].update(smell={"ask": "a", "told": "{value}"}), "no such property"),
        (lambda d: d["properties"]["source"].update(values={"HDMI 1": "90"}), "source"),
        (lambda d: d["frame"].update(send="<0D>"), "body"),
        (lambda d: d["frame"].update(check="md5"), "check"),
        (lambda d: d["frame"].update(end=""), "size"),
        (lambda d: d["line"].update(gap=-1), "gap"),
        (lambda d: d.update(surprise=1), "surprise"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_with_its_place(change, said):
    with pytest.raises(ValueError, match=said):
        Table.model_validate(wrong(change))


def test_an_example_that_the_table_does_not_say_is_named(tmp_path):
    text = (
        (FOLDER / "lg.toml").read_text().replace('sent = "kf 01 64<0D>"', 'sent = "kf 01 65<0D>"')
    )
    file = tmp_path / "mine.toml"
    file.write_text(text)
    run = CliRunner().invoke(main, ["panel", "check", str(file)])
    assert run.exit_code == 1
    assert "example 3 (volume)" in run.output


def test_a_table_that_reads_back_something_else_is_found_by_the_simulated_panel(tmp_path):
    text = (FOLDER / "lg.toml").read_text()
    text = text.replace('also = { "A0" = "hdmi-1", "A1" = "hdmi-2" }', 'also = { "90" = "hdmi-2" }')
    text = text.replace('hdmi-1 = "90", hdmi-2 = "91"', 'hdmi-2 = "91", hdmi-1 = "91"')
    text = text.replace('value = "hdmi-1"\nsent = "xb 01 90', 'value = "hdmi-1"\nsent = "xb 01 91')
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(BadTable, match="source: set to 'hdmi-1', it is read as 'hdmi-2'"):
        check(file)


@pytest.mark.parametrize("content", [b"\xff", b"schema = ", b"x" * 70_000, b"schema = 1"])
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    with pytest.raises(BadTable, match=r"mine\.toml"):
        read(file)


def test_a_schools_own_table_goes_first_and_a_missing_one_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "LOCAL", tmp_path)
    text = (FOLDER / "lg.toml").read_text().replace("LG commercial displays", "Ours")
    (tmp_path / "lg.toml").write_text(text)
    assert find("lg").title.startswith("Ours")
    with pytest.raises(BadTable, match="there are: benq-rp, lg, nec"):
        find("none")


def test_the_commands_of_the_command_line():
    run = CliRunner().invoke(main, ["panel", "tables"])
    assert run.exit_code == 0
    assert all(name in run.output for name in OURS)
    assert "panel" in CliRunner().invoke(main, ["--help"]).output
