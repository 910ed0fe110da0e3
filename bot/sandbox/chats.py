"""Chats, their messages and topics: plain values in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.accounts import User
from bot.sandbox.rights import DEFAULT_PERMISSIONS, NOBODY, Member

GROUPS = ("group", "supergroup")


@dataclass(kw_only=True, slots=True, eq=False)
class Message:
    """A message as it stands now.

    `json` is the Bot API Message, rendered once and replaced, never changed in place; `keyboard` is any
    reply_markup as the members see it; `bot_id` names the bot at the other end of a private chat;
    `edits` are the earlier forms, oldest first; `service` messages tell what happened in the chat;
    `reactions` are emoji by who set them, `votes` the numbers of the options chosen, by voter.
    """

    chat: Chat
    id: int
    json: dict[str, Any]
    sender_id: int
    bot_id: int | None = None
    via_bot: int | None = None
    thread_id: int | None = None
    keyboard: dict[str, Any] | None = None
    inline_id: str | None = None
    edits: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[int, str] = field(default_factory=dict)
    votes: dict[int, list[int]] = field(default_factory=dict)
    service: bool = False
    deleted: bool = False

    def react(self, user_id: int, emoji: str | None) -> None:
        """Set the reaction of a person or bot, or take it away."""
        if emoji:
            self.reactions[user_id] = emoji
        else:
            self.reactions.pop(user_id, None)

    @property
    def protected(self) -> bool:
        """Whether it may not be forwarded or copied (protect_content)."""
        return "has_protected_content" in self.json

    def seen_by(self, bot_id: int) -> bool:
        """Tell whether a bot in the chat can name this message at all."""
        return not self.deleted and (self.bot_id is None or self.bot_id == bot_id)


@dataclass(kw_only=True, slots=True)
class Topic:
    """A forum topic; its id is the id of the message that made it."""

    id: int
    name: str
    icon_color: int
    icon_custom_emoji_id: str | None = None
    closed: bool = False
    creator_id: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the Bot API ForumTopic."""
        shown: dict[str, Any] = {
            "message_thread_id": self.id,
            "name": self.name,
            "icon_color": self.icon_color,
        }
        if self.icon_custom_emoji_id:
            shown["icon_custom_emoji_id"] = self.icon_custom_emoji_id
        return shown


@dataclass(kw_only=True, slots=True)
class Peer:
    """A person's private chat with one bot."""

    started: bool = False
    blocked: bool = False


@dataclass(kw_only=True, slots=True, eq=False)
class Chat:
    """A chat. One object per person holds that person's private chats with all bots (`peers`),
    so that message ids are unique per person, as they are on Telegram."""

    id: int
    type: str
    title: str | None = None
    username: str | None = None
    description: str | None = None
    forum: bool = False
    owner: User | None = None
    members: dict[int, Member] = field(default_factory=dict)
    bot_ids: list[int] = field(default_factory=list)
    peers: dict[int, Peer] = field(default_factory=dict)
    last_bot_id: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    last_message_id: int = 0
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    permissions: dict[str, bool] = field(default_factory=lambda: dict(DEFAULT_PERMISSIONS))
    invite_links: dict[str, dict[str, Any]] = field(default_factory=dict)
    migrated_to: int | None = None
    linked_chat_id: int | None = None
    json: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.render()

    def render(self) -> None:
        """Make the Bot API Chat anew after a change; messages keep the form they were sent with."""
        if self.owner is not None:
            self.json = self.owner.private_chat()
            return
        shown: dict[str, Any] = {"id": self.id, "title": self.title or "", "type": self.type}
        if self.username:
            shown["username"] = self.username
        if self.forum:
            shown["is_forum"] = True
        self.json = shown

    @property
    def private(self) -> bool:
        """Whether this is a person's private chat."""
        return self.owner is not None

    @property
    def is_group(self) -> bool:
        """Whether the limit per minute applies (groups, supergroups, channels)."""
        return self.owner is None

    def member(self, user_id: int) -> Member:
        """Return a standing; who was never here has "left"."""
        return self.members.get(user_id, NOBODY)

    def set_member(self, user: User, member: Member) -> None:
        """Store a standing and keep the list of bots inside in step."""
        self.members[user.id] = member
        if not user.is_bot:
            return
        if member.present and user.id not in self.bot_ids:
            self.bot_ids.append(user.id)
        elif not member.present and user.id in self.bot_ids:
            self.bot_ids.remove(user.id)

    def next_message_id(self) -> int:
        """Count up and return the id of the next message."""
        self.last_message_id += 1
        return self.last_message_id
