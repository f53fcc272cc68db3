"""A school's engineer lets the district ask, agrees, and reads what came of it; in three languages."""

import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import expect

from plugins.district.hands.order import Order, sign
from tests import district
from tests.district import ROOT, Authority, Broker, Listener
from tests.e2e.conftest import Classroom
from tests.e2e.test_accessibility import violations
from tests.e2e.test_every_page import LANGUAGES, LOOKS, PAINTED, SIZES, said_otherwise

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(bool(district.MISSING), reason="apt install mosquitto openssl"),
]
PANEL = "virtual-panel"


def test_the_district_asks_and_the_school_agrees(tmp_path, visit):
    broker = Broker(tmp_path / "broker", Authority(tmp_path / "authority"))
    broker.start()
    room = Classroom(tmp_path)
    settings = broker.settings("hub-1")
    files = "\n".join(f'{one} = "{getattr(settings, one)}"' for one in ("ca", "certificate", "key"))
    with room.config.open("a") as file:
        file.write(f'[plugins.district]\nurl = "{broker.url}"\nschool = "School 12"\n{files}\n')
    room.start()
    try:
        _agree(room, broker, visit, tmp_path)
    finally:
        room.stop()
        broker.stop()


def _agree(room, broker, visit, folder):
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw().hex()
    engineer = visit()
    page = engineer.page
    page.goto(room.link)
    card = page.locator("hub-district-card")
    card.get_by_role("link", name="Details").click(timeout=60_000)
    shown = page.locator("hub-district-page")
    expect(shown.get_by_role("heading", name="Reached")).to_be_visible(timeout=60_000)

    shown.get_by_role("button", name="Put in a key").click()
    shown.get_by_label("Whose key it is").fill("Aidos, district")
    shown.get_by_label("Public key").fill(public)
    shown.get_by_role("button", name="Save").click()
    expect(shown.get_by_text("Aidos, district")).to_be_visible()
    shown.get_by_role("button", name="Let the district ask").click()
    expect(shown.get_by_text("Nothing. When the district asks")).to_be_visible()

    hands = Listener(broker, name="hands")
    told = Listener(broker, confirms=True)
    try:

        def ask(id_, command, device=""):
            at = time.time()
            reason = "Тақта дәлізде қосылмайды" if device else ""
            made = Order(id_, "hub-1", command, at, at + 3600, device, reason)
            hands.client.publish(f"{ROOT}/hub-1/command", sign(made, private), qos=1)
            waiting = shown.locator(f"article[data-order={id_}]")
            expect(waiting).to_be_visible(timeout=30_000)
            return waiting

        declined = ask("order-0001", "check")
        page.goto(room.url)
        expect(card.get_by_text("It asks for 1 thing.")).to_be_visible(timeout=30_000)
        card.get_by_role("link", name="Answer it").click()
        expect(declined).to_contain_text("nobody is disturbed")
        declined.get_by_role("button", name="Decline").click()
        expect(shown.locator("[data-state=declined]")).to_be_visible()

        agreed = ask("order-0002", "restart-device", PANEL)
        expect(agreed).to_contain_text("Тақта дәлізде")
        expect(agreed).to_contain_text("Aidos, district")
        agreed.get_by_role("button", name="Agree").click()
        expect(shown.locator("[data-state=done]")).to_contain_text("reachable", timeout=90_000)

        shown.get_by_text("Allow something for a while").click()
        shown.get_by_label("Make a support bundle").check()
        shown.get_by_role("button", name="Allow", exact=True).click()
        expect(shown.get_by_text("it is done without asking")).to_be_visible()
        shown.get_by_role("button", name="Ask again from now on").click()
        ask("order-0003", "support-bundle")
        assert engineer.wrong == []
        _look(room, visit, folder)
    finally:
        hands.close()
        told.close()


def _look(room, visit, folder):
    wrong = []
    for language, locale in LANGUAGES.items():
        translated = [] if language == "en" else said_otherwise(language)
        page = _whole(room, visit(locale=locale).page)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(PAINTED)
            wrong += [f"{language}, {size}: {one}" for one in page.evaluate(LOOKS, translated)]
            page.screenshot(path=folder / f"{language}-{size}.png", full_page=True)
    for scheme in ("light", "dark"):
        page = _whole(room, visit(color_scheme=scheme, bypass_csp=True).page)
        wrong += [f"{scheme}: {one}" for one in page.evaluate(LOOKS, [])]
        wrong += violations(page, f"school district, {scheme}")
        page.screenshot(path=folder / f"{scheme}.png", full_page=True)
        page.goto(room.url)
        page.locator("hub-district-card .card").wait_for(timeout=30_000)
        wrong += violations(page, f"home with a district, {scheme}")
    assert not wrong, "\n".join(wrong)


def _whole(room, page):
    """The page with all that it has: a request, consent, a key that is put in, what was done."""
    page.goto(room.link)
    page.locator("hub-district-card .card").wait_for(timeout=30_000)
    page.goto(f"{room.url}/district")
    page.locator("hub-district-page .log li").first.wait_for(timeout=30_000)
    page.locator("hub-district-page article").wait_for(timeout=30_000)
    page.locator("hub-district-page summary").click()
    page.locator("hub-district-keys button").last.click()
    page.locator("hub-district-keys form").wait_for()
    return page
