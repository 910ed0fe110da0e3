"""kill -9 at random moments under load: what is lost, handled twice, sent again, and whether that is marked."""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
from collections import Counter
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from bot.sandbox import Limits, Sandbox, World
from storage.schema import upgrade
from storage.settings import get_value
from storage.store import Store
from storage.tables import inbox, outbox
from storage.urls import sqlite_url
from tests.bench.local_api import verdict
from tests.telegram.conftest import World34, until
from tests.telegram.test_kill import finished, running

KILLS, AT_LEAST, GROUPS = 50, 1000, 5
STARTING_S, WORKING_S, PAUSE_S, API_DELAY_S = 2.0, 0.8, 0.06, 0.05
EARLY = 0.2  # this share of the kills comes while the desk starts, the others while it works
WITHIN_S = 120.0


async def _talk(
    place: World34, groups: list[int], asked: list[str], dice: random.Random, enough: asyncio.Event
) -> None:
    """People write all the time, at moments that have nothing to do with the desk's."""
    while not enough.is_set() or len(asked) < AT_LEAST:
        number = str(len(asked))
        await place.say(dice.choice(groups), f"/ask {number}", dice.choice([place.ann, place.ben]))
        asked.append(number)
        await asyncio.sleep(dice.uniform(0.0, PAUSE_S))


async def _killed(place: World34, url: str, dice: random.Random) -> None:
    """Run the desk, and kill it at a moment of the clock, whatever it is doing."""
    async with running(place, url):
        if dice.random() < EARLY:
            await asyncio.sleep(dice.uniform(0.0, STARTING_S))
            return
        polls = len(place.calls("getUpdates"))
        await until(lambda: len(place.calls("getUpdates")) > polls, within_s=WITHIN_S)
        await asyncio.sleep(dice.uniform(0.0, WORKING_S))


async def _run(seed: int) -> None:
    dice = random.Random(seed)
    world = World(limits=Limits.off())
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "desk.db")
        upgrade(url)
        async with Sandbox(world) as sandbox, aiohttp.ClientSession() as session:
            place = World34(sandbox, session)
            groups = [await place.group() for _ in range(GROUPS)]
            # Calls that take a while, as Telegram's do: a kill then hits some of them.
            await place.fault("sendMessage", times=1_000_000, delay_s=API_DELAY_S)
            asked: list[str] = []
            enough = asyncio.Event()
            talking = asyncio.create_task(_talk(place, groups, asked, dice, enough))
            waiting = []
            for _ in range(KILLS):
                await _killed(place, url, dice)
                waiting.append(_open(url))
            enough.set()
            await talking
            async with running(place, url):
                await until(lambda: finished(url, len(asked)), within_s=WITHIN_S)
            answers = Counter([text for group in groups for text in await place.texts(group)])
        _report(url, asked, answers, waiting)


def _open(url: str) -> tuple[int, int]:
    """Updates stored and not finished, messages that were being sent: what the kill interrupted."""
    with Store(url) as store:
        return store.read(
            lambda c: (
                c.execute(select(func.count()).where(inbox.c.state == "new")).scalar_one(),
                c.execute(select(func.count()).where(outbox.c.state == "sending")).scalar_one(),
            )
        )


def _report(url: str, asked: list[str], answers: Counter[str], waiting: list[tuple[int, int]]) -> None:
    with Store(url) as store:
        handled = [store.read(lambda c, n=n: get_value(c, f"handled.{n}", 0)) for n in asked]  # type: ignore[misc]
        rows = store.read(lambda c: c.execute(select(outbox)).all())
        dead = store.read(lambda c: c.execute(select(func.count()).where(inbox.c.state == "dead")).scalar())
    lost = sum(f"re {number}" not in answers for number in asked)
    unhandled, twice = handled.count(0), sum(count > 1 for count in handled)
    repeated = {text for text, count in answers.items() if count > 1}
    marked = {row.payload["text"] for row in rows if row.possibly_repeated}
    busy = sum(bool(new or sending) for new, sending in waiting)
    print(
        f"{KILLS} kills, {busy} of them with work under way, {len(asked)} updates accepted: "
        f"lost {lost} (aim 0: {verdict(lost == 0 and unhandled == 0)}), parked {dead}, "
        f"handled twice {twice} (aim 0: {verdict(twice == 0 and len(rows) == len(asked))}); "
        f"sent again {len(repeated)}, marked as possibly repeated {len(marked)}, "
        f"sent again unmarked {len(repeated - marked)} (aim 0: {verdict(repeated <= marked)})"
    )


def run() -> None:
    """Print what came of it. The moments differ from run to run; the seed is printed."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    # A killed client cuts its request off, which the server logs as an error.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    asyncio.run(_run(seed))
