"""A sandbox with a few people, a scripted bot on it over HTTP, and headless Chromium in front of its page."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import shutil
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.sandbox import Limits, Sandbox, World

TOKEN = "700001:" + "A" * 35
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CARD = {
    "inline_keyboard": [
        [{"text": "签收", "callback_data": "sign"}, {"text": "看说明", "callback_data": "help"}],
        [{"text": "退单", "callback_data": "wait"}],
    ]
}


def png(width: int, height: int, color: tuple[int, int, int] = (11, 107, 95)) -> bytes:
    """Return a picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(color) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


class EchoBot:
    """Answers by a fixed script; polls over HTTP as any bot would."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session
        self.go_on = asyncio.Event()

    async def call(self, method: str, **params: Any) -> Any:
        async with self._session.post(f"{self._url}/bot{TOKEN}/{method}", json=params) as response:
            body = await response.json()
        assert body["ok"], body
        return body["result"]

    async def upload(self, method: str, field: str, name: str, data: bytes, **params: Any) -> Any:
        form = aiohttp.FormData(quote_fields=False)
        for key, value in params.items():
            form.add_field(key, value if isinstance(value, str) else json.dumps(value))
        form.add_field(field, io.BytesIO(data), filename=name)
        async with self._session.post(f"{self._url}/bot{TOKEN}/{method}", data=form) as response:
            body = await response.json()
        assert body["ok"], body
        return body["result"]

    async def run(self) -> None:
        offset = 0
        tasks: set[asyncio.Task[None]] = set()
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                task = asyncio.create_task(self._handle(update))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    async def _handle(self, update: dict[str, Any]) -> None:
        if "message" in update:
            await self._hear(update["message"])
        elif "callback_query" in update:
            await self._tapped(update["callback_query"])
        elif "inline_query" in update:
            await self._inline(update["inline_query"])

    async def _hear(self, message: dict[str, Any]) -> None:
        chat_id, text = message["chat"]["id"], message.get("text", "")
        if text.startswith("/ask"):
            question = text.partition(" ")[2]
            answer = f"<b>{question}</b>：<code>任务1.1</code>"
            reply = {"message_id": message["message_id"]}
            await self.call(
                "sendMessage", chat_id=chat_id, text=answer, parse_mode="HTML", reply_parameters=reply
            )
        elif text.startswith("/card"):
            await self.call(
                "sendMessage", chat_id=chat_id, text="状态：待签收", reply_markup=CARD, protect_content=True
            )
        elif text.startswith("/photo"):
            await self.upload(
                "sendPhoto", "photo", "a.png", png(320, 200), chat_id=chat_id, caption="现场照片"
            )
        elif text.startswith("/slow"):
            await self.call("sendChatAction", chat_id=chat_id, action="typing")
            await self.go_on.wait()
            await self.call("sendMessage", chat_id=chat_id, text="想好了")
        elif text.startswith("/keys"):
            keyboard = {"keyboard": [["零报告", "沿用上期"]], "resize_keyboard": True}
            await self.call("sendMessage", chat_id=chat_id, text="请选", reply_markup=keyboard)
        elif "document" in message:
            await self._fetched(chat_id, message["document"])
        elif message["chat"]["type"] == "private" or "reply_to_message" in message:
            await self.call("sendMessage", chat_id=chat_id, text=f"收到：{text or '[无文字]'}")

    async def _fetched(self, chat_id: int, document: dict[str, Any]) -> None:
        path = (await self.call("getFile", file_id=document["file_id"]))["file_path"]
        async with self._session.get(f"{self._url}/file/bot{TOKEN}/{path}") as response:
            data = await response.read()
        text = f"文件 {document['file_name']} 共{len(data)}字节"
        await self.call("sendMessage", chat_id=chat_id, text=text)

    async def _tapped(self, query: dict[str, Any]) -> None:
        message = query["message"]
        if query["data"] == "wait":
            await self.go_on.wait()
        if query["data"] == "sign":
            place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
            await self.call(
                "editMessageText",
                **place,
                text=f"状态：已签收（{query['from']['first_name']}）",
                reply_markup=CARD,
            )
        answers = {"sign": {"text": "已签收"}, "help": {"text": "签收后一小时内续报", "show_alert": True}}
        await self.call(
            "answerCallbackQuery", callback_query_id=query["id"], **answers.get(query["data"], {})
        )

    async def _inline(self, query: dict[str, Any]) -> None:
        result = {
            "type": "article",
            "id": "1",
            "title": f"任务1.1 {query['query']}",
            "description": "责任单位：县商务局",
            "input_message_content": {"message_text": f"{query['query']}：任务1.1"},
        }
        await self.call("answerInlineQuery", inline_query_id=query["id"], results=[result])


class County:
    """Ids of who and what there is; `sim` calls the users' side, `address` leads into a chat."""

    def __init__(self, sandbox: Sandbox, bot: EchoBot, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self.bot_token = TOKEN
        self.session = session
        self.trade_group = self.police_group = 0
        world = sandbox.world
        self.bot_id = world.add_bot(TOKEN, "专班助手", "zhuanban_demo_bot").id
        self.office = world.add_user("专班办公室值班员", "office").id
        self.trade = world.add_user("县商务局联络员", "trade").id
        self.police = world.add_user("县公安局联络员", "police").id

    async def sim(self, path: str, body: dict[str, Any] | None = None, verb: str | None = None) -> Any:
        verb = verb or ("GET" if body is None else "POST")
        async with self.session.request(verb, f"{self.sandbox.url}/sim/{path}", json=body) as response:
            answer = await response.json()
        assert response.status == 200, answer
        return answer

    async def group(self, title: str, members: list[int], **more: Any) -> int:
        body = {"type": "supergroup", "title": title, "members": [*members, self.bot_id], **more}
        chat_id: int = (await self.sim("chats", body))["id"]
        return chat_id

    async def say(self, chat_id: int, from_id: int, text: str, **more: Any) -> int:
        message = await self.sim("messages", {"chat_id": chat_id, "from_id": from_id, "text": text, **more})
        number: int = message["message_id"]
        return number

    def address(self, user_id: int, chat_id: int | None = None) -> str:
        place = "" if chat_id is None else f"&c={chat_id}"
        return f"{self.sandbox.url}/#u={user_id}{place}"


@pytest_asyncio.fixture
async def county() -> AsyncIterator[County]:
    """The stage: an office, two liaisons with a group each, and the bot in both."""
    async with Sandbox(World(limits=Limits.off())) as sandbox, aiohttp.ClientSession() as session:
        bot = EchoBot(sandbox.url, session)
        stage = County(sandbox, bot, session)
        stage.trade_group = await stage.group("县商务局联络群", [stage.office, stage.trade])
        stage.police_group = await stage.group("县公安局联络群", [stage.office, stage.police])
        commands = [
            {"command": "ask", "description": "问任务归谁管"},
            {"command": "card", "description": "发一张卡片"},
        ]
        await bot.call("setMyCommands", commands=commands)
        running = asyncio.create_task(bot.run())
        yield stage
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Any]:
    """Headless Chromium; skips where it or Playwright is missing."""
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        await chromium.close()


class Viewer:
    """Opens pages, and knows what went wrong on them."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._contexts: list[Any] = []
        self.errors: list[str] = []

    async def open(self, address: str, *, width: int = 1280, height: int = 800, **more: Any) -> Any:
        context = await self._browser.new_context(viewport={"width": width, "height": height}, **more)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        await page.goto(address)
        await page.locator("body[data-ready]").wait_for()
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest_asyncio.fixture
async def viewer(browser: Any) -> AsyncIterator[Viewer]:
    """Opens pages; the test fails when one of them reported an error."""
    opened = Viewer(browser)
    yield opened
    await opened.close()
    assert opened.errors == []


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small photo on disk."""
    path = tmp_path / "现场.png"
    path.write_bytes(png(240, 160))
    return path
