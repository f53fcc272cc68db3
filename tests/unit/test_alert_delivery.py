"""Who is told when: quiet hours, settings, secrets."""

import datetime as dt
from datetime import datetime

import pytest
from pydantic import ValidationError

from hub.i18n import Translator
from plugins.health.alerts.book import Alert
from plugins.health.alerts.delivery import Delivery, NotSent, hand_over, over_in_the_night
from plugins.health.alerts.keeping import Letter
from plugins.health.alerts.sending import without_secrets
from plugins.health.alerts.service import _wants
from plugins.health.alerts.settings import AlertSettings, Destination, QuietHours
from tests.alert_sinks import Webhook

NIGHT = QuietHours(begins=dt.time(20), ends=dt.time(7))


def at(day: int, hour: int) -> float:
    return datetime(2026, 11, day, hour).astimezone().timestamp()


def letter(number: int, what: str, made: float, *, urgent: bool = False) -> Letter:
    return Letter("mail", "a", what, made, urgent, "title", "body", number)


def test_quiet_hours_go_over_midnight():
    assert [NIGHT.at(at(10, hour)) for hour in (19, 20, 23, 0, 6, 7)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip
    noon = QuietHours(begins=dt.time(12), ends=dt.time(13))
    assert [noon.at(at(10, hour)) for hour in (11, 12, 13)] == [False, True, False]


def test_what_began_and_was_over_in_the_night_is_not_told_in_the_morning():
    night = [letter(1, "fired", at(10, 22)), letter(2, "cleared", at(11, 3))]
    assert over_in_the_night(night, NIGHT) == {1, 2}
    assert over_in_the_night(night, None) == set()
    assert over_in_the_night(night[:1], NIGHT) == set()
    by_day = [letter(1, "fired", at(10, 15)), letter(2, "cleared", at(10, 22))]
    assert over_in_the_night(by_day, NIGHT) == set()
    urgent = [letter(1, "fired", at(10, 22), urgent=True), letter(2, "cleared", at(11, 3))]
    assert over_in_the_night(urgent, NIGHT) == set()


def test_an_address_is_blotted_out_of_what_is_said():
    address = "tgram://123456789:AAbbCCddEE_ff/987654321/"
    said = without_secrets("POST to 123456789:AAbbCCddEE_ff failed\nfor 987654321", address)
    assert said == "POST to …:… failed for …"


def test_a_secret_is_in_no_text_of_the_settings():
    given = {"name": "x", "address": "json://host/verysecret"}
    settings = AlertSettings.model_validate({"destinations": {"a": given}})
    assert "verysecret" not in f"{settings!r} {settings.model_dump_json()}"


@pytest.mark.parametrize("address", ["", "x", "://x", "json://", "json://a b", "json://a\nb"])
def test_what_is_no_address_is_refused_without_saying_it(address):
    with pytest.raises(ValidationError):
        Destination(name="x", address=address)


def test_several_messages_say_in_their_title_what_is_wrong():
    names = {"cleared": "Over: globe", "fired": "Printer: it does not answer."}
    many = [letter(n, what, 0)._replace(title=names[what])
            for n, what in enumerate(["cleared", "fired", "cleared"])]  # fmt: skip
    delivery = Delivery(None, Translator("en"), dict, lambda: None, lambda: 0.0)
    title, body = delivery._together(many, Destination(name="x", address="json://host/x"))
    assert title == "Printer: it does not answer. (and 2 more)"
    assert body.count("Over: globe") == 2
    title, _ = delivery._together([many[0], many[2]], Destination(name="x", address="json://h/x"))
    assert title == "Over: globe (and 1 more)"


@pytest.fixture
def hook():
    found = Webhook()
    yield found
    found.close()


async def test_a_page_that_stands_in_for_the_internet_has_taken_nothing(hook):
    hook.answers = 302
    with pytest.raises(NotSent, match="302"):
        await hand_over(hook.address, "title", "body", "info")
    assert hook.tries == 1


async def test_an_answer_without_an_end_takes_no_more_memory_than_is_allowed(hook):
    hook.endless = True
    with pytest.raises(NotSent):
        await hand_over(hook.address, "title", "body", "info")


def test_whoever_is_told_only_of_faults_is_told_of_their_end():
    only = Destination(name="x", address="json://host/x", least="fault")
    alert = Alert("a", "device:a", 0, 0, severity="warning", worst="warning")
    assert not _wants(only, alert, "fired")
    assert not _wants(only, alert, "cleared")
    alert.worst = "fault"  # it was one, and is a warning by now
    assert _wants(only, alert, "cleared")
    assert not _wants(only, alert, "fired")
