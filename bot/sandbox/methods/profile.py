"""What a bot tells about itself: commands by scope and language, names, menu button, default rights."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.accounts import Bot
from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadRequestError
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.params import Params
from bot.sandbox.rights import ADMIN_RIGHTS

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_MAX_COMMANDS = 100
_SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
)


def get_me(call: Call) -> dict[str, Any]:
    """Return the bot (getMe)."""
    return call.bot.me()


def always_true(_: Call) -> bool:
    """Accept a call that changes nothing here (logOut, close)."""
    return True


def get_user_profile_photos(_: Call) -> dict[str, Any]:
    """Return that there are none (getUserProfilePhotos)."""
    return {"total_count": 0, "photos": []}


def _scope(call: Call) -> tuple[str, int, int, str]:
    scope = call.params.obj("scope") or {"type": "default"}
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise BadRequestError("can't parse BotCommandScope: unsupported type specified")
    chat_id = user_id = 0
    if kind in ("chat", "chat_administrators", "chat_member"):
        value = scope.get("chat_id")
        named = call.world.chat_named(value) if isinstance(value, str) and value.startswith("@") else None
        try:
            chat_id = named.id if named else int(str(value))
        except ValueError:
            raise BadRequestError("chat not found") from None
        if chat_id not in call.world.chats:
            raise BadRequestError("chat not found")
    if kind == "chat_member":
        user_id = Params(scope).integer("user_id") or 0
    return str(kind), chat_id, user_id, _language(call)


def _language(call: Call) -> str:
    code = call.params.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise BadRequestError("LANG_CODE_INVALID")
    return code


def set_my_commands(call: Call) -> bool:
    """Set up to 100 commands for a scope and language (setMyCommands)."""
    key = _scope(call)
    given = call.params.array("commands") or []
    if len(given) > _MAX_COMMANDS:
        raise BadRequestError("BOT_COMMANDS_TOO_MUCH")
    commands = []
    for item in given:
        if not isinstance(item, dict):
            raise BadRequestError("can't parse BotCommand: expected an Object")
        command = str(item.get("command", "")).removeprefix("/")
        description = str(item.get("description", "")).strip()
        if not _COMMAND.fullmatch(command):
            raise BadRequestError("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise BadRequestError("BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append({"command": command, "description": description})
    call.bot.commands[key] = commands
    if not commands:
        del call.bot.commands[key]
    call.world.events.publish("commands", {"bot": call.bot.id})
    return True


def delete_my_commands(call: Call) -> bool:
    """Forget the commands of a scope and language (deleteMyCommands)."""
    call.bot.commands.pop(_scope(call), None)
    call.world.events.publish("commands", {"bot": call.bot.id})
    return True


def get_my_commands(call: Call) -> list[dict[str, str]]:
    """Return the commands of exactly a scope and language (getMyCommands)."""
    return call.bot.commands.get(_scope(call), [])


def commands_shown(bot: Bot, chat: Chat, user_id: int, language: str = "") -> list[dict[str, str]]:
    """Return the commands a person sees in a chat: the narrowest scope that has any wins.

    Order as documented for BotCommandScope ("Determining list of commands").
    """
    admin = chat.member(user_id).admin
    if chat.private:
        scopes = [("chat", chat.id, 0), ("all_private_chats", 0, 0)]
    else:
        scopes = [("chat_member", chat.id, user_id)]
        if admin:
            scopes.append(("chat_administrators", chat.id, 0))
        scopes.append(("chat", chat.id, 0))
        if admin:
            scopes.append(("all_chat_administrators", 0, 0))
        scopes.append(("all_group_chats", 0, 0))
    for kind, chat_id, member_id in (*scopes, ("default", 0, 0)):
        for code in (language, "") if language else ("",):
            found = bot.commands.get((kind, chat_id, member_id, code))
            if found:
                return found
    return []


def _text_pair(field: str, attribute: str, most: int) -> tuple[Handler, Handler]:
    def get(call: Call) -> dict[str, str]:
        texts: dict[str, str] = getattr(call.bot, attribute)
        plain = call.bot.user.first_name if field == "name" else ""
        return {field: texts.get(_language(call)) or texts.get("") or plain}

    def set_(call: Call) -> bool:
        texts: dict[str, str] = getattr(call.bot, attribute)
        value = call.params.text(field)
        if len(value) > most:
            raise BadRequestError(f"bot {field.replace('_', ' ')} is too long")
        texts[_language(call)] = value
        return True

    return get, set_


def _menu_chat(call: Call) -> int:
    chat_id = call.params.integer("chat_id")
    if chat_id is None:
        return 0
    if not call.chat().private:
        raise BadRequestError("menu button can be set in private chats only")
    return chat_id


def set_chat_menu_button(call: Call) -> bool:
    """Set the menu button of a private chat or the default (setChatMenuButton)."""
    call.bot.menu_buttons[_menu_chat(call)] = call.params.obj("menu_button") or {"type": "default"}
    return True


def get_chat_menu_button(call: Call) -> dict[str, Any]:
    """Return the menu button of a private chat or the default (getChatMenuButton)."""
    buttons = call.bot.menu_buttons
    return buttons.get(_menu_chat(call)) or buttons.get(0) or {"type": "commands"}


def _rights_key(call: Call) -> str:
    return "channels" if call.params.flag("for_channels") else "groups"


def set_default_rights(call: Call) -> bool:
    """Set the rights asked for when added as administrator (setMyDefaultAdministratorRights)."""
    call.bot.default_rights[_rights_key(call)] = call.params.obj("rights") or {}
    return True


def get_default_rights(call: Call) -> dict[str, Any]:
    """Return those rights (getMyDefaultAdministratorRights)."""
    given = call.bot.default_rights.get(_rights_key(call), {})
    return {name: bool(given.get(name)) for name in ("is_anonymous", *ADMIN_RIGHTS)}


_get_name, _set_name = _text_pair("name", "names", 64)
_get_description, _set_description = _text_pair("description", "descriptions", 512)
_get_short, _set_short = _text_pair("short_description", "short_descriptions", 120)

METHODS: dict[str, Handler] = {
    "getMe": get_me,
    "logOut": always_true,
    "close": always_true,
    "getUserProfilePhotos": get_user_profile_photos,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
    "getMyName": _get_name,
    "setMyName": _set_name,
    "getMyDescription": _get_description,
    "setMyDescription": _set_description,
    "getMyShortDescription": _get_short,
    "setMyShortDescription": _set_short,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "setMyDefaultAdministratorRights": set_default_rights,
    "getMyDefaultAdministratorRights": get_default_rights,
}
