"""The user side of the sandbox: JSON over HTTP under /sim, described in README.md."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.errors import ApiError, SimError
from bot.sandbox.sim import asking, control, people, snapshot, speaking, stream
from bot.sandbox.world import World

Action = Callable[[World, web.Request], Awaitable[Any]]

_CHAT = r"/sim/chats/{chat_id:-?\d+}"

ROUTES: tuple[tuple[str, str, Action], ...] = (
    ("GET", "/sim/snapshot", snapshot.read),
    ("GET", "/sim/users", people.list_users),
    ("POST", "/sim/users", people.add_user),
    ("GET", "/sim/bots", people.list_bots),
    ("POST", "/sim/bots", people.add_bot),
    ("GET", "/sim/chats", people.list_chats),
    ("POST", "/sim/chats", people.add_chat),
    ("GET", _CHAT, people.get_chat),
    ("POST", _CHAT + "/members", people.put_member),
    ("DELETE", _CHAT + r"/members/{user_id:\d+}", people.drop_member),
    ("POST", _CHAT + "/migrate", people.migrate_chat),
    ("GET", _CHAT + "/commands", people.list_commands),
    ("GET", _CHAT + "/messages", speaking.list_messages),
    ("POST", "/sim/messages", speaking.write),
    ("POST", "/sim/edits", speaking.edit),
    ("POST", "/sim/deletions", speaking.delete),
    ("POST", "/sim/reactions", speaking.react),
    ("POST", "/sim/votes", speaking.cast_vote),
    ("POST", "/sim/startgroup", speaking.start_group),
    ("POST", "/sim/taps", asking.tap),
    ("POST", "/sim/inline", asking.inline),
    ("POST", "/sim/inline/choose", asking.choose),
    ("POST", "/sim/updates", control.raw_update),
    ("GET", "/sim/faults", control.list_faults),
    ("POST", "/sim/faults", control.add_fault),
    ("DELETE", "/sim/faults", control.clear_faults),
    ("GET", "/sim/limits", control.get_limits),
    ("POST", "/sim/limits", control.set_limits),
    ("GET", "/sim/calls", control.list_calls),
    ("GET", "/sim/outbox", control.list_outbox),
    ("GET", "/sim/clock", control.get_clock),
    ("POST", "/sim/clock", control.move_clock),
    ("GET", "/sim/events", stream.events),
    ("GET", "/sim/files/{file_id}", stream.download),
)


def add_routes(app: web.Application, world: World) -> None:
    """Add everything under /sim to an application."""
    for method, path, action in ROUTES:
        app.router.add_route(method, path, _handler(world, action))
    app.router.add_route("*", "/sim{rest:.*}", _unknown)


def _handler(world: World, action: Action) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            # Another web page in the same browser must not play the people here.
            return _json({"error": "requests from other origins are refused"}, 403)
        try:
            result = await action(world, request)
        except SimError as error:
            return _json({"error": str(error)}, error.status)
        except ApiError as error:
            return _json({"error": error.description}, 400)
        return result if isinstance(result, web.StreamResponse) else _json(result)

    return handle


async def _unknown(request: web.Request) -> web.Response:
    return _json({"error": f"no {request.method} {request.path}"}, 404)


def _json(value: Any, status: int = 200) -> web.Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, content_type="application/json")
