"""Lets the desk's clock follow another one over HTTP: a sandbox in a process of its own (tests and demo)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.clock import Clock

_log = logging.getLogger(__name__)
EVERY_S = 0.25
TOLERANCE = timedelta(seconds=1)


async def follow(clock: Clock, url: str, *, moved: Callable[[], None]) -> None:
    """Keep ``clock`` within a second of ``url``'s ``unix`` time; ``moved`` is called after each correction.

    Runs until cancelled; an unreachable clock leaves the desk's where it is.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while True:
            try:
                async with session.get(url) as response:
                    there = datetime.fromtimestamp(float((await response.json())["unix"]), UTC)
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                _log.debug("the clock does not answer: %s", error)
            else:
                if abs(there - clock.now()) > TOLERANCE:
                    clock.set(there)
                    moved()
            await asyncio.sleep(EVERY_S)
