"""The HTTP server: Bot API, files, user side and page in one aiohttp application."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.accounts import Bot
from bot.sandbox.errors import ApiError, MethodNotFoundError
from bot.sandbox.faults import Fault
from bot.sandbox.methods import Call, method_table
from bot.sandbox.params import MAX_BODY_BYTES, Params, read_params
from bot.sandbox.sim import add_routes
from bot.sandbox.webhooks import WebhookSender
from bot.sandbox.world import World

PAGE_DIR = Path(__file__).parent / "page"

_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    # The page shows what people and bots wrote: nothing but its own files may run or be fetched.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Said here because a machine's own table of types may say otherwise, and nosniff takes it at its word.
_PAGE_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_DUMPS = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class BotApi:
    """The side bots talk to. Nothing here logs an address: it holds the token."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.webhooks = WebhookSender(self._reply)
        self._methods = method_table(self.webhooks)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer /bot<token>/<method>."""
        at = time.time()
        try:
            bot = self.world.bot_for(request.match_info["token"])
        except ApiError as error:
            return _answer(error.code, error.body())
        name, handler = self._methods.get(request.match_info["method"].lower(), ("", None))
        try:
            params = await read_params(request)
        except ApiError as error:
            return self._refused(bot, name, None, at, error)
        name = name or request.match_info["method"]
        fault = self.world.faults.take(name, _chat_id(params))
        if fault is not None:
            self.world.events.publish("faults", self.world.faults.to_json())
        if fault is not None and (cut := await self._before(request, bot, name, params, at, fault)):
            return cut
        try:
            if handler is None:
                raise MethodNotFoundError
            result = handler(Call(self.world, bot, params))
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            return self._refused(bot, name, params, at, error)
        if fault is not None and fault.drop == "after":
            return self._cut(request, bot, name, params, at)
        message_id = result.get("message_id") if type(result) is dict else None
        self._log(bot, name, params, at, 200, message_id=message_id)
        return _answer(200, {"ok": True, "result": result})

    async def _before(
        self, request: web.Request, bot: Bot, name: str, params: Params, at: float, fault: Fault
    ) -> web.StreamResponse | None:
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.drop == "before":
            return self._cut(request, bot, name, params, at)
        error = fault.error()
        return None if error is None else self._refused(bot, name, params, at, error)

    def _cut(self, request: web.Request, bot: Bot, name: str, params: Params, at: float) -> web.Response:
        """Close the connection without an answer; what is returned never reaches anybody."""
        self._log(bot, name, params, at, 0)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _refused(
        self, bot: Bot, name: str, params: Params | None, at: float, error: ApiError
    ) -> web.Response:
        retry_after = (error.parameters or {}).get("retry_after")
        self._log(bot, name, params, at, error.code, retry_after=retry_after)
        return _answer(error.code, error.body())

    def _log(self, bot: Bot, name: str, params: Params | None, at: float, status: int, **more: Any) -> None:
        chat_id = _chat_id(params) if params is not None else None
        row = self.world.calls.add(bot=bot.id, method=name, chat_id=chat_id, status=status, at=at, **more)
        self.world.events.publish("call", row)

    async def _reply(self, bot: Bot, answer: dict[str, Any]) -> None:
        """Act on a method call inside a webhook's answer; as on Telegram the result is told to nobody."""
        name, handler = self._methods.get(str(answer["method"]).lower(), ("", None))
        params = Params(answer)
        at = time.time()
        try:
            if handler is None:
                raise MethodNotFoundError
            result = handler(Call(self.world, bot, params))
            if inspect.isawaitable(result):
                await result
        except ApiError as error:
            self._log(bot, name, params, at, error.code)
            return
        self._log(bot, name, params, at, 200)

    async def file(self, request: web.Request) -> web.Response:
        """Answer /file/bot<token>/<path>."""
        try:
            self.world.bot_for(request.match_info["token"])
        except ApiError as error:
            return _answer(error.code, error.body())
        stored = self.world.files.at_path(request.match_info["path"])
        if stored is None:
            return _answer(404, MethodNotFoundError().body())
        return web.Response(body=stored.data, content_type="application/octet-stream")


def _chat_id(params: Params) -> int | str | None:
    value = params.values.get("chat_id")
    if isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else value
    return value if isinstance(value, int) else None


def _answer(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(body=_DUMPS(body).encode(), status=status, content_type="application/json")


def make_app(world: World, *, page_dir: Path = PAGE_DIR) -> web.Application:
    """Return the application for a world; `page_dir` holds index.html and what it needs."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    api = BotApi(world)
    app.router.add_route("*", "/bot{token:[^/]*}/{method:[^/]*}", api.handle)
    app.router.add_get("/file/bot{token:[^/]*}/{path:.+}", api.file)
    add_routes(app, world)
    _add_page(app, page_dir)

    async def let_go(_: web.Application) -> None:
        world.close()

    async def close_webhooks(_: web.Application) -> None:
        await api.webhooks.close()

    app.on_shutdown.append(let_go)
    app.on_cleanup.append(close_webhooks)
    return app


def _add_page(app: web.Application, page_dir: Path) -> None:
    root = page_dir.resolve()

    async def page(request: web.Request) -> web.StreamResponse:
        path = (root / request.match_info.get("path", "index.html")).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            return web.Response(status=404, text="Not Found")
        headers = dict(_PAGE_HEADERS)
        if path.suffix in _PAGE_TYPES:
            headers["Content-Type"] = _PAGE_TYPES[path.suffix]
        return web.FileResponse(path, headers=headers)

    app.router.add_get("/", page)
    app.router.add_get("/page/{path:.+}", page)


class Sandbox:
    """A running server: `async with Sandbox() as sandbox: … sandbox.url …`.

    Listens on `host` (this machine only, unless told) and `port` (0 = any free one); stops cleanly, waiting
    polls and streams included. Starting raises OSError when the port is taken.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        page_dir: Path = PAGE_DIR,
    ) -> None:
        self.world = world or World()
        self.host = host
        self.port = port
        self._page_dir = page_dir
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The address without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen."""
        app = make_app(self.world, page_dir=self._page_dir)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError:
            await self.stop()
            raise
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Answer who waits, close all connections, stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
