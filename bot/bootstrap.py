"""The one place where the parts of a running desk are wired."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from bot.answering import build_engine
from bot.clock import Clock
from bot.clock_follower import follow
from bot.database import open_store
from bot.delivery import auditor as audits
from bot.delivery.inbox import Inbox
from bot.delivery.inbox_worker import InboxWorker
from bot.delivery.outbox_sender import OutboxSender
from bot.delivery.retention import purge
from bot.delivery.service import Delivery
from bot.delivery.ticker import Ticker
from bot.delivery.ticker_jobs import keep_scheduled
from bot.desk.commands import command_list
from bot.desk.findings import report
from bot.desk.parts import CONFIRMED_HINTS, Parts
from bot.desk.router import Desk
from bot.errors import SettingsError
from bot.messages import Incoming
from bot.settings import Settings
from bot.telegram.client import TelegramClient
from bot.telegram.commands import CommandList, register
from bot.telegram.logs import quiet, redact, secrets_of
from bot.telegram.parse import Parser
from bot.telegram.poller import Poller
from bot.telegram.transport import TelegramTransport
from bot.telegram.webhook import WebhookServer
from knowledge.engine import Engine
from prompts import say
from storage.settings import get_value
from storage.store import Store

_log = logging.getLogger(__name__)
AUDIT_EVERY = {"kind": "interval", "seconds": 300, "start": "2026-01-01T00:00:00+00:00"}
PURGE_EVERY = {"kind": "interval", "seconds": 3600, "start": "2026-01-01T00:00:00+00:00"}


class RunningDesk:
    """The whole desk as an async context manager: entering starts it, leaving stops it and loses nothing.

    Entering raises SettingsError, AlreadyRunning, StorageError, KnowledgeError or TransportError.
    """

    def __init__(
        self, settings: Settings, clock: Clock | None = None, *, engine: Engine | None = None
    ) -> None:
        """``engine`` is one already loaded, for a process that runs several desks."""
        self._engine = engine
        self.settings = settings
        self.clock = clock or Clock()
        self._stack = contextlib.AsyncExitStack()
        self._delivery: Delivery | None = None
        self._early_failure: Exception | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def failure(self) -> Exception:
        """Wait for the error that should end the process."""
        if self._delivery is None:
            raise RuntimeError("the desk was not started")
        return await self._delivery.failure()

    async def outbox(self, newest: int = 60) -> list[dict[str, Any]]:
        """The newest messages to send or sent, as the demo's page shows them."""
        if self._delivery is None:
            return []
        return await self._delivery.outbox(newest)

    async def _start(self) -> None:
        token = self.settings.bot_token
        quiet()
        self._stack.callback(redact(secrets_of(token)))
        store = await self._open_store()
        client = await self._stack.enter_async_context(TelegramClient(token, api_root=self.settings.api_root))
        me, engine = await asyncio.gather(client.me(), asyncio.to_thread(self._load_engine, store))
        files = self.settings.data_dir / "files"
        files.mkdir(parents=True, exist_ok=True)
        transport = TelegramTransport(client, files_dir=files, repeated_mark=say("desk/repeated"))
        sender = OutboxSender(store, self.clock, transport, on_fatal=self._fail)
        worker = InboxWorker(
            store,
            self.clock,
            bot_id=me.id,
            parse=Parser(me, now=self.clock.now),
            handler=Desk(self._parts(store, engine)).handle,
            instant=transport.instant,
            express=sender,
            on_failure=_apologise(client),
        )
        ticker = Ticker(store, self.clock)
        source = self._source(client, Inbox(store, self.clock, bot_id=me.id, taker=worker))
        await asyncio.to_thread(self._schedule, store, ticker, source)
        self._delivery = Delivery(
            store=store,
            worker=worker,
            sender=sender,
            ticker=ticker,
            sources=(source,),
        )
        self._stack.push_async_callback(self._delivery.stop)
        await self._delivery.start()
        if self._early_failure is not None:
            raise self._early_failure
        side = await self._stack.enter_async_context(SideWork())
        side.start(register(client, _command_lists()))
        if self.settings.clock_url:
            side.start(follow(self.clock, self.settings.clock_url, moved=ticker.wake))
        _log.info("the desk is open as @%s", me.username)

    async def _open_store(self) -> Store:
        """Open the database; a standby that is told to stop gives up waiting."""
        stop = threading.Event()
        self._stack.callback(stop.set)
        store, lock = await asyncio.to_thread(open_store, self.settings, stop=stop)
        self._stack.callback(lock.release)
        self._stack.callback(store.close)
        loop = asyncio.get_running_loop()

        def lost(error: Exception) -> None:
            loop.call_soon_threadsafe(self._fail, error)

        lock.watch(lost)
        return store

    def _load_engine(self, store: Store) -> Engine:
        if self._engine is not None:
            return self._engine
        confirmed = store.read(lambda c: get_value(c, CONFIRMED_HINTS, []))
        return build_engine(self.settings, confirmed_hints=confirmed)

    def _parts(self, store: Store, engine: Engine) -> Parts:
        answering = ThreadPoolExecutor(max_workers=4, thread_name_prefix="answering")
        self._stack.callback(answering.shutdown, wait=False, cancel_futures=True)
        return Parts(
            store=store,
            clock=self.clock,
            answerer=engine.answerer,
            answering=answering,
            admin_ids=self.settings.admin_ids,
        )

    def _source(self, client: TelegramClient, inbox: Inbox) -> Poller | WebhookServer:
        if not self.settings.webhook_url:
            return Poller(client, inbox, on_fatal=self._fail)
        if self.settings.webhook_secret is None:
            raise SettingsError("ZHUANBAN_WEBHOOK_SECRET must be set when ZHUANBAN_WEBHOOK_URL is")
        host, port = self.settings.webhook_address
        secret = self.settings.webhook_secret.get_secret_value()
        return WebhookServer(
            client, inbox, url=self.settings.webhook_url, secret=secret, host=host, port=port
        )

    def _schedule(self, store: Store, ticker: Ticker, source: Poller | WebhookServer) -> None:
        auditor = audits.Auditor(report)
        for check in (audits.stuck_outbox(), audits.failed_outbox, audits.dead_letters, audits.failing_jobs):
            auditor.register(check)
        if isinstance(source, Poller):
            auditor.register(audits.silent_poller(source.silent_s))
        ticker.register("audit", auditor.run)
        ticker.register("purge", purge)
        now = self.clock.now()
        for name, trigger in (("audit", AUDIT_EVERY), ("purge", PURGE_EVERY)):

            def keep(connection: Any, name: str = name, trigger: dict[str, Any] = trigger) -> None:
                keep_scheduled(connection, name=name, handler=name, trigger=trigger, now=now, policy="skip")

            store.write(keep)

    def _fail(self, error: Exception) -> None:
        if self._delivery is not None:
            self._delivery.fail(error)
        else:
            self._early_failure = error


class SideWork(contextlib.AbstractAsyncContextManager["SideWork"]):
    """Tasks beside the desk's work: their failure is logged and ends nothing."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` until it ends or the context is left."""
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def _guarded(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            _log.warning("side work failed: %s: %s", type(error).__name__, error)


def _command_lists() -> tuple[CommandList, ...]:
    commands = command_list()
    return tuple(
        CommandList(scope=scope, commands=commands) for scope in ("all_private_chats", "all_group_chats")
    )


def _apologise(client: TelegramClient) -> Callable[[Incoming, Exception, bool], Awaitable[None]]:
    """Tell the person when a message is given up: never a silent loss."""

    async def apologise(incoming: Incoming, _: Exception, final: bool) -> None:
        if final and incoming.chat is not None and incoming.to_me:
            params = {"chat_id": incoming.chat.id, "message_thread_id": incoming.chat.thread_id}
            await client.call("sendMessage", {**params, "text": say("desk/failed")})

    return apologise
