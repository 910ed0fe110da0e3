"""From a person's message to the bot's answer, through a real local Bot API."""

from __future__ import annotations

import asyncio
import io
import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.delivery.inbox import Inbox
from bot.delivery.outbox import enqueue
from bot.delivery.reply import Reply
from bot.delivery.transport import BadToken
from bot.messages import Incoming, Option, Outgoing
from bot.telegram.client import TelegramClient
from bot.telegram.commands import CommandList, register
from bot.telegram.logs import quiet, redact, secrets_of
from bot.telegram.webhook import SECRET_HEADER, WebhookServer
from storage.store import Store
from storage.tables import inbox, outbox
from tests.telegram.conftest import TIMES, TOKEN, Desk, World34, until

pytestmark = pytest.mark.network


def states(store: Store) -> list[str]:
    return list(store.read(lambda c: c.execute(select(inbox.c.state)).scalars()))


def sent(store: Store) -> list[Any]:
    return list(store.read(lambda c: c.execute(select(outbox).order_by(outbox.c.id)).all()))


async def test_a_question_in_a_group_is_answered(place: World34, desk: Desk) -> None:
    group = await place.group()
    await place.say(group, "/ask who <b>&</b>")
    await until(lambda: place.calls("sendMessage"))
    assert await place.texts(group) == ["re who <b>&</b>"]
    await until(lambda: sent(desk.store)[0].message_id is not None)


async def test_a_tap_is_answered_and_a_card_is_edited(place: World34, desk: Desk) -> None:
    group = await place.group()

    async def card(incoming: Incoming) -> Reply:
        if incoming.kind == "tap":
            assert incoming.chat is not None
            text = f"taken by {incoming.sender.name if incoming.sender else '?'}"
            echoed = await desk.echo(incoming)
            return Reply(
                instants=echoed.instants, outgoing=(Outgoing(chat_id=incoming.chat.id, text=text, card="k"),)
            )
        if incoming.command is None or incoming.chat is None:
            return Reply()
        buttons = ((Option(label="Take", data="t:1"),),)
        return Reply(outgoing=(Outgoing(chat_id=incoming.chat.id, text="open", card="k", options=buttons),))

    desk.answer = card
    await place.say(group, "/card")
    await until(lambda: sent(desk.store) and sent(desk.store)[0].message_id)
    message_id = sent(desk.store)[0].message_id
    tap = {"chat_id": group, "message_id": message_id, "from_id": place.ben, "button": "Take"}
    answer = await place.sim("taps", tap)
    assert answer["answer"] == "got t:1"
    await until(lambda: place.calls("editMessageText"))
    assert await place.texts(group) == ["taken by Ben"]


async def test_what_was_said_while_the_bot_was_away_is_answered_once(
    place: World34, url: str, tmp_path: Path
) -> None:
    group = await place.group()
    for number in range(5):
        await place.say(group, f"/ask {number}")
    for _ in range(2):
        desk = Desk(place, url, tmp_path)
        await desk.start()
        await until(lambda: len(place.calls("sendMessage")) == 5)
        await desk.stop()
    assert sorted(await place.texts(group)) == [f"re {n}" for n in range(5)]


async def test_one_malformed_update_among_twenty_is_parked_and_nineteen_are_answered(
    place: World34, url: str, tmp_path: Path
) -> None:
    group = await place.group()
    for number in range(10):
        await place.say(group, f"/ask {number}")
    await place.sim("updates", {"message": {"message_id": "what", "chat": None, "text": 5}})
    for number in range(10, 19):
        await place.say(group, f"/ask {number}")
    desk = Desk(place, url, tmp_path)
    await desk.start()
    await until(lambda: len(place.calls("sendMessage")) == 19)
    await until(lambda: states(desk.store).count("dead") == 1)
    await desk.stop()


async def test_an_update_that_comes_twice_is_answered_once(place: World34, desk: Desk) -> None:
    group = await place.group()
    await place.say(group, "/ask once")
    await until(lambda: place.calls("sendMessage"))
    stored = desk.store.read(
        lambda c: c.execute(select(inbox.c.update_id).order_by(inbox.c.update_id.desc())).scalar()
    )
    before = len(states(desk.store))
    message = {
        "message_id": 99,
        "date": 1_795_395_600,
        "text": "/ask twice",
        "from": {"id": place.ann, "is_bot": False, "first_name": "A"},
    }
    message |= {
        "chat": {"id": group, "type": "supergroup", "title": "T"},
        "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
    }
    for _ in range(2):
        await place.sim("updates", {"update_id": stored + 1000, "message": message})
    await place.say(group, "/ask after")
    await until(lambda: len(place.calls("sendMessage")) == 3)
    await until(lambda: len(states(desk.store)) == before + 2)
    assert await place.texts(group) == ["re once", "re twice", "re after"]


async def test_too_many_requests_is_waited_out(place: World34, desk: Desk) -> None:
    group = await place.group()
    await place.fault("sendMessage", status=429, parameters={"retry_after": 1})
    await place.say(group, "/ask x")
    await until(lambda: len(place.calls("sendMessage")) == 2)
    first, second = place.calls("sendMessage")
    assert (first["status"], second["status"]) == (429, 200)
    assert second["at"] - first["at"] >= 1.0
    await until(lambda: sent(desk.store)[0].state == "sent")
    assert not sent(desk.store)[0].possibly_repeated


@pytest.mark.parametrize(
    ("fault", "copies"),
    [
        ({"status": 500}, 1),
        ({"drop": "before"}, 1),
        ({"drop": "after"}, 2),
        ({"delay_s": 1.5}, 2),
    ],
    ids=["error 500", "reset before acceptance", "reset after acceptance", "hang"],
)
async def test_a_send_that_may_have_been_accepted_is_repeated_and_marked(
    place: World34, desk: Desk, fault: dict[str, Any], copies: int
) -> None:
    group = await place.group()
    await place.fault("sendMessage", **fault)
    await place.say(group, "/ask x")
    await until(lambda: sent(desk.store) and sent(desk.store)[0].state == "sent")
    await until(lambda: place.texts(group))
    await until(lambda: len(place.calls("sendMessage")) == 2)
    assert await place.texts(group) == ["re x"] * copies
    assert sent(desk.store)[0].possibly_repeated


async def test_a_server_that_is_gone_is_waited_for(place: World34, desk: Desk) -> None:
    group = await place.group()
    port = place.sandbox.port
    await place.sandbox.stop()
    late = [Outgoing(chat_id=group, text="later")]
    await desk.store.awrite(lambda c: enqueue(c, late, desk.clock.now()))
    await until(lambda: sent(desk.store)[0].error)
    assert not sent(desk.store)[0].possibly_repeated
    place.sandbox.port = port
    await place.sandbox.start()
    await until(lambda: place.calls("sendMessage"))
    await until(lambda: sent(desk.store)[0].state == "sent")
    await place.say(group, "/ask back")
    await until(lambda: len(place.calls("sendMessage")) == 2)


async def test_a_bot_that_was_removed_marks_the_chat(place: World34, desk: Desk) -> None:
    group = await place.group()
    await place.fault(
        "sendMessage", status=403, description="Forbidden: bot was kicked from the supergroup chat"
    )
    await place.say(group, "/ask x")
    await until(lambda: sent(desk.store) and sent(desk.store)[0].state == "failed")


async def test_an_answer_follows_a_group_that_migrated(place: World34, desk: Desk) -> None:
    group = await place.group("group")
    gate = asyncio.Event()

    async def slow(incoming: Incoming) -> Reply:
        if incoming.kind == "message":
            await gate.wait()
        return await desk.echo(incoming)

    desk.answer = slow
    await place.say(group, "/ask x")
    await until(lambda: any(each.kind == "message" for each in desk.seen))
    moved = await place.sim(f"chats/{group}/migrate", {})
    gate.set()
    await until(lambda: sent(desk.store) and sent(desk.store)[0].state == "sent")
    new_id = sent(desk.store)[0].chat_id
    assert new_id != group
    assert str(new_id) in str(moved)
    assert await place.texts(new_id) == ["re x"]


async def test_an_answer_to_a_deleted_message_is_still_sent(place: World34, desk: Desk) -> None:
    group = await place.group()

    async def quote(incoming: Incoming) -> Reply:
        if incoming.chat is None or incoming.command is None:
            return Reply()
        return Reply(outgoing=(Outgoing(chat_id=incoming.chat.id, text="a", reply_to=9999),))

    desk.answer = quote
    await place.say(group, "/ask x")
    await until(lambda: place.texts(group))


async def test_a_long_answer_arrives_in_parts(place: World34, desk: Desk) -> None:
    group = await place.group()

    async def long(incoming: Incoming) -> Reply:
        if incoming.chat is None or incoming.command is None:
            return Reply()
        return Reply(
            outgoing=(Outgoing(chat_id=incoming.chat.id, text="\n".join(["\U0001f525" * 40] * 100)),)
        )

    desk.answer = long
    await place.say(group, "/ask x")
    await until(lambda: sent(desk.store) and sent(desk.store)[0].state == "sent")
    assert "\n".join(await place.texts(group)) == "\n".join(["\U0001f525" * 40] * 100)


async def test_a_file_is_uploaded_and_downloaded(place: World34, desk: Desk, tmp_path: Path) -> None:
    group = await place.group()
    (tmp_path / "weekly.docx").write_bytes(b"content")

    async def file(incoming: Incoming) -> Reply:
        if incoming.chat is None or incoming.command is None:
            return Reply()
        return Reply(outgoing=(Outgoing(chat_id=incoming.chat.id, text="w", document="weekly.docx"),))

    desk.answer = file
    await place.say(group, "/export")
    await until(lambda: place.calls("sendDocument"))
    found = await place.sim(f"chats/{group}/messages")
    messages = found["messages"] if isinstance(found, dict) else found
    document = next(each["document"] for each in messages if "document" in each)
    assert document["file_name"] == "weekly.docx"
    assert await desk.client.download(document["file_id"]) == b"content"


async def test_a_second_poller_is_reported_and_the_first_comes_back(
    place: World34, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    async with TelegramClient(TOKEN, api_root=place.sandbox.url, timeouts=TIMES) as other:

        async def reported() -> bool:
            # Only a poll that is waiting just then is thrown out.
            await other.get_updates(offset=None, timeout_s=0, limit=1, allowed=("message",))
            return "only one may" in caplog.text

        await until(reported)
    group = await place.group()
    await place.say(group, "/ask x")
    await until(lambda: place.texts(group))


async def test_a_wrong_token_ends_the_run_with_a_clear_line(place: World34) -> None:
    async with TelegramClient("nonsense", api_root=place.sandbox.url, timeouts=TIMES) as client:
        with pytest.raises(BadToken, match="does not know this bot"):
            await client.me()


async def test_a_webhook_takes_updates_only_from_who_knows_the_secret(
    place: World34, url: str, tmp_path: Path, unused_tcp_port: int
) -> None:
    desk = Desk(place, url, tmp_path)
    await desk.start()
    await desk.poller.stop()
    way_in = Inbox(desk.store, desk.clock, bot_id=place.bot.id, taker=desk.worker)
    address = f"http://127.0.0.1:{unused_tcp_port}/"
    server = WebhookServer(
        desk.client, way_in, url=address, secret="s3cret", host="127.0.0.1", port=unused_tcp_port
    )
    await server.start()
    group = await place.group()
    await place.say(group, "/ask hook")
    await until(lambda: place.texts(group))
    assert await place.texts(group) == ["re hook"]
    stored = len(states(desk.store))
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {SECRET_HEADER: "S3cret"}, {SECRET_HEADER: "s3cret\u00e9"}):
            async with session.post(address, json={"update_id": 5}, headers=headers) as response:
                assert response.status == 403
        good = {SECRET_HEADER: "s3cret"}
        async with session.post(address, data=b"{", headers=good) as response:
            assert response.status == 400
        async with session.post(address, data=io.BytesIO(b"x" * 2_000_000), headers=good) as response:
            assert response.status == 413
    assert len(states(desk.store)) == stored
    await server.stop()
    await desk.stop()


async def test_polling_removes_a_webhook_that_was_left(place: World34, desk: Desk) -> None:
    group = await place.group()
    await desk.client.call("setWebhook", {"url": "https://127.0.0.1:9/"})
    await until(lambda: place.calls("deleteWebhook"))
    await place.say(group, "/ask x")
    await until(lambda: place.texts(group))


async def test_command_lists_are_registered_per_scope(place: World34, desk: Desk) -> None:
    group = await place.group()
    await register(
        desk.client,
        [
            CommandList(scope="all_group_chats", commands=(("ask", "Ask"),)),
            CommandList(scope="chat", chat_id=group, commands=(("board", "Board"), ("ask", "Ask"))),
            CommandList(scope="chat", chat_id=-1, commands=(("x", "X"),)),
        ],
    )
    everywhere = await desk.client.call("getMyCommands", {"scope": {"type": "all_group_chats"}})
    here = await desk.client.call("getMyCommands", {"scope": {"type": "chat", "chat_id": group}})
    assert everywhere == [{"command": "ask", "description": "Ask"}]
    assert [each["command"] for each in here] == ["board", "ask"]


async def test_no_log_at_any_level_holds_the_token(
    place: World34, url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    end = redact(secrets_of(TOKEN))
    try:
        caplog.set_level(logging.DEBUG)
        for name in ("httpx", "httpcore", "telegram", "asyncio"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        desk = Desk(place, url, tmp_path)
        await desk.start()
        group = await place.group()
        await place.fault("sendMessage", drop="before")
        await place.say(group, "/ask x")
        await until(lambda: place.texts(group))
        await desk.stop()
        try:
            raise ValueError(f"https://api/bot{TOKEN}/x")
        except ValueError:
            logging.getLogger("any").exception("failed with %s", TOKEN)
        assert "<token>" in caplog.text
        assert len(caplog.records) > 50
        formatted = [logging.Formatter("%(message)s").format(record) for record in caplog.records]
        for text in (caplog.text, *formatted):
            assert TOKEN not in text
            assert "A" * 35 not in text
    finally:
        end()
        quiet()
