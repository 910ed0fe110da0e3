"""Against a server that counts strictly: full speed, not one refusal, the urgent first."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.delivery.limiter import Rates
from bot.delivery.outbox import enqueue
from bot.messages import Outgoing
from bot.sandbox import Limits, Sandbox, World
from tests.telegram.conftest import Desk, World34, until

pytestmark = pytest.mark.network

CHATS = int(os.environ.get("ZHUANBAN_TEST_CHATS", "90"))
WARNED = 34


@pytest.fixture
async def strict(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk against a sandbox with Telegram's limits."""
    async with Sandbox(World(limits=Limits())) as sandbox, aiohttp.ClientSession() as session:
        desk = Desk(World34(sandbox, session), url, tmp_path, rates=Rates())
        await desk.start()
        yield desk
        await desk.stop()


async def test_a_fan_out_takes_little_more_than_a_thirtieth_of_a_second_a_chat_without_a_refusal(
    strict: Desk,
) -> None:
    chats = [await strict.place.group() for _ in range(CHATS)]
    await strict.store.awrite(
        lambda c: enqueue(c, [Outgoing(chat_id=chat, text="x") for chat in chats], strict.clock.now())
    )
    calls = strict.place.calls
    await until(lambda: len(calls("sendMessage")) >= CHATS, within_s=15 + CHATS / 15)
    sent = calls("sendMessage")
    assert {call["status"] for call in sent} == {200}
    took_s = sent[-1]["at"] - sent[0]["at"]
    print(f"{CHATS} chats in {took_s:.1f} s, limit {CHATS / 30:.1f} s, refused 0")  # noqa: T201
    assert took_s <= 1.1 * CHATS / 30


async def test_a_warning_to_34_groups_passes_a_backlog_within_two_seconds(strict: Desk) -> None:
    groups = [await strict.place.group() for _ in range(WARNED)]
    backlog = [Outgoing(chat_id=groups[n % WARNED], text=f"b{n}") for n in range(1000)]
    await strict.store.awrite(lambda c: enqueue(c, backlog, strict.clock.now()))
    await until(lambda: len(strict.place.calls("sendMessage")) >= 40)
    warnings = [Outgoing(chat_id=group, text="w", urgent=True) for group in groups]
    warned_at = time.time()
    await strict.store.awrite(lambda c: enqueue(c, warnings, strict.clock.now()))

    def left() -> int:
        rows = strict.store.read(
            lambda c: c.exec_driver_sql(
                "SELECT count(*) FROM outbox WHERE priority = 0 AND state <> 'sent'"
            ).scalar()
        )
        return int(rows or 0)

    await until(lambda: left() == 0)
    took_s = time.time() - warned_at
    print(f"warning to {WARNED} groups behind 1,000 rows: {took_s:.2f} s")  # noqa: T201
    assert {call["status"] for call in strict.place.calls("sendMessage")} == {200}
    assert took_s <= 2.5
