"""A picture with its measurements on the class's screen, as it is drawn, and nothing else of it."""

import asyncio

from hub.device import Role
from hub.rights import SYSTEM
from tests.integration.test_annotations import (
    add,
    at,
    callers,
    hub,
    lesson,
    line,
    picture,
    principal,
    pupil,
    put,
    pytestmark,
    teacher,
)

__all__ = ["callers", "hub", "lesson", "picture", "pupil", "pytestmark", "teacher"]
PANEL = "/api/v1/panel"
SCREEN = "/screen"


async def test_the_screen_draws_one_layer_as_it_is_changed(hub, callers, teacher, pupil, picture):
    display = await callers.token(Role.DISPLAY, "Panel")
    assert (await display.get(at(picture, SCREEN))).status_code == 404
    assert (await put(teacher, picture, [line((0, 0), (400, 0))])).status_code == 200
    assert (await put(pupil, picture, [line((0, 0), (8, 6), name="mine")])).status_code == 200

    assert (await pupil.put(at(picture, SCREEN), json={})).status_code == 403
    assert (await teacher.put(at(picture, SCREEN), json={})).status_code == 204
    shown = (await display.get(PANEL)).json()
    assert (shown["element"], shown["attributes"]["asset"]) == ("hub-screen-measured", picture)
    said = (await display.get(at(picture, SCREEN))).json()
    assert (said["width"], said["height"], said["scale"]) == (640, 480, 0.25)
    assert [one["points"] for one in said["items"]] == [[[0, 0], [400, 0]]]
    assert (await display.get(f"{PANEL}/content?asset={picture}")).status_code == 200
    # The rest of what is drawn is for those who may see the picture.
    assert (await display.get(at(picture))).status_code == 403

    told = []
    hub.bus.subscribe("x/microscopy/screen", lambda message: told.append(message.payload))
    longer = [line((0, 0), (500, 0))]
    assert (await put(teacher, picture, longer, revision=1)).status_code == 200
    assert (await put(pupil, picture, [], revision=1)).status_code == 200
    await asyncio.sleep(0)
    assert told == [{"asset": picture, "revision": 2}]  # what a pupil draws is not on the screen
    said = (await display.get(at(picture, SCREEN))).json()
    assert said["items"][0]["points"] == [[0, 0], [500, 0]]

    await teacher.delete(PANEL)
    assert (await display.get(at(picture, SCREEN))).status_code == 404


async def test_what_a_pupil_has_measured_is_shown_without_their_name(
    hub, callers, teacher, pupil, lesson, picture
):
    display = await callers.token(Role.DISPLAY, "Panel")
    author = (await principal(pupil))["person"]
    assert (await put(pupil, picture, [line((1, 1), (5, 4))])).status_code == 200
    assert (await teacher.put(at(picture, SCREEN), json={"author": author})).status_code == 204
    everything = (await display.get(PANEL)).text + (await display.get(at(picture, SCREEN))).text
    assert "Айжан" not in everything
    assert author not in everything
    assert (await display.get(at(picture, SCREEN))).json()["items"][0]["points"][0] == [1, 1]
    for wrong, status in (({"author": "nobody"}, 404), ({"author": 5}, 422), ({"x": 1}, 422)):
        assert (await teacher.put(at(picture, SCREEN), json=wrong)).status_code == status
    # A picture that is deleted while it is shown.
    mine = await add(hub, teacher, lesson)
    assert (await teacher.put(at(mine, SCREEN), json={})).status_code == 204
    await hub.assets.delete(mine, by=SYSTEM)
    assert (await display.get(at(mine, SCREEN))).status_code == 404
    await teacher.delete(PANEL)
