"""Questions the plan does not cover, handed to the office: an item with an owner, and an answer that goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.delivery.reply import Reply
from bot.desk.asking import stale
from bot.desk.buttons import Press
from bot.desk.memory import recall
from bot.desk.parts import OFFICE_CHAT, Parts, reply_to
from bot.messages import Incoming, Instant, Outgoing
from prompts import say
from storage import audit
from storage.settings import get_value
from storage.tables import card, office_item, person

SHOWN_CHARS = 500


class HandOver:
    """The button that asks the office, and the office's reply."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open_item(self, incoming: Incoming, press: Press) -> Reply:
        """The asker's tap opens one item for the office; a second tap says it is there."""
        chat, sender = incoming.chat, incoming.sender
        if chat is None or sender is None:
            return stale(incoming)
        if sender.id != press.asker:
            return Reply(instants=(Instant(tap_id=incoming.tap_id, text=say("desk/not_yours")),))

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing | Instant]:
            said = recall(connection, chat_id=chat.id, thread_id=chat.thread_id, user_id=sender.id)
            office = get_value(connection, OFFICE_CHAT)
            if said is None or office is None:
                return [Instant(tap_id=incoming.tap_id, text=say("desk/stale"))]
            known = connection.execute(
                select(office_item.c.id).where(
                    office_item.c.asker_chat_id == chat.id,
                    office_item.c.asker_user_id == sender.id,
                    office_item.c.asker_message_id == said.message_id,
                )
            ).scalar()
            if known is not None:
                return [
                    Instant(tap_id=incoming.tap_id, text=say("desk/handed_over", number=known, again=True))
                ]
            number = connection.execute(
                office_item.insert()
                .values(
                    question=said.question,
                    asker_chat_id=chat.id,
                    asker_thread_id=chat.thread_id,
                    asker_user_id=sender.id,
                    asker_message_id=said.message_id,
                    state="open",
                    created_at=now,
                )
                .returning(office_item.c.id)
            ).scalar_one()
            key = f"office-item-{number}"
            connection.execute(update(office_item).where(office_item.c.id == number).values(card_key=key))
            audit.append(connection, at=now, actor=f"user:{sender.id}", action="question.handed_over",
                         subject=f"office_item:{number}", chat_id=chat.id)  # fmt: skip
            text = say(
                "desk/item_card", number=number, question=said.question[:SHOWN_CHARS], where=chat.title,
                who=sender.name, answer="", by="",
            )  # fmt: skip
            return [
                Outgoing(chat_id=office, text=text, card=key),
                Outgoing(
                    chat_id=chat.id, thread_id=chat.thread_id, edit_message_id=incoming.message_id,
                    text=say("desk/handed_over_message", number=number),
                ) if incoming.message_id else reply_to(incoming, say("desk/handed_over_message", number=number)),
                Instant(tap_id=incoming.tap_id, text=say("desk/handed_over", number=number, again=False)),
            ]  # fmt: skip

        return Reply(change=change)

    async def item_of(self, incoming: Incoming) -> int | None:
        """The open or answered item whose card in the office chat this message replies to."""
        chat = incoming.chat
        if chat is None or not incoming.reply_to_me or incoming.reply_to is None:
            return None
        return await self._parts.store.aread(
            lambda c: c.execute(
                select(office_item.c.id)
                .join(card, card.c.key == office_item.c.card_key)
                .where(card.c.chat_id == chat.id, card.c.message_id == incoming.reply_to)
            ).scalar()
        )

    async def answer_item(self, incoming: Incoming, number: int) -> Reply:
        """The office replied to a card: the first reply goes to the asker, later ones are told so."""
        chat, sender, text = incoming.chat, incoming.sender, incoming.text.strip()
        if chat is None or sender is None or sender.anonymous:
            return Reply(outgoing=(reply_to(incoming, say("desk/anonymous")),))
        if not text:
            return Reply(outgoing=(reply_to(incoming, say("desk/answer_needs_text")),))

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing]:
            if get_value(connection, OFFICE_CHAT) != chat.id:
                return []
            item = connection.execute(select(office_item).where(office_item.c.id == number)).one()
            won = connection.execute(
                update(office_item)
                .where(office_item.c.id == number, office_item.c.state == "open")
                .values(state="answered", answer=text, answered_by=sender.id, answered_at=now)
            ).rowcount
            if not won:
                return [reply_to(incoming, say("desk/already_answered", number=number))]
            audit.append(connection, at=now, actor=f"user:{sender.id}", action="question.answered",
                         subject=f"office_item:{number}", chat_id=chat.id)  # fmt: skip
            asker = connection.execute(
                select(person.c.name).where(person.c.user_id == item.asker_user_id)
            ).scalar()
            return [
                Outgoing(
                    chat_id=item.asker_chat_id, thread_id=item.asker_thread_id, reply_to=item.asker_message_id,
                    text=say("desk/office_answer", question=item.question[:SHOWN_CHARS], answer=text),
                ),
                Outgoing(
                    chat_id=chat.id, card=item.card_key,
                    text=say("desk/item_card", number=number, question=item.question[:SHOWN_CHARS], where="",
                             who=asker or "", answer=text[:SHOWN_CHARS], by=sender.name),
                ),
            ]  # fmt: skip

        return Reply(change=change)
