"""A running sandbox over real HTTP, with a bot and some people."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.sandbox import Limits, Sandbox, World

TOKEN = "700001:" + "A" * 35
OTHER = "700002:" + "B" * 35
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d"
    "0000000c49444154789c6360a03d0000006e0001a2b1a8c30000000049454e44ae426082"
)


class RefusedError(Exception):
    """A Bot API or /sim answer that was not OK."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body
        self.text: str = body.get("description") or body.get("error") or ""
        super().__init__(self.text)


class Stage:
    """Calls both sides of a sandbox; `api` speaks as the bot of TOKEN unless told."""

    token = TOKEN
    other = OTHER
    png = PNG

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.session = session
        self.bot = self.world.add_bot(TOKEN, "Desk", "desk_bot")
        self.ann = self.world.add_user("Ann", "ann").id
        self.ben = self.world.add_user("Ben", "ben").id

    async def raw(self, method: str, *, token: str = TOKEN, **request: Any) -> tuple[int, dict[str, Any]]:
        url = f"{self.sandbox.url}/bot{token}/{method}"
        async with self.session.post(url, **request) as response:
            return response.status, await response.json(content_type=None)

    async def api(self, method: str, *, token: str = TOKEN, **params: Any) -> Any:
        status, body = await self.raw(method, token=token, json=params)
        if not body["ok"]:
            assert body["error_code"] == status
            raise RefusedError(status, body)
        assert status == 200
        return body["result"]

    async def upload(self, method: str, files: dict[str, tuple[str, bytes]], **params: Any) -> Any:
        form = aiohttp.FormData(quote_fields=False)
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, (file_name, data) in files.items():
            form.add_field(name, io.BytesIO(data), filename=file_name)
        status, body = await self.raw(method, data=form)
        if not body["ok"]:
            raise RefusedError(status, body)
        return body["result"]

    async def sim(self, path: str, body: dict[str, Any] | None = None, *, verb: str | None = None) -> Any:
        verb = verb or ("GET" if body is None else "POST")
        async with self.session.request(verb, f"{self.sandbox.url}/sim/{path}", json=body) as response:
            answer = await response.json()
            if response.status != 200:
                raise RefusedError(response.status, answer)
            return answer

    async def group(self, kind: str = "supergroup", **more: Any) -> int:
        members = more.pop("members", [self.ann, self.ben, self.bot.id])
        chat = await self.sim("chats", {"type": kind, "title": "Office", "members": members, **more})
        chat_id: int = chat["id"]
        await self.drain()
        return chat_id

    async def private(self) -> int:
        await self.sim("messages", {"chat_id": self.ann, "from_id": self.ann, "text": "/start"})
        await self.drain()
        return self.ann

    async def promote(self, chat_id: int, bot_id: int | None = None, **rights: bool) -> None:
        body: dict[str, Any] = {"user_id": bot_id or self.bot.id, "status": "administrator"}
        if rights:
            body["rights"] = rights
        await self.sim(f"chats/{chat_id}/members", body)
        await self.drain()

    async def say(self, chat_id: int, text: str, from_id: int | None = None, **more: Any) -> dict[str, Any]:
        body = {"chat_id": chat_id, "from_id": from_id or self.ann, "text": text, **more}
        message: dict[str, Any] = await self.sim("messages", body)
        return message

    async def updates(self, *, token: str = TOKEN) -> list[dict[str, Any]]:
        """Take and confirm everything that is queued."""
        found: list[dict[str, Any]] = await self.api("getUpdates", token=token, timeout=0)
        if found:
            await self.api("getUpdates", token=token, offset=found[-1]["update_id"] + 1, timeout=0, limit=1)
        return found

    async def drain(self) -> None:
        await self.updates()
        if OTHER in self.world._bots_by_token:
            await self.updates(token=OTHER)

    async def seen_by(self, token: str = TOKEN) -> list[str]:
        """Return the texts of new messages the bot of `token` got."""
        found = await self.updates(token=token)
        return [update["message"].get("text", "") for update in found if "message" in update]

    async def until(self, condition: Callable[[], Any], timeout_s: float = 10.0) -> Any:
        """Wait until `condition()` is true and return it."""
        for _ in range(round(timeout_s / 0.005)):
            if found := condition():
                return found
            await asyncio.sleep(0.005)
        raise TimeoutError("the condition did not come true")

    async def until_calls(self, method: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until a method was called `count` times."""

        def rows() -> list[dict[str, Any]] | None:
            found = [row for row in self.world.calls.after(0) if row["method"] == method]
            return found if len(found) >= count else None

        rows_found: list[dict[str, Any]] = await self.until(rows)
        return rows_found


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A sandbox without limits."""
    (tmp_path / "index.html").write_text("<title>page</title>")
    world = World(limits=Limits.off())
    async with Sandbox(world, page_dir=tmp_path) as sandbox, aiohttp.ClientSession() as session:
        yield Stage(sandbox, session)


@pytest.fixture
def refusal() -> type[RefusedError]:
    """The exception of refused calls."""
    return RefusedError
