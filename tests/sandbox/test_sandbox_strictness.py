"""Limits, faults, the log of calls, the clock, events, the page, and what must not leak."""

from __future__ import annotations

import asyncio
import json
import logging

import aiohttp
import pytest

from bot.sandbox import Limits
from bot.sandbox.errors import TooManyRequestsError
from bot.sandbox.limits import Limiter


class Time:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def passes(limiter, chat_id=1, *, is_group=False, messages=1):
    try:
        limiter.charge(7, chat_id, is_group=is_group, messages=messages)
    except TooManyRequestsError as error:
        return error.parameters["retry_after"]
    return True


def test_thirty_a_second_over_all_chats():
    time = Time()
    limiter = Limiter(Limits(), monotonic=time)
    assert [passes(limiter, chat) for chat in range(31)] == [True] * 30 + [1]
    time.now += 1.0
    assert passes(limiter, 99) is True


def test_one_a_second_in_a_chat_after_a_short_burst():
    time = Time()
    limiter = Limiter(Limits(), monotonic=time)
    assert [passes(limiter) for _ in range(4)] == [True, True, True, 3]
    assert passes(limiter, 2) is True
    time.now += 3.0
    for _ in range(50):
        assert passes(limiter) is True
        time.now += 1.0


def test_twenty_a_minute_in_a_group():
    time = Time()
    limiter = Limiter(Limits(), monotonic=time)
    for _ in range(20):
        assert passes(limiter, -1, is_group=True) is True
        time.now += 1.0
    assert passes(limiter, -1, is_group=True) == 40
    time.now += 20.0
    assert passes(limiter, -1, is_group=True) == 20
    assert passes(limiter, 5) is True
    time.now += 20.0
    assert passes(limiter, -1, is_group=True) is True


def test_coming_back_before_retry_after_is_refused_again():
    time = Time()
    limiter = Limiter(Limits(chat_per_s=None, group_per_min=None, overall_per_s=2), monotonic=time)
    assert [passes(limiter) for _ in range(3)] == [True, True, 1]
    time.now += 0.5
    assert passes(limiter) == 1
    time.now += 0.5
    assert passes(limiter) is True


def test_album_counts_its_parts_in_the_group_and_once_in_the_chat():
    time = Time()
    limiter = Limiter(Limits(overall_per_s=None), monotonic=time)
    assert passes(limiter, -1, is_group=True, messages=10) is True
    assert passes(limiter, -1, is_group=True, messages=10) is True
    time.now += 5.0
    assert passes(limiter, -1, is_group=True) == 55


def test_limits_can_be_off():
    limiter = Limiter(Limits.off(), monotonic=Time())
    assert all(passes(limiter, is_group=True) is True for _ in range(500))


async def test_429_tells_when_to_come_back_and_refused_calls_cost_nothing(stage, refusal):
    chat = await stage.private()
    await stage.sim("limits", {"chat_per_s": 1})
    for _ in range(3):
        with pytest.raises(refusal, match="message text is empty"):
            await stage.api("sendMessage", chat_id=chat, text="")
    for _ in range(3):
        await stage.api("sendMessage", chat_id=chat, text="x")
    await stage.sim("clock", {"advance_s": 3600})
    with pytest.raises(refusal) as caught:
        await stage.api("sendMessage", chat_id=chat, text="x")
    assert caught.value.body == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 3",
        "parameters": {"retry_after": 3},
    }
    row = (await stage.sim("calls"))[-1]
    assert (row["method"], row["chat_id"], row["status"], row["retry_after"]) == ("sendMessage", chat, 429, 3)
    assert (await stage.sim("limits", {"chat_per_s": None}))["chat_per_s"] is None
    await stage.api("sendMessage", chat_id=chat, text="x")


async def test_faults_answer_as_ordered_and_run_out(stage, refusal):
    chat = await stage.private()
    say = {"chat_id": chat, "text": "x"}
    await stage.sim("faults", {"method": "sendMessage", "times": 2, "status": 500})
    order = {"method": "*", "times": 1, "status": 429, "parameters": {"retry_after": 9}}
    await stage.sim("faults", order)
    texts = []
    for _ in range(3):
        with pytest.raises(refusal) as caught:
            await stage.api("sendMessage", **say)
        texts.append((caught.value.status, caught.value.text))
    assert texts == [(500, "Internal Server Error")] * 2 + [(429, "Too Many Requests: retry after 9")]
    assert (await stage.api("sendMessage", **say))["text"] == "x"
    await stage.sim("faults", {"method": "*", "times": 5, "status": 502})
    assert len(await stage.sim("faults")) == 1
    assert await stage.sim("faults", verb="DELETE") == []


async def test_dropped_connections_act_only_when_cut_after(stage):
    chat = await stage.private()
    for drop, sent in (("before", 0), ("after", 1)):
        await stage.sim("faults", {"method": "sendMessage", "times": 1, "drop": drop})
        before = len(await stage.sim(f"chats/{chat}/messages"))
        with pytest.raises(aiohttp.ClientError):
            await stage.api("sendMessage", chat_id=chat, text=drop)
        assert len(await stage.sim(f"chats/{chat}/messages")) - before == sent
        assert (await stage.sim("calls"))[-1]["status"] == 0


async def test_delayed_call_still_acts(stage):
    chat = await stage.private()
    await stage.sim("faults", {"method": "sendMessage", "delay_s": 0.05})
    assert (await stage.api("sendMessage", chat_id=chat, text="x"))["text"] == "x"


async def test_calls_are_numbered_and_paged(stage):
    chat = await stage.private()
    sent = await stage.api("sendMessage", chat_id=chat, text="x")
    rows = await stage.sim("calls")
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    assert (rows[-1]["message_id"], rows[-1]["bot"], rows[-1]["status"]) == (
        sent["message_id"],
        stage.bot.id,
        200,
    )
    assert await stage.sim(f"calls?after={rows[-2]['n']}") == rows[-1:]


async def test_clock_dates_messages_and_can_be_set(stage, refusal):
    chat = await stage.private()
    moved = await stage.sim("clock", {"to": "2027-01-04T08:30:00+08:00"})
    assert moved["now"].startswith("2027-01-04T00:30:00")
    assert (await stage.api("sendMessage", chat_id=chat, text="x"))["date"] == pytest.approx(
        1799022600, abs=5
    )
    ahead = await stage.sim("clock", {"advance_s": 60})
    assert ahead["unix"] == pytest.approx(moved["unix"] + 60, abs=5)
    for wrong in ({}, {"to": "2027-01-04T08:30:00"}, {"to": "soon"}, {"advance_s": "x"}, {"to": 1e30}):
        with pytest.raises(refusal) as caught:
            await stage.sim("clock", wrong)
        assert caught.value.status == 400


async def events(stage, response, kinds):
    """Read the stream until an event of each of `kinds` came; return the last of each."""
    found = {}
    name = ""
    async for line in response.content:
        key, _, value = line.decode().strip().partition(": ")
        name = value if key == "event" else name
        if key == "data" and name in kinds:
            found[name] = json.loads(value)
            if len(found) == len(kinds):
                return found
    return found


async def test_events_tell_every_change(stage):
    group = await stage.group()
    url = f"{stage.sandbox.url}/sim/events?after={stage.world.events.last}"
    async with stage.session.get(url) as response:
        assert response.content_type == "text/event-stream"
        sent = await stage.api("sendMessage", chat_id=group, text="one")
        place = {"chat_id": group, "message_id": sent["message_id"]}
        await stage.api("editMessageText", **place, text="two")
        await stage.api("deleteMessage", **place)
        await stage.sim("clock", {"advance_s": 5})
        await stage.sim(f"chats/{group}/members/{stage.ben}", verb="DELETE")
        wanted = {"message.new", "message.edited", "message.deleted", "clock", "member", "call"}
        async with asyncio.timeout(10):
            found = await events(stage, response, wanted)
    assert found["message.deleted"] == place
    assert found["message.edited"]["edits"][0]["text"] == "one"
    assert found["member"] == {"chat_id": group, "user_id": stage.ben, "status": "left"}


async def test_events_of_another_run_start_with_a_reset(stage):
    async with stage.session.get(f"{stage.sandbox.url}/sim/events?after=999999") as response:
        async with asyncio.timeout(10):
            found = await events(stage, response, {"reset"})
    assert found["reset"]["last"] == stage.world.events.last


async def test_page_is_served_and_nothing_beside_it(stage):
    async with stage.session.get(stage.sandbox.url + "/") as response:
        assert await response.text() == "<title>page</title>"
    for path in ("/page/../conftest.py", "/page/%2e%2e/conftest.py", "/page/none.js", "/page//etc/passwd"):
        async with stage.session.get(aiohttp.client.URL(stage.sandbox.url + path, encoded=True)) as response:
            assert response.status == 404


async def test_user_side_refuses_in_json(stage, refusal):
    cases = (
        ("nowhere", {}, 404),
        ("messages", {"chat_id": 5, "from_id": stage.ann, "text": "x"}, 404),
        ("messages", {"chat_id": stage.ann, "from_id": stage.ben, "text": "x"}, 400),
        ("messages", {"from_id": stage.ann, "text": "x"}, 400),
        ("users", {"first_name": 5}, 400),
        ("chats", {"type": "castle"}, 400),
        ("chats", {"type": "group", "members": [123456]}, 404),
        ("taps", {"chat_id": stage.ann, "message_id": 77, "from_id": stage.ann, "button": "x"}, 404),
        ("faults", {"method": "x", "drop": "sideways"}, 400),
        ("limits", {"chat_per_s": 0}, 400),
        ("inline", {"bot": "nobody_bot", "from_id": stage.ann, "query": ""}, 404),
    )
    for path, body, status in cases:
        with pytest.raises(refusal) as caught:
            await stage.sim(path, body)
        assert (caught.value.status, set(caught.value.body)) == (status, {"error"})
    async with stage.session.post(f"{stage.sandbox.url}/sim/users", data=b"[1") as response:
        assert response.status == 400


async def test_other_web_pages_cannot_play_the_people(stage):
    url, headers = f"{stage.sandbox.url}/sim/users", {"Origin": "http://evil.example"}
    async with stage.session.post(url, json={"first_name": "x"}, headers=headers) as response:
        assert response.status == 403
    async with stage.session.get(url, headers={"Origin": stage.sandbox.url}) as response:
        assert response.status == 200


async def test_no_log_line_holds_a_token(stage, caplog, refusal):
    caplog.set_level(logging.DEBUG)
    chat = await stage.private()
    await stage.api("sendMessage", chat_id=chat, text="x")
    await stage.api("setWebhook", url=f"http://127.0.0.1:9/{stage.token}")
    await stage.say(chat, "hi")
    await stage.until(lambda: stage.bot.webhook.last_error)
    with pytest.raises(refusal):
        await stage.api("nothing")
    await stage.sim("faults", {"method": "getMe", "drop": "before"})
    with pytest.raises(aiohttp.ClientError):
        await stage.api("getMe")
    assert stage.token not in caplog.text
    assert stage.token not in repr(stage.bot)
    assert stage.token not in json.dumps(await stage.sim("bots"))


async def test_starts_on_a_free_port_of_this_machine_and_stops(stage):
    assert stage.sandbox.url.startswith("http://127.0.0.1:") and stage.sandbox.port > 0
    await stage.sandbox.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await stage.api("getMe")
