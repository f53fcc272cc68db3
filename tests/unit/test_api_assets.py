"""Uploading, seeing and changing assets over the API."""

import hashlib

import pytest


async def upload(client, content, *, name="onion.jpg", kind="image/jpeg", **fields):
    return await client.post("/api/v1/assets", files={"file": (name, content, kind)}, data=fields)


async def test_a_picture_comes_back_byte_for_byte(client, tiny_jpeg):
    teacher = await client("teacher")
    answer = await upload(teacher, tiny_jpeg, title="Onion", note="first")
    asset = answer.json()
    assert answer.status_code == 201, asset
    assert asset["sha256"] == hashlib.sha256(tiny_jpeg).hexdigest()
    assert (asset["width"], asset["height"]) == (1, 1)
    content = await teacher.get(asset["links"]["content"])
    assert content.content == tiny_jpeg
    assert content.headers["content-type"] == "image/jpeg"
    assert content.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in content.headers["content-security-policy"]
    known = {"If-None-Match": content.headers["etag"]}
    assert (await teacher.get(asset["links"]["content"], headers=known)).status_code == 304
    part = await teacher.get(asset["links"]["content"], headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (206, tiny_jpeg[:2])
    for asked, status in (
        ("bytes=99999-", 416),
        ("bytes=-0", 416),
        ("bytes=5-2", 200),
        ("bytes=x", 200),
        ("bytes=0-1,3-4", 200),
        ("lines=1-2", 200),
        ("bytes=-2", 206),
    ):
        part = await teacher.get(asset["links"]["content"], headers={"Range": asked})
        assert part.status_code == status, asked
    listed = (await teacher.get("/api/v1/assets")).json()["items"]
    assert [a["id"] for a in listed] == [asset["id"]]


async def test_a_file_name_is_only_a_title(client, tiny_jpeg):
    teacher = await client("teacher")
    answer = await upload(teacher, tiny_jpeg, name="../../etc/pass\\wd\u202e.jpg")
    assert answer.status_code == 201
    title = answer.json()["title"]
    assert "/" not in title
    assert "\\" not in title
    shown = await teacher.get(answer.json()["links"]["content"])
    assert "\n" not in shown.headers["content-disposition"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "image/jpeg", 415),
        (b"GIF89a", "image/gif", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415),
        (b"<html>", "image/jpeg", 415),
        (b"\xff\xd8\xff", "image/jpeg", 422),
        (b"%PDF-", "application/pdf", 415),
    ],
)
async def test_what_is_no_picture_is_not_kept(client, hub, content, kind, status):
    answer = await upload(await client("teacher"), content, kind=kind)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await hub.assets.list()).items == []
    assert list((hub.settings.data / "files" / "staging").iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=a", b"", 422),
        ("multipart/form-data; boundary=a", b"--a\r\nnonsense", 422),
        ("multipart/form-data; boundary=a", b"--b--", 400),
        (
            "multipart/form-data; boundary=a",
            b'--a\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--a--\r\n',
            422,
        ),
        (
            "multipart/form-data; boundary=a",
            b"--a\r\nContent-Disposition: form-data\r\n\r\n\xff\r\n--a--\r\n",
            400,
        ),
    ],
)
async def test_a_broken_form_is_a_problem(client, kind, body, status):
    teacher = await client("teacher")
    answer = await teacher.post("/api/v1/assets", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_and_doubled_parts_are_refused(client, tiny_jpeg):
    teacher = await client("teacher")
    assert (await upload(teacher, tiny_jpeg, surprise="1")).status_code == 422
    twice = [("file", ("a.jpg", tiny_jpeg, "image/jpeg"))] * 2
    assert (await teacher.post("/api/v1/assets", files=twice)).status_code == 400


async def test_an_upload_beyond_the_limit_is_refused(client):
    async def endless():
        yield b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        yield b"Content-Type: image/jpeg\r\n\r\n"
        for _ in range(66):
            yield b"\0" * (1 << 20)

    teacher = await client("teacher")
    headers = {"Content-Type": "multipart/form-data; boundary=a"}
    answer = await teacher.post("/api/v1/assets", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_a_pupils_picture_is_seen_by_its_lesson_and_no_other(client, tiny_jpeg):
    teacher = await client("teacher")
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "a"})).json()
    other = (await teacher.post("/api/v1/lessons", json={"title": "b"})).json()

    async def join(code, name):
        tablet = await client(None, Origin="http://localhost:8420")
        await tablet.post("/api/v1/session", json={"digits": code, "name": name})
        return tablet

    aizhan, dana = await join(lesson["code"], "Aizhan"), await join(lesson["code"], "Dana")
    stranger = await join(other["code"], "Timur")
    answer = await upload(aizhan, tiny_jpeg)
    asset = answer.json()
    assert asset["lesson"] == lesson["id"]
    await teacher.patch(f"/api/v1/lessons/{lesson['id']}", json={"shared": True})
    address = f"/api/v1/assets/{asset['id']}"
    for path in (address, f"{address}/content"):
        assert (await dana.get(path)).status_code == 200
        assert (await stranger.get(path)).status_code in (403, 404)
    assert (await stranger.get("/api/v1/assets")).json()["items"] == []
    assert (await dana.patch(address, json={"title": "mine"})).status_code == 403
    assert (await dana.delete(address)).status_code == 403
    assert (await upload(stranger, tiny_jpeg, lesson=lesson["id"])).status_code == 403
    assert (await aizhan.patch(address, json={"title": "Mine"})).json()["title"] == "Mine"
    assert (await teacher.delete(address)).status_code == 204
    assert (await aizhan.get(address)).status_code == 404
