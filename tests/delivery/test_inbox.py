"""What came in is stored before it is looked at, handled once, in order, and never in the way of others."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.clock import Clock
from bot.delivery.inbox import Inbox, NotAccepted, revive
from bot.delivery.inbox_worker import InboxWorker
from bot.delivery.reply import Reply
from bot.messages import Incoming, Instant, Outgoing
from storage.errors import NotSaved
from storage.settings import get_value, put_value
from storage.store import Store
from storage.tables import inbox, outbox
from tests.delivery.conftest import BOT_ID, NOW, Cleanup, raw_message, simple_parse, until


class Desk:
    """Handlers under test: remembers what it was given and fails on demand."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.fail: dict[str, int] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.instants: list[Instant] = []
        self.told: list[tuple[str, bool]] = []
        self.change_error: Exception | None = None

    async def handle(self, incoming: Incoming) -> Reply:
        if gate := self.gates.get(incoming.text):
            await gate.wait()
        self.seen.append(incoming.text)
        if self.fail.get(incoming.text, 0) > 0:
            self.fail[incoming.text] -= 1
            raise ValueError("handler")
        assert incoming.chat is not None
        out = Outgoing(chat_id=incoming.chat.id, text=f"re {incoming.text}")
        return Reply(outgoing=(out,), change=self.change, instants=(Instant(tap_id="early"),))

    def change(self, connection: Connection, now: datetime) -> list[Outgoing | Instant]:
        if self.change_error is not None:
            raise self.change_error
        put_value(connection, "count", get_value(connection, "count", 0) + 1)
        assert now == NOW
        return [Outgoing(chat_id=1, text="changed"), Instant(tap_id="late")]

    async def instant(self, instant: Instant) -> None:
        self.instants.append(instant)
        raise RuntimeError("too late")

    async def on_failure(self, incoming: Incoming, _error: Exception, final: bool) -> None:
        self.told.append((incoming.text, final))
        raise RuntimeError("nobody listens")


def make(store: Store, clock: Clock, desk: Desk, **options: Any) -> tuple[Inbox, InboxWorker]:
    worker = InboxWorker(
        store,
        clock,
        bot_id=BOT_ID,
        parse=simple_parse,
        handler=desk.handle,
        instant=desk.instant,
        on_failure=desk.on_failure,
        **{"backoff_s": (0.0, 0.0), **options},
    )
    return Inbox(store, clock, bot_id=BOT_ID, taker=worker), worker


def states(store: Store) -> dict[int, tuple[str, int, str | None]]:
    rows = store.read(lambda c: c.execute(select(inbox)).all())
    return {row.update_id: (row.state, row.attempts, row.error) for row in rows}


def sent(store: Store) -> list[str]:
    return store.read(
        lambda c: [row["text"] for row in c.execute(select(outbox.c.payload).order_by(outbox.c.id)).scalars()]
    )


async def test_an_update_its_change_and_its_answers_are_one_transaction(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    await way_in.accept([raw_message(1)])
    await worker.idle()
    assert states(store)[1] == ("done", 0, None)
    assert sent(store) == ["re hi", "changed"]
    assert store.read(lambda c: get_value(c, "count")) == 1
    await worker.stop(5)
    assert [each.tap_id for each in desk.instants] == ["early", "late"]


async def test_a_failing_change_stores_nothing_of_its_update(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    desk.change_error = ValueError("no")
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    await way_in.accept([raw_message(1)])
    await worker.idle()
    assert states(store)[1] == ("dead", 3, "ValueError: no")
    assert sent(store) == []
    assert "late" not in [each.tap_id for each in desk.instants]


async def test_one_malformed_update_among_twenty_is_parked_and_the_others_are_handled(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    batch: list[Any] = [raw_message(n, user_id=n, text=f"t{n}") for n in range(1, 21)]
    batch[6] = {"update_id": 7, "message": {"chat": 5, "from": []}}
    await way_in.accept(batch)
    await worker.idle()
    found = states(store)
    assert [n for n, (state, *_) in found.items() if state != "done"] == [7]
    assert found[7][0] == "dead"
    assert found[7][2] is not None
    assert len(desk.seen) == 19


@pytest.mark.parametrize(
    "rubbish", [5, None, "x", [], {}, {"update_id": "7"}, {"update_id": True}, {"update_id": 2**63}]
)
async def test_what_has_no_usable_number_is_parked_once(
    store: Store, clock: Clock, stopping: Cleanup, rubbish: Any
) -> None:
    desk = Desk()
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    for _ in range(2):
        await way_in.accept([rubbish, raw_message(8)])
    await worker.idle()
    found = states(store)
    assert len(found) == 2
    assert found[8][0] == "done"
    (parked,) = [number for number in found if number != 8]
    assert parked < 0
    assert found[parked][0] == "dead"


async def test_an_update_that_comes_again_is_handled_once(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    await way_in.accept([raw_message(1), raw_message(2), raw_message(1)])
    await way_in.accept([raw_message(2), raw_message(3)])
    await worker.idle()
    await way_in.accept([raw_message(1), raw_message(3)])
    await worker.idle()
    assert len(desk.seen) == 3
    assert store.read(lambda c: get_value(c, "count")) == 3


async def test_updates_of_one_person_in_one_chat_are_handled_in_order(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    desk.fail = {"t3": 2}
    desk.gates = {"t1": asyncio.Event()}
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    await way_in.accept([raw_message(n, text=f"t{n}") for n in range(1, 7)])
    desk.gates["t1"].set()
    await worker.idle()
    assert desk.seen == ["t1", "t2", "t3", "t3", "t3", "t4", "t5", "t6"]
    assert desk.told == [("t3", False), ("t3", False)]


async def test_a_slow_or_retrying_update_holds_its_own_lane_only(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    desk.fail = {"stuck": 1}
    desk.gates = {"slow": asyncio.Event()}
    way_in, worker = make(store, clock, desk, backoff_s=(30.0,), concurrency=2)
    stopping(worker)
    await way_in.accept(
        [
            raw_message(1, user_id=1, text="slow"),
            raw_message(2, user_id=2, text="stuck"),
            raw_message(3, user_id=2, text="behind"),
            raw_message(4, user_id=3, text="other"),
            raw_message(5, user_id=3, chat_id=-6, text="elsewhere"),
        ]
    )
    await until(lambda: {"other", "elsewhere", "stuck"} <= set(desk.seen))
    await until(lambda: states(store)[2][0] == "retry")
    assert "behind" not in desk.seen
    assert "slow" not in desk.seen
    desk.gates["slow"].set()
    await worker.stop(5)


async def test_an_update_that_keeps_failing_is_parked_and_can_be_revived(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    desk.fail = {"bad": 3}
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    await way_in.accept([raw_message(1, text="bad"), raw_message(2, text="good")])
    await worker.idle()
    assert states(store)[1] == ("dead", 3, "ValueError: handler")
    assert states(store)[2][0] == "done"
    assert store.write(lambda c: revive(c, bot_id=BOT_ID, update_id=1))
    _, again = make(store, clock, desk)
    stopping(again)
    await again.start()
    await again.idle()
    assert states(store)[1][0] == "done"


async def test_what_an_earlier_run_left_is_taken_up_in_order(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    way_in, worker = make(store, clock, desk)
    await worker.stop(0)
    await way_in.accept([raw_message(n, text=f"t{n}") for n in range(1, 1201)])
    assert desk.seen == []
    _, again = make(store, clock, desk, max_waiting=700)
    stopping(again)
    await again.start()
    await again.idle()
    assert desk.seen == [f"t{n}" for n in range(1, 1201)]


async def test_taking_waits_while_too_much_is_in_hand(store: Store, clock: Clock, stopping: Cleanup) -> None:
    desk = Desk()
    desk.gates = {"t1": asyncio.Event()}
    way_in, worker = make(store, clock, desk, max_waiting=3)
    stopping(worker)
    taking = asyncio.ensure_future(way_in.accept([raw_message(n, text=f"t{n}") for n in range(1, 4)]))
    await until(lambda: len(states(store)) == 3)
    assert not taking.done()
    desk.gates["t1"].set()
    await taking


async def test_what_is_for_nobody_is_done_without_a_handler(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    await way_in.accept([raw_message(1, text="nobody")])
    await worker.idle()
    assert states(store)[1][0] == "done"
    assert desk.seen == []


async def test_a_batch_that_cannot_be_stored_is_refused_whole(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    way_in, worker = make(store, clock, desk)
    stopping(worker)

    def full(_connection: Connection) -> None:
        raise NotSaved("disk full")

    store.guard(full)
    with pytest.raises(NotAccepted):
        await way_in.accept([raw_message(1)])
    store.guard(lambda _: None)
    await way_in.accept([raw_message(1)])
    await worker.idle()
    assert desk.seen == ["hi"]


async def test_a_handler_that_hangs_is_put_off(store: Store, clock: Clock, stopping: Cleanup) -> None:
    desk = Desk()
    desk.gates = {"hang": asyncio.Event()}
    way_in, worker = make(store, clock, desk, handler_timeout_s=0.01, backoff_s=(30.0,))
    stopping(worker)
    await way_in.accept([raw_message(1, text="hang")])
    await until(lambda: states(store)[1][0] == "retry")
    assert states(store)[1] == ("retry", 1, "TimeoutError: TimeoutError")


async def test_an_update_finished_elsewhere_changes_nothing(
    store: Store, clock: Clock, stopping: Cleanup
) -> None:
    desk = Desk()
    desk.gates = {"hi": asyncio.Event()}
    way_in, worker = make(store, clock, desk)
    stopping(worker)
    await way_in.accept([raw_message(1)])
    store.write(lambda c: c.execute(inbox.update().values(state="done")))
    desk.gates["hi"].set()
    await worker.idle()
    assert sent(store) == []
    assert store.read(lambda c: get_value(c, "count")) is None
