"""A desk in a process of its own, to be killed: echoes commands and counts, in the database, what it handled."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

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
from storage.lock import lock_for
from storage.settings import get_value, put_value
from storage.store import Store


async def handle(incoming: Incoming) -> Reply:
    """Answer a command, and count it in the same transaction."""
    chat = incoming.chat
    if incoming.command is None or chat is None:
        return Reply()

    def count(connection: Connection, _now: datetime) -> None:
        key = f"handled.{incoming.args}"
        put_value(connection, key, get_value(connection, key, 0) + 1)

    return Reply(outgoing=(Outgoing(chat_id=chat.id, text=f"re {incoming.args}"),), change=count)


async def main(api_root: str, token: str, url: str) -> None:
    """Run until killed."""
    lock = lock_for(url)
    lock.acquire(wait=True)
    clock, store = Clock(), Store(url)
    client = TelegramClient(token, api_root=api_root)
    me = await client.me()
    transport = TelegramTransport(client, files_dir=Path())
    limiter = Limiter(Rates(overall=None, chat=None, group=None))
    sender = OutboxSender(store, clock, transport, limiter=limiter)
    worker = InboxWorker(
        store,
        clock,
        bot_id=me.id,
        parse=Parser(me, now=clock.now),
        handler=handle,
        instant=transport.instant,
        express=sender,
    )
    poller = Poller(client, Inbox(store, clock, bot_id=me.id, taker=worker), on_fatal=print, timeout_s=2)
    delivery = Delivery(
        store=store,
        worker=worker,
        sender=sender,
        ticker=Ticker(store, clock),
        sources=(poller,),
    )
    await delivery.start()
    await delivery.failure()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
