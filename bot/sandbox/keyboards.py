"""reply_markup: checked as Telegram checks it, and buttons found by label."""

from __future__ import annotations

from typing import Any

from bot.sandbox.errors import BadRequestError
from bot.sandbox.params import Params

MAX_DATA_BYTES = 64
_ACTIONS = (
    "callback_data",
    "url",
    "login_url",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_PRIVATE_ONLY = {
    "request_contact": "phone number can be requested in private chats only",
    "request_location": "location can be requested in private chats only",
    "request_poll": "poll can be requested in private chats only",
}


def read_markup(params: Params, *, private: bool) -> dict[str, Any] | None:
    """Return the reply_markup of a call, None when there is none; BadRequestError when it is not allowed.

    An empty inline keyboard is none: that is how bots take a keyboard away.
    """
    if not params.values.get("reply_markup"):
        return None
    return checked_markup(params.obj("reply_markup"), private=private)


def checked_markup(markup: dict[str, Any] | None, *, private: bool) -> dict[str, Any] | None:
    """Check a reply_markup given as an object; see `read_markup`."""
    if not markup:
        return None
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], "inline keyboard")
        checked = [[_inline_button(button) for button in row] for row in rows if row]
        return {"inline_keyboard": checked} if checked else None
    if "keyboard" in markup:
        rows = _rows(markup["keyboard"], "keyboard")
        keyboard = [[_reply_button(button, private) for button in row] for row in rows if row]
        if not keyboard:
            raise BadRequestError("reply keyboard must be non-empty")
        return {**markup, "keyboard": keyboard}
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return markup
    return None


def inline_part(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the markup if it is an inline keyboard: the only kind a Message shows to bots."""
    return markup if markup is not None and "inline_keyboard" in markup else None


def _rows(rows: Any, what: str) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise BadRequestError(f"can't parse {what}: expected an Array of Arrays of buttons")
    return rows


def _inline_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise BadRequestError("can't parse inline keyboard button: expected an Object")
    if not isinstance(button.get("text"), str):
        raise BadRequestError('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise BadRequestError("inline keyboard button text must be non-empty")
    given = [name for name in _ACTIONS if button.get(name) is not None]
    if not given:
        raise BadRequestError(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if given[0] == "callback_data":
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_DATA_BYTES:
            raise BadRequestError("BUTTON_DATA_INVALID")
    return {name: value for name, value in button.items() if value is not None}


def _reply_button(button: Any, private: bool) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise BadRequestError('can\'t parse keyboard button: Field "text" must be of type String')
    if not private:
        for name, reason in _PRIVATE_ONLY.items():
            if button.get(name):
                raise BadRequestError(reason)
    return button


def find_button(markup: dict[str, Any] | None, label: str) -> dict[str, Any] | None:
    """Return the first button labelled `label`, of an inline or a reply keyboard, or None."""
    if markup is None:
        return None
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return next((button for row in rows for button in row if button["text"] == label), None)


def labels(markup: dict[str, Any] | None) -> list[str]:
    """Return all labels in reading order."""
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    return [button["text"] for row in rows for button in row]
