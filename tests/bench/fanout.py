"""One message to a thousand chats under Telegram's limits, and urgent ones that overtake it."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import Clock
from bot.delivery.outbox import enqueue
from bot.delivery.outbox_sender import OutboxSender
from bot.messages import Outgoing
from bot.telegram.client import TelegramClient
from bot.telegram.transport import TelegramTransport
from storage.schema import upgrade
from storage.store import Store
from storage.urls import sqlite_url
from tests.bench.local_api import LocalApi, Row, local_api, verdict

CHATS, PER_S, UNITS = 1000, 30, 34
HEAD_START_S, AFTER_BURST_S = 3.0, 3.4  # the second just after a single chat's second burst of three


def run() -> None:
    """Print the time of a fan-out, its refusals, and how long urgent messages wait behind a backlog."""
    asyncio.run(_run())


async def _run() -> None:
    async with local_api() as api:
        bot = next(each["id"] for each in await api.sim("bots"))
        people = await api.people(CHATS, bot)
        groups = [chat["id"] for chat in await api.sim("chats") if chat["type"] == "supergroup"][:UNITS]
        await _fan_out(api, people)
        await _overtake(api, people, groups[:1], "one group that is quiet", first_within_s=2.0)
        await _overtake(api, people, groups, f"{UNITS} groups", first_within_s=2.0, spread_s=2.5)
        await _overtake(
            api,
            groups[:1] * CHATS,
            groups[:1],
            "the backlog's only group, at the worst moment",
            first_within_s=2.0,
            head_start_s=AFTER_BURST_S,
        )


async def _fan_out(api: LocalApi, people: list[int]) -> None:
    mark = await api.mark()
    async with _sending(api) as store:
        started = time.time()
        _put(store, people, urgent=False)
        sent = await api.until_calls(mark, "sendMessage", CHATS)
    took_s, refused = sent[-1]["at"] - started, await _refused(api, mark)
    ratio = took_s / (CHATS / PER_S)
    print(
        f"{CHATS} chats: {took_s:.1f} s, {ratio:.3f} x of {CHATS}/{PER_S} s (aim 1.1: {verdict(ratio <= 1.1)}), "
        f"refused with 429: {refused} (aim 0: {verdict(refused == 0)})"
    )


async def _overtake(
    api: LocalApi,
    backlog: list[int],
    to: list[int],
    name: str,
    *,
    first_within_s: float,
    spread_s: float | None = None,
    head_start_s: float = HEAD_START_S,
) -> None:
    """Urgent messages some seconds into a backlog; every round has limits that nothing was counted against."""
    await api.sim("limits", await api.sim("limits"))
    mark = await api.mark()
    async with _sending(api) as store:
        _put(store, backlog, urgent=False)
        await asyncio.sleep(head_start_s)
        before = await api.mark()
        asked = time.time()
        _put(store, to, urgent=True)
        urgent = await _urgent_calls(api, before, to)
    first_s, spread = urgent[0]["at"] - asked, urgent[-1]["at"] - urgent[0]["at"]
    refused = await _refused(api, mark)
    line = f"urgent to {name}: first after {first_s:.2f} s (aim {first_within_s:g}: {verdict(first_s <= first_within_s)})"
    if spread_s is not None:
        line += f", first to last {spread:.2f} s (aim {spread_s:g}: {verdict(spread <= spread_s)})"
    print(f"{line}, refused: {refused}")


async def _urgent_calls(api: LocalApi, mark: int, to: list[int]) -> list[Row]:
    """The calls that carried the urgent messages: found by their text, as a chat may have others."""
    found: dict[int, Row] = {}
    async with asyncio.timeout(120):
        while len(found) < len(to):
            for row in await api.calls(mark, "sendMessage"):
                if row["chat_id"] in to and row["chat_id"] not in found and row["status"] == 200:
                    path = f"chats/{row['chat_id']}/messages?after={row['message_id'] - 1}"
                    message = (await api.sim(path))[0]
                    if message["text"] == "urgent" and message["message_id"] == row["message_id"]:
                        found[row["chat_id"]] = row
            await asyncio.sleep(0.2)
    return sorted(found.values(), key=lambda row: float(row["at"]))


async def _refused(api: LocalApi, mark: int) -> int:
    return sum(row["status"] == 429 for row in await api.calls(mark, "sendMessage"))


@contextlib.asynccontextmanager
async def _sending(api: LocalApi) -> AsyncIterator[Store]:
    """The desk's sender with its own limits on a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite_url(Path(folder) / "desk.db")
        upgrade(database)
        with Store(database) as store:
            async with TelegramClient(api.token, api_root=api.url) as client:
                sender = OutboxSender(store, Clock(), TelegramTransport(client, files_dir=Path(folder)))
                await sender.start()
                yield store
                await sender.stop(5.0)


def _put(store: Store, chats: Iterable[int], *, urgent: bool) -> None:
    """One transaction, as a notice to everybody is."""
    text = "urgent" if urgent else "notice"
    messages = [Outgoing(chat_id=chat, text=text, urgent=urgent) for chat in chats]
    store.write(lambda c: enqueue(c, messages, datetime.now(UTC)))
