"""Two bots that echo: a plain one, and one with the desk's durable parts."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import ApplicationBuilder, MessageHandler, filters

from bot.clock import Clock
from bot.delivery.inbox import Inbox
from bot.delivery.inbox_worker import InboxWorker
from bot.delivery.limiter import Limiter, Rates
from bot.delivery.outbox_sender import OutboxSender
from bot.delivery.reply import Reply
from bot.delivery.service import Delivery
from bot.delivery.ticker import Ticker
from bot.messages import Incoming, Outgoing
from bot.telegram.client import TelegramClient
from bot.telegram.parse import Parser
from bot.telegram.poller import Poller
from bot.telegram.transport import TelegramTransport
from storage.schema import upgrade
from storage.store import Store
from storage.urls import sqlite_url


@contextlib.asynccontextmanager
async def plain(url: str, token: str) -> AsyncIterator[None]:
    """A python-telegram-bot Application with one handler, everything as it comes."""

    async def echo(update: Update, _: Any) -> None:
        if update.message is not None:
            await update.message.reply_text(update.message.text or "")

    application = ApplicationBuilder().token(token).base_url(f"{url}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, echo))
    async with application:
        await application.start()
        if application.updater is None:
            raise RuntimeError("no updater")
        await application.updater.start_polling()
        yield
        await application.updater.stop()
        await application.stop()


@contextlib.asynccontextmanager
async def durable(url: str, token: str, *, express: bool = True) -> AsyncIterator[None]:
    """The desk's way in and out on a fresh SQLite file, its limiter off; ``express`` lets an answer leave
    without a second transaction."""

    async def echo(incoming: Incoming) -> Reply:
        chat = incoming.chat
        return Reply(outgoing=(Outgoing(chat_id=chat.id, text=incoming.text),)) if chat else Reply()

    with tempfile.TemporaryDirectory() as folder:
        database = sqlite_url(Path(folder) / "desk.db")
        upgrade(database)
        clock, store = Clock(), Store(database)
        async with TelegramClient(token, api_root=url) as client:
            me = await client.me()
            transport = TelegramTransport(client, files_dir=Path(folder))
            free = Limiter(Rates(overall=None, chat=None, group=None))
            sender = OutboxSender(store, clock, transport, limiter=free)
            worker = InboxWorker(
                store,
                clock,
                bot_id=me.id,
                parse=Parser(me, now=clock.now),
                handler=echo,
                instant=transport.instant,
                express=sender if express else None,
            )
            poller = Poller(client, Inbox(store, clock, bot_id=me.id, taker=worker), on_fatal=print)
            ticker = Ticker(store, clock)
            delivery = Delivery(store=store, worker=worker, sender=sender, ticker=ticker, sources=(poller,))
            await delivery.start()
            yield
            await delivery.stop()
