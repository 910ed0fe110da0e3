"""``zhuanban sandbox`` in a process of its own, and the people on it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests.conftest import ROOT

Row = dict[str, Any]
WITHIN_S = 300.0


class LocalApi:
    """The user side of a running sandbox; ``data`` is the folder with the database it has seeded."""

    def __init__(self, url: str, token: str, data: Path, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.token = token
        self.data = data
        self._http = http

    async def sim(self, path: str, body: Mapping[str, Any] | None = None, *, verb: str = "") -> Any:
        """One request under /sim; a body makes it a POST."""
        verb = verb or ("GET" if body is None else "POST")
        async with self._http.request(verb, f"{self.url}/sim/{path}", json=body) as response:
            if response.status != 200:
                raise RuntimeError(f"{verb} /sim/{path}: {await response.text()}")
            return await response.json()

    async def bot(self, number: int) -> tuple[str, int]:
        """Another bot: its token and id."""
        token = f"{number}:" + "A" * 35
        made = await self.sim("bots", {"token": token, "first_name": "Bench", "username": f"b{number}_bot"})
        return token, int(made["id"])

    async def people(self, count: int, *bots: int) -> list[int]:
        """People who have pressed Start at every one of ``bots``; a person's id is that chat's id, too."""
        made = []
        for number in range(count):
            person = (await self.sim("users", {"first_name": f"P{number}"}))["id"]
            for bot in bots:
                await self.sim("chats", {"type": "private", "members": [person, bot]})
            made.append(int(person))
        return made

    async def say(self, chat: int, who: int, text: str, **more: Any) -> Row:
        """A person writes."""
        said: Row = await self.sim("messages", {"chat_id": chat, "from_id": who, "text": text, **more})
        return said

    async def mark(self) -> int:
        """The number of the newest call."""
        newest = await self.sim("calls?limit=1")
        return int(newest[-1]["n"]) if newest else 0

    async def calls(self, after: int, method: str, bot: int | None = None) -> list[Row]:
        """Calls of one method that ended after a mark, in the order in which they arrived."""
        rows = [row for row in await self.sim(f"calls?after={after}") if row["method"] == method]
        return sorted((row for row in rows if bot in (None, row["bot"])), key=lambda row: row["at"])

    async def until_calls(
        self,
        after: int,
        method: str,
        count: int,
        bot: int | None = None,
        *,
        status: int = 200,
        every_s: float = 0.2,
    ) -> list[Row]:
        """Wait until a method was answered with ``status`` so often."""
        found: list[Row] = []
        async with asyncio.timeout(WITHIN_S):
            while True:
                newest = await self.mark()
                rows = await self.calls(after, method, bot)
                after = max([newest, *(row["n"] for row in rows)])
                found += [row for row in rows if row["status"] == status]
                if len(found) >= count:
                    return sorted(found, key=lambda row: float(row["at"]))
                await asyncio.sleep(every_s)

    async def without_limits(self) -> None:
        """Switch Telegram's limits off."""
        await self.sim("limits", {"overall_per_s": None, "chat_per_s": None, "group_per_min": None})


@contextlib.asynccontextmanager
async def local_api() -> AsyncIterator[LocalApi]:
    """A seeded sandbox with Telegram's limits, on a free port, gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--data", folder]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        try:
            if process.stdout is None:
                raise RuntimeError("no pipe")
            token = (await process.stdout.readline()).decode().strip()
            url = (await process.stdout.readline()).decode().split()[-1].rstrip("/")
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as http:
                yield LocalApi(url, token, Path(folder), http)
        finally:
            process.kill()
            await process.wait()


def verdict(holds: bool) -> str:
    """How a figure stands to its aim."""
    return "met" if holds else "MISSED"
