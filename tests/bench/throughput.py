"""The durable way in and out against a plain python-telegram-bot Application: both echo."""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

from tests.bench.echoes import durable, plain
from tests.bench.local_api import LocalApi, local_api, verdict

UPDATES, SLOW_PLAIN_UPDATES, PEOPLE, ROUNDS = 1000, 100, 200, 3
ALONE, ALONE_EVERY_S = 80, 0.1
API_DELAY_S = 0.05
Kind = Callable[[str, str], AbstractAsyncContextManager[None]]
KINDS: dict[str, Kind] = {
    "plain": plain,
    "durable": durable,
    "no express": partial(durable, express=False),
}


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of those compared: its bot, and how to run it."""

    name: str
    bot: int
    run: Callable[[], AbstractAsyncContextManager[None]]


def run() -> None:
    """Print throughput, latency of a single message, and throughput where a call takes 50 ms."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(_run())


async def _run() -> None:
    async with local_api() as api:
        await api.without_limits()
        sides = []
        for number, (name, kind) in enumerate(KINDS.items(), 800001):
            token, bot = await api.bot(number)
            sides.append(Side(name=name, bot=bot, run=partial(kind, api.url, token)))
        people = await api.people(PEOPLE, *(side.bot for side in sides))
        print(
            f"{UPDATES} updates from {PEOPLE} chats, answers a second (processor time of the bot an update)"
        )
        rates = await _rates(api, sides, people, plain_updates=UPDATES)
        _compare(rates, aim=0.35)
        print(f"one message alone, median of {ALONE}")
        alone = await _alone(api, sides, people)
        for name in ("durable", "no express"):
            added = alone[name] - alone["plain"]
            print(
                f"  {name}: {alone[name]:.1f} ms, plain {alone['plain']:.1f} ms, "
                f"added {added:.1f} ms (aim 6: {verdict(added <= 6)})"
            )
        print(f"{API_DELAY_S * 1e3:.0f} ms a call")
        await api.sim("faults", {"method": "sendMessage", "times": 1_000_000, "delay_s": API_DELAY_S})
        rates = await _rates(api, sides, people, plain_updates=SLOW_PLAIN_UPDATES)
        _compare(rates, aim=10)


def _compare(rates: dict[str, tuple[float, float]], *, aim: float) -> None:
    base, base_ms = rates["plain"]
    for name in ("durable", "no express"):
        rate, ms = rates[name]
        print(
            f"  {name}: {rate:.0f}/s ({ms:.2f} ms), plain {base:.0f}/s ({base_ms:.2f} ms), "
            f"ratio {rate / base:.2f} (aim {aim:g}: {verdict(rate / base >= aim)}), "
            f"by processor time {base_ms / ms:.2f}"
        )


async def _rates(
    api: LocalApi, sides: list[Side], people: list[int], *, plain_updates: int
) -> dict[str, tuple[float, float]]:
    """Answers a second, from the first poll to the last answer's arrival, and milliseconds of processor time
    an update; medians of rounds taken in turn."""
    found: dict[str, list[tuple[float, float]]] = {side.name: [] for side in sides}
    for _ in range(ROUNDS):
        for side in sides:
            count = plain_updates if side.name == "plain" else UPDATES
            for number in range(count):
                who = people[number % len(people)]
                await api.say(who, who, f"m{number}", bot=side.bot)
            mark, used_s = await api.mark(), time.process_time()
            async with side.run():
                sent = await api.until_calls(mark, "sendMessage", count, side.bot)
                used_s = time.process_time() - used_s
                polled = await api.calls(mark, "getUpdates", side.bot)
            rate = count / (sent[-1]["at"] - polled[0]["at"])
            found[side.name].append((rate, used_s / count * 1e3))
    return {
        name: (statistics.median(r for r, _ in rounds), statistics.median(ms for _, ms in rounds))
        for name, rounds in found.items()
    }


async def _alone(api: LocalApi, sides: list[Side], people: list[int]) -> dict[str, float]:
    """Milliseconds from a person's writing to the answer's arrival, one message at a time, taken in turn."""
    said: dict[str, list[float]] = {side.name: [] for side in sides}
    mark = await api.mark()
    async with sides[0].run(), sides[1].run(), sides[2].run():
        await asyncio.sleep(1.0)
        for number in range(ALONE):
            for side in sides:
                who = people[number % len(people)]
                said[side.name].append(time.time())
                await api.say(who, who, "hello", bot=side.bot)
                await asyncio.sleep(ALONE_EVERY_S)
        answers = {
            side.name: [row["at"] for row in await api.until_calls(mark, "sendMessage", ALONE, side.bot)]
            for side in sides
        }
    return {
        name: statistics.median(b - a for a, b in zip(said[name], answers[name], strict=True)) * 1e3
        for name in said
    }
