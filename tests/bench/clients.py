"""telegraf and grammY, as npm has them, on the sandbox: nothing is changed but their API root."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.bench.local_api import LocalApi, local_api

LIBRARIES = ("telegraf", "grammy")
SCRIPT = Path(__file__).with_suffix(".mjs")
INSTALL_WITHIN_S, STEP_WITHIN_S = 180, 10.0


class Story:
    """The person's side, one step after another; ``asked`` is the message with the keyboard."""

    def __init__(self, api: LocalApi, group: int, person: int, bot: int) -> None:
        self.api = api
        self.group = group
        self.person = person
        self.bot = bot
        self.asked: dict[str, Any] = {}
        self.steps: dict[str, Callable[[], Awaitable[bool]]] = {
            "start": self._started,
            "command": self._command,
            "keyboard": self._keyboard,
            "tap": self._tap,
            "edit": self._edit,
            "upload": self._upload,
            "download": self._download,
            "poll": self._poll,
            "long polling": self._polled,
            "nothing refused": self._nothing_refused,
        }

    async def _started(self) -> bool:
        return bool(await self.api.until_calls(0, "getMe", 1, self.bot))

    async def _command(self) -> bool:
        await self._say("/start hello")
        self.asked = await self._says(lambda m: m.get("text") == "choose")
        return True

    async def _keyboard(self) -> bool:
        rows = self.asked["reply_markup"]["inline_keyboard"]
        return bool([[button["text"] for button in row] for row in rows] == [["Go"]])

    async def _tap(self) -> bool:
        place = {"chat_id": self.group, "from_id": self.person, "message_id": self.asked["message_id"]}
        tap = await self.api.sim("taps", {**place, "button": "Go"})
        return bool(tap == {"answer": "went", "alert": True, "answered": True})

    async def _edit(self) -> bool:
        edited = await self._says(lambda m: m.get("text") == "chosen")
        same = edited["message_id"] == self.asked["message_id"]
        return bool(same and edited["edits"][0]["text"] == "choose" and "reply_markup" not in edited)

    async def _upload(self) -> bool:
        await self._say("/file")
        sent = await self._says(lambda m: "document" in m)
        named = sent["document"]["file_name"] == "\u62a5\u544a 1.txt" and sent["document"]["file_size"] == 6
        return bool(named and sent["caption"] == "bold" and sent["caption_entities"][0]["type"] == "bold")

    async def _download(self) -> bool:
        document = {"name": "up.txt", "base64": base64.b64encode(b"from a person").decode()}
        body = {"chat_id": self.group, "from_id": self.person, "document": document}
        await self.api.sim("messages", body)
        return bool(await self._says(lambda m: m.get("text") == "got from a person"))

    async def _poll(self) -> bool:
        await self._say("/poll")
        sent = await self._says(lambda m: "poll" in m)
        return bool([option["text"] for option in sent["poll"]["options"]] == ["a", "b"])

    async def _polled(self) -> bool:
        return bool(await self.api.until_calls(0, "getUpdates", 2, self.bot))

    async def _nothing_refused(self) -> bool:
        rows = [row for row in await self.api.sim("calls") if row["bot"] == self.bot]
        return {row["status"] for row in rows} == {200}

    async def _say(self, text: str) -> None:
        await self.api.say(self.group, self.person, text)

    async def _says(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            for message in await self.api.sim(f"chats/{self.group}/messages"):
                if message["from"]["id"] == self.bot and holds(message):
                    found: dict[str, Any] = message
                    return found
            await asyncio.sleep(0.02)


def run() -> None:
    """Print what each library can do here; without npm, or where it cannot install, they are named."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        print(f"left out: {', '.join(LIBRARIES)} (npm and node are not installed)")
        return
    with tempfile.TemporaryDirectory() as folder:
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, *LIBRARIES]
        try:
            subprocess.run(install, check=True, capture_output=True, text=True, timeout=INSTALL_WITHIN_S)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"left out: {', '.join(LIBRARIES)} (npm install: {error})")
            return
        asyncio.run(_run(Path(folder)))


async def _run(modules: Path) -> None:
    async with local_api() as api:
        await api.without_limits()  # neither library waits by itself when it is too fast
        table = {
            _named(modules, library): await _tell(api, library, number, modules)
            for number, library in enumerate(LIBRARIES, 800001)
        }
    print("".ljust(18) + "".join(name.rjust(18) for name in table))
    for step in next(iter(table.values())):
        print(step.ljust(18) + "".join(results[step].rjust(18) for results in table.values()))


async def _tell(api: LocalApi, library: str, number: int, modules: Path) -> dict[str, str]:
    token, bot = await api.bot(number)
    person = (await api.sim("users", {"first_name": "Ann"}))["id"]
    members = {"type": "supergroup", "title": "Office", "members": [person, bot]}
    group = (await api.sim("chats", members))["id"]
    await api.sim(f"chats/{group}/members", {"user_id": bot, "status": "administrator"})
    results = {}
    async with _bot(api, library, token, modules):
        story = Story(api, group, person, bot)
        for name, step in story.steps.items():
            try:
                async with asyncio.timeout(STEP_WITHIN_S):
                    results[name] = "yes" if await step() else "no"
            except (TimeoutError, RuntimeError, LookupError) as error:
                results[name] = f"no ({type(error).__name__})"
    return results


@contextlib.asynccontextmanager
async def _bot(api: LocalApi, library: str, token: str, modules: Path) -> AsyncIterator[None]:
    command = ["node", str(SCRIPT), library, api.url, token, str(modules)]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _named(modules: Path, library: str) -> str:
    package = json.loads((modules / "node_modules" / library / "package.json").read_text(encoding="utf-8"))
    return f"{library} {package['version']}"
