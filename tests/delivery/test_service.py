"""Starting takes up what was left; stopping finishes what is under way and keeps the rest."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot.clock import Clock
from bot.delivery.inbox import Inbox
from bot.delivery.inbox_worker import InboxWorker
from bot.delivery.limiter import Limiter, Rates
from bot.delivery.outbox_sender import OutboxSender
from bot.delivery.reply import Reply
from bot.delivery.service import Delivery
from bot.delivery.ticker import Ticker
from bot.messages import Incoming, Outgoing
from storage.store import Store
from storage.tables import inbox, outbox
from tests.delivery.conftest import BOT_ID, FakeTransport, raw_message, simple_parse, until

FREE = Rates(overall=None, chat=None, group=None)


class Source:
    """Somebody who delivers updates."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def start(self) -> None:
        self.log.append("start")

    async def stop(self) -> None:
        self.log.append("stop")
        raise RuntimeError("already gone")


async def answer(incoming: Incoming) -> Reply:
    return Reply(outgoing=(Outgoing(chat_id=1, text=incoming.text),))


def build(
    store: Store, clock: Clock, transport: FakeTransport, source: Source, stop_within_s: float = 5.0
) -> tuple[Delivery, Inbox]:
    sender = OutboxSender(store, clock, transport, limiter=Limiter(FREE))
    worker = InboxWorker(
        store,
        clock,
        bot_id=BOT_ID,
        parse=simple_parse,
        handler=answer,
        instant=transport.instant,
        express=sender,
    )
    delivery = Delivery(
        store=store,
        worker=worker,
        sender=sender,
        ticker=Ticker(store, clock),
        sources=(source,),
        stop_within_s=stop_within_s,
    )
    return delivery, Inbox(store, clock, bot_id=BOT_ID, taker=worker)


async def test_stopping_finishes_the_call_under_way_and_the_next_run_sends_the_rest(
    database_url: str, clock: Clock, transport: FakeTransport
) -> None:
    store, source = Store(database_url), Source()
    delivery, way_in = build(store, clock, transport, source)
    await delivery.start()
    transport.gate = asyncio.Event()
    await way_in.accept([raw_message(n, text=f"t{n}") for n in range(5)])
    await until(lambda: transport.calls)
    await until(lambda: len(store.read(lambda c: c.execute(select(outbox.c.id)).all())) == 5)
    stopping = asyncio.create_task(delivery.stop())
    await until(lambda: source.log == ["start", "stop"])
    transport.gate.set()
    await stopping
    assert transport.texts() == ["t0"]
    again = Store(database_url)
    states = again.read(lambda c: c.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars().all())
    assert states == ["sent", "queued", "queued", "queued", "queued"]
    second, _ = build(again, clock, transport, Source())
    await second.start()
    await until(lambda: len(transport.accepted) == 5)
    await second.stop()
    assert transport.texts() == [f"t{n}" for n in range(5)]
    assert not any(row.possibly_repeated for row in transport.accepted)


async def test_a_call_that_does_not_end_is_given_up_and_marked_next_time(
    database_url: str, clock: Clock, transport: FakeTransport
) -> None:
    store = Store(database_url)
    delivery, way_in = build(store, clock, transport, Source(), stop_within_s=0.05)
    await delivery.start()
    transport.gate = asyncio.Event()
    await way_in.accept([raw_message(1)])
    await until(lambda: transport.calls)
    await delivery.stop()
    transport.gate = None
    again = Store(database_url)
    assert again.read(lambda c: c.execute(select(inbox.c.state)).scalars().all()) == ["done"]
    second, _ = build(again, clock, transport, Source())
    await second.start()
    await until(lambda: transport.accepted)
    await second.stop()
    assert [row.possibly_repeated for row in transport.accepted] == [True]


async def test_what_should_end_the_process_is_told_once(
    database_url: str, clock: Clock, transport: FakeTransport
) -> None:
    delivery, _ = build(Store(database_url), clock, transport, Source())
    await delivery.start()
    waiting = asyncio.create_task(delivery.failure())
    delivery.fail(ValueError("first"))
    delivery.fail(ValueError("second"))
    assert str(await waiting) == "first"
    await delivery.stop()
