"""User side: raw updates, faults, limits, the log of calls, the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from bot.sandbox.errors import BadInputError
from bot.sandbox.faults import DROPS, Drop, Fault
from bot.sandbox.limits import Limits
from bot.sandbox.sim.body import Body, query_integer
from bot.sandbox.world import World

_LIMITS = ("overall_per_s", "chat_per_s", "group_per_min")


async def raw_update(world: World, request: web.Request) -> Any:
    """POST /sim/updates[?bot=] {…raw update…}: queued unchecked, for the first bot unless named."""
    body = await Body.read(request)
    if not world.bots:
        raise BadInputError("no bot is there yet")
    named = request.query.get("bot")
    bot = world.bot_named(named) if named else next(iter(world.bots.values()))
    return {"bot": bot.id, "update_id": bot.queue.push_raw(body.values)}


async def list_outbox(world: World, _: web.Request) -> Any:
    """GET /sim/outbox: `{shown, rows}`; not shown unless the bot's program runs beside the sandbox."""
    rows = await world.outbox() if world.outbox else []
    return {"shown": world.outbox is not None, "rows": rows}


async def list_faults(world: World, _: web.Request) -> Any:
    """GET /sim/faults: the orders not used up."""
    return world.faults.to_json()


async def add_fault(world: World, request: web.Request) -> Any:
    """POST /sim/faults {method, times?, status?, description?, parameters?, delay_s?, drop?, chat_id?}."""
    body = await Body.read(request)
    drop: Drop | None = None
    if (given := body.maybe_text("drop")) is not None:
        if given not in DROPS:
            raise BadInputError('drop must be "before" or "after"')
        drop = DROPS[given]
    times = body.maybe_integer("times")
    status = body.maybe_integer("status")
    if times is not None and times < 1:
        raise BadInputError("times must be at least 1")
    if status is not None and not 200 <= status <= 599:
        raise BadInputError("status must be an HTTP status")
    fault = Fault(
        method=body.text("method"),
        times=1 if times is None else times,
        status=status,
        description=body.maybe_text("description"),
        parameters=body.maybe_object("parameters"),
        delay_s=body.maybe_number("delay_s", 0.0) or 0.0,
        drop=drop,
        chat_id=body.maybe_integer("chat_id"),
    )
    world.faults.add(fault)
    world.events.publish("faults", world.faults.to_json())
    return fault.to_json()


async def clear_faults(world: World, _: web.Request) -> Any:
    """DELETE /sim/faults."""
    world.faults.clear()
    world.events.publish("faults", [])
    return []


def limits_shown(world: World) -> dict[str, float | None]:
    """Return the limits as /sim/limits shows them."""
    return {name: getattr(world.limiter.limits, name) for name in _LIMITS}


async def get_limits(world: World, _: web.Request) -> Any:
    """GET /sim/limits."""
    return limits_shown(world)


async def set_limits(world: World, request: web.Request) -> Any:
    """POST /sim/limits {overall_per_s?, chat_per_s?, group_per_min?}: null = off, absent = as before."""
    body = await Body.read(request)
    wanted = limits_shown(world)
    for name in _LIMITS:
        if name in body.values:
            wanted[name] = body.maybe_number(name)
            if wanted[name] is not None and not wanted[name]:
                raise BadInputError(f"{name} must be above 0, or null for off")
    world.limiter.set(Limits(**wanted))
    world.events.publish("limits", wanted)
    return wanted


async def list_calls(world: World, request: web.Request) -> Any:
    """GET /sim/calls[?after=N][&limit=M]: rows of the last hundred thousand calls, oldest first."""
    return world.calls.after(query_integer(request, "after") or 0, query_integer(request, "limit"))


def clock_shown(world: World) -> dict[str, Any]:
    """Return the clock as /sim/clock shows it."""
    clock = world.clock
    return {"now": clock.now().isoformat(), "unix": clock.unix(), "offset_s": clock.offset_s}


async def get_clock(world: World, _: web.Request) -> Any:
    """GET /sim/clock → {now: ISO 8601 in UTC, unix: seconds, offset_s}."""
    return clock_shown(world)


async def move_clock(world: World, request: web.Request) -> Any:
    """POST /sim/clock {advance_s | to}: `to` is ISO 8601 with its offset, or Unix seconds."""
    body = await Body.read(request)
    advance_s, to = body.maybe_number("advance_s"), body.values.get("to")
    if (advance_s is None) == (to is None):
        raise BadInputError("give either advance_s or to")
    before_s = world.clock.offset_s
    try:
        if advance_s is not None:
            world.clock.advance(advance_s)
        else:
            world.clock.move_to(_moment(to))
        shown = clock_shown(world)
    except (OverflowError, OSError, ValueError):
        world.clock.offset_s = before_s
        raise BadInputError("that is beyond the calendar") from None
    world.events.publish("clock", shown)
    return shown


def _moment(to: Any) -> datetime:
    if isinstance(to, (int, float)) and not isinstance(to, bool):
        return datetime.fromtimestamp(to).astimezone()
    try:
        moment = datetime.fromisoformat(to)
    except (TypeError, ValueError):
        raise BadInputError("to must be ISO 8601 with an offset, or Unix seconds") from None
    if moment.tzinfo is None:
        raise BadInputError("to needs an offset from UTC, such as +08:00")
    return moment
