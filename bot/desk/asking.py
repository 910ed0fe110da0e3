"""Questions: by command, mention, reply or in private; asking back; votes after an ask-back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.delivery.reply import Reply
from bot.desk.buttons import Press, data_of
from bot.desk.memory import Remembered, recall, remember
from bot.desk.parts import OFFICE_CHAT, Parts, reply_to
from bot.messages import Incoming, Instant, Option, Outgoing
from knowledge.answer.model import Answer
from prompts import label, say
from storage.settings import get_value
from storage.tables import feedback
from storage.upsert import insert_new

PICK, NONE, HAND_OVER, UP, DOWN = "pick", "none", "hand", "up", "down"
BUTTON_TITLE_CHARS = 24


class Asking:
    """Answers questions and what follows from them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def answer(self, incoming: Incoming, question: str) -> Reply:
        """Answer a question where it was asked."""
        chat, sender = incoming.chat, incoming.sender
        if chat is None or sender is None:
            return Reply()
        if not question.strip():
            return Reply(outgoing=(reply_to(incoming, say("answer/input", fault="empty")),))
        last, office = await self._parts.store.aread(
            lambda c: (
                recall(c, chat_id=chat.id, thread_id=chat.thread_id, user_id=sender.id),
                get_value(c, OFFICE_CHAT),
            )
        )
        now = self._parts.clock.now()
        previous = last.context if last and last.is_fresh(now) else None
        answer = await self._parts.think(lambda: self._parts.answerer.answer(question, previous=previous))
        said = Remembered(
            question=question,
            context=answer.context or question,
            message_id=incoming.message_id,
            offered=tuple(hit.id for hit in answer.tasks) if answer.decision == "ask" else (),
            asked_at=now,
        )

        def change(connection: Connection, _: datetime) -> None:
            if not sender.anonymous:
                remember(connection, said, chat_id=chat.id, thread_id=chat.thread_id, user_id=sender.id)

        options = self._options(answer, sender.id, office_known=office is not None)
        return Reply(outgoing=(reply_to(incoming, answer.text, options=options),), change=change)

    async def pick(self, incoming: Incoming, press: Press) -> Reply:
        """A task was chosen under an ask-back: the message becomes the answer, with two thumbs."""
        chat = incoming.chat
        if chat is None or incoming.message_id is None:
            return stale(incoming)
        said = await self._parts.store.aread(
            lambda c: recall(c, chat_id=chat.id, thread_id=chat.thread_id, user_id=press.asker)
        )
        question = said.question if said and press.about in said.offered else ""
        if press.about not in self._parts.answerer.plan.by_id:
            return stale(incoming)
        answer = await self._parts.think(lambda: self._parts.answerer.answer_task(press.about, question))
        thumbs = tuple(
            Option(
                label=label(f"button.{verb}"),
                data=data_of(Press(verb=verb, asker=press.asker, about=press.about)),
            )
            for verb in (UP, DOWN)
        )
        return Reply(
            outgoing=(self._edited(incoming, answer.text, (thumbs,)),),
            instants=(Instant(tap_id=incoming.tap_id),),
        )

    async def none_of_these(self, incoming: Incoming, press: Press) -> Reply:
        """None of the offered tasks is meant: the office may be asked."""
        if incoming.chat is None or incoming.message_id is None:
            return stale(incoming)
        office = self._parts.answerer.plan.mechanism
        known = await self._parts.store.aread(lambda c: get_value(c, OFFICE_CHAT) is not None)
        text = say("answer/uncovered", subject="", office=office.office if office else "")
        options = (self._hand_over(press.asker),) if known else ()
        return Reply(
            outgoing=(self._edited(incoming, text, options),), instants=(Instant(tap_id=incoming.tap_id),)
        )

    async def vote(self, incoming: Incoming, press: Press) -> Reply:
        """A thumb: one vote a person and message; it is kept for the phrasebook's next reading."""
        chat, sender, message_id = incoming.chat, incoming.sender, incoming.message_id
        if chat is None or sender is None or message_id is None:
            return stale(incoming)
        said = await self._parts.store.aread(
            lambda c: recall(c, chat_id=chat.id, thread_id=chat.thread_id, user_id=press.asker)
        )

        def change(connection: Connection, now: datetime) -> Iterable[Instant]:
            values = {
                "chat_id": chat.id, "message_id": message_id, "user_id": sender.id, "at": now,
                "question": said.question if said else "", "answer": {"task": press.about},
                "vote": 1 if press.verb == UP else -1,
            }  # fmt: skip
            fresh = connection.execute(insert_new(connection, feedback).values(**values)).rowcount
            return [Instant(tap_id=incoming.tap_id, text=say("desk/voted", fresh=bool(fresh)))]

        return Reply(change=change)

    def _options(self, answer: Answer, asker: int, *, office_known: bool) -> tuple[tuple[Option, ...], ...]:
        if answer.decision == "ask":
            rows = [
                (
                    Option(
                        label=f"{hit.id} {hit.title}"[:BUTTON_TITLE_CHARS],
                        data=data_of(Press(verb=PICK, asker=asker, about=hit.id)),
                    ),
                )
                for hit in answer.tasks
            ]
            none = Option(label=label("button.none_of_these"), data=data_of(Press(verb=NONE, asker=asker)))
            return (*rows, (none,))
        if answer.decision == "refuse" and answer.may_hand_over and office_known:
            return (self._hand_over(asker),)
        return ()

    @staticmethod
    def _hand_over(asker: int) -> tuple[Option, ...]:
        return (Option(label=label("button.hand_over"), data=data_of(Press(verb=HAND_OVER, asker=asker))),)

    @staticmethod
    def _edited(incoming: Incoming, text: str, options: tuple[tuple[Option, ...], ...]) -> Outgoing:
        if incoming.chat is None:
            raise ValueError("a tap without a chat cannot be edited")
        return Outgoing(
            chat_id=incoming.chat.id, text=text, options=options, edit_message_id=incoming.message_id
        )


def stale(incoming: Incoming) -> Reply:
    """A tap that no longer means anything changes nothing and says so."""
    return Reply(instants=(Instant(tap_id=incoming.tap_id, text=say("desk/stale")),))
