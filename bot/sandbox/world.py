"""The world: who is there, which chats, and the things all parts share. Everything is in memory."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from bot.sandbox.accounts import ANONYMOUS_ADMIN, CHANNEL_BOT, SERVICE_ACCOUNT, TOKEN, Bot, User
from bot.sandbox.calls import CallLog
from bot.sandbox.chats import Chat, Message, Peer
from bot.sandbox.clock import MovableClock
from bot.sandbox.errors import BadInputError, NotKnownError, UnauthorizedError
from bot.sandbox.events import EventStream
from bot.sandbox.faults import Faults
from bot.sandbox.files import FileStore
from bot.sandbox.limits import Limiter, Limits
from bot.sandbox.queries import Queries
from bot.sandbox.updates import UpdateQueue

FIRST_USER_ID = 1001
FIRST_GROUP_ID = -4001
FIRST_SUPERGROUP_ID = -1002000000001


class World:
    """One simulated Telegram; `monotonic` (seconds) times limits, retention and query expiry."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        clock: MovableClock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self.run = secrets.token_hex(4)
        self.clock = clock or MovableClock()
        self.limiter = Limiter(limits or Limits(), monotonic=monotonic)
        self.faults = Faults()
        self.calls = CallLog()
        self.events = EventStream()
        self.files = FileStore()
        self.queries = Queries(monotonic=monotonic)
        self.users: dict[int, User] = {
            user.id: user for user in (ANONYMOUS_ADMIN, CHANNEL_BOT, SERVICE_ACCOUNT)
        }
        self.bots: dict[int, Bot] = {}
        self.chats: dict[int, Chat] = {}
        self.inline_messages: dict[str, Message] = {}
        self.votes: dict[str, dict[int, list[int]]] = {}
        # What a bot program beside the sandbox has yet to send, newest first; set by who runs both.
        self.outbox: Callable[[], Awaitable[list[dict[str, Any]]]] | None = None
        self._bots_by_token: dict[str, Bot] = {}
        self._user_ids = itertools.count(FIRST_USER_ID)
        self._group_ids = itertools.count(FIRST_GROUP_ID, -1)
        self._supergroup_ids = itertools.count(FIRST_SUPERGROUP_ID, -1)

    # People and bots

    def add_user(
        self,
        first_name: str,
        username: str | None = None,
        *,
        user_id: int | None = None,
        last_name: str | None = None,
        language_code: str | None = None,
    ) -> User:
        """Make a person; ids count up from 1001 unless `user_id` says otherwise."""
        if user_id is None:
            user_id = next(number for number in self._user_ids if number not in self.users)
        elif user_id in self.users:
            raise BadInputError(f"user {user_id} is there already")
        user = User(
            id=user_id,
            first_name=first_name,
            username=username,
            last_name=last_name,
            language_code=language_code,
        )
        self.users[user.id] = user
        self.chats[user.id] = Chat(id=user.id, type="private", owner=user)
        self.events.publish("user.new", user.json)
        return user

    def add_bot(
        self,
        token: str,
        first_name: str | None = None,
        username: str | None = None,
        *,
        privacy: bool = True,
        inline: bool = True,
    ) -> Bot:
        """Make the bot of `token`, or set the names of one already made; UnauthorizedError on a bad token.

        `privacy` and `inline` are BotFather's group privacy and inline mode.
        """
        match = TOKEN.fullmatch(token)
        if match is None:
            raise UnauthorizedError
        bot_id = int(match[1])
        known = self._bots_by_token.get(token)
        if known is None and bot_id in self.users:
            # Another token with the same number, or a person's id: nobody's token.
            raise UnauthorizedError
        user = User(
            id=bot_id,
            is_bot=True,
            first_name=first_name or (known.user.first_name if known else f"Demo {bot_id}"),
            username=username or (known.username if known else f"demo_{bot_id}_bot"),
        )
        if known is None:
            known = Bot(token=token, user=user, queue=UpdateQueue(monotonic=self._monotonic))
            self._bots_by_token[token] = known
            self.bots[bot_id] = known
        known.user = user
        known.privacy = privacy
        known.inline = inline
        self.users[bot_id] = user
        self.events.publish("bot.new", user.json)
        return known

    def bot_for(self, token: str) -> Bot:
        """Return the bot of a token, made on first use; UnauthorizedError when it has not a token's form."""
        return self._bots_by_token.get(token) or self.add_bot(token)

    def user(self, user_id: object) -> User:
        """Return the person or bot with an id; NotKnownError when there is none (user side)."""
        found = self.users.get(user_id) if isinstance(user_id, int) else None
        if found is None:
            raise NotKnownError(f"no user {user_id}")
        return found

    def bot_named(self, name: object) -> Bot:
        """Return a bot by id or username, with or without @ (user side)."""
        if isinstance(name, int) or (isinstance(name, str) and name.isdigit()):
            found = self.bots.get(int(name))
        else:
            wanted = str(name).removeprefix("@").lower()
            found = next((bot for bot in self.bots.values() if bot.username.lower() == wanted), None)
        if found is None:
            raise NotKnownError(f"no bot {name}")
        return found

    # Chats

    def add_chat(self, kind: str, title: str, *, forum: bool = False, username: str | None = None) -> Chat:
        """Make an empty group, supergroup or channel; membership comes afterwards."""
        ids = self._group_ids if kind == "group" else self._supergroup_ids
        chat = Chat(id=next(ids), type=kind, title=title, username=username, forum=forum)
        self.chats[chat.id] = chat
        return chat

    def chat_named(self, username: str) -> Chat | None:
        """Return the group or channel with a public @username."""
        wanted = username.removeprefix("@").lower()
        return next(
            (chat for chat in self.chats.values() if chat.username and chat.username.lower() == wanted), None
        )

    def peer(self, person_id: int, bot_id: int) -> Peer:
        """Return the state of a person's private chat with a bot, made on first use."""
        return self.chats[person_id].peers.setdefault(bot_id, Peer())

    def people(self) -> Iterable[User]:
        """Return the people, without bots and service accounts."""
        return (user for user in self.users.values() if user.id in self.chats)

    def close(self) -> None:
        """Let everybody go who waits: the server stops."""
        self.events.close()
        for bot in self.bots.values():
            bot.queue.close()

    def chat_summary(self, chat: Chat) -> dict[str, Any]:
        """Return a chat as /sim/chats shows it."""
        shown: dict[str, Any] = {
            **chat.json,
            "forum": chat.forum,
            "last_message_id": chat.last_message_id,
            "migrated_to": chat.migrated_to,
            "pinned": list(chat.pinned),
        }
        if chat.private:
            started = [bot_id for bot_id, peer in chat.peers.items() if peer.started]
            shown["members"] = [
                {"user_id": chat.id, "status": "member"},
                *({"user_id": bot_id, "status": "member"} for bot_id in started),
            ]
            shown["blocked"] = [bot_id for bot_id, peer in chat.peers.items() if peer.blocked]
        else:
            shown["members"] = [
                {"user_id": user_id, "status": member.status}
                for user_id, member in chat.members.items()
                if member.present or member.status == "kicked"
            ]
            shown["topics"] = [{**topic.to_json(), "closed": topic.closed} for topic in chat.topics.values()]
        return shown
