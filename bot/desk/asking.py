"""Questions: by command, mention, reply or in private; asking back; votes after an ask-back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.delivery.reply import Reply
from bot.desk.buttons import Press, data_of
from bot.desk.memory import Asked, note_asked, recall, remember
from bot.desk.parts import OFFICE_CHAT, Parts, reply_to
from bot.messages import Incoming, Instant, Option, Outgoing
from knowledge.answer.model import Answer
from prompts import label, say
from storage.settings import get_value
from storage.tables import feedback
from storage.upsert import insert_new

PICK, NONE, HAND_OVER, UP, DOWN = "pick", "none", "hand", "up", "down"
BUTTON_TITLE_CHARS = 24
Rows = tuple[tuple[Option, ...], ...]


class Asking:
    """Answers questions and what follows from them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def answer(self, incoming: Incoming, question: str) -> Reply:
        """Answer a question where it was asked."""
        chat, sender = incoming.chat, incoming.sender
        if chat is None or sender is None:
            return Reply()
        where = {"chat_id": chat.id, "thread_id": chat.thread_id, "user_id": sender.id}
        now = self._parts.clock.now()
        previous = await self._parts.store.aread(lambda c: recall(c, now=now, **where))  # type: ignore[arg-type]
        answer = await self._parts.think(lambda: self._parts.answerer.answer(question, previous=previous))

        if sender.anonymous:
            # An anonymous admin acts for nobody: no memory, and no button to press.
            return Reply(outgoing=(reply_to(incoming, answer.text),))

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing]:
            remember(connection, answer.context or question, now=now, **where)  # type: ignore[arg-type]
            if answer.decision == "answer":
                return ()
            options = self._options(connection, incoming, question, answer, now)
            return [reply_to(incoming, answer.text, options=options)]

        # What needs no button is known before the transaction, and leaves in it without waiting for a place.
        plain = (reply_to(incoming, answer.text),) if answer.decision == "answer" else ()
        return Reply(outgoing=plain, change=change)

    async def pick(self, incoming: Incoming, press: Press, asked: Asked) -> Reply:
        """A task was chosen under an ask-back: the message becomes the answer, with two thumbs."""
        if press.about not in asked.offered or press.about not in self._parts.answerer.plan.by_id:
            return stale(incoming)
        answer = self._parts.answerer.answer_task(press.about, asked.question)
        thumbs = tuple(
            Option(
                label=label(f"button.{verb}"),
                data=data_of(Press(verb=verb, asked=asked.id, about=press.about)),
            )
            for verb in (UP, DOWN)
        )

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing]:
            remember(
                connection, answer.context, chat_id=asked.chat_id, thread_id=asked.thread_id,
                user_id=asked.user_id, now=now,
            )  # fmt: skip
            return [edited(incoming, asked, answer.text, (thumbs,))]

        return Reply(instants=(Instant(tap_id=incoming.tap_id),), change=change)

    async def none_of_these(self, incoming: Incoming, _: Press, asked: Asked) -> Reply:
        """None of the offered tasks is meant: the office may be asked."""
        office = self._parts.answerer.plan.mechanism
        known = await self._parts.store.aread(lambda c: get_value(c, OFFICE_CHAT) is not None)
        text = say("answer/uncovered", subject="", office=office.office if office else "")
        options = (_hand_over(asked.id),) if known else ()
        return Reply(
            outgoing=(edited(incoming, asked, text, options),), instants=(Instant(tap_id=incoming.tap_id),)
        )

    async def vote(self, incoming: Incoming, press: Press, asked: Asked) -> Reply:
        """A thumb of the asker, once; it is kept for the phrasebook's next reading."""
        if incoming.message_id is None or press.about not in asked.offered:
            return stale(incoming)

        def change(connection: Connection, now: datetime) -> Iterable[Instant]:
            values = {
                "chat_id": asked.chat_id, "message_id": incoming.message_id, "user_id": asked.user_id, "at": now,
                "question": asked.question, "answer": {"task": press.about}, "vote": 1 if press.verb == UP else -1,
            }  # fmt: skip
            fresh = connection.execute(insert_new(connection, feedback).values(**values)).rowcount
            return [Instant(tap_id=incoming.tap_id, text=say("desk/voted", fresh=bool(fresh)))]

        return Reply(change=change)

    def _options(
        self, connection: Connection, incoming: Incoming, question: str, answer: Answer, now: datetime
    ) -> Rows:
        office = get_value(connection, OFFICE_CHAT)
        # The office does not hand questions to itself.
        hand_over = (
            answer.may_hand_over and office is not None and office != (incoming.chat and incoming.chat.id)
        )
        if incoming.chat is None or incoming.sender is None or not (answer.decision == "ask" or hand_over):
            return ()
        offered = tuple(hit.id for hit in answer.tasks) if answer.decision == "ask" else ()
        number = note_asked(
            connection, question, chat_id=incoming.chat.id, thread_id=incoming.chat.thread_id,
            user_id=incoming.sender.id, message_id=incoming.message_id, offered=offered, now=now,
        )  # fmt: skip
        if not offered:
            return (_hand_over(number),)
        rows = [
            (
                Option(
                    label=f"{hit.id} {hit.title}"[:BUTTON_TITLE_CHARS],
                    data=data_of(Press(verb=PICK, asked=number, about=hit.id)),
                ),
            )
            for hit in answer.tasks
        ]
        none = Option(label=label("button.none_of_these"), data=data_of(Press(verb=NONE, asked=number)))
        return (*rows, (none,))


def _hand_over(number: int) -> tuple[Option, ...]:
    return (Option(label=label("button.hand_over"), data=data_of(Press(verb=HAND_OVER, asked=number))),)


def edited(incoming: Incoming, asked: Asked, text: str, options: Rows = ()) -> Outgoing:
    """The message under whose button was tapped, with another text."""
    return Outgoing(
        chat_id=asked.chat_id,
        thread_id=asked.thread_id,
        text=text,
        options=options,
        edit_message_id=incoming.message_id,
    )


def stale(incoming: Incoming) -> Reply:
    """A tap that no longer means anything changes nothing and says so."""
    return Reply(instants=(Instant(tap_id=incoming.tap_id, text=say("desk/stale")),))
