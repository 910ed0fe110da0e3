"""What the desk's handlers share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from bot.clock import Clock
from bot.messages import Incoming, Option, Outgoing
from knowledge.answer.answerer import Answerer
from storage.store import Store

T = TypeVar("T")
OFFICE_CHAT = "office_chat"
CONFIRMED_HINTS = "confirmed_hints"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Wired once. ``answering`` runs the answer engine, so that a slow model never holds a tap up."""

    store: Store
    clock: Clock
    answerer: Answerer
    answering: Executor
    admin_ids: frozenset[int]

    async def think(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the answering pool."""
        return await asyncio.get_running_loop().run_in_executor(self.answering, work)


def reply_to(incoming: Incoming, text: str, *, options: Sequence[Sequence[Option]] = ()) -> Outgoing:
    """A message into the chat and topic something came from, quoting it in groups."""
    if incoming.chat is None:
        raise ValueError("nothing to reply to: the update has no chat")
    quote = incoming.message_id if incoming.kind == "message" and incoming.chat.type != "private" else None
    return Outgoing(
        chat_id=incoming.chat.id,
        thread_id=incoming.chat.thread_id,
        text=text,
        reply_to=quote,
        options=tuple(tuple(row) for row in options),
    )
