"""Which handler an update is for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.delivery.reply import Reply
from bot.desk import asking
from bot.desk.arrivals import Arrivals
from bot.desk.asking import Asking, stale
from bot.desk.browsing import Browsing
from bot.desk.buttons import Press, read_data
from bot.desk.handover import HandOver
from bot.desk.memory import Asked, find_asked
from bot.desk.parts import Parts, reply_to
from bot.messages import Incoming, Instant, Outgoing
from prompts import is_courtesy, say

Handler = Callable[[Incoming], Awaitable[Reply]]
PressHandler = Callable[[Incoming, Press, Asked], Awaitable[Reply]]


class Desk:
    """The front desk; ``handle`` is what delivery calls for every update."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._asking = Asking(parts)
        self._arrivals = Arrivals(parts)
        self._handover = HandOver(parts)
        browsing = Browsing(parts)
        self._inline = browsing.inline
        self._commands: dict[str, Handler] = {
            "start": self._arrivals.help,
            "help": self._arrivals.help,
            "ask": self._ask,
            "tasks": browsing.tasks,
            "task": browsing.task,
            "bind": self._arrivals.bind,
        }
        self._presses: dict[str, PressHandler] = {
            asking.PICK: self._asking.pick,
            asking.NONE: self._asking.none_of_these,
            asking.UP: self._asking.vote,
            asking.DOWN: self._asking.vote,
            asking.HAND_OVER: self._handover.open_item,
        }

    async def handle(self, incoming: Incoming) -> Reply:
        """Decide what to do with one update; nothing lasting happens before the reply's change is run."""
        if incoming.kind == "inline":
            return await self._inline(incoming)
        if incoming.kind == "tap":
            return await self._tap(incoming)
        if incoming.kind != "message":
            moves = {
                "joined": self._arrivals.joined,
                "left": self._arrivals.left,
                "migrated": self._arrivals.migrated,
            }
            return await moves[incoming.kind](incoming)
        # A question corrected after sending is not answered twice.
        if incoming.edited or incoming.chat is None or incoming.sender is None:
            return Reply()
        return self._noted(incoming, await self._message(incoming))

    async def _message(self, incoming: Incoming) -> Reply:
        if incoming.command is not None:
            handler = self._commands.get(incoming.command)
            if handler:
                return await handler(incoming)
            private = incoming.chat is not None and incoming.chat.type == "private"
            # In a group the command may have been meant for another bot.
            return Reply(outgoing=(reply_to(incoming, say("desk/unknown_command")),)) if private else Reply()
        if not incoming.to_me:
            return Reply()
        item = await self._handover.item_of(incoming)
        if item is not None:
            return await self._handover.answer_item(incoming, item)
        private = incoming.chat is not None and incoming.chat.type == "private"
        if incoming.text and is_courtesy("acknowledgements", incoming.text):
            # Thanks and "received" ask nothing; answering them in a group would only be noise.
            return (
                Reply(outgoing=(reply_to(incoming, say("answer/input", fault="thanks")),))
                if private
                else Reply()
            )
        if is_courtesy("greetings", incoming.text):
            return await self._arrivals.help(incoming)
        if not incoming.text and incoming.attachments:
            return Reply(outgoing=(reply_to(incoming, say("desk/text_please")),))
        return await self._asking.answer(incoming, incoming.text)

    async def _ask(self, incoming: Incoming) -> Reply:
        return await self._asking.answer(incoming, incoming.args)

    async def _tap(self, incoming: Incoming) -> Reply:
        press = read_data(incoming.tap_data)
        handler = self._presses.get(press.verb) if press else None
        chat, sender = incoming.chat, incoming.sender
        if press is None or handler is None or chat is None or sender is None:
            return stale(incoming)
        asked = await self._parts.store.aread(lambda c: find_asked(c, press.asked, chat_id=chat.id))
        if asked is None:
            return stale(incoming)
        if sender.id != asked.user_id:
            return Reply(instants=(Instant(tap_id=incoming.tap_id, text=say("desk/not_yours")),))
        return await handler(incoming, press, asked)

    def _noted(self, incoming: Incoming, reply: Reply) -> Reply:
        inner = reply.change

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing | Instant]:
            self._arrivals.note(connection, incoming, now)
            return (inner(connection, now) or ()) if inner else ()

        return replace(reply, change=change)
