"""What is stored is sent, in order, until the messenger has taken it, and what came of it is stored."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.clock import Clock
from bot.delivery import transport as t
from bot.delivery.limiter import Limiter, Rates
from bot.delivery.outbox import enqueue
from bot.delivery.outbox_sender import OutboxSender
from bot.delivery.payload import dump_outgoing, load_outgoing
from bot.messages import Option, Outgoing
from storage.chats import meet_chat
from storage.errors import NotSaved
from storage.store import Store
from storage.tables import card, chat, outbox, throttle
from tests.delivery.conftest import NOW, Cleanup, FakeTransport, until

FREE = Rates(overall=None, chat=None, group=None)


def make(store: Store, clock: Clock, transport: FakeTransport, **options: Any) -> OutboxSender:
    return OutboxSender(store, clock, transport, **{"limiter": Limiter(FREE), **options})


def put(store: Store, *outgoings: Outgoing) -> list[int]:
    return store.write(lambda c: enqueue(c, outgoings, NOW))


def text(chat_id: int, words: str, **rest: Any) -> Outgoing:
    return Outgoing(chat_id=chat_id, text=words, **rest)


def rows(store: Store) -> list[Any]:
    return list(store.read(lambda c: c.execute(select(outbox).order_by(outbox.c.id)).all()))


def test_a_message_survives_being_stored() -> None:
    full = Outgoing(
        chat_id=-5,
        text="\u5b57 <b> & \U0001f600",
        options=((Option(label="a", data="b"), Option(label="c", url="https://x/")), (Option(label="d"),)),
        thread_id=3,
        reply_to=4,
        urgent=True,
        protect=True,
        silent=True,
        card="k",
        edit_message_id=9,
        photo="p.png",
        document="d.pdf",
        tag="x",
    )
    assert load_outgoing(dump_outgoing(full), chat_id=-5) == full
    assert dump_outgoing(Outgoing(chat_id=1, text="a")) == {"chat_id": 1, "text": "a"}
    assert load_outgoing({"chat_id": 1, "text": "a", "later": 1}, chat_id=2) == Outgoing(chat_id=2, text="a")


async def test_messages_of_a_chat_leave_in_order_urgent_first(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    put(store, *(text(5, f"m{n}") for n in range(5)), text(5, "warning", urgent=True), text(6, "other"))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert transport.texts(5) == ["warning", "m0", "m1", "m2", "m3", "m4"]
    stored = rows(store)
    assert {row.state for row in stored} == {"sent"}
    assert all(row.message_id > 100 and row.sent_at == NOW and row.attempts == 1 for row in stored)


async def test_what_is_stored_while_running_is_sent_at_once(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    sender = stopping(make(store, clock, transport))
    await sender.start()
    for n in range(3):
        await store.awrite(lambda c, n=n: enqueue(c, [text(5, f"m{n}")], NOW))
        await until(lambda n=n: len(transport.accepted) == n + 1)
    await sender.idle()


async def test_nothing_is_sent_of_a_transaction_that_failed(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    sender = stopping(make(store, clock, transport))
    await sender.start()

    def fail(connection: Connection) -> None:
        enqueue(connection, [text(5, "no")], NOW)
        raise KeyError

    with pytest.raises(KeyError):
        await store.awrite(fail)
    await store.awrite(lambda c: enqueue(c, [text(5, "yes")], NOW))
    await until(lambda: transport.accepted)
    await sender.idle()
    assert transport.texts() == ["yes"]


async def test_a_row_is_marked_as_being_sent_before_the_call(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    transport.gate = asyncio.Event()
    put(store, text(5, "m"))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await until(lambda: transport.calls)
    assert rows(store)[0].state == "sending"
    transport.gate.set()
    await sender.idle()
    assert rows(store)[0].state == "sent"


async def test_after_a_crash_what_was_being_sent_goes_again_marked_as_possibly_repeated(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    put(store, text(5, "was"), text(5, "waits"), text(5, "edit", edit_message_id=3))
    store.write(lambda c: c.execute(update(outbox).where(outbox.c.id != 2).values(state="sending")))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert [(row.outgoing.text, row.possibly_repeated) for row in transport.accepted] == [
        ("was", True),
        ("waits", False),
        ("edit", False),
    ]
    assert [row.possibly_repeated for row in rows(store)] == [True, False, False]


async def test_too_many_requests_holds_that_chat_only_and_over_a_restart(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    wall = NOW + timedelta(days=9)
    transport.script[-5] = [t.RetryAfter(40)]
    put(store, text(-5, "held"), text(-6, "free"))
    times = [1000.0]
    sender = make(store, clock, transport, monotonic=lambda: times[0], wall=lambda: wall)
    await sender.start()
    await until(lambda: transport.texts() == ["free"] and rows(store)[0].error is not None)
    await sender.stop(5)
    assert store.read(lambda c: c.execute(select(throttle)).one()).until == wall + timedelta(seconds=40.1)
    assert not rows(store)[0].possibly_repeated
    later = stopping(
        make(store, clock, transport, monotonic=lambda: times[0], wall=lambda: wall + timedelta(seconds=30))
    )
    await later.start()
    await later._deliver([])
    assert len(transport.accepted) == 1
    times[0] += 10.2
    later._wake.set()
    await later.idle()
    assert transport.texts() == ["free", "held"]


@pytest.mark.parametrize(
    ("error", "repeated"),
    [(t.Unreachable("refused"), False), (t.Ambiguous("timeout"), True), (TimeoutError(), True)],
)
async def test_a_failed_call_is_repeated_and_marked_only_if_it_may_have_been_accepted(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup, error: Exception, repeated: bool
) -> None:
    transport.script[5] = [error]
    put(store, text(5, "a"), text(5, "b"))
    times = [0.0]
    sender = stopping(make(store, clock, transport, monotonic=lambda: times[0]))
    await sender.start()
    await until(lambda: rows(store)[0].error is not None)
    assert len(transport.calls) == 1
    times[0] += 1.1
    sender._wake.set()
    await sender.idle()
    assert transport.texts() == ["a", "b"]
    assert [row.possibly_repeated for row in transport.accepted] == [repeated, False]


@pytest.mark.parametrize("error", [t.Rejected("can't parse"), t.MessageGone("deleted"), RuntimeError("bug")])
async def test_a_refused_message_is_given_up_and_the_next_one_goes(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup, error: Exception
) -> None:
    transport.script[5] = [error]
    put(store, text(5, "bad"), text(5, "good"))
    ended: list[tuple[str, str]] = []
    sender = stopping(
        make(
            store,
            clock,
            transport,
            on_settled=lambda _c, row, state, _m: ended.append((row.outgoing.text, state)),
        )
    )
    await sender.start()
    await sender.idle()
    assert transport.texts() == ["good"]
    assert [(row.state, row.error is not None) for row in rows(store)] == [("failed", True), ("sent", False)]
    assert ended == [("bad", "failed"), ("good", "sent")]


async def test_a_chat_that_is_gone_is_marked_and_what_waits_for_it_is_dropped(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    transport.script[-5] = [t.ChatGone("bot was kicked")]
    store.write(lambda c: meet_chat(c, chat_id=-5, kind="group", title="T", now=NOW))
    put(store, *(text(-5, f"m{n}") for n in range(3)), text(-6, "other"))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert [row.state for row in rows(store)] == ["failed", "dropped", "dropped", "sent"]
    assert len(transport.calls) == 2
    assert store.read(lambda c: c.execute(select(chat.c.state)).scalar()) == "left"
    await store.awrite(lambda c: enqueue(c, [text(-5, "back")], NOW))
    await until(lambda: transport.texts(-5) == ["back"])
    await sender.idle()


async def test_messages_follow_a_group_that_became_a_supergroup(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    transport.script[-5] = [t.Migrated(-1005)]
    put(store, text(-5, "one"), text(-5, "two"), text(-5, "card", card="k"))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert transport.texts(-1005) == ["one", "two", "card"]
    assert {row.chat_id for row in rows(store)} == {-1005}
    assert (
        store.read(lambda c: c.execute(select(chat.c.migrated_to).where(chat.c.chat_id == -5)).scalar())
        == -1005
    )
    assert store.read(lambda c: c.execute(select(card.c.chat_id)).scalar()) == -1005


async def test_a_card_shows_its_newest_state_with_one_call_under_way(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    transport.gate = asyncio.Event()
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await store.awrite(lambda c: enqueue(c, [text(5, "v1", card="k")], NOW))
    await until(lambda: transport.calls)
    for n in range(2, 9):
        await store.awrite(lambda c, n=n: enqueue(c, [text(5, f"v{n}", card="k")], NOW))
    assert len(transport.calls) == 1
    transport.gate.set()
    await sender.idle()
    assert transport.texts() == ["v1", "v8"]
    assert [row.message_id for row in transport.accepted] == [None, 101]
    stored = store.read(lambda c: c.execute(select(card)).one())
    assert (stored.message_id, stored.desired_version, stored.sent_version, stored.in_flight) == (
        101,
        8,
        8,
        None,
    )


async def test_a_card_whose_message_was_deleted_is_sent_anew(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await store.awrite(lambda c: enqueue(c, [text(5, "v1", card="k")], NOW))
    await until(lambda: transport.accepted)
    await sender.idle()
    transport.script[5] = [t.MessageGone("message to edit not found")]
    await store.awrite(lambda c: enqueue(c, [text(5, "v2", card="k")], NOW))
    await until(lambda: len(transport.accepted) == 2)
    await sender.idle()
    assert [row.message_id for row in transport.calls] == [None, 101, None]
    assert store.read(lambda c: c.execute(select(card.c.message_id)).scalar()) == 102


async def test_a_card_that_looks_so_already_counts_as_sent(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    store.write(
        lambda c: c.execute(
            insert(card).values(key="k", chat_id=5, message_id=9, desired={}, desired_version=1)
        )
    )
    transport.script[5] = [t.NotModified("same")]
    put(store, text(5, "v", card="k"))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert rows(store)[0].state == "sent"
    assert store.read(lambda c: c.execute(select(card.c.message_id, card.c.sent_version)).one()) == (9, 2)


async def test_an_urgent_change_of_a_card_raises_the_row_that_waits(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    put(store, text(5, "a"), text(5, "v1", card="k"), text(5, "v2", card="k", urgent=True))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert transport.texts() == ["v2", "a"]


async def test_a_long_text_continues_after_the_parts_that_were_accepted(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    transport.parts["long"] = 3
    put(store, text(5, "long"), text(5, "after"))
    times = [0.0]
    sender = stopping(make(store, clock, transport, monotonic=lambda: times[0]))
    transport.script[5] = []
    await sender.start()
    await sender.idle()
    assert [(row.outgoing.text, row.part) for row in transport.accepted] == [
        ("long", 0),
        ("long", 1),
        ("long", 2),
        ("after", 0),
    ]


async def test_a_message_may_be_dropped_just_before_it_is_sent(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    put(store, text(5, "stale"), text(5, "fresh"))
    sender = stopping(
        make(
            store,
            clock,
            transport,
            recheck=lambda _c, row: "closed" if row.outgoing.text == "stale" else None,
        )
    )
    await sender.start()
    await sender.idle()
    assert transport.texts() == ["fresh"]
    assert [(row.state, row.error) for row in rows(store)] == [("dropped", "closed"), ("sent", None)]


async def test_a_row_that_cannot_be_read_holds_up_nobody(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    put(store, text(5, "bad"), text(6, "good"), text(5, "after"))
    store.write(lambda c: c.execute(update(outbox).where(outbox.c.id == 1).values(payload={"options": 5})))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert sorted(transport.texts()) == ["after", "good"]
    assert [row.state for row in rows(store)] == ["failed", "sent", "sent"]


async def test_while_the_database_refuses_nothing_is_sent_and_then_all_is(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    put(store, text(5, "a"), text(6, "b"))
    refusals = []

    def full(_connection: Connection) -> None:
        refusals.append(1)
        raise NotSaved("disk full")

    times = [0.0]
    sender = stopping(make(store, clock, transport, monotonic=lambda: times[0]))
    await sender.start()
    await sender.idle()
    store.guard(full)
    store_calls = len(transport.calls)
    sender._add([])
    with pytest.raises(NotSaved):
        put(store, text(5, "c"))
    store.guard(lambda _: None)
    put(store, text(5, "c"))
    await until(lambda: len(transport.calls) == store_calls + 1)
    await sender.idle()
    assert refusals


async def test_a_bad_token_stops_sending_and_keeps_the_rows(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    transport.script[5] = [t.BadToken("Unauthorized")]
    put(store, text(5, "a"), text(5, "b"))
    errors: list[Exception] = []
    sender = stopping(make(store, clock, transport, on_fatal=errors.append))
    await sender.start()
    await until(lambda: rows(store)[0].error is not None)
    assert [type(error) for error in errors] == [t.BadToken]
    assert [row.state for row in rows(store)] == ["queued", "queued"]


async def test_a_backlog_of_many_chats_is_sent_whole(
    store: Store, clock: Clock, transport: FakeTransport, stopping: Cleanup
) -> None:
    put(store, *(text(n % 50 + 1, f"m{n}") for n in range(1000)))
    sender = stopping(make(store, clock, transport))
    await sender.start()
    await sender.idle()
    assert len(transport.accepted) == 1000
    for chat_id in range(1, 51):
        numbers = [int(words[1:]) for words in transport.texts(chat_id)]
        assert numbers == sorted(numbers)
