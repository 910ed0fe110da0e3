"""What a page needs of the users' side: the snapshot, the stream from there on, its own files."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from bot.sandbox import Limits, Sandbox, World

pytestmark = pytest.mark.network


async def lines(response, wanted):
    """Read the stream until an event of each wanted kind came; returns the last data by kind."""
    found = {}
    kind = ""
    async for raw in response.content:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: ") and kind in wanted:
            found[kind] = json.loads(line.removeprefix("data: "))
            if set(found) == set(wanted):
                break
    return found


async def test_snapshot_holds_the_newest_messages_oldest_first(stage):
    group = await stage.group()
    for number in range(5):
        await stage.say(group, str(number))
    gone = await stage.api("sendMessage", chat_id=group, text="gone")
    await stage.api("deleteMessage", chat_id=group, message_id=gone["message_id"])
    shot = await stage.sim("snapshot?messages=3")
    chat = next(chat for chat in shot["chats"] if chat["id"] == group)
    assert [message["text"] for message in chat["messages"]] == ["2", "3", "4"]
    assert shot["event"] == stage.world.events.last
    assert {user["id"] for user in shot["users"]} == {stage.ann, stage.ben}
    assert [bot["username"] for bot in shot["bots"]] == ["desk_bot"]
    assert shot["limits"] == {"overall_per_s": None, "chat_per_s": None, "group_per_min": None}
    assert shot["clock"].keys() == {"now", "unix", "offset_s"}


async def test_stream_goes_on_where_the_snapshot_ended(stage):
    group = await stage.group()
    await stage.say(group, "before")
    shot = await stage.sim("snapshot?messages=0")
    assert all(chat["messages"] == [] for chat in shot["chats"])
    await stage.say(group, "after")
    async with stage.session.get(f"{stage.sandbox.url}/sim/events?after={shot['event']}") as response:
        async with asyncio.timeout(10):
            found = await lines(response, {"message.new"})
    assert found["message.new"]["text"] == "after"


async def test_stream_tells_its_number_before_any_event(stage):
    last = stage.world.events.last
    async with stage.session.get(f"{stage.sandbox.url}/sim/events") as response:
        async with asyncio.timeout(10):
            head = await response.content.readuntil(b"\n\n")
    assert f"id: {last}\n" in head.decode()
    assert "data:" not in head.decode()


async def test_another_start_is_another_run(stage):
    run = (await stage.sim("snapshot"))["run"]
    async with (
        Sandbox(World(limits=Limits.off())) as other,
        stage.session.get(f"{other.url}/sim/snapshot") as response,
    ):
        assert (await response.json())["run"] != run


async def test_faults_limits_and_topics_are_told_to_watchers(stage):
    group = await stage.group(forum=True)
    await stage.promote(group)
    after = stage.world.events.last
    await stage.sim("faults", {"method": "sendMessage", "status": 500, "times": 2})
    await stage.raw("sendMessage", json={"chat_id": group, "text": "x"})
    await stage.sim("limits", {"chat_per_s": 1})
    topic = await stage.api("createForumTopic", chat_id=group, name="Floods")
    async with stage.session.get(f"{stage.sandbox.url}/sim/events?after={after}") as response:
        async with asyncio.timeout(10):
            found = await lines(response, {"limits", "chat.changed"})
    assert found["limits"]["chat_per_s"] == 1
    assert [one["message_thread_id"] for one in found["chat.changed"]["topics"]] == [
        topic["message_thread_id"]
    ]
    told = [data for _, kind, data in stage.world.events.after(after) if kind == "faults"]
    assert [[order["times"] for order in orders] for orders in told] == [[2], [1]]


async def test_newest_calls_can_be_had_without_the_rest(stage):
    group = await stage.group()
    for number in range(3):
        await stage.api("sendMessage", chat_id=group, text=str(number))
    rows = await stage.sim("calls?limit=2")
    assert [row["message_id"] for row in rows] == [3, 4]
    assert await stage.sim(f"calls?limit=2&after={rows[0]['n']}") == rows[1:]


async def test_reactions_and_votes_stay_with_the_message(stage):
    group = await stage.group()
    sent = await stage.api("sendPoll", chat_id=group, question="When?", options=["am", "pm"])
    place = {"chat_id": group, "message_id": sent["message_id"], "from_id": stage.ann}
    await stage.sim("votes", {**place, "options": [1]})
    await stage.sim("reactions", {**place, "emoji": "\N{THUMBS UP SIGN}"})
    reaction = [{"type": "emoji", "emoji": "\N{FIRE}"}]
    await stage.api("setMessageReaction", chat_id=group, message_id=sent["message_id"], reaction=reaction)
    shown = (await stage.sim(f"chats/{group}/messages"))[-1]
    assert shown["votes"] == [{"user_id": stage.ann, "options": [1]}]
    assert shown["reactions"] == [
        {"user_id": stage.ann, "emoji": "\N{THUMBS UP SIGN}"},
        {"user_id": stage.bot.id, "emoji": "\N{FIRE}"},
    ]
    await stage.sim("reactions", {**place, "emoji": None})
    shown = (await stage.sim(f"chats/{group}/messages"))[-1]
    assert [one["user_id"] for one in shown["reactions"]] == [stage.bot.id]


async def test_page_is_served_with_a_policy_that_lets_nothing_foreign_run():
    async with Sandbox(World()) as sandbox, aiohttp.ClientSession() as session:
        kinds = {"/": "text/html", "/page/app.js": "text/javascript", "/page/base.css": "text/css"}
        for path, kind in kinds.items():
            async with session.get(sandbox.url + path) as response:
                assert (response.status, response.content_type) == (200, kind)
                policy = response.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'; script-src 'self'")
                assert response.headers["X-Content-Type-Options"] == "nosniff"
        async with session.get(sandbox.url + "/page/..%2Fserver.py") as response:
            assert response.status == 404


async def test_an_outbox_is_shown_only_where_a_program_gives_one(stage):
    assert await stage.sim("outbox") == {"shown": False, "rows": []}

    async def rows():
        return [{"id": 1, "state": "queued"}]

    stage.world.outbox = rows
    assert await stage.sim("outbox") == {"shown": True, "rows": [{"id": 1, "state": "queued"}]}
