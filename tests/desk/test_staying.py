"""The desk over time: restarts, moves, being sent away, secrets."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from bot.bootstrap import RunningDesk
from bot.demo import TOKEN, clock_of
from bot.errors import AlreadyRunning, BotError, SettingsError
from bot.settings import Settings
from knowledge.answer.answerer import Answerer
from tests.desk.conftest import County, buttons


async def test_what_was_asked_while_the_desk_was_closed_is_answered_once(county: County) -> None:
    await county.close()
    asked = await county.say("/ask 黑加油点归谁管")
    await county.open()
    await county.bot_says(after=asked["message_id"], has="任务1.1")
    await county.close()
    await county.open()
    await county.ask("/task 2.4")
    texts = [message["text"] for message in await county.messages()]
    assert sum("任务1.1" in text for text in texts) == 1


async def test_a_follow_up_survives_a_restart(county: County) -> None:
    await county.ask("/ask 水库除险加固是哪些单位负责？")
    await county.close()
    await county.open()
    assert "任务1.5" in (await county.ask("@zhuanban_bot 那牵头的是哪家"))["text"]


async def test_a_group_that_becomes_a_supergroup_is_followed(county: County) -> None:
    chat = await county.post("/sim/chats", type="group", title="某单位群", members=[county.liaison])
    await county.post(f"/sim/chats/{chat['id']}/members", user_id=1000000)
    await county.ask("/ask 黑加油点归谁管", chat=chat["id"])
    moved = await county.post(f"/sim/chats/{chat['id']}/migrate")
    answer = await county.ask("@zhuanban_bot 那牵头的是哪家", chat=moved["id"])
    assert "任务1.1" in answer["text"]


async def test_being_sent_away_from_one_group_leaves_the_others(county: County) -> None:
    other = county.seeded.unit_chats["县水利局"]
    await county.say("/ask 黑加油点归谁管", chat=other, who=county.seeded.office)
    await county.server_drops_bot(other)
    assert "任务2.4" in (await county.ask("/task 2.4"))["text"]


async def test_being_added_to_a_group_says_what_to_do(county: County) -> None:
    chat = await county.post("/sim/chats", type="supergroup", title="新群", members=[county.liaison])
    await county.post(f"/sim/chats/{chat['id']}/members", user_id=1000000)
    assert "/ask 黑加油点归谁管" in (await county.bot_says(chat=chat["id"]))["text"]


async def test_a_second_process_on_the_same_database_is_refused(county: County) -> None:
    with pytest.raises(AlreadyRunning):
        async with RunningDesk(county.settings, clock_of(county.server.world)):
            pass


async def test_without_a_token_one_line_says_what_to_do() -> None:
    with pytest.raises(SettingsError, match="ZHUANBAN_TOKEN"):
        async with RunningDesk(Settings(token=None)):
            pass


async def test_a_wrong_token_is_one_line(county: County) -> None:
    await county.close()
    with pytest.raises(BotError) as caught:
        async with RunningDesk(county.settings.model_copy(update={"token": Settings(token="1:x").token})):
            pass
    assert "\n" not in str(caught.value)


async def test_no_log_at_any_level_holds_the_token(county: County, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "telegram", "bot"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    await county.post(
        "/sim/faults", method="sendMessage", times=1, status=500, description="Internal Server Error"
    )
    await county.ask("/ask 黑加油点归谁管")
    await county.close()
    text = caplog.text + "".join(str(record.args) for record in caplog.records)
    assert TOKEN not in text
    assert TOKEN.partition(":")[2] not in text


async def test_slow_answers_do_not_hold_a_tap_up(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    offer = await county.ask("/ask 债务的事找谁？")
    release = threading.Event()
    monkeypatch.setattr(Answerer, "answer", lambda *_, **__: release.wait(30))
    slow = [await county.say(f"/ask 慢问题{n}") for n in range(6)]
    assert (await county.tap(offer, buttons(offer)[0], who=county.liaison))["answered"] or slow
    release.set()


async def test_the_newest_outbox_rows_can_be_looked_at(county: County) -> None:
    await county.ask("/ask 黑加油点归谁管")
    async with asyncio.timeout(10):
        while not (rows := [row for row in await county.outbox() if row["state"] == "sent"]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert rows[0]["chat_id"] == county.group
    assert rows[0]["text"].startswith("黑加油点：任务1.1")
    assert not rows[0]["urgent"]
