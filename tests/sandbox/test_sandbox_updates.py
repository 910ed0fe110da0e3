"""Who hears of what, long polling, conflicts, retention, webhooks."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import web

from bot.sandbox.errors import ConflictError
from bot.sandbox.updates import RETENTION_S, UpdateQueue


async def test_privacy_mode_lets_through_commands_and_replies_only(stage):
    group = await stage.group()
    mine = await stage.api("sendMessage", chat_id=group, text="hello")
    others = ("plain", "@desk_bot hi", "/theirs@other_bot", "x /later", "/\u4e00")
    for text in (*others, "/bare", "/mine@desk_bot"):
        await stage.say(group, text)
    await stage.say(group, "a reply", reply_to=mine["message_id"])
    assert await stage.seen_by() == ["/bare", "/mine@desk_bot", "a reply"]


async def test_admin_or_privacy_off_hears_everything(stage):
    group = await stage.group()
    await stage.sim("bots", {"bot": "desk_bot", "privacy": False})
    assert (await stage.api("getMe"))["can_read_all_group_messages"] is True
    await stage.say(group, "one")
    await stage.sim("bots", {"bot": "desk_bot", "privacy": True})
    await stage.say(group, "unheard")
    await stage.promote(group)
    await stage.say(group, "two")
    assert await stage.seen_by() == ["two"]


async def test_private_chats_are_heard_in_full_and_by_one_bot_only(stage):
    await stage.api("getMe", token=stage.other)
    await stage.say(stage.bot.id, "to desk")
    await stage.say(700002, "to other")
    await stage.say(stage.ann, "to other again")
    assert await stage.seen_by() == ["to desk"]
    assert await stage.seen_by(stage.other) == ["to other", "to other again"]
    sent = await stage.api("sendMessage", chat_id=stage.ann, text="mine")
    ids = [m["message_id"] for m in await stage.sim(f"chats/{stage.ann}/messages")]
    assert ids == sorted(set(ids)) and sent["message_id"] == ids[-1]
    assert len(await stage.sim(f"chats/{stage.ann}/messages?bot=desk_bot")) == 2


async def test_bots_never_hear_each_other(stage):
    await stage.api("getMe", token=stage.other)
    group = await stage.group(members=[stage.ann, stage.bot.id, 700002])
    await stage.promote(group, 700002)
    await stage.api("sendMessage", chat_id=group, text="/hello")
    assert await stage.seen_by(stage.other) == []


async def test_anonymous_admin_and_channel_are_not_people(stage):
    group = await stage.group()
    channel = await stage.group("channel")
    await stage.say(group, "/a", sender_chat=group)
    await stage.say(group, "/b", sender_chat=channel)
    first, second = [update["message"] for update in await stage.updates()]
    assert (first["from"]["id"], first["from"]["username"]) == (1087968824, "GroupAnonymousBot")
    assert first["sender_chat"]["id"] == group
    assert (second["from"]["id"], second["sender_chat"]["id"]) == (136817688, channel)


async def test_channel_posts_reach_admins_without_a_sender(stage):
    channel = await stage.group("channel")
    await stage.say(channel, "news")
    (update,) = await stage.updates()
    assert update["channel_post"]["sender_chat"]["id"] == channel and "from" not in update["channel_post"]
    assert (await stage.api("sendMessage", chat_id=channel, text="x"))["chat"]["type"] == "channel"


async def test_edits_by_people_arrive_as_edited_message(stage):
    group = await stage.group()
    said = await stage.say(group, "/one")
    await stage.sim(
        "edits", {"chat_id": group, "message_id": said["message_id"], "from_id": stage.ann, "text": "/two"}
    )
    assert [list(update)[1] for update in await stage.updates()] == ["message", "edited_message"]


async def test_joining_and_leaving_tell_by_update_and_service_message(stage):
    chat = await stage.sim("chats", {"type": "supergroup", "title": "g", "members": [stage.ann]})
    await stage.sim(f"chats/{chat['id']}/members", {"user_id": stage.bot.id})
    added, service = await stage.updates()
    changed = added["my_chat_member"]
    assert (changed["old_chat_member"]["status"], changed["new_chat_member"]["status"]) == ("left", "member")
    assert changed["from"]["id"] == stage.ann
    assert service["message"]["new_chat_members"][0]["id"] == stage.bot.id
    await stage.sim(f"chats/{chat['id']}/members/{stage.bot.id}", verb="DELETE")
    removed, service = await stage.updates()
    assert removed["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert service["message"]["left_chat_member"]["id"] == stage.bot.id


async def test_chat_member_comes_only_when_asked_for_and_admin(stage):
    group = await stage.group()
    cleo = (await stage.sim("users", {"first_name": "Cleo"}))["id"]
    await stage.promote(group)

    async def kinds():
        await stage.sim(f"chats/{group}/members", {"user_id": cleo})
        await stage.sim(f"chats/{group}/members/{cleo}", verb="DELETE")
        return {kind for update in await stage.updates() for kind in update} - {"update_id"}

    assert await kinds() == {"message"}
    await stage.api("getUpdates", allowed_updates=["message", "chat_member"], timeout=0)
    assert await kinds() == {"message", "chat_member"}


async def test_blocking_and_unblocking_is_told(stage):
    chat = await stage.private()
    await stage.sim(f"chats/{chat}/members/{stage.bot.id}", verb="DELETE")
    await stage.say(chat, "/start again")
    found = await stage.updates()
    assert [list(update)[1] for update in found] == ["my_chat_member", "my_chat_member", "message"]
    assert [u["my_chat_member"]["new_chat_member"]["status"] for u in found[:2]] == ["kicked", "member"]


async def test_startgroup_adds_the_bot_and_passes_the_payload(stage):
    chat = await stage.sim("chats", {"type": "group", "title": "g", "members": [stage.ann]})
    place = {"bot": "desk_bot", "chat_id": chat["id"], "from_id": stage.ann}
    await stage.sim("startgroup", {**place, "payload": "invite7"})
    assert (await stage.seen_by())[-1] == "/start@desk_bot invite7"


async def test_long_poll_waits_and_returns_as_soon_as_there_is_something(stage):
    chat = await stage.private()
    waiting = asyncio.create_task(stage.api("getUpdates", timeout=30))
    await stage.until(lambda: stage.bot.queue._waiter is not None)
    started = time.monotonic()
    await stage.say(chat, "hi")
    (update,) = await waiting
    assert update["message"]["text"] == "hi" and time.monotonic() - started < 5
    again = await stage.api("getUpdates", timeout=0)
    assert again == [update]
    assert await stage.api("getUpdates", offset=update["update_id"] + 1, timeout=0) == []


async def test_limit_and_negative_offset(stage):
    chat = await stage.private()
    for text in "abcd":
        await stage.say(chat, text)
    assert [u["message"]["text"] for u in await stage.api("getUpdates", limit=2)] == ["a", "b"]
    assert [u["message"]["text"] for u in await stage.api("getUpdates", offset=-1)] == ["d"]


async def test_second_poller_ends_the_first_with_409(stage, refusal):
    first = asyncio.create_task(stage.api("getUpdates", timeout=30))
    await stage.until(lambda: stage.bot.queue._waiter is not None)
    second = asyncio.create_task(stage.api("getUpdates", timeout=30))
    with pytest.raises(refusal) as caught:
        await first
    assert (caught.value.status, caught.value.text) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    await stage.say(stage.bot.id, "for the second")
    assert (await second)[0]["message"]["text"] == "for the second"


async def test_raw_updates_come_as_they_are_even_twice(stage):
    await stage.say(stage.bot.id, "hi")
    (update,) = await stage.updates()
    await stage.sim("updates", update)
    await stage.sim("updates", {"update_id": update["update_id"] + 1, "message": {"nonsense": True}})
    found = await stage.api("getUpdates", offset=update["update_id"] + 1)
    assert found == [update, {"update_id": update["update_id"] + 1, "message": {"nonsense": True}}]
    await stage.say(stage.bot.id, "next")
    assert (await stage.updates())[-1]["update_id"] == update["update_id"] + 2


async def test_updates_are_kept_for_a_day():
    now = [0.0]
    queue = UpdateQueue(monotonic=lambda: now[0])
    queue.push("message", {"text": "old"})
    now[0] = RETENTION_S - 1
    queue.push("message", {"text": "new"})
    assert len(await queue.poll(offset=0, limit=100, timeout_s=0)) == 2
    now[0] += 2
    assert [u["message"]["text"] for u in await queue.poll(offset=0, limit=9, timeout_s=0)] == ["new"]


async def test_stopping_answers_a_waiting_poll(stage):
    waiting = asyncio.create_task(stage.api("getUpdates", timeout=30))
    await stage.until(lambda: stage.bot.queue._waiter is not None)
    started = time.monotonic()
    await stage.sandbox.stop()
    assert await waiting == [] and time.monotonic() - started < 5


class Hook:
    """A webhook receiver that answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[str | None, dict]] = []
        self.answers: list[web.Response] = []

    async def handle(self, request):
        self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return self.answers.pop(0) if self.answers else web.Response()

    async def start(self):
        app = web.Application()
        app.router.add_post("/hook", self.handle)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}/hook"


async def test_webhook_gets_updates_with_the_secret_and_again_after_an_error(stage, refusal):
    hook = Hook()
    url = await hook.start()
    hook.answers = [web.Response(status=500)]
    waiting = asyncio.create_task(stage.api("getUpdates", timeout=30))
    await stage.until(lambda: stage.bot.queue._waiter is not None)
    await stage.api("setWebhook", url=url, secret_token="s3cret", allowed_updates=["message"])
    with pytest.raises(refusal, match="terminated by setWebhook request"):
        await waiting
    await stage.say(stage.bot.id, "hi")
    await stage.until(lambda: len(hook.got) == 2)
    assert hook.got[0] == hook.got[1]
    assert (hook.got[0][0], hook.got[0][1]["message"]["text"]) == ("s3cret", "hi")
    await stage.until(lambda: stage.bot.webhook.in_flight == 0)
    info = await stage.api("getWebhookInfo")
    assert (info["url"], info["pending_update_count"], info["allowed_updates"]) == (url, 0, ["message"])
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    with pytest.raises(refusal) as caught:
        await stage.api("getUpdates")
    assert caught.value.status == 409 and "while webhook is active" in caught.value.text
    assert await stage.api("deleteWebhook") is True
    assert (await stage.api("getWebhookInfo"))["url"] == ""
    await hook.runner.cleanup()


async def test_webhook_answer_may_call_a_method(stage):
    hook = Hook()
    await stage.api("setWebhook", url=await hook.start())
    hook.answers = [web.json_response({"method": "sendMessage", "chat_id": stage.ann, "text": "at once"})]
    await stage.say(stage.bot.id, "hi")
    await stage.until_calls("sendMessage")
    assert (await stage.sim(f"chats/{stage.ann}/messages"))[-1]["text"] == "at once"
    await hook.runner.cleanup()


async def test_update_the_webhook_did_not_take_is_polled_after_it_is_deleted(stage):
    hook = Hook()
    hook.answers = [web.Response(status=502) for _ in range(9)]
    await stage.api("setWebhook", url=await hook.start())
    await stage.say(stage.bot.id, "hi")
    await stage.until(lambda: hook.got)
    await stage.api("deleteWebhook")
    found = await stage.api("getUpdates", timeout=20)
    assert found[0]["message"]["text"] == "hi"
    await hook.runner.cleanup()


async def test_bad_webhooks_are_refused(stage, refusal):
    with pytest.raises(refusal, match="invalid webhook URL"):
        await stage.api("setWebhook", url="nowhere")
    with pytest.raises(refusal, match="secret token contains unallowed characters"):
        await stage.api("setWebhook", url="http://127.0.0.1:9/", secret_token="a b")


async def test_conflict_is_an_error_of_the_queue_alone():
    queue = UpdateQueue()
    first = asyncio.create_task(queue.poll(offset=0, limit=1, timeout_s=30))
    await asyncio.sleep(0)  # lets the first poll begin to wait
    second = asyncio.create_task(queue.poll(offset=0, limit=1, timeout_s=0))
    assert await second == []
    with pytest.raises(ConflictError):
        await first
