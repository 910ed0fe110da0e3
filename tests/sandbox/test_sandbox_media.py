"""Files go up, come down, travel by id, and are refused as Telegram refuses them."""

from __future__ import annotations

import base64

import pytest

MEGABYTE = 1024 * 1024


async def test_uploaded_document_is_downloaded_again(stage):
    chat = await stage.private()
    sent = await stage.upload(
        "sendDocument",
        {"document": ("\u6c34 b.txt", b"hello")},
        chat_id=chat,
        caption="<b>c</b>",
        parse_mode="HTML",
    )
    document = sent["document"]
    assert (document["file_name"], document["file_size"], sent["caption"]) == ("\u6c34 b.txt", 5, "c")
    found = await stage.api("getFile", file_id=document["file_id"])
    url = f"{stage.sandbox.url}/file/bot{stage.token}/{found['file_path']}"
    async with stage.session.get(url) as response:
        assert await response.read() == b"hello"
    seen = (await stage.sim(f"chats/{chat}/messages"))[-1]["files"][0]
    async with stage.session.get(stage.sandbox.url + seen["url"]) as response:
        assert await response.read() == b"hello"
        assert response.content_type == "application/octet-stream"
    async with stage.session.get(url + "x") as response:
        assert response.status == 404


async def test_photo_has_its_size_and_is_sent_again_by_id(stage, refusal):
    chat = await stage.private()
    sent = await stage.upload("sendPhoto", {"photo": ("p.png", stage.png)}, chat_id=chat)
    assert (sent["photo"][-1]["width"], sent["photo"][-1]["height"]) == (3, 2)
    file_id = sent["photo"][-1]["file_id"]
    again = await stage.api("sendPhoto", chat_id=chat, photo=file_id)
    assert again["photo"] == sent["photo"]
    with pytest.raises(refusal, match="can't use file of type Photo as Document"):
        await stage.api("sendDocument", chat_id=chat, document=file_id)
    seen = (await stage.sim(f"chats/{chat}/messages"))[-1]["files"][0]
    async with stage.session.get(stage.sandbox.url + seen["url"]) as response:
        assert response.content_type == "image/png"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nonsense", "wrong file identifier/HTTP URL specified"),
        ("https://example.org/a.jpg", "failed to get HTTP URL content"),
        ("attach://nothing", "wrong file identifier/HTTP URL specified"),
        ("", "there is no photo in the request"),
    ],
)
async def test_wrong_files_are_refused(stage, refusal, value, why):
    chat = await stage.private()
    with pytest.raises(refusal, match=why):
        await stage.api("sendPhoto", chat_id=chat, photo=value)


async def test_what_is_no_image_is_no_photo(stage, refusal):
    chat = await stage.private()
    with pytest.raises(refusal, match="IMAGE_PROCESS_FAILED"):
        await stage.upload("sendPhoto", {"photo": ("p.png", b"text")}, chat_id=chat)


async def test_caption_fits_1024_units(stage, refusal):
    chat = await stage.private()
    files = {"document": ("a", b"a")}
    await stage.upload("sendDocument", files, chat_id=chat, caption="x" * 1024)
    with pytest.raises(refusal, match="message caption is too long"):
        await stage.upload("sendDocument", files, chat_id=chat, caption="x" * 1025)


async def test_uploads_end_at_50_and_downloads_at_20_megabytes(stage, refusal):
    chat = await stage.private()
    with pytest.raises(refusal) as caught:
        await stage.upload("sendDocument", {"document": ("a", b"x" * (50 * MEGABYTE + 1))}, chat_id=chat)
    assert (caught.value.status, caught.value.text) == (413, "Request Entity Too Large")
    files = {"document": ("a", b"x" * (20 * MEGABYTE + 1))}
    sent = await stage.upload("sendDocument", files, chat_id=chat)
    with pytest.raises(refusal, match="Bad Request: file is too big"):
        await stage.api("getFile", file_id=sent["document"]["file_id"])


@pytest.mark.parametrize("kind", ["voice", "video", "animation", "audio", "sticker", "video_note"])
async def test_other_kinds_are_sent(stage, kind):
    chat = await stage.private()
    method = "send" + kind.title().replace("_", "")
    sent = await stage.upload(method, {kind: ("f.bin", b"data")}, chat_id=chat, duration="7")
    assert sent[kind]["file_size"] == 4
    again = await stage.api(method, **{"chat_id": chat, kind: sent[kind]["file_id"]})
    assert again[kind]["file_id"] == sent[kind]["file_id"]


async def test_album_is_one_group_of_2_to_10(stage, refusal):
    chat = await stage.private()
    files = {f"f{n}": (f"{n}.png", stage.png) for n in range(11)}
    media = [{"type": "photo", "media": f"attach://f{n}", "caption": str(n)} for n in range(11)]
    sent = await stage.upload("sendMediaGroup", files, chat_id=chat, media=media[:3])
    assert [message["caption"] for message in sent] == ["0", "1", "2"]
    assert len({message["media_group_id"] for message in sent}) == 1
    for wrong in (media[:1], media):
        with pytest.raises(refusal, match="2-10"):
            await stage.upload("sendMediaGroup", files, chat_id=chat, media=wrong)
    mixed = [media[0], {"type": "document", "media": "attach://f1"}]
    with pytest.raises(refusal, match="document can't be mixed with other media types"):
        await stage.upload("sendMediaGroup", files, chat_id=chat, media=mixed)


async def test_media_and_caption_are_edited(stage, refusal):
    chat = await stage.private()
    sent = await stage.upload("sendDocument", {"document": ("a", b"a")}, chat_id=chat, caption="one")
    place = {"chat_id": chat, "message_id": sent["message_id"]}
    edited = await stage.api("editMessageCaption", **place, caption="two")
    assert (edited["caption"], edited["document"]) == ("two", sent["document"])
    with pytest.raises(refusal, match="there is no text in the message to edit"):
        await stage.api("editMessageText", **place, text="x")
    media = {"type": "photo", "media": "attach://p", "caption": "three"}
    edited = await stage.upload(
        "editMessageMedia", {"p": ("p.png", stage.png)}, **{k: str(v) for k, v in place.items()}, media=media
    )
    assert edited["caption"] == "three" and "photo" in edited and "document" not in edited


async def test_people_send_photos_documents_and_places(stage, refusal):
    chat = await stage.private()
    body = {"chat_id": chat, "from_id": stage.ann}
    photo = {"name": "p.png", "base64": base64.b64encode(stage.png).decode()}
    await stage.sim("messages", {**body, "photo": photo, "caption": "/look here"})
    await stage.sim("messages", {**body, "document": {"name": "d.txt", "base64": "aGk="}})
    await stage.sim("messages", {**body, "location": {"latitude": 1.5, "longitude": 2}})
    first, second, third = [update["message"] for update in await stage.updates()]
    assert first["photo"][-1]["width"] == 3 and first["caption_entities"][0]["type"] == "bot_command"
    assert second["document"]["file_name"] == "d.txt"
    assert third["location"] == {"latitude": 1.5, "longitude": 2}
    for wrong in ({}, {"photo": {"name": "x"}}, {"location": {"latitude": "n"}}, {"text": ""}):
        with pytest.raises(refusal) as caught:
            await stage.sim("messages", {**body, **wrong})
        assert caught.value.status == 400
