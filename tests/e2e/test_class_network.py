"""The lesson under a made-up host name over plain HTTP, as tablets in the class network see it.

There the browser knows no secure context: no `crypto.randomUUID`, no clipboard, no service worker.
"""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 30_000
NAME = "hub.school.test"

# How many different colours the live picture has; 0 while there is none.
COLOURS = """() => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === "hub-live-view") return element;
      const inside = element.shadowRoot && find(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const canvas = find(document)?.shadowRoot?.querySelector("canvas");
  if (!canvas || !canvas.width) return 0;
  const copy = document.createElement("canvas");
  copy.width = copy.height = 16;
  const context = copy.getContext("2d");
  context.drawImage(canvas, 0, 0, 16, 16);
  return new Set(context.getImageData(0, 0, 16, 16).data).size;
}"""


def has_no_secure_context(page) -> bool:
    return page.evaluate(
        "() => !isSecureContext && !crypto.randomUUID && !crypto.subtle && !navigator.clipboard"
    )


def test_a_lesson_under_a_made_up_name_over_plain_http(classroom, visit):
    base = f"http://{NAME}:{classroom.port}"
    teacher, pupil = visit(), visit(viewport={"width": 800, "height": 1280}, has_touch=True)

    teacher.page.goto(classroom.link.replace("127.0.0.1", NAME))
    teacher.page.get_by_label("Topic of the lesson").fill("The plant cell")
    teacher.page.get_by_role("button", name="Start a lesson").click()
    digits = teacher.page.locator(".digits").first
    expect(digits).to_have_text(re.compile(r"\d{3}\s*\d{3}"), timeout=WAIT)
    code = re.sub(r"\D", "", digits.inner_text())
    assert has_no_secure_context(teacher.page)
    # The name of the settings is what pupils are told, in words and in the QR code.
    expect(teacher.page.get_by_text(f"{NAME}:{classroom.port}").first).to_be_visible(timeout=WAIT)
    qr = teacher.page.locator("img.qr").first
    expect(qr).to_be_visible(timeout=WAIT)
    assert qr.evaluate("image => image.decode().then(() => image.naturalWidth)") > 50

    pupil.page.goto(f"{base}/join#{code}")
    pupil.page.get_by_label("Your name").fill("Айжан")
    pupil.page.get_by_role("button", name=re.compile("Join")).click()
    expect(pupil.page.get_by_text("Virtual microscope").first).to_be_visible(timeout=WAIT)
    assert has_no_secure_context(pupil.page)

    for visitor in (teacher, pupil):
        visitor.page.goto(f"{base}/microscopes/virtual-microscope")
        visitor.page.wait_for_function(f"() => ({COLOURS})() > 20", timeout=WAIT)

    teacher.page.get_by_role("button", name=re.compile("^Capture|Take")).click()
    expect(teacher.page.get_by_role("listitem")).to_have_count(1, timeout=WAIT)

    assert all(url.startswith((base, "data:", "blob:")) for url in teacher.asked + pupil.asked)
    # Asking "who am I?" before signing in is answered by 401, which a browser logs.
    assert not [wrong for wrong in teacher.wrong + pupil.wrong if "401" not in wrong]
