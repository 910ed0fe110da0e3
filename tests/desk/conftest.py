"""A desk beside a local Bot API in one process, driven as its people would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.bootstrap import RunningDesk
from bot.demo import Seeded, clock_of, demo_settings, seed_database, seed_world
from bot.sandbox import Limits, Sandbox, World
from bot.settings import Settings
from knowledge.engine import Engine, load_engine

UNIT = "县商务局"
WITHIN_S = 10.0


@pytest.fixture(scope="session")
def chat_engine() -> Engine:
    """The engine as the chat uses it: hints hidden until confirmed."""
    return load_engine(confirmed_hints=())


class County:
    """The seeded world with a running desk, and the user side of its Bot API."""

    def __init__(self, server: Sandbox, seeded: Seeded, data_dir: Path, engine: Engine) -> None:
        self.server = server
        self.seeded = seeded
        self.group = seeded.unit_chats[UNIT]
        self.liaison = seeded.liaisons[UNIT]
        self.settings = demo_settings(
            Settings.model_construct(), data_dir=data_dir, api_root=server.url, admin=seeded.admin
        )
        self._engine = engine
        self._http = aiohttp.ClientSession(server.url)
        self._desk: RunningDesk | None = None

    async def open(self) -> None:
        """Start the desk."""
        await asyncio.to_thread(seed_database, self.settings, self.seeded, self.server.world)
        self._desk = RunningDesk(self.settings, clock_of(self.server.world), engine=self._engine)
        await self._desk.__aenter__()

    async def close(self) -> None:
        """Stop the desk."""
        if self._desk:
            await self._desk.__aexit__(None, None, None)
            self._desk = None

    async def leave(self) -> None:
        """Stop everything of this fixture."""
        await self.close()
        await self._http.close()

    async def get(self, path: str) -> Any:
        """GET a /sim path."""
        async with self._http.get(path) as response:
            return await response.json()

    async def post(self, path: str, **body: Any) -> Any:
        """POST JSON to a /sim path."""
        async with self._http.post(path, json=body) as response:
            return await response.json()

    async def say(
        self, text: str, *, chat: int | None = None, who: int | None = None, **more: Any
    ) -> dict[str, Any]:
        """Write a message (as the unit's liaison in its group unless told otherwise)."""
        message = await self.post(
            "/sim/messages", chat_id=chat or self.group, from_id=who or self.liaison, text=text, **more
        )
        assert "message_id" in message, message
        return dict(message)

    async def tap(self, message: dict[str, Any], label: str, *, who: int | None = None) -> dict[str, Any]:
        """Tap a button by its label."""
        return dict(
            await self.post(
                "/sim/taps", chat_id=message["chat"]["id"], message_id=message["message_id"],
                from_id=who or self.liaison, button=label, wait_s=WITHIN_S,
            )
        )  # fmt: skip

    async def messages(self, chat: int | None = None, *, after: int = 0) -> list[dict[str, Any]]:
        """What the bot wrote in a chat."""
        found = await self.get(f"/sim/chats/{chat or self.group}/messages?after={after}")
        return [message for message in found if message["from"]["is_bot"]]

    async def bot_says(self, *, chat: int | None = None, after: int = 0, has: str = "") -> dict[str, Any]:
        """Wait for a message of the bot that holds ``has``."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                for message in await self.messages(chat, after=after):
                    if has in message.get("text", message.get("caption", "")):
                        return message
                await asyncio.sleep(0.02)

    async def outbox(self) -> list[dict[str, Any]]:
        """The desk's newest messages to send or sent."""
        assert self._desk is not None
        return await self._desk.outbox()

    async def server_drops_bot(self, chat: int) -> None:
        """Send the bot away from a chat."""
        async with self._http.delete(f"/sim/chats/{chat}/members/1000000") as response:
            assert response.status == 200, await response.text()

    async def ask(self, text: str, **where: Any) -> dict[str, Any]:
        """Write a message and wait for the next message of the bot."""
        sent = await self.say(text, **where)
        return await self.bot_says(chat=where.get("chat"), after=sent["message_id"])


@pytest.fixture
async def county(tmp_path: Path, chat_engine: Engine) -> AsyncIterator[County]:
    """A seeded county with the desk open."""
    world = World(limits=Limits.off())
    seeded = seed_world(world, chat_engine.plan.roster)
    async with Sandbox(world) as server:
        county = County(server, seeded, tmp_path, chat_engine)
        await county.open()
        yield county
        await county.leave()


def buttons(message: dict[str, Any]) -> list[str]:
    """The labels under a message, in reading order."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]
