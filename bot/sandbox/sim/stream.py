"""User side: the stream of events, and files without a token."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionResetError

from bot.sandbox.calls import CallRow
from bot.sandbox.chats import Message
from bot.sandbox.errors import ApiError, NotKnownError
from bot.sandbox.events import Event
from bot.sandbox.sim.body import query_integer
from bot.sandbox.sim.view import as_seen
from bot.sandbox.world import World

_HEARTBEAT_S = 15.0
_SIGNATURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


def _data(data: Any) -> Any:
    if isinstance(data, Message):
        return as_seen(data)
    return data.to_json() if isinstance(data, CallRow) else data


def _line(event: Event) -> str:
    number, kind, data = event
    shown = json.dumps(_data(data), ensure_ascii=False, separators=(",", ":"))
    return f"id: {number}\nevent: {kind}\ndata: {shown}\n\n"


async def events(world: World, request: web.Request) -> web.StreamResponse:
    """GET /sim/events[?after=N]: server-sent events; from now on when N is absent.

    When events after N are gone, or N is of another run of the server, an event "reset" {last} comes first:
    read everything anew. Last-Event-ID is understood, so that a browser picks up where it stopped.
    """
    after = query_integer(request, "after")
    last_id = request.headers.get("Last-Event-ID", "")
    n = int(last_id) if last_id.isdigit() else world.events.last if after is None else after
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    try:
        if world.events.missed(n):
            n = world.events.last
            await response.write(_line((n, "reset", {"last": n})).encode())
        else:
            # An id without data only tells a browser where to resume, should it be cut off before any event.
            await response.write(f": hello\nid: {n}\n\n".encode())
        while not world.events.closed:
            await world.events.wait(n, _HEARTBEAT_S)
            batch = world.events.after(n)
            if batch:
                n = batch[-1][0]
                await response.write("".join(map(_line, batch)).encode())
            else:
                await response.write(b": still here\n\n")
    except (ConnectionResetError, ClientConnectionResetError):
        # The page went away; there is nobody to tell.
        return response
    return response


async def download(world: World, request: web.Request) -> web.Response:
    """GET /sim/files/FILE_ID: the bytes of a file, for pages."""
    try:
        stored = world.files.get(request.match_info["file_id"])
    except ApiError:
        raise NotKnownError("no such file") from None
    safe = stored.width > 0 or stored.mime_type.startswith(("audio/", "video/"))
    # What people upload must not run as a page of this origin.
    kind = _image_type(stored.data) or stored.mime_type if safe else "application/octet-stream"
    return web.Response(body=stored.data, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})


def _image_type(data: bytes) -> str | None:
    return next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), None)
