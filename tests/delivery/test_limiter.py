"""The plan of sending, simulated on a clock of its own: limits are never passed, the urgent go first."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest

from bot.delivery.lanes import Lanes
from bot.delivery.limiter import NEVER, Limiter, Rates


@dataclass
class Simulation:
    """A messenger that takes ``latency_s`` per call and accepts somewhere in between."""

    lanes: Lanes
    latency_s: float = 0.02
    now: float = 0.0
    accepted: list[tuple[float, int, int]] = field(default_factory=list)
    random: random.Random = field(default_factory=lambda: random.Random(1))

    def run(self, until_s: float) -> None:
        under_way: list[tuple[float, int, int]] = []
        while True:
            plan = self.lanes.plan(self.now)
            for chat_id, row_id in plan.send:
                ended = self.now + self.random.uniform(0.5, 1.5) * self.latency_s
                self.accepted.append((self.random.uniform(self.now, ended), chat_id, row_id))
                heapq.heappush(under_way, (ended, chat_id, row_id))
            following = min(plan.look_again_at, under_way[0][0] if under_way else NEVER)
            if following > until_s:
                self.now = until_s
                return
            self.now = max(following, self.now)
            while under_way and under_way[0][0] <= self.now:
                _, chat_id, row_id = heapq.heappop(under_way)
                self.lanes.done(row_id, chat_id=chat_id, now=self.now, counted=True)

    def times(self, rows: range | None = None) -> list[float]:
        return sorted(at for at, _, row_id in self.accepted if rows is None or row_id in rows)


def assert_never_more(times: list[float], most: int, span_s: float) -> None:
    for first, beyond in zip(times, times[most:], strict=False):
        assert beyond - first >= span_s - 1e-9


def fill(lanes: Lanes, rows: range, *, chats: int, priority: int = 10, group: bool = True) -> None:
    for row_id in rows:
        chat = row_id % chats + 1
        lanes.add(row_id, chat_id=-chat if group else chat, priority=priority)


@pytest.mark.parametrize("latency_s", [0.001, 0.1, 0.7])
def test_a_strict_server_never_sees_more_than_its_limits(latency_s: float) -> None:
    lanes = Lanes(Limiter())
    fill(lanes, range(1, 3001), chats=70)
    simulation = Simulation(lanes, latency_s=latency_s)
    simulation.run(400.0)
    assert_never_more(simulation.times(), 30, 1.0)
    for chat in range(1, 71):
        times = sorted(at for at, chat_id, _ in simulation.accepted if chat_id == -chat)
        assert_never_more(times, 3, 3.0)
        assert_never_more(times, 20, 60.0)


@pytest.mark.parametrize("latency_s", [0.005, 0.05])
def test_a_thousand_chats_take_little_more_than_a_thousand_thirtieths_of_a_second(latency_s: float) -> None:
    lanes = Lanes(Limiter())
    fill(lanes, range(1, 1001), chats=1000)
    simulation = Simulation(lanes, latency_s=latency_s)
    simulation.run(100.0)
    assert len(simulation.accepted) == 1000
    assert simulation.times()[-1] <= 1.1 * 1000 / 30


def test_a_warning_to_34_groups_passes_a_backlog_of_a_thousand() -> None:
    lanes = Lanes(Limiter())
    fill(lanes, range(1, 1001), chats=34)
    simulation = Simulation(lanes)
    simulation.run(10.0)
    assert len(lanes) > 300
    warned_at = simulation.now
    fill(lanes, range(5001, 5035), chats=34, priority=0)
    simulation.run(30.0)
    times = simulation.times(range(5001, 5035))
    assert len(times) == 34
    assert times[-1] - warned_at <= 2.0
    assert times[-1] - times[0] <= 1.5


def test_five_of_a_groups_twenty_a_minute_are_left_to_urgent_messages() -> None:
    lanes = Lanes(Limiter())
    fill(lanes, range(1, 101), chats=1)
    simulation = Simulation(lanes)
    simulation.run(50.0)
    assert len(simulation.accepted) == 15
    fill(lanes, range(201, 211), chats=1, priority=0)
    simulation.run(59.0)
    assert len(simulation.times(range(201, 211))) == 5


def test_a_private_chat_has_no_minute_limit() -> None:
    lanes = Lanes(Limiter())
    fill(lanes, range(1, 41), chats=1, group=False)
    simulation = Simulation(lanes)
    simulation.run(45.0)
    assert len(simulation.accepted) == 40


def test_messages_of_one_chat_leave_in_order_and_urgent_ones_first() -> None:
    lanes = Lanes(Limiter(Rates(overall=None, chat=None, group=None)))
    for row_id in (3, 1, 2):
        lanes.add(row_id, chat_id=5, priority=10)
    lanes.add(9, chat_id=5, priority=0)
    simulation = Simulation(lanes)
    simulation.run(10.0)
    assert [row_id for _, _, row_id in simulation.accepted] == [9, 1, 2, 3]


def test_one_call_at_a_time_in_a_chat() -> None:
    lanes = Lanes(Limiter(Rates(overall=None, chat=None, group=None)))
    lanes.add(1, chat_id=5, priority=10)
    lanes.add(2, chat_id=5, priority=0)
    lanes.add(3, chat_id=6, priority=10)
    assert set(lanes.plan(0.0).send) == {(5, 2), (6, 3)}
    lanes.add(4, chat_id=5, priority=0)
    assert lanes.plan(0.0).send == ()
    lanes.done(2, chat_id=5, now=0.1, counted=True)
    assert lanes.plan(0.1).send == ((5, 4),)


def test_a_paused_chat_waits_and_the_others_do_not() -> None:
    lanes = Lanes(Limiter())
    lanes.limiter.pause(-1, 7.0)
    lanes.add(1, chat_id=-1, priority=0)
    lanes.add(2, chat_id=-2, priority=10)
    plan = lanes.plan(0.0)
    assert plan.send == ((-2, 2),)
    assert lanes.plan(6.9).send == ()
    assert lanes.plan(6.9).look_again_at == 7.0
    assert lanes.plan(7.0).send == ((-1, 1),)


def test_a_retry_is_held_back_and_an_urgent_message_passes_it() -> None:
    lanes = Lanes(Limiter())
    lanes.add(1, chat_id=5, priority=10)
    assert lanes.plan(0.0).send == ((5, 1),)
    lanes.again(1, chat_id=5, now=0.1, counted=True, not_before=30.0)
    lanes.add(2, chat_id=5, priority=10)
    assert lanes.plan(1.0).send == ()
    lanes.add(3, chat_id=5, priority=0)
    assert lanes.plan(1.0).send == ((5, 3),)
    lanes.done(3, chat_id=5, now=1.1, counted=True)
    assert lanes.plan(29.0).send == ()
    assert lanes.plan(30.0).send == ((5, 1),)


def test_a_raised_priority_counts_and_the_row_leaves_once() -> None:
    lanes = Lanes(Limiter(Rates(overall=None, chat=None, group=None)))
    lanes.add(1, chat_id=5, priority=10)
    lanes.add(2, chat_id=5, priority=10)
    lanes.add(2, chat_id=5, priority=0)
    simulation = Simulation(lanes)
    simulation.run(10.0)
    assert [row_id for _, _, row_id in simulation.accepted] == [2, 1]
    assert len(lanes) == 0


def test_rows_follow_a_chat_that_moves_even_one_under_way() -> None:
    lanes = Lanes(Limiter())
    for row_id in (1, 2):
        lanes.add(row_id, chat_id=-5, priority=10)
    assert lanes.plan(0.0).send == ((-5, 1),)
    lanes.move(-5, -1005)
    lanes.again(1, chat_id=-5, now=0.1, counted=False)
    assert lanes.plan(0.1).send == ((-1005, 1),)
    lanes.done(1, chat_id=-1005, now=0.2, counted=True)
    assert lanes.plan(0.2).send == ((-1005, 2),)
    lanes.done(2, chat_id=-1005, now=0.3, counted=True)
    assert len(lanes) == 0


def test_a_reserved_place_is_used_returned_or_refused() -> None:
    lanes = Lanes(Limiter())
    assert lanes.reserve(5, 0.0, urgent=False)
    assert not lanes.reserve(5, 0.0, urgent=True)
    lanes.add(8, chat_id=5, priority=10)
    assert lanes.plan(0.0).send == ()
    lanes.enter(7, chat_id=5, priority=10)
    lanes.again(7, chat_id=5, now=0.1, counted=True, not_before=0.5)
    assert lanes.plan(0.2).send == ()
    assert lanes.plan(0.5).send == ((5, 7),)
    lanes.done(7, chat_id=5, now=0.6, counted=True)
    assert lanes.plan(0.6).send == ((5, 8),)
    assert lanes.reserve(6, 0.6, urgent=False)
    lanes.give_back(6, 0.7)
    assert lanes.reserve(6, 0.7, urgent=False)
    for chat in range(100, 126):
        assert lanes.reserve(chat, 0.7, urgent=False)
    assert not lanes.reserve(200, 0.7, urgent=True)


def test_a_cleared_chat_sends_nothing_more() -> None:
    lanes = Lanes(Limiter())
    for row_id in (1, 2, 3):
        lanes.add(row_id, chat_id=5, priority=10)
    assert lanes.plan(0.0).send == ((5, 1),)
    lanes.clear(5)
    lanes.done(1, chat_id=5, now=0.1, counted=False)
    assert lanes.plan(100.0).send == ()
    assert len(lanes) == 0


def test_planning_cost_does_not_grow_with_one_chats_backlog() -> None:
    lanes = Lanes(Limiter())
    fill(lanes, range(1, 20_001), chats=1)
    for step in range(200):
        for _, row_id in lanes.plan(step * 3.0).send:
            lanes.done(row_id, chat_id=-1, now=step * 3.0, counted=True)
    assert len(lanes._ready) + len(lanes._later) < 50


def test_what_is_remembered_of_quiet_chats_is_forgotten() -> None:
    limiter = Limiter()
    limiter.start(-1)
    limiter.end(-1, 0.0)
    limiter.pause(-2, 5.0)
    limiter.forget_idle(30.0)
    assert len(limiter._chats) == 1
    limiter.forget_idle(61.0)
    assert (len(limiter._chats), len(limiter._pauses)) == (0, 0)
