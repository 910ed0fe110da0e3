"""Looking at chats and members, pins, titles, invite links, leaving."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.access import find_chat, find_message, need_right
from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadRequestError, ForbiddenError
from bot.sandbox.membership import set_member, standing
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.posting import service
from bot.sandbox.rights import member_json

_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


def get_chat(call: Call) -> dict[str, Any]:
    """Return a chat in full (getChat)."""
    chat = find_chat(call.world, call.params)
    if chat.private and call.bot.id not in chat.peers and not _meets(call, chat):
        raise BadRequestError("chat not found")
    if not chat.private:
        chat = call.chat()
    shown: dict[str, Any] = {
        **chat.json,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": _GIFTS,
    }
    if chat.private:
        return shown
    if chat.description:
        shown["description"] = chat.description
    if chat.type != "channel":
        shown["permissions"] = dict(chat.permissions)
    if chat.linked_chat_id:
        shown["linked_chat_id"] = chat.linked_chat_id
    if chat.pinned:
        shown["pinned_message"] = chat.messages[chat.pinned[-1]].json
    primary = next((link for link in chat.invite_links.values() if _is_primary_of(link, call.bot.id)), None)
    if primary is not None:
        shown["invite_link"] = primary["invite_link"]
    return shown


def _meets(call: Call, chat: Chat) -> bool:
    """Tell whether the bot shares a group with a person: only then it knows the person at all."""
    return any(
        call.bot.id in other.bot_ids and other.member(chat.id).present for other in call.world.chats.values()
    )


def _is_primary_of(link: dict[str, Any], bot_id: int) -> bool:
    return bool(link["is_primary"] and not link["is_revoked"] and link["creator"]["id"] == bot_id)


def get_chat_member(call: Call) -> dict[str, Any]:
    """Return a member's standing (getChatMember); known people who are not inside have "left"."""
    chat = call.chat()
    user = call.world.users.get(call.need_integer("user_id"))
    if user is None:
        raise BadRequestError("PARTICIPANT_ID_INVALID")
    if chat.private:
        inside = user.id in (chat.id, call.bot.id)
        return member_json(user, standing("member" if inside else "left"), chat.type)
    return member_json(user, chat.member(user.id), chat.type, call.bot.id)


def get_chat_member_count(call: Call) -> int:
    """Return how many are inside (getChatMemberCount)."""
    chat = call.chat()
    return 2 if chat.private else sum(member.present for member in chat.members.values())


def get_chat_administrators(call: Call) -> list[dict[str, Any]]:
    """Return the administrators that are not other bots (getChatAdministrators)."""
    chat = call.chat()
    if chat.private:
        raise BadRequestError("there are no administrators in the private chat")
    users = call.world.users
    return [
        member_json(users[user_id], member, chat.type, call.bot.id)
        for user_id, member in chat.members.items()
        if member.admin and (user_id == call.bot.id or not users[user_id].is_bot)
    ]


def leave_chat(call: Call) -> bool:
    """Leave (leaveChat)."""
    chat = call.chat()
    if chat.private:
        raise ForbiddenError("bot can't leave private chats")
    set_member(call.world, chat, call.bot.user, standing("left"), actor=call.bot.user)
    return True


def _change_info(call: Call) -> Chat:
    chat = call.chat()
    if chat.private:
        raise BadRequestError("can't change private chat title")
    need_right(chat, call.bot, "can_change_info", "change chat title")
    return chat


def set_chat_title(call: Call) -> bool:
    """Rename a group (setChatTitle), 1-128 characters."""
    chat = _change_info(call)
    title = call.params.text("title").strip()
    if not 1 <= len(title) <= 128:
        raise BadRequestError("title must be non-empty" if not title else "title is too long")
    if title == chat.title:
        raise BadRequestError("chat title is not modified")
    chat.title = title
    chat.render()
    service(call.world, chat, call.bot.user, {"new_chat_title": title})
    call.world.events.publish("chat.changed", call.world.chat_summary(chat))
    return True


def set_chat_description(call: Call) -> bool:
    """Describe a group (setChatDescription), 0-255 characters."""
    chat = _change_info(call)
    description = call.params.text("description").strip()
    if description == (chat.description or ""):
        raise BadRequestError("chat description is not modified")
    chat.description = description[:255] or None
    return True


def _pinnable(call: Call) -> Chat:
    chat = call.chat()
    if not chat.private:
        right = "can_edit_messages" if chat.type == "channel" else "can_pin_messages"
        need_right(chat, call.bot, right, "manage pinned messages in the chat")
    return chat


def pin_chat_message(call: Call) -> bool:
    """Pin a message (pinChatMessage)."""
    chat = _pinnable(call)
    message = find_message(chat, call.bot, call.need_integer("message_id"), "pin")
    if message.service:
        raise BadRequestError("message can't be pinned")
    if message.id in chat.pinned:
        return True
    chat.pinned.append(message.id)
    bot_id = call.bot.id if chat.private else None
    service(call.world, chat, call.bot.user, {"pinned_message": message.json}, bot_id=bot_id)
    call.world.events.publish("pins", {"chat_id": chat.id, "pinned": list(chat.pinned)})
    return True


def unpin_chat_message(call: Call) -> bool:
    """Unpin a message, the newest when none is named (unpinChatMessage)."""
    chat = _pinnable(call)
    message_id = call.params.integer("message_id")
    if message_id is None and chat.pinned:
        message_id = chat.pinned[-1]
    if message_id not in chat.pinned:
        raise BadRequestError("message to unpin not found")
    chat.pinned.remove(message_id)
    call.world.events.publish("pins", {"chat_id": chat.id, "pinned": list(chat.pinned)})
    return True


def unpin_all_chat_messages(call: Call) -> bool:
    """Unpin everything (unpinAllChatMessages)."""
    chat = _pinnable(call)
    chat.pinned.clear()
    call.world.events.publish("pins", {"chat_id": chat.id, "pinned": []})
    return True


def _new_link(call: Call, *, primary: bool) -> dict[str, Any]:
    chat = call.chat()
    if chat.private:
        raise BadRequestError("can't invite members to a private chat")
    need_right(chat, call.bot, "can_invite_users", "manage chat invite link")
    link: dict[str, Any] = {
        "invite_link": f"https://t.me/+{secrets.token_urlsafe(12)}",
        "creator": call.bot.user.json,
        "creates_join_request": call.params.flag("creates_join_request"),
        "is_primary": primary,
        "is_revoked": False,
    }
    if name := call.params.text("name"):
        link["name"] = name[:32]
    for name in ("expire_date", "member_limit"):
        if (value := call.params.integer(name)) is not None:
            link[name] = value
    if primary:
        for old in chat.invite_links.values():
            if _is_primary_of(old, call.bot.id):
                old["is_revoked"] = True
    chat.invite_links[link["invite_link"]] = link
    return link


def create_chat_invite_link(call: Call) -> dict[str, Any]:
    """Make an additional invite link (createChatInviteLink)."""
    return _new_link(call, primary=False)


def export_chat_invite_link(call: Call) -> str:
    """Make a new primary invite link, the old one ends (exportChatInviteLink)."""
    link: str = _new_link(call, primary=True)["invite_link"]
    return link


def revoke_chat_invite_link(call: Call) -> dict[str, Any]:
    """End an invite link (revokeChatInviteLink)."""
    chat = call.chat()
    need_right(chat, call.bot, "can_invite_users", "manage chat invite link")
    link = chat.invite_links.get(call.params.text("invite_link"))
    if link is None:
        raise BadRequestError("INVITE_HASH_EXPIRED")
    link["is_revoked"] = True
    return link


METHODS: dict[str, Handler] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "getChatMembersCount": get_chat_member_count,
    "getChatAdministrators": get_chat_administrators,
    "leaveChat": leave_chat,
    "setChatTitle": set_chat_title,
    "setChatDescription": set_chat_description,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "createChatInviteLink": create_chat_invite_link,
    "exportChatInviteLink": export_chat_invite_link,
    "revokeChatInviteLink": revoke_chat_invite_link,
}
