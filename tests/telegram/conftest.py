"""A local Bot API over HTTP, and the desk's delivery against it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.clock import Clock
from bot.delivery.inbox import Inbox
from bot.delivery.inbox_worker import InboxWorker
from bot.delivery.limiter import Limiter, Rates
from bot.delivery.outbox_sender import OutboxSender
from bot.delivery.reply import Reply
from bot.delivery.service import Delivery
from bot.delivery.ticker import Ticker
from bot.messages import Incoming, Instant, Outgoing
from bot.sandbox import Limits, Sandbox, World
from bot.telegram.client import TelegramClient
from bot.telegram.connections import Timeouts
from bot.telegram.parse import Parser
from bot.telegram.poller import Poller
from bot.telegram.transport import TelegramTransport
from storage import schema
from storage.store import Store

TOKEN = "700001:" + "A" * 35
TIMES = Timeouts(connect=2.0, read=1.0, write=2.0, upload=5.0)
FREE = Rates(overall=None, chat=None, group=None)


class World34:
    """A sandbox with one bot, a group, two people, and the user side over HTTP."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.session = session
        self.bot = self.world.add_bot(TOKEN, "Desk", "desk_bot")
        self.ann = self.world.add_user("Ann", "ann").id
        self.ben = self.world.add_user("Ben", "ben").id

    async def sim(self, path: str, body: dict[str, Any] | None = None) -> Any:
        verb = "GET" if body is None else "POST"
        async with self.session.request(verb, f"{self.sandbox.url}/sim/{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def group(self, kind: str = "supergroup") -> int:
        members = [self.ann, self.ben, self.bot.id]
        chat = await self.sim("chats", {"type": kind, "title": "Office", "members": members})
        chat_id: int = chat["id"]
        return chat_id

    async def say(self, chat_id: int, text: str, from_id: int | None = None, **rest: Any) -> dict[str, Any]:
        body = {"chat_id": chat_id, "from_id": from_id or self.ann, "text": text, **rest}
        said: dict[str, Any] = await self.sim("messages", body)
        return said

    async def texts(self, chat_id: int) -> list[str]:
        """What the bot said in a chat."""
        found = await self.sim(f"chats/{chat_id}/messages")
        messages = found["messages"] if isinstance(found, dict) else found
        return [each.get("text", "") for each in messages if each.get("from", {}).get("id") == self.bot.id]

    async def fault(self, method: str, **rest: Any) -> None:
        await self.sim("faults", {"method": method, **rest})

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [
            row for row in self.world.calls.after(0) if row["method"] == method and row["bot"] == self.bot.id
        ]


class Desk:
    """The whole of delivery against a sandbox; ``answer`` decides, by default it echoes commands."""

    def __init__(self, place: World34, url: str, files: Path, **options: Any) -> None:
        self.place = place
        self.seen: list[Incoming] = []
        self.errors: list[Exception] = []
        self.clock = Clock()
        self.store = Store(url)
        self.client = TelegramClient(TOKEN, api_root=place.sandbox.url, timeouts=TIMES)
        self.transport = TelegramTransport(self.client, files_dir=files)
        self.sender = OutboxSender(
            self.store,
            self.clock,
            self.transport,
            limiter=Limiter(options.get("rates", FREE)),
            on_fatal=self.errors.append,
        )
        self.answer: Callable[[Incoming], Awaitable[Reply]] = self.echo

    async def echo(self, incoming: Incoming) -> Reply:
        """Answer commands with their arguments, taps with their data."""
        if incoming.kind == "tap":
            return Reply(instants=(Instant(tap_id=incoming.tap_id, text=f"got {incoming.tap_data}"),))
        if incoming.kind != "message" or not incoming.to_me or incoming.chat is None:
            return Reply()
        words = incoming.args or incoming.text
        return Reply(outgoing=(Outgoing(chat_id=incoming.chat.id, text=f"re {words}"),))

    async def handle(self, incoming: Incoming) -> Reply:
        self.seen.append(incoming)
        return await self.answer(incoming)

    async def start(self) -> None:
        me = await self.client.me()
        self.worker = InboxWorker(
            self.store,
            self.clock,
            bot_id=me.id,
            parse=Parser(me, now=self.clock.now),
            handler=self.handle,
            instant=self.transport.instant,
            express=self.sender,
            backoff_s=(0.05, 0.05),
        )
        self.inbox = Inbox(self.store, self.clock, bot_id=me.id, taker=self.worker)
        self.poller = Poller(self.client, self.inbox, on_fatal=self.errors.append, timeout_s=5)
        self.delivery = Delivery(
            store=self.store,
            worker=self.worker,
            sender=self.sender,
            ticker=Ticker(self.store, self.clock),
            sources=(self.poller,),
            stop_within_s=5.0,
        )
        await self.delivery.start()

    async def stop(self) -> None:
        await self.delivery.stop()
        await self.client.close()


async def until(condition: Callable[[], Any], *, within_s: float = 15.0) -> Any:
    """Wait for a condition, awaiting it if need be."""
    async with asyncio.timeout(within_s):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.005)


@pytest.fixture
async def place() -> AsyncIterator[World34]:
    """A sandbox without limits."""
    world = World(limits=Limits.off())
    async with Sandbox(world) as sandbox, aiohttp.ClientSession() as session:
        yield World34(sandbox, session)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A SQLite database with our tables."""
    made = f"sqlite:///{tmp_path}/desk.db"
    schema.upgrade(made)
    return made


@pytest.fixture
async def desk(place: World34, url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A running desk."""
    made = Desk(place, url, tmp_path)
    await made.start()
    yield made
    await made.stop()
