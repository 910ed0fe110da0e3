"""kill -9 at any moment: nothing accepted is lost, nothing is handled twice, repeats are known."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.settings import get_value
from storage.store import Store
from storage.tables import outbox
from tests.telegram.conftest import TOKEN, World34, until

pytestmark = pytest.mark.network

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("ZHUANBAN_TEST_KILLS", "3"))
SEED = int(os.environ.get("ZHUANBAN_TEST_SEED", "1"))
PER_KILL = 40


@asynccontextmanager
async def running(place: World34, url: str) -> AsyncIterator[None]:
    """The desk in a process of its own, killed at the end whatever happens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.telegram.crashing_desk",
        place.sandbox.url,
        TOKEN,
        url,
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def finished(url: str, asked: int) -> bool:
    """Whether every answer has been sent."""
    with Store(url) as store:
        states = store.read(lambda c: c.execute(select(outbox.c.state)).scalars().all())
    return len(states) >= asked and set(states) == {"sent"}


async def test_nothing_is_lost_or_handled_twice_however_often_the_process_is_killed(
    place: World34, url: str
) -> None:
    groups = [await place.group() for _ in range(5)]
    asked: list[str] = []
    dice = random.Random(SEED)

    async def talk(count: int) -> None:
        for _ in range(count):
            number = str(len(asked))
            asked.append(number)
            await place.say(dice.choice(groups), f"/ask {number}", dice.choice([place.ann, place.ben]))

    for _ in range(KILLS):
        async with running(place, url):
            talking = asyncio.create_task(talk(PER_KILL))
            # A random point of the work, measured in calls that reached the server.
            target = len(place.calls("sendMessage")) + dice.randint(1, PER_KILL)
            await until(lambda t=target: len(place.calls("sendMessage")) >= t)
        await talking
    async with running(place, url):
        await until(lambda: finished(url, len(asked)), within_s=60 + KILLS)
    with Store(url) as store:
        handled = [store.read(lambda c, n=n: get_value(c, f"handled.{n}", 0)) for n in asked]
        rows = store.read(lambda c: c.execute(select(outbox)).all())
    answers = Counter([text for group in groups for text in await place.texts(group)])
    lost = [n for n in asked if f"re {n}" not in answers]
    twice = sum(count > 1 for count in handled)
    repeated = {text for text, count in answers.items() if count > 1}
    marked = {row.payload["text"] for row in rows if row.possibly_repeated}
    print(  # noqa: T201 - figures for those who run many kills
        f"kills {KILLS}, accepted {len(asked)}, lost {len(lost)}, handled twice {twice}, "
        f"sent twice {len(repeated)}, marked as possibly repeated {len(marked)}"
    )
    assert (lost, twice) == ([], 0)
    assert set(handled) == {1}
    assert len(rows) == len(asked)
    assert repeated <= marked
