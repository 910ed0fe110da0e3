"""Banning, restricting and promoting members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.access import need_right
from bot.sandbox.accounts import User
from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadRequestError
from bot.sandbox.membership import set_member, standing
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.rights import ADMIN_RIGHTS, PERMISSIONS

_RESTRICT = "restrict/unrestrict chat member"


def _target(call: Call, right: str, purpose: str) -> tuple[Chat, User]:
    chat = call.chat()
    if chat.private:
        raise BadRequestError("can't " + purpose.split("/")[0] + " members in private chats")
    need_right(chat, call.bot, right, purpose)
    user = call.world.users.get(call.need_integer("user_id"))
    if user is None:
        raise BadRequestError("PARTICIPANT_ID_INVALID")
    if chat.member(user.id).status == "creator":
        raise BadRequestError("can't remove chat owner")
    return chat, user


def _not_admin(chat: Chat, user: User, bot_id: int) -> None:
    member = chat.member(user.id)
    if member.status == "administrator" and member.by_bot != bot_id:
        raise BadRequestError("user is an administrator of the chat")


def ban_chat_member(call: Call) -> bool:
    """Throw somebody out for good (banChatMember); until_date in Unix seconds."""
    chat, user = _target(call, "can_restrict_members", _RESTRICT)
    if user.id == call.bot.id:
        raise BadRequestError("can't restrict self")
    _not_admin(chat, user, call.bot.id)
    until = call.params.integer("until_date") or 0
    set_member(call.world, chat, user, standing("kicked", until_date=until), actor=call.bot.user)
    return True


def unban_chat_member(call: Call) -> bool:
    """Let somebody come back (unbanChatMember); a member is thrown out unless only_if_banned."""
    chat, user = _target(call, "can_restrict_members", _RESTRICT)
    member = chat.member(user.id)
    if member.present and call.params.flag("only_if_banned"):
        return True
    if member.present:
        _not_admin(chat, user, call.bot.id)
    set_member(call.world, chat, user, standing("left"), actor=call.bot.user)
    return True


def restrict_chat_member(call: Call) -> bool:
    """Take permissions from a supergroup member, or give all back (restrictChatMember)."""
    if call.chat().type != "supergroup":
        raise BadRequestError("method is available only for supergroups")
    chat, user = _target(call, "can_restrict_members", _RESTRICT)
    _not_admin(chat, user, call.bot.id)
    given = call.params.obj("permissions") or {}
    permissions = _implied(given, call.params.flag("use_independent_chat_permissions"))
    inside = chat.member(user.id).present
    if permissions >= frozenset(PERMISSIONS) - {"can_edit_tag", "can_react_to_messages"}:
        new = standing("member" if inside else "left")
    else:
        until = call.params.integer("until_date") or 0
        new = standing("restricted", permissions=permissions, until_date=until, inside=inside)
    set_member(call.world, chat, user, new, actor=call.bot.user, quiet=True)
    return True


def _implied(given: dict[str, Any], independent: bool) -> frozenset[str]:
    wanted = {name for name in PERMISSIONS if given.get(name)}
    media = {name for name in PERMISSIONS if name.startswith("can_send_")} - {
        "can_send_messages",
        "can_send_polls",
        "can_send_other_messages",
    }
    if not independent:
        # As documented: other messages imply the media, and any of those imply plain messages.
        if wanted & {"can_send_other_messages", "can_add_web_page_previews"}:
            wanted |= media | {"can_send_messages"}
        if wanted & (media | {"can_send_polls"}):
            wanted |= {"can_send_messages"}
    return frozenset(wanted)


def promote_chat_member(call: Call) -> bool:
    """Make somebody an administrator with the rights given, or no longer one (promoteChatMember)."""
    chat, user = _target(call, "can_promote_members", "promote/demote chat member")
    if chat.type == "group":
        raise BadRequestError("method is available for supergroup and channel chats only")
    _not_admin(chat, user, call.bot.id)
    rights = frozenset(name for name in ADMIN_RIGHTS if call.params.flag(name))
    mine = chat.member(call.bot.id)
    if not all(mine.has_right(right) for right in rights):
        raise BadRequestError("not enough rights")
    if not chat.member(user.id).present:
        raise BadRequestError("USER_NOT_PARTICIPANT")
    if rights:
        rights |= {"can_manage_chat"}
        anonymous = call.params.flag("is_anonymous")
        new = standing("administrator", rights=rights, by_bot=call.bot.id, anonymous=anonymous)
    else:
        new = standing("member")
    set_member(call.world, chat, user, new, actor=call.bot.user, quiet=True)
    return True


def set_administrator_title(call: Call) -> bool:
    """Give an administrator a title, 0-16 characters (setChatAdministratorCustomTitle)."""
    chat, user = _target(call, "can_promote_members", "change custom title of the user")
    member = chat.member(user.id)
    if member.status != "administrator":
        raise BadRequestError("user is not an administrator")
    title = call.params.text("custom_title")
    if len(title) > 16:
        raise BadRequestError("ADMIN_RANK_INVALID")
    set_member(call.world, chat, user, replace(member, custom_title=title or None), actor=call.bot.user)
    return True


METHODS: dict[str, Handler] = {
    "banChatMember": ban_chat_member,
    "kickChatMember": ban_chat_member,
    "unbanChatMember": unban_chat_member,
    "restrictChatMember": restrict_chat_member,
    "promoteChatMember": promote_chat_member,
    "setChatAdministratorCustomTitle": set_administrator_title,
}
