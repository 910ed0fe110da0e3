"""User side: everything a page starts with, in one answer that fits the stream of events."""

from __future__ import annotations

from itertools import islice
from typing import Any

from aiohttp import web

from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadInputError
from bot.sandbox.sim.body import query_integer
from bot.sandbox.sim.control import clock_shown, limits_shown
from bot.sandbox.sim.people import bot_shown
from bot.sandbox.sim.view import as_seen
from bot.sandbox.world import World


async def read(world: World, request: web.Request) -> Any:
    """GET /sim/snapshot[?messages=N]: the world as it is after event `event`.

    Returns {run, event, clock, limits, faults, users, bots, chats}; every chat has its newest N messages
    (20 unless told) as `messages`, oldest first. `run` differs after every start of the server.
    """
    given = query_integer(request, "messages")
    count = 20 if given is None else given
    if count < 0:
        raise BadInputError("messages must be at least 0")
    return {
        "run": world.run,
        "event": world.events.last,
        "clock": clock_shown(world),
        "limits": limits_shown(world),
        "faults": world.faults.to_json(),
        "users": [user.json for user in world.people()],
        "bots": [bot_shown(bot) for bot in world.bots.values()],
        "chats": [
            {**world.chat_summary(chat), "messages": _newest(chat, count)} for chat in world.chats.values()
        ],
    }


def _newest(chat: Chat, count: int) -> list[dict[str, Any]]:
    there = (message for message in reversed(chat.messages.values()) if not message.deleted)
    return [as_seen(message) for message in islice(there, count)][::-1]
